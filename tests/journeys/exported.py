"""What the product exports, reduced to what the truth says of the same resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.journeys.truth import Row
from tests.support.product import Product

# One process for all of them: starting one takes longer than an export.
EXPORT_ALL = """
import io, json
from django.core.management import call_command
exported = {{}}
for slug in {slugs}:
    said = io.StringIO()
    call_command("export", slug, *{arguments}, "--format", "json", stdout=said)
    exported[slug] = json.loads(said.getvalue())
print(json.dumps(exported))
"""


def exported_rows(product: Product, like: Mapping[str, list[Row]], *arguments: str) -> dict[str, list[Row]]:
    """The exported rows of each type, with the keys that its true rows have."""
    script = EXPORT_ALL.format(slugs=list(like), arguments=arguments)
    exported = json.loads(product.manage("shell", "--no-imports", "-c", script).stdout)
    return {slug: _alike(exported[slug], rows) for slug, rows in like.items()}


def _alike(rows: list[dict[str, Any]], like: list[Row]) -> list[Row]:
    keys = list(like[0]) if like else ["account", "native_id"]
    reduced = [{key: _plain(key, row[key]) for key in keys} for row in rows]
    return sorted(reduced, key=lambda row: (row["account"], row["native_id"], row.get("region", "")))


def _plain(key: str, value: Any) -> Any:
    """Multi-valued columns in the order and the form in which the truth tells them."""
    match key:
        case "block_devices":
            return sorted((device["device_name"], device["id"], device["delete_on_termination"]) for device in value)
        case "attachments":
            return sorted(attached["id"] for attached in value)
        case _ if isinstance(value, list):
            return sorted(_several(item) for item in value)
        case _:
            return value


def _several(item: str | dict[str, Any]) -> str | tuple[str, ...]:
    """A value of a column, or with what is said of it: no word where there is none."""
    if isinstance(item, str):
        return item
    return tuple("" if part is None else str(part) for part in item.values())
