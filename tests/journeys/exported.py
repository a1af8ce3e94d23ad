"""What the product exports, reduced to what the truth says of the same resources."""

from __future__ import annotations

from typing import Any

from tests.journeys.truth import Row
from tests.support.product import Product


def exported_rows(product: Product, slug: str, like: list[Row], *arguments: str) -> list[Row]:
    """The exported rows of a type with the keys that the true rows have."""
    keys = list(like[0]) if like else ["account", "native_id"]
    rows = [{key: _plain(key, row[key]) for key in keys} for row in product.rows("export", slug, *arguments)]
    return sorted(rows, key=lambda row: (row["account"], row["native_id"], row.get("region", "")))


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
