"""The limit on how long the database may work for a part of a page, against a query that never ends by itself."""

from __future__ import annotations

import pytest
from django.db import connection

from inventory.pages.budget import OverBudget, time_budget

ENDLESS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) FROM numbers"

pytestmark = pytest.mark.django_db


def test_a_query_without_end_is_stopped():
    with pytest.raises(OverBudget), time_budget(0.1), connection.cursor() as cursor:
        cursor.execute(ENDLESS)


def test_the_database_answers_again_after_a_query_was_stopped():
    with pytest.raises(OverBudget), time_budget(0.1), connection.cursor() as cursor:
        cursor.execute(ENDLESS)

    with time_budget(60), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        answer = cursor.fetchone()

    assert answer == (1,)
