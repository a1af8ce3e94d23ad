"""Rows of another type, counted when the page is read: how many rules a group has.

A tally belongs to one resource and counts within its account and, unless the counted type is global, its region. Where
the counted type had not been read completely by the page's moment the number is unknown, not 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inventory.history import ResourceRevision
from inventory.models import Freshness
from inventory.registry import GLOBAL, Column, CountOf, Reach, resource_type

Tallies = Mapping[str, Mapping[int, int | None]]
"""Column to resource id to how many there are; None: unknown."""


def tallies(columns: Sequence[Column], revisions: Sequence[ResourceRevision], as_of: datetime | None) -> Tallies:
    """The tallies of these columns for each revision's resource at the moment.

    Columns that count the same type by the same field share two queries.
    """
    together: dict[tuple[str, str, bool], dict[str, CountOf]] = {}
    for column in columns:
        if (counts := column.counts) is not None:
            together.setdefault((counts.type, counts.field, counts.by_name), {})[column.field] = counts
    answer: dict[str, Mapping[int, int | None]] = {}
    for counted in together.values():
        answer |= _tallies_of_one_type(counted, revisions, as_of)
    return answer


def _tallies_of_one_type(
    counted: Mapping[str, CountOf], revisions: Sequence[ResourceRevision], as_of: datetime | None
) -> Tallies:
    counts = next(iter(counted.values()))
    accounts = {revision.account_id for revision in revisions}
    read = set(_read(counts, as_of).filter(account__in=accounts).values_list("account_id", "scope_region"))
    rows = (
        resource_type(counts.type)
        .model.revisions.as_of(as_of)
        .filter(account__in=accounts, **{f"{counts.field}__in": {_named(counts, one) for one in revisions}})
        .order_by()
        .values_list("account", "resource__scope_region", counts.field)
        .annotate(**{f"n{place}": Count("pk", filter=Q(**one.where)) for place, one in enumerate(counted.values())})
    )
    numbers = {(account, region, named): found for account, region, named, *found in rows}
    answer: dict[str, dict[int, int | None]] = {field: {} for field in counted}
    for revision in revisions:
        scope = (revision.account_id, _scope_region(counts, revision.resource.scope_region))
        found = numbers.get((*scope, _named(counts, revision)), [0] * len(counted))
        for field, number in zip(counted, found, strict=True):
            answer[field][revision.resource_id] = number if scope in read else None
    return answer


def tally_expression(counts: CountOf, as_of: datetime | None) -> Coalesce:
    """The tally as an expression over revisions, for filters."""
    counted = resource_type(counts.type).model.revisions.as_of(as_of).filter(**counts.where)
    rows = (
        _in_scope_of_outer(counted, counts, "resource__scope_region")
        .filter(**{counts.field: OuterRef("name" if counts.by_name else "resource__native_id")})
        .order_by()
        .values(counts.field)
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def is_tally_known(counts: CountOf, as_of: datetime | None) -> Exists:
    """Whether the counted type was read where the revision is, for filters."""
    return Exists(_in_scope_of_outer(_read(counts, as_of), counts, "scope_region"))


def _named(counts: CountOf, revision: ResourceRevision) -> str:
    """What the counted rows call the revision's resource."""
    return revision.name if counts.by_name else revision.resource.native_id


def _read(counts: CountOf, as_of: datetime | None) -> QuerySet[Freshness]:
    """The scopes in which the counted type had been read completely."""
    rows = Freshness.objects.filter(type=counts.type, first_complete_at__isnull=False)
    return rows if as_of is None else rows.filter(first_complete_at__lte=as_of)


def _in_scope_of_outer(rows: QuerySet[Any], counts: CountOf, path: str) -> QuerySet[Any]:
    region = GLOBAL if _is_global(counts) else OuterRef("resource__scope_region")
    return rows.filter(account=OuterRef("account"), **{path: region})


def _scope_region(counts: CountOf, region: str) -> str:
    return GLOBAL if _is_global(counts) else region


def _is_global(counts: CountOf) -> bool:
    return resource_type(counts.type).reach is Reach.GLOBAL
