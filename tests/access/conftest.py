"""Two accounts, and users of whom each was granted something else.

Django's models are imported inside the fixtures: pytest loads this file before the settings stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine
from pytest_django import DjangoDbBlocker

if TYPE_CHECKING:
    from django.test import Client

    from tests.access.world import Estate

MOMENT = "2026-06-01T12:00:00+00:00"


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    """Let no page change because time passes."""
    with time_machine.travel(MOMENT, tick=False):
        yield


@pytest.fixture(scope="module")
def _estate(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Estate]:
    from tests.access.world import make_acme
    from tests.support.once import written_once

    with written_once(django_db_blocker):
        with time_machine.travel(MOMENT, tick=False):
            acme = make_acme()
        yield acme


@pytest.fixture
def acme(_estate: Estate, db: None) -> Estate:
    """The account that some users were granted; its instance names a group of another account."""
    return _estate


@pytest.fixture
def zephyr(acme: Estate) -> Estate:
    """Another account; nobody was granted it."""
    from tests.access.world import make_zephyr

    return make_zephyr(acme)


@pytest.fixture
def browser_of(db: None) -> Callable[..., Client]:
    """A factory of clients, each signed in as a new user who was granted these accounts."""
    from django.contrib.auth.models import User
    from django.test import Client

    from inventory.models import AccountGrant

    def make(name: str, *estates: Estate, is_superuser: bool = False) -> Client:
        user = User.objects.create(username=name, is_superuser=is_superuser, is_staff=is_superuser)
        for estate in estates:
            AccountGrant.objects.create(account=estate.account, user=user)
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return make
