"""The moments and places of these tests, and what the page of changes and its export say."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from tests.pages.ledgers import NOW
from tests.pages.reading import Reading

HERE, THERE = "eu-central-1", "us-east-1"
INSTANCES, VOLUMES = (HERE, "ec2-instance"), (HERE, "ebs-volume")
AN_HOUR = timedelta(hours=1)
AN_HOUR_AGO, YESTERDAY = NOW - AN_HOUR, NOW - timedelta(days=1)
LAST_WEEK, LONG_AGO = NOW - timedelta(days=6), NOW - timedelta(days=40)


def page(client: Client, query: str = "") -> Reading:
    answer = client.get(f"/changes/{query}")
    assert answer.status_code == 200, answer.content
    return Reading(answer)


def records(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        client.get(f"/changes/{query}{'&' if query else '?'}format=json").getvalue()
    )
    return found


def told(found: list[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {(one["change"], one["native_id"], one["seen_at"], one["looked_before"]) for one in found}


def rows(reading: Reading) -> list[list[str]]:
    """Resource, differences, place, moments and cost of each change that is shown."""
    tables = [table for caption, table in reading.tables.items() if "Changes seen" in caption]
    return [row for table in tables for row in table if len(row) == 5 and row[0] != "Resource"]


def spelled(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
