"""manage.py deactivate_mfa: take multi-factor authentication off for a person who lost the device."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from audit.models import COMMAND_LINE
from sign_in.mfa import deactivate_mfa


class Command(BaseCommand):
    """Take multi-factor authentication off for a user."""

    help = "Take multi-factor authentication off for a user who lost the device. The password stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say for whom."""
        parser.add_argument("name", metavar="NAME", help="the user's name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        """Say what was done; a user without MFA is left alone and named."""
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user named {name}.")
        if not deactivate_mfa(user, COMMAND_LINE):
            raise CommandError(f"The user {name} has no multi-factor authentication.")
        self.stdout.write(f"{name} now signs in without a code, and can turn MFA on again.")
