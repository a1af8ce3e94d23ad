"""Lists in pages, by keyset: a page begins after the last row of the one before it, however many there are.

Rows stand in two segments: first those that have a value in the column of the order, by (value, resource), then those
that have none, by resource. Nulls are thus last on both databases and in both directions, and each segment is a walk
along the plain partial index (column, resource) of the open revisions. A page is therefore found as pairs of value
and resource, and only its rows are then read.

The place where a page begins is a cursor in the address: which order, whether after or before, how many rows stand
before it, and the value and resource of the neighbouring row. It is opaque, and checked like any other input.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import Combinable

from inventory.pages.filter_faults import FilterError
from inventory.pages.orders import Order

LARGEST_ID = 2**63 - 1

Pair = tuple[Any, int]
"""The value in the column of the order (None: there is none) and the resource's id."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The place between two rows at which a page begins or, read backwards, ends."""

    order: str
    is_backward: bool
    rows_before: int
    value: Any
    resource_id: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        text = None if value is None else str(value)
        parts = [self.order, self.is_backward, self.rows_before, text, self.resource_id]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, order: Order) -> Cursor:
        """The cursor that a page of this order wrote; FilterError for anything else."""
        try:
            parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
            spelled, is_backward, rows_before, value, resource_id = parts
            if (spelled, type(is_backward)) != (str(order), bool):
                raise ValueError("made for another order")
            if not all(type(number) is int and 0 <= number <= LARGEST_ID for number in (rows_before, resource_id)):
                raise ValueError("no such place")
            place = None if value is None else _value(order.field, value)
        except (ValueError, TypeError, binascii.Error, ValidationError):
            raise FilterError("“cursor” in this address leads nowhere: begin at the first page of the list.") from None
        return cls(
            order=spelled, is_backward=is_backward, rows_before=rows_before, value=place, resource_id=resource_id
        )


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The resources of one page in their order, and where its neighbours begin."""

    resource_ids: list[int]
    rows_before: int
    back: Cursor | None
    next: Cursor | None


def page_of(rows: QuerySet[Any], order: Order, cursor: Cursor | None, size: int) -> Slice:
    """The page of `rows` that begins at the cursor, or the first one."""
    is_backward = cursor is not None and cursor.is_backward
    pairs = list(_pairs(rows, order, cursor, size + 1))
    has_more = len(pairs) > size
    pairs = pairs[:size][:: -1 if is_backward else 1]
    rows_before = _rows_before(cursor, len(pairs), has_more)
    has_back = has_more if is_backward else cursor is not None
    has_next = cursor is not None if is_backward else has_more
    return Slice(
        resource_ids=[resource_id for _, resource_id in pairs],
        rows_before=rows_before,
        back=_cursor(order, pairs[0], rows_before, is_backward=True) if pairs and has_back else None,
        next=_cursor(order, pairs[-1], rows_before + len(pairs)) if pairs and has_next else None,
    )


def every_resource(rows: QuerySet[Any], order: Order, chunk: int) -> Iterator[int]:
    """The resources of all rows in their order, `chunk` of them fetched at a time."""
    for segment in (order.with_value(rows), order.without_value(rows)):
        for _, resource_id in _walk(segment, order, is_backward=False).iterator(chunk_size=chunk):
            yield resource_id


def _pairs(rows: QuerySet[Any], order: Order, cursor: Cursor | None, wanted: int) -> Iterator[Pair]:
    """The next pairs after the cursor; backwards, from the cursor on towards the first row."""
    is_backward = cursor is not None and cursor.is_backward
    segments = [order.with_value(rows), order.without_value(rows)]
    if cursor is not None:
        is_in_second = cursor.value is None
        segments[is_in_second] = _beyond(segments[is_in_second], order, cursor)
        segments = segments[: is_in_second + 1] if is_backward else segments[is_in_second:]
    for segment in segments[:: -1 if is_backward else 1]:
        found = list(_walk(segment, order, is_backward=is_backward)[:wanted])
        yield from found
        wanted -= len(found)
        if wanted == 0:
            return


def _walk(segment: QuerySet[Any], order: Order, *, is_backward: bool) -> QuerySet[Any, Pair]:
    sign = "-" if order.is_descending is not is_backward else ""
    return segment.order_by(f"{sign}place", f"{sign}resource_id").values_list("place", "resource_id")


def _beyond(segment: QuerySet[Any], order: Order, cursor: Cursor) -> QuerySet[Any]:
    sign = "<" if order.is_descending is not cursor.is_backward else ">"
    if cursor.value is None:
        return segment.filter(**{"resource_id__lt" if sign == "<" else "resource_id__gt": cursor.resource_id})
    # (column, resource) > (value, id) is one step into the index, where OR would walk along all equal values.
    here = _row(F(order.path), F("resource_id"))
    there = _row(Value(cursor.value, order.field), Value(cursor.resource_id))
    return segment.filter(
        Func(here, there, arg_joiner=f" {sign} ", template="%(expressions)s", output_field=BooleanField())
    )


def _row(*parts: Combinable) -> Func:
    return Func(*parts, template="(%(expressions)s)", output_field=BooleanField())


def _cursor(order: Order, pair: Pair, rows_before: int, *, is_backward: bool = False) -> Cursor:
    value, resource_id = pair
    return Cursor(
        order=str(order), is_backward=is_backward, rows_before=rows_before, value=value, resource_id=resource_id
    )


def _rows_before(cursor: Cursor | None, found: int, has_more: bool) -> int:
    """How many rows stand before the page; an estimate once rows came or went while somebody was paging."""
    if cursor is None or (cursor.is_backward and not has_more):
        return 0
    return max(cursor.rows_before - found, 1) if cursor.is_backward else cursor.rows_before


def _value(field: models.Field[Any, Any], text: Any) -> Any:
    if not isinstance(text, str) or "\0" in text:
        raise ValueError("not a value of this column")
    text.encode()
    value = field.to_python(text)
    field.run_validators(value)
    return value
