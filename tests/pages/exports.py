"""Exports of pages, read as those who open them do."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.test import Client
from openpyxl import load_workbook


def content(client: Client, address: str) -> bytes:
    """All of a streamed answer."""
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def data(client: Client, address: str) -> list[dict[str, Any]]:
    """The objects of an export as JSON."""
    found: list[dict[str, Any]] = json.loads(content(client, address))
    return found


def table(client: Client, address: str) -> list[list[str]]:
    """The cells of an export as CSV, the heads first."""
    return list(csv.reader(io.StringIO(content(client, address).decode(), newline="")))


def book(client: Client, address: str) -> list[list[Any]]:
    """The cells of an export as XLSX, the heads first."""
    [sheet] = load_workbook(io.BytesIO(content(client, address))).worksheets
    return [list(row) for row in sheet.iter_rows(values_only=True)]
