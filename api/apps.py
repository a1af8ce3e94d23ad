"""The API application."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The API and its tokens."""

    name = "api"
    verbose_name = "API"
