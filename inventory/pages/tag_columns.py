"""Tags as columns of a list: `tag:owner` is chosen and moved like any other column.

No index holds the values of one tag in an order, so that no list is sorted by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from inventory.pages.filter_faults import FilterError
from inventory.pages.filters import TAG
from inventory.registry import Column


@dataclass(frozen=True, kw_only=True)
class TagColumn(Column):
    """The value of one tag; `field` is how an address and an export call the column."""

    key: str


def tag_column(key: str) -> TagColumn:
    """The column of this tag. Commas part the columns of an address, so that those of the key are percent-encoded."""
    spelled = key.replace("%", "%25").replace(",", "%2C")
    return TagColumn(field=f"{TAG}{spelled}", label=f"Tag {key}", key=key)


def read_tag_column(text: str) -> TagColumn | None:
    """The column that an address calls so; None if it is not the one of a tag, FilterError if it names no key."""
    if not text.startswith(TAG):
        return None
    key = unquote(text.removeprefix(TAG))
    if not key:
        raise FilterError("A column of a tag needs its key: write tag:owner.")
    return tag_column(key)
