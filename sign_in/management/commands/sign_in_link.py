"""manage.py sign_in_link: print an address that signs in once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from sign_in.links import new_link
from sign_in.models import LIFETIME
from sign_in.users import first_superuser


class Command(BaseCommand):
    """Print an address that signs in once, within an hour."""

    help = "Print an address that signs in once, within an hour. The first one used creates the first superuser."
    requires_system_checks = ()  # They would load every page, which takes longer than making a link.

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whom the link is for."""
        parser.add_argument("--user", metavar="NAME", help="whom it signs in (default: the first superuser)")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        """The address goes to stdout, what to know about it to stderr."""
        try:
            address = new_link(_named(user) if user else _first())
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database is not ready ({error}). Run: python manage.py migrate") from error
        self.stdout.write(address)
        self.stderr.write(f"It signs in once, within {LIFETIME.total_seconds() / 60:.0f} minutes.", style_func=str)


def _named(name: str) -> User:
    """The user of that name."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user named {name}. Invite somebody under People, or with invite_user.")
    if not found.is_active:
        raise CommandError(f"The user {name} is not active. Activate it under People, or name another.")
    return found


def _first() -> User | None:
    """The first superuser; None in an installation without users, where the link will make one."""
    first = first_superuser()
    if first is None and User.objects.exists():
        raise CommandError("No active superuser exists. Name a user with --user, or run createsuperuser.")
    return first
