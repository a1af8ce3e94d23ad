"""The audit app."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Keeps decisions; the page that shows them belongs to people."""

    name = "audit"
