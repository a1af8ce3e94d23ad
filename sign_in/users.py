"""Which user a one-time link signs in."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from audit.models import Kind, record

FIRST_USERNAME = "operator"
LINK = "first sign-in link"
"""Who makes the first superuser, before there is anybody."""


def first_superuser() -> User | None:
    """The superuser who was made first and may still sign in."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()


def user_to_sign_in(named: User | None) -> User | None:
    """The user a link was made for, else the first superuser, who is created in an installation without users.

    None when that user was deactivated, or when there are users and no superuser among them: whoever made the link
    decides who is in charge, not the link.
    """
    if named is not None:
        return named if named.is_active else None
    if not User.objects.exists():
        return _create_first_user()
    return first_superuser()


def _create_first_user() -> User:
    """A superuser without a password; two links used at the same moment make one user."""
    first, is_new = User.objects.get_or_create(
        username=FIRST_USERNAME, defaults={"is_staff": True, "is_superuser": True, "password": make_password(None)}
    )
    if is_new:
        record(LINK, Kind.SUPERUSER, f"made {FIRST_USERNAME} the first superuser", whom=FIRST_USERNAME)
    return first
