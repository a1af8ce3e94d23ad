"""One-time sign-in links, and invitations.

A link lets its holder in once, within an hour. An invitation lets a user who never signed in choose a password, once,
within a week. Only the SHA-256 of a token is stored, so reading the database, or a copy of it, lets nobody in. A token
has 256 random bits: a plain hash suffices, there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from audit.models import Kind, record
from sign_in.users import user_to_sign_in

LIFETIME = timedelta(hours=1)
INVITED_FOR = timedelta(days=7)
# A link that no longer works is remembered for a month, so that its page can say "used" or "expired" and not "wrong".
REMEMBERED = timedelta(days=30)


class Refusal(StrEnum):
    """Why a link does not let its holder in."""

    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    NOBODY = "nobody"


class LinkRefused(Exception):
    """The link lets nobody in, for the reason it carries."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class SignInLinkManager(models.Manager["SignInLink"]):
    """Makes links and uses them up."""

    def issue(self, user: User | None = None) -> str:
        """Make a link for a user, or for whoever is first in charge when it is used, and give its token."""
        now = timezone.now()
        self.filter(expires_at__lt=now - REMEMBERED).delete()
        token = secrets.token_urlsafe(32)
        self.create(user=user, token_hash=hash_of(token), created_at=now, expires_at=now + LIFETIME)
        return token

    def find(self, token: str) -> SignInLink:
        """The link of a token, still good; raises LinkRefused otherwise. Looking does not use it up."""
        link = self.filter(token_hash=hash_of(token)).first()
        if link is None:
            raise LinkRefused(Refusal.WRONG)
        if link.used_at is not None:
            raise LinkRefused(Refusal.USED)
        if link.expires_at <= timezone.now():
            raise LinkRefused(Refusal.EXPIRED)
        return link

    def use_up(self, token: str) -> User:
        """Use a link up and give the user it signs in, who is created if there is none yet; raises LinkRefused.

        Of two uses at the same moment one wins: the conditional UPDATE changes a row for one of them only.
        """
        with transaction.atomic():
            now = timezone.now()
            good = self.filter(token_hash=hash_of(token), used_at=None, expires_at__gt=now)
            if not good.update(used_at=now):
                self.find(token)
                raise LinkRefused(Refusal.USED)
            user = user_to_sign_in(self.select_related("user").get(token_hash=hash_of(token)).user)
            if user is None:
                raise LinkRefused(Refusal.NOBODY)
            return user


class SignInLink(models.Model):
    """A link that signs its holder in, once, until it expires."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[SignInLinkManager] = SignInLinkManager()

    def __str__(self) -> str:
        return f"link of {self.created_at:%Y-%m-%d %H:%M} for {self.user or 'the first superuser'}"


class InvitationManager(models.Manager["Invitation"]):
    """Invites users, withdraws what was not accepted, and lets those who accept choose a password."""

    def invite(self, user: User, by: User | None = None) -> str:
        """Make an invitation and give its token; those that the user had before open nothing any more."""
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            # Of two invitations at the same moment, the second withdraws the first.
            User.objects.select_for_update().get(pk=user.pk)
            now = timezone.now()
            self.filter(expires_at__lt=now - REMEMBERED).delete()
            self.withdraw(user)
            self.create(
                user=user, invited_by=by, token_hash=hash_of(token), created_at=now, expires_at=now + INVITED_FOR
            )
        return token

    def waiting(self) -> models.QuerySet[Invitation]:
        """Those that can still be accepted, unless their user was deactivated or has signed in by another way."""
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())

    def withdraw(self, user: User) -> int:
        """Let a user's invitations open nothing any more, and say how many did until now."""
        return self.waiting().filter(user=user).update(withdrawn_at=timezone.now())

    def find(self, token: str) -> Invitation:
        """The invitation of a token, with its user, still good; raises LinkRefused otherwise."""
        found = self.select_related("user").filter(token_hash=hash_of(token)).first()
        if found is None:
            raise LinkRefused(Refusal.WRONG)
        if refusal := found.refusal:
            raise LinkRefused(refusal)
        return found

    def accept(self, token: str, password: str) -> User:
        """Use an invitation up, store the password and give the user; raises LinkRefused.

        Of two uses at the same moment one wins.
        """
        # Before the transaction: it takes long on purpose, and others wait for the database.
        hashed = make_password(password)
        owner_id = self.find(token).user_id
        with transaction.atomic():
            # Whoever invites takes the same lock first, so that neither waits for the other.
            User.objects.select_for_update().filter(pk=owner_id).first()
            found = self.find(token)
            if not self.waiting().filter(pk=found.pk).update(used_at=timezone.now()):
                raise LinkRefused(Refusal.WITHDRAWN)
            user = found.user
            user.password = hashed
            user.save(update_fields=["password"])
            record(user.username, Kind.ACCEPTED, "accepted an invitation", whom=user.username)
        return user


class Invitation(models.Model):
    """A link by which a user who never signed in chooses a password, once, until it expires or is withdrawn."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="NULL means the command line, or a user who is gone.",
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects: ClassVar[InvitationManager] = InvitationManager()

    def __str__(self) -> str:
        return f"invitation of {self.created_at:%Y-%m-%d %H:%M} for {self.user}"

    @property
    def refusal(self) -> Refusal | None:
        """Why it opens nothing; None if it does."""
        if self.used_at is not None or self.user.last_login is not None:
            return Refusal.USED
        if self.withdrawn_at is not None:
            return Refusal.WITHDRAWN
        if self.expires_at <= timezone.now():
            return Refusal.EXPIRED
        return None if self.user.is_active else Refusal.NOBODY


def hash_of(token: str) -> str:
    """What is stored of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
