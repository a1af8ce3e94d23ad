"""Two accounts, who may see them, and the moment at which queries are asked.

Django's models are imported inside the fixtures: pytest loads this file before the settings stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client

    from inventory.models import Account


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    from tests.pages.ledgers import NOW

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def estate(db: None) -> tuple[Account, Account]:
    """Two accounts, acme and zephyr, with a few things of several types."""
    from tests.pages.query.estate import make_estate

    return make_estate()


@pytest.fixture
def client(estate: tuple[Account, Account]) -> Client:
    """Somebody who sees both."""
    from django.test import Client

    from tests.pages.ledgers import operator

    client = Client()
    client.force_login(operator())
    return client


@pytest.fixture
def rita(estate: tuple[Account, Account]) -> Client:
    """Somebody who sees acme alone."""
    from django.test import Client

    from tests.pages.ledgers import reader

    client = Client()
    client.force_login(reader(estate[0]))
    return client
