"""Reads the address of a list part by part, and keeps what cannot be met among the problems of the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, unquote_plus

from django.http import HttpRequest

from inventory.pages.choices import either
from inventory.pages.columns import NAME, columns_of
from inventory.pages.extensions import extensions
from inventory.pages.filter_faults import FilterError
from inventory.pages.filters import Condition, from_address
from inventory.pages.formats import FORMATS
from inventory.pages.list_query import COMPACT, DENSITIES, QUERY, RESERVED, ListQuery, Problem
from inventory.pages.nearest import hint, nearest
from inventory.pages.orders import Order, read_order
from inventory.pages.paging import Cursor
from inventory.pages.query.language import QueryError, Term
from inventory.pages.query.meaning import read_query_of
from inventory.pages.scope import BadAddress, PageScope
from inventory.pages.selection import ASKED, KEEP, OF, TICKED, read_selection, read_ticked
from inventory.pages.tag_columns import read_tag_column
from inventory.registry import ResourceType

OUTPUT_FORMATS = ("html", *FORMATS)

Answer = TypeVar("Answer")


def read_list(request: HttpRequest, kind: ResourceType) -> ListQuery:
    """The list of this address, with what cannot be met among its problems; BadAddress for an unknown format."""
    return _Reader(request, kind).query()


class _Reader:
    """Reads an address part by part, and keeps what is wrong with it."""

    def __init__(self, request: HttpRequest, kind: ResourceType) -> None:
        self.kind = kind
        self.path = request.path
        self.given = request.GET
        self.scope = PageScope.from_request(request)
        # WSGI hands over bytes as if they were Latin-1.
        query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace").decode("utf-8", "replace")
        self.parts = [part for part in query.split("&") if part]
        self.problems: list[Problem] = []

    def query(self) -> ListQuery:
        """All parts together."""
        output_format = self.given.get("format", "html")
        if output_format not in OUTPUT_FORMATS:
            raise BadAddress(f"“{output_format}” is no format. Write {either(FORMATS)}, or leave it out.")
        empty = ListQuery(type=self.kind, scope=self.scope, order=self._order(NAME.field, None))
        order = self._or_else("sort", lambda text: self._order(text, empty.account_ids), empty.order)
        text = self.given.get(QUERY, "").strip()
        return replace(
            empty,
            order=order,
            conditions=self._conditions(),
            text=text.replace("\0", ""),
            asked=self._asked(text),
            chosen_columns=self._or_else("columns", lambda _: self._columns(), ()),
            selected=() if KEEP in self.given else self._or_else(self._of, lambda _: self._selected(), ()),
            ticked=self._ticked(),
            density=self._or_else("density", _density, COMPACT),
            cursor=self._or_else(KEEP if KEEP in self.given else "cursor", lambda text: Cursor.read(text, order), None),
            output_format=output_format,
            counts_all_facets=self.given.get("facets") == "all",
            problems=tuple(self.problems),
        )

    def _order(self, text: str, account_ids: list[int] | None) -> Order:
        return read_order(self.kind, text, self.scope.as_of, account_ids)

    def _or_else(self, key: str, read: Callable[[str], Answer], otherwise: Answer) -> Answer:
        text = self.given.get(key, "")
        if not text:
            return otherwise
        try:
            return read(text)
        except FilterError as error:
            self._complain(",".join(self.given.getlist(key)), error, lambda part: _key(part) == key, key)
            return otherwise

    def _columns(self) -> tuple[str, ...]:
        wanted = [name for text in self.given.getlist("columns") for name in text.split(",") if name]
        own = [*columns_of(self.kind), *(column.key for column in extensions.columns_of(self.kind.slug))]
        return tuple(dict.fromkeys(_column(name, own) for name in wanted))

    @property
    def _of(self) -> str:
        return ASKED if ASKED in self.given else OF

    def _selected(self) -> tuple[int, ...]:
        return read_selection(self.kind, self.given.getlist(OF))

    def _ticked(self) -> tuple[int, ...]:
        """What the form of the rows has ticked, if another page was asked for with it; else what the address says."""
        if KEEP in self.given and OF in self.given:
            return self._or_else(OF, lambda _: self._selected(), ())
        return self._or_else(TICKED, read_ticked, ())

    def _asked(self, text: str) -> tuple[tuple[Term, Condition], ...]:
        try:
            return read_query_of(self.kind, text, self.scope.visible, self.scope.as_of)
        except QueryError as error:
            self._complain(text, error, lambda part: _key(part) == QUERY, QUERY)
            return ()

    def _conditions(self) -> tuple[Condition, ...]:
        return self._together([part for part in self.parts if _key(part) not in RESERVED])

    def _together(self, spelled: list[str]) -> tuple[Condition, ...]:
        """The conditions of these parts; of those that can be met by themselves where others cannot."""
        try:
            return from_address(self.kind, "&".join(spelled), self.scope.visible, self.scope.as_of)
        except FilterError as error:
            possible = [part for part in spelled if self._can_be_met(part)]
            if possible != spelled:
                return self._together(possible)
            self._complain("the conditions together", error, lambda part: part in spelled)
            return ()

    def _can_be_met(self, part: str) -> bool:
        try:
            from_address(self.kind, part, self.scope.visible, self.scope.as_of)
        except FilterError as error:
            self._complain(unquote_plus(part), error, lambda other: other == part)
            return False
        return True

    def _complain(
        self,
        part: str,
        error: FilterError | QueryError,
        is_part_of_it: Callable[[str], bool],
        key: str = "",
    ) -> None:
        """Keep what is wrong with a part of the address, or with the value of `key` in it."""
        rest = [other for other in self.parts if not is_part_of_it(other)]
        begins = f"{key}=" if key else ""
        shown = "" if key == QUERY else begins
        before, word, after = error.pieces(part)
        corrected = error.corrected(part)
        self.problems.append(
            Problem(
                part=f"{begins}{part}",
                message=str(error),
                url=self._address(rest),
                pieces=(f"{shown}{before}", word, after),
                corrected=f"{shown}{corrected}" if corrected else "",
                corrected_url=self._address([*rest, _encoded(f"{begins}{corrected}")]) if corrected else "",
            )
        )

    def _address(self, parts: list[str]) -> str:
        return f"{self.path}?{'&'.join(parts)}" if parts else self.path


def _column(name: str, own: list[str]) -> str:
    """A column as addresses call it."""
    if (tag := read_tag_column(name)) is not None:
        return tag.field
    if name not in own:
        near = nearest(name, own)
        message = f"There is no column “{name}”.{hint(near)} Possible are {', '.join(own)} and tag:<key>."
        raise FilterError(message, wrong=name, suggestion=near)
    return name


def _density(text: str) -> str:
    if text not in DENSITIES:
        message = f"“{text}” is no density. Write {either(DENSITIES)}."
        raise FilterError(message, wrong=text, suggestion=nearest(text, DENSITIES))
    return text


def _key(part: str) -> str:
    return unquote_plus(part.partition("=")[0])


def _encoded(part: str) -> str:
    """A part of an address, from how it is read."""
    key, equals, text = part.partition("=")
    return f"{quote(key, safe=':,')}{equals}{quote(text, safe=':,')}"
