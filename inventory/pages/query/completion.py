"""What can stand at the caret of a query: fields, types, accounts, regions, tags and values that there are.

Only accounts of the page are looked into, so that nothing is offered which the user may not see. A value that is not
found in time is not offered; it can be written all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.models import ResourceTag
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.columns import REGION
from inventory.pages.patterns import escaped
from inventory.pages.query.fields import TYPE, field_names, field_of
from inventory.pages.query.language import LONGEST, TAG, QueryError, parse, spelled_value
from inventory.pages.query.meaning import chosen_types
from inventory.pages.scope import PageScope
from inventory.registry import Kind, ResourceType, resource_types

MOST = 12
SECONDS = 0.25
_SPLIT = re.compile(r"(?P<sign>-?)(?P<field>\w+)(?P<comparison>:|>=|<=|>|<|=)(?P<rest>.*)", re.DOTALL)
SPECIAL_NOTES = {TYPE: "type", TAG: "tag", "id": "id"}
MEASURED = frozenset({Kind.NUMBER, Kind.COUNT, Kind.MOMENT})


@dataclass(frozen=True, kw_only=True)
class Completion:
    """One thing to write: what stands in the list, what replaces the word, and what it is."""

    text: str
    label: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What can replace the letters from `start` to `end`."""

    start: int
    end: int
    completions: Sequence[Completion]


def completions(request: HttpRequest) -> HttpResponse:
    """What can stand at the caret (`at`) of the query (`q`) about one type (`type`) or all, as a piece of a page."""
    text, at = request.GET.get("q", "")[:LONGEST], request.GET.get("at", "")
    slug = request.GET.get("type", "")
    among = [kind for kind in resource_types() if slug in ("", kind.slug)]
    caret = int(at) if at.isascii() and at.isdigit() and len(at) < 9 else len(text)
    offer = complete(PageScope.from_request(request), text, min(caret, len(text)), among)
    return render(request, "inventory/_query_completions.html", {"offer": offer})


def complete(scope: PageScope, text: str, caret: int, among: Sequence[ResourceType]) -> Offer:
    """What can stand where the caret is, of a query that is about these types."""
    start = _start_of_word(text, caret)
    word = text[start:caret].replace("\0", "")
    kinds = _kinds(f"{text[:start]} {text[caret:]}", among)
    split = _SPLIT.fullmatch(word)
    if split is None:
        begun = start + word.startswith("-")
        return Offer(start=begun, end=caret, completions=list(_fields(kinds, word.removeprefix("-"))))
    name, rest = split["field"].lower(), split["rest"]
    if name == TAG and "=" not in rest:
        keys = tag_keys(scope, rest.strip('"'))
        found = [Completion(text=spelled_value(escaped(key)), label=key, note="tag") for key in keys]
        return Offer(start=caret - len(rest), end=caret, completions=found)
    tag, _, written = rest.partition("=") if name == TAG else ("", "", rest)
    value = written.rpartition(",")[2]
    values = (
        _tag_values(scope, tag.strip('"'), value.strip('"')) if tag else _values(scope, kinds, name, value.strip('"'))
    )
    found = [Completion(text=spelled_value(escaped(one)), label=one) for one in values]
    return Offer(start=caret - len(value), end=caret, completions=found)


def _start_of_word(text: str, caret: int) -> int:
    start, is_quoted = 0, False
    for place, letter in enumerate(text[:caret]):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter.isspace() and not is_quoted:
            start = place + 1
    return start


def _kinds(rest: str, among: Sequence[ResourceType]) -> list[ResourceType]:
    """Those of these types that the other words leave; all of them while those cannot be read."""
    try:
        return chosen_types(parse(rest), among)
    except QueryError:
        return list(among)


def _fields(kinds: Sequence[ResourceType], begun: str) -> Iterator[Completion]:
    names = [name for name in field_names(kinds) if name.startswith(begun.lower())]
    for name in names[:MOST]:
        columns = [(kind, column) for kind in kinds if (column := field_of(kind, name)) is not None]
        is_measured = bool(columns) and columns[0][1].kind in MEASURED
        plurals = [kind.plural for kind, _ in columns]
        of = "" if len(plurals) in (0, len(kinds)) else f" of {', '.join(plurals)}"
        note = SPECIAL_NOTES.get(name) or f"{columns[0][1].label}{of}"
        yield Completion(text=f"{name}{'>=' if is_measured else ':'}", label=name, note=note)


def _values(scope: PageScope, kinds: Sequence[ResourceType], name: str, begun: str) -> list[str]:
    match name:
        case "type":
            return _beginning((kind.slug for kind in resource_types()), begun)
        case "account":
            return _beginning((account.name for account in scope.visible), begun)
        case REGION.field:
            slugs = {kind.slug for kind in kinds}
            return _beginning({place.region or "unknown" for place in scope.counts if place.type in slugs}, begun)
        case _:
            return _stored(scope, kinds, name, begun)


def _stored(scope: PageScope, kinds: Sequence[ResourceType], name: str, begun: str) -> list[str]:
    """The values that the column has, of columns whose index finds them."""
    found: set[str] = set()
    for kind in kinds:
        column = field_of(kind, name)
        if column is not None and column.kind is Kind.BOOLEAN:
            found |= {"true", "false"}
        elif column is not None and column.facet and column.kind not in MEASURED:
            rows = kind.model.revisions.as_of(scope.as_of).filter(account__in=[one.pk for one in scope.chosen])
            values = rows.filter(**{f"{column.field}__istartswith": begun}).order_by(column.field)
            found |= set(_in_time(values.values_list(column.field, flat=True).distinct()[:MOST]))
    return _beginning(found, begun)


def tag_keys(scope: PageScope, begun: str = "") -> list[str]:
    """Some keys of tags that begin so; none where they cannot be found in time."""
    tags = ResourceTag.objects.as_of(scope.as_of).filter(account__in=[one.pk for one in scope.chosen])
    keys = tags.filter(key__istartswith=begun).order_by("key").values_list("key", flat=True)
    return _in_time(keys.distinct()[:MOST])


def _tag_values(scope: PageScope, key: str, begun: str) -> list[str]:
    tags = ResourceTag.objects.as_of(scope.as_of).filter(account__in=[one.pk for one in scope.chosen], key=key)
    values = tags.filter(value__istartswith=begun).order_by("value").values_list("value", flat=True)
    return _in_time(values.distinct()[:MOST])


def _beginning(possible: Iterable[str], begun: str) -> list[str]:
    return sorted(one for one in possible if one.lower().startswith(begun.lower()))[:MOST]


def _in_time(values: Iterable[str]) -> list[str]:
    try:
        with time_budget(SECONDS):
            return list(values)
    except OverBudget:
        return []
