"""The Celery application: it carries hints about work, while the database holds what is due and what is done."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("skyledger")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**options: Any) -> None:
    """Leave logging as Django's settings made it; without a receiver Celery would set up its own."""


@task_prerun.connect
def close_broken_connections(**details: Any) -> None:
    """Let a task begin with a connection that works, or none: the last one may have lost its server."""
    close_old_connections()
