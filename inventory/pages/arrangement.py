"""The form that chooses the columns of a list and puts them in order, without script.

Each column has a box, and each shown one two buttons that move it by one place. Whatever is pressed, all ticked boxes
are sent in the order in which they stand; the answer leads to the address of the list that was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from inventory.pages.list_query import EARLIER, LATER, TAG_COLUMN, ListQuery, every_column, key_of
from inventory.pages.tag_columns import tag_column


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One column that can be shown, and where it can be moved."""

    key: str
    label: str
    is_shown: bool
    has_earlier: bool = False
    has_later: bool = False


def choices(query: ListQuery, tags: Sequence[str]) -> list[Choice]:
    """The shown columns in their order, then all others, and those of these tags."""
    shown = query.shown
    rest = [one for one in (*every_column(query.type), *map(tag_column, tags)) if one not in shown]
    last = len(shown) - 1
    return [
        *(
            Choice(key=key_of(one), label=one.label, is_shown=True, has_earlier=place > 0, has_later=place < last)
            for place, one in enumerate(shown)
        ),
        *(Choice(key=key_of(one), label=one.label, is_shown=False) for one in rest),
    ]


def rearranged(query: ListQuery, given: QueryDict) -> str:
    """The address of the list that the form asked for; empty if it was not sent."""
    if len(given.getlist("columns")) < 2 and not {EARLIER, LATER, TAG_COLUMN} & given.keys():
        return ""
    columns = _moved(list(query.chosen_columns), given.get(EARLIER, ""), -1)
    columns = _moved(columns, given.get(LATER, ""), 1)
    if key := given.get(TAG_COLUMN, "").strip():
        columns = [*(columns or map(key_of, query.shown)), tag_column(key).field]
    return f"{query.address(chosen_columns=tuple(columns))}#columns"


def _moved(columns: list[str], key: str, step: int) -> list[str]:
    if key in columns:
        here = columns.index(key)
        there = min(max(here + step, 0), len(columns) - 1)
        columns[here], columns[there] = columns[there], columns[here]
    return columns
