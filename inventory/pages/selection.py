"""Rows that were ticked on a list, and a list of nothing but some rows.

`of=ebs-volume:17`, once for each, is a list of these alone. The same words name resources to the page that compares
them, so that one form leads to both. `ticked=17,18` leaves the list as it is, and keeps boxes ticked from page to page.
"""

from __future__ import annotations

from collections.abc import Sequence

from inventory.pages.filter_faults import FilterError
from inventory.pages.paging import LARGEST_ID
from inventory.registry import ResourceType

OF = "of"
ASKED = "selection"
"""Sent by the form of the rows, so that ticking none is not taken for wanting all."""

TICKED = "ticked"
KEEP = "keep"
"""Sent by the buttons of the form that lead to another page of the list; the value is the cursor."""

MOST_SELECTED = 100
"""More than a page has rows, and few enough for an address."""


def spelled(kind: ResourceType, resource_id: int) -> str:
    """How an address names one resource."""
    return f"{kind.slug}:{resource_id}"


def read_selection(kind: ResourceType, texts: Sequence[str]) -> tuple[int, ...]:
    """The ids of the ticked resources, each once; FilterError for what names no resource of this type."""
    if not texts:
        raise FilterError("No row is selected. Go back, and tick the rows that it should be about.")
    if len(texts) > MOST_SELECTED:
        raise FilterError(f"{len(texts)} selected rows are too many: select at most {MOST_SELECTED}.")
    return tuple(dict.fromkeys(_resource_id(kind, text) for text in texts))


def read_ticked(text: str) -> tuple[int, ...]:
    """The ids of `ticked=`, each once; FilterError for what is no id."""
    parts = text.split(",")
    if len(parts) > MOST_SELECTED or not all(map(_is_id, parts)):
        raise FilterError(f"“{TICKED}” takes up to {MOST_SELECTED} numbers of rows: write {TICKED}=17,18.")
    return tuple(dict.fromkeys(map(int, parts)))


def _resource_id(kind: ResourceType, text: str) -> int:
    slug, _, number = text.partition(":")
    if slug == kind.slug and _is_id(number):
        return int(number)
    raise FilterError(f"“{text}” names no row of this list. Write {spelled(kind, 17)}.")


def _is_id(number: str) -> bool:
    # isdigit() alone would let through digits that int() does not read.
    return number.isascii() and number.isdigit() and len(number) < len(str(LARGEST_ID))
