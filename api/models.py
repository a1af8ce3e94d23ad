"""Tokens: by one of them a program reads the API in its owner's name.

Only the SHA-256 of a token is stored, so reading the database, or a copy of it, lets nobody in. A token has 256 random
bits: a plain hash suffices, there is nothing to guess. It holds no rights of its own. Whatever its owner may see at
the moment of a request, it may see, within its scopes; it ends with its date, with its owner, or when it is revoked.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from audit.models import Kind, record

PREFIX = "sky_"
"""Begins every token, so that scanners of repositories and our own logs know one when they see it."""
RANDOM_BYTES = 32
LONGEST = timedelta(days=365)


class Scope(StrEnum):
    """What a token may be asked for."""

    INVENTORY = "read:inventory"
    COSTS = "read:costs"
    PEOPLE = "read:people"


class Refusal(StrEnum):
    """Why a token is of no use."""

    WRONG = "There is no such token."
    REVOKED = "The token was revoked."
    EXPIRED = "The token has expired."
    NOBODY = "The token's owner is not active."


class TokenRefused(Exception):
    """The token opens nothing, for the reason it carries."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class TokenManager(models.Manager["Token"]):
    """Makes tokens, finds them and takes them back."""

    @transaction.atomic
    def issue(self, owner: User, *, name: str, scopes: Iterable[Scope], lifetime: timedelta) -> tuple[Token, str]:
        """Make a token and give it with its secret, which nobody can read again.

        ValueError for no scope, or for a lifetime that is not above zero and at most `LONGEST`.
        """
        chosen = sorted({Scope(scope).value for scope in scopes})
        if not chosen:
            raise ValueError("A token needs a scope.")
        if not timedelta(0) < lifetime <= LONGEST:
            raise ValueError(f"A token lives for {LONGEST.days} days at most.")
        secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        now = timezone.now()
        token = self.create(
            owner=owner,
            name=name,
            secret_hash=hash_of(secret),
            scopes=chosen,
            created_at=now,
            expires_at=now + lifetime,
        )
        words = f"made the API token {name} ({', '.join(chosen)}) until {token.expires_at:%Y-%m-%d}"
        record(owner.username, Kind.TOKEN_MADE, words, whom=owner.username)
        return token, secret

    def find(self, secret: str) -> Token:
        """The token of a secret, with its owner, noted as used today; TokenRefused if it opens nothing."""
        wanted = hash_of(secret)
        token = self.select_related("owner").filter(secret_hash=wanted).first()
        if token is None or not constant_time_compare(token.secret_hash, wanted):
            raise TokenRefused(Refusal.WRONG)
        if token.revoked_at is not None:
            raise TokenRefused(Refusal.REVOKED)
        if token.is_expired:
            raise TokenRefused(Refusal.EXPIRED)
        if not token.owner.is_active:
            raise TokenRefused(Refusal.NOBODY)
        today = timezone.now().date()
        if token.last_used_on != today:
            # Once a day: a program that asks every second must not write every second.
            self.filter(pk=token.pk).update(last_used_on=today)
        return token

    def usable(self) -> models.QuerySet[Token]:
        """Those that open something, as long as their owners are active."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())

    @transaction.atomic
    def revoke(self, by: str, **which: object) -> int:
        """Take back those of these tokens that were not revoked yet, and say how many they were."""
        revoked = 0
        for token in self.select_related("owner").filter(revoked_at__isnull=True, **which):
            if self.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
                owner = token.owner.username
                record(by, Kind.TOKEN_REVOKED, f"revoked the API token {token.name} of {owner}", whom=owner)
                revoked += 1
        return revoked


class Token(models.Model):
    """A token of one user."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64, help_text="What it is for, in its owner's words.")
    secret_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret, in hexadecimal.")
    scopes = models.JSONField(help_text="What it may be asked for: values of Scope.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, help_text="The day (UTC) of its last use; NULL means never.")
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[TokenManager] = TokenManager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} of {self.owner}"

    @property
    def is_expired(self) -> bool:
        """Whether its date has passed."""
        return self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        """Whether it opens anything, as long as its owner is active."""
        return self.revoked_at is None and not self.is_expired


def hash_of(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
