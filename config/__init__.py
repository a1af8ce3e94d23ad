"""Wiring: settings, addresses, and the processes that make up the running product."""

from __future__ import annotations

from config.celery import app as celery_app

__all__ = ["celery_app"]
