"""Finding by name what a command is about."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.core.management.base import CommandError

from inventory.models import Account


def account_called(name: str) -> Account:
    """The account of a name or 12-digit id; CommandError if there is none."""
    try:
        return Account.objects.called(name)
    except Account.DoesNotExist:
        raise CommandError(f"There is no account {name}.", returncode=2) from None


def group_called(name: str) -> Group:
    """The group of a name; CommandError if there is none."""
    found = Group.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no group named {name}. Groups are made under People.", returncode=2)
    return found


def user_called(name: str) -> User:
    """The user of a name; CommandError if there is none."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user named {name}.", returncode=2)
    return found
