"""What the database connection really does, asked of live connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

WRITERS = 4
TRANSACTIONS = 25


@pytest.mark.django_db
def test_sqlite_keeps_a_write_ahead_journal_and_waits_twenty_seconds_for_a_lock() -> None:
    expected = {"sqlite": {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 20_000}, "postgresql": {}}

    with connection.cursor() as cursor:
        pragmas = {}
        for name in expected[connection.vendor]:
            cursor.execute(f"PRAGMA {name}")
            pragmas[name] = cursor.fetchone()[0]

    assert pragmas == expected[connection.vendor]


@pytest.mark.django_db(transaction=True)
def test_writers_that_read_first_never_find_the_database_locked() -> None:
    def write(writer: int) -> None:
        for number in range(TRANSACTIONS):
            with transaction.atomic():
                Session.objects.count()
                Session.objects.create(session_key=f"{writer}-{number}", expire_date=timezone.now() + timedelta(days=1))
        connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    assert Session.objects.count() == WRITERS * TRANSACTIONS
