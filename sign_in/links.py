"""The addresses of one-time sign-in links and of invitations."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from audit.models import COMMAND_LINE, Kind, record
from sign_in.models import Invitation, SignInLink


@transaction.atomic
def new_link(user: User | None = None, by: User | None = None) -> str:
    """Make a one-time link for a user, or for the first superuser, and give its whole address.

    `by` None is the command line.
    """
    whom = user.username if user else ""
    record(_name(by), Kind.LINK_MADE, f"made a sign-in link for {whom or 'the first superuser'}", whom=whom)
    path = reverse("sign-in-link", args=[SignInLink.objects.issue(user)])
    return f"{settings.PUBLIC_URL}{path}"


@transaction.atomic
def new_invitation(user: User, by: User | None = None) -> str:
    """Invite a user, and give the whole address by which the user chooses a password; `by` None is the command line."""
    record(_name(by), Kind.INVITED, f"invited {user.username}", whom=user.username)
    path = reverse("invitation", args=[Invitation.objects.invite(user, by)])
    return f"{settings.PUBLIC_URL}{path}"


def _name(by: User | None) -> str:
    return COMMAND_LINE if by is None else by.username
