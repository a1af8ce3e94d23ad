"""Two accounts with changes, who reads them, and the moment at which that is done.

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
def client(db: None) -> Client:
    from django.test import Client

    from tests.pages.ledgers import operator

    client = Client()
    client.force_login(operator())
    return client


@pytest.fixture
def estate(db: None) -> tuple[Account, Account]:
    """Two accounts with a change of each kind, tagged and in two regions."""
    from tests.pages.changes.listed import AN_HOUR_AGO, HERE, INSTANCES, LAST_WEEK, THERE, YESTERDAY
    from tests.pages.ledgers import account, instance, look, volume

    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    red = [{"Key": "team", "Value": "red"}]
    before = {
        INSTANCES: [instance(1), instance(2, Tags=red)],
        (THERE, "ebs-volume"): [volume(1, zone="us-east-1a", Tags=red)],
    }
    after = {
        INSTANCES: [instance(1, State={"Name": "stopped"}), instance(3, Tags=[{"Key": "team", "Value": "blue"}])],
        (THERE, "ebs-volume"): [volume(1, zone="us-east-1a")],
    }
    look(acme, LAST_WEEK, before, (HERE, THERE))
    look(acme, AN_HOUR_AGO, after, (HERE, THERE))
    look(zephyr, LAST_WEEK, {INSTANCES: [instance(7)]})
    look(zephyr, YESTERDAY, {INSTANCES: [instance(8)]})
    return acme, zephyr
