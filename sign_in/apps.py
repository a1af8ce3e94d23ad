"""The sign-in application."""

from __future__ import annotations

from django.apps import AppConfig

from sign_in import logs


class SignInConfig(AppConfig):
    """Signing in by password or by one-time link."""

    name = "sign_in"
    verbose_name = "Signing in"

    def ready(self) -> None:
        """Keep one-time tokens out of every log of this process."""
        logs.hide_tokens()
