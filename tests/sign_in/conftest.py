"""Users to sign in, and a clean count of attempts for each test.

Django's models are imported inside the fixtures: pytest loads this file before the settings stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.core.management import call_command

from tests.sign_in.cast import PASSWORD

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> Iterator[None]:
    """The limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def superuser(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """A superuser made as an operator makes one."""
    from django.contrib.auth.models import User

    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, username="ada", email="ada@example.com", verbosity=0)
    return User.objects.get(username="ada")


@pytest.fixture
def reader(db: None) -> User:
    """A user who is no superuser and has a password."""
    from django.contrib.auth.models import User

    return User.objects.create_user("rita", password=PASSWORD)
