"""Multi-factor authentication: how its secrets are kept, who turned it on or off, and taking it off for somebody.

allauth checks the codes of authenticator apps (RFC 6238) and of recovery. What they are made from has to be readable,
so it is stored encrypted, with a key derived from SECRET_KEY: a copy of the database alone makes no code.
"""

from __future__ import annotations

import base64
import logging
from typing import Any

from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver

from audit.models import Kind, record

log = logging.getLogger(__name__)
ANOTHER_KEY = (
    "This installation has another secret key than the one with which multi-factor authentication was turned on for "
    "this user. Whoever runs it can bring the key back, or take MFA off for this user."
)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets encrypted, and names this product in authenticator apps."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is wrong, or was used already. The app shows another one within half a minute.",
    }

    def get_totp_issuer(self) -> str:
        """What stands above the code in an authenticator app."""
        return "Skyledger"

    def get_totp_label(self, user: User) -> str:
        """Whose code it is: the name by which the user signs in."""
        return user.get_username()

    def encrypt(self, text: str) -> str:
        """What is stored of a secret: Fernet's token of it."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A secret that was stored; raises ValidationError when SECRET_KEY is another one since."""
        try:
            return _cipher().decrypt(encrypted_text).decode()
        except InvalidToken as error:
            raise ValidationError(ANOTHER_KEY) from error


@transaction.atomic
def deactivate_mfa(user: User, by: str) -> bool:
    """Take multi-factor authentication off for a user, recovery codes included; says whether it was on."""
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    if deleted:
        record(by, Kind.MFA_OFF, f"took multi-factor authentication off for {user.username}", whom=user.username)
    return bool(deleted)


def _cipher() -> Fernet:
    """Fernet with a key of 32 bytes, derived from SECRET_KEY by HKDF (RFC 5869)."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sign_in.mfa")
    return Fernet(base64.urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))


@receiver(signals.authenticator_added)
@receiver(signals.authenticator_reset)
@receiver(signals.authenticator_removed)
def _tell_of_change(signal: Any, user: AbstractBaseUser, authenticator: Authenticator, **more: Any) -> None:
    name, what = user.get_username(), authenticator.get_type_display()
    kind = Kind.MFA_OFF if signal is signals.authenticator_removed else Kind.MFA_ON
    did = {signals.authenticator_added: "added", signals.authenticator_reset: "made anew"}.get(signal, "removed")
    record(name, kind, f"{did} multi-factor authentication: {what}", whom=name)


@receiver(signals.authentication_failed)
def _tell_of_wrong_code(user: AbstractBaseUser, **more: Any) -> None:
    log.warning("MFA of %s: a code was wrong", user.get_username())
