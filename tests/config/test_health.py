"""Probes are answered in clear text, for any host name, without a session."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_by_address_is_answered_although_pages_want_https_and_a_name(client, settings, path) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["ledger.example.com"]

    answer = client.get(path, headers={"host": "10.0.0.7:8000"})

    assert answer.status_code == 200


@pytest.mark.django_db
def test_a_process_is_not_ready_while_migrations_wait(client) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_process_without_its_database_lives_and_is_not_ready(client, monkeypatch) -> None:
    def fail() -> None:
        raise OperationalError("no route to host")

    monkeypatch.setattr(connection, "ensure_connection", fail)

    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
