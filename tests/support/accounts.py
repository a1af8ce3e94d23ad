"""Fixtures: an account that was read, and somebody who sees everything."""

from __future__ import annotations

import pytest
from django.test import Client

from inventory.models import Account
from tests.pages import ledgers
from tests.support import rows


@pytest.fixture
def acme(db: None) -> Account:
    """An account of which every type was read, and found empty."""
    account = ledgers.account()
    rows.read_everything(account)
    return account


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    """The browser of a superuser."""
    client.force_login(ledgers.operator())
    return client
