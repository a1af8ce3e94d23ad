"""An operator at the pages of people, and somebody to decide about.

Django's models are imported inside the fixtures: pytest loads this file before the settings stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from inventory.models import Account

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(db: None) -> User:
    """A superuser with a password."""
    from django.contrib.auth.models import User

    return User.objects.create_superuser("ada", password=PASSWORD)


@pytest.fixture
def rita(db: None) -> User:
    """Somebody with a password and nothing granted."""
    from django.contrib.auth.models import User

    return User.objects.create_user("rita", "rita@example.com", PASSWORD)


@pytest.fixture
def acme(db: None) -> Account:
    """An account."""
    from tests.pages.ledgers import account

    return account()


@pytest.fixture
def client(ada: User) -> Client:
    """Ada's browser."""
    from django.test import Client

    client = Client()
    client.force_login(ada)
    return client
