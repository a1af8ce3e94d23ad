"""The changes of a page, one after the other: found by keyset, and each with what was, what is and what it costs.

They stand by the moment at which they were seen, the newest first, then by type, kind and revision. How many there are
of each moment is known beforehand, so that finding a page looks at the moments of that page only.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value

from inventory.history import ResourceRevision
from inventory.models import Account, Outcome, Resource, Visit
from inventory.pages.alterations import Alteration, alterations, differences_of
from inventory.pages.change_costs import Cost, costs_of
from inventory.pages.counts import union
from inventory.pages.differences import Difference
from inventory.pages.filter_faults import FilterError
from inventory.pages.moments import parse_moment, spell_moment
from inventory.pages.stretch import BEGAN, ENDED, MOMENTS, Kind, Stretch, groups_of
from inventory.registry import ResourceType, resource_type

LARGEST_ID = 2**63 - 1


class Place(NamedTuple):
    """A change in the order of all; a page begins after one."""

    at: datetime
    type: str
    kind: str
    pk: int
    """The revision that began, or that ended."""

    def __str__(self) -> str:
        parts = [spell_moment(self.at), self.type, self.kind, self.pk]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that an address names; FilterError for anything else."""
        try:
            parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
            at, slug, kind, pk = parts
            if type(pk) is not int or not 0 <= pk <= LARGEST_ID:
                raise ValueError("no id")
            return cls(parse_moment(at), resource_type(slug).slug, Kind(kind).value, pk)
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
            raise FilterError("“cursor” in this address leads nowhere: begin at the first page.") from None


@dataclass(frozen=True, kw_only=True)
class Group:
    """How many changes of one kind were seen of one type and region at one moment."""

    kind: Kind
    type: str
    region: str | None
    at: datetime
    number: int


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One change: seen at a moment, and so made between the complete look before it and that moment."""

    kind: Kind
    type: ResourceType
    resource: Resource
    account: Account
    region: str | None
    name: str
    at: datetime
    looked_before: datetime | None
    """The last complete look before it; None if none is kept."""
    differences: tuple[Difference, ...] = ()
    cost: Cost | None = None
    """None: things of this type have no price of their own."""


def count(stretches: Sequence[Stretch], kinds: Sequence[Kind]) -> list[Group]:
    """How many changes there are, by kind, type, region and moment."""
    return [
        Group(kind=Kind(kind), type=slug, region=region, at=at, number=number)
        for kind, slug, region, at, number, _ in groups_of(stretches, kinds)
    ]


def page_of(
    stretches: Sequence[Stretch], kinds: Sequence[Kind], groups: Sequence[Group], after: Place | None, size: int
) -> list[Place]:
    """The places of the next `size` changes after one, or of the first ones; one query."""
    earliest = _earliest(groups, after, size)
    if earliest is None:
        return []
    found = {(group.type, group.kind) for group in groups if group.at >= earliest}
    parts = (
        _after(stretch.changes(kind), stretch.type.slug, kind, after, earliest)
        for stretch in stretches
        for kind in kinds
        if (stretch.type.slug, kind) in found
    )
    return [Place(*row) for row in union(parts).order_by("-at", "slug", "word", "pk")[:size]]


def rows_of(places: Sequence[Place], accounts: Mapping[int, Account]) -> list[ChangeRow]:
    """What each of these changes was, in their order."""
    by_type: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_type[place.type].append(place)
    found: dict[Place, ResourceRevision] = {}
    altered: dict[Place, Alteration] = {}
    for slug, some in by_type.items():
        kind = resource_type(slug)
        revisions = {one.pk: one for one in _revisions(kind, [place.pk for place in some])}
        # One that was pruned while we looked is left out.
        found |= {place: revisions[place.pk] for place in some if place.pk in revisions}
        changed = {place.pk: place for place in some if place.kind == Kind.CHANGED and place in found}
        for one in alterations(kind, [revisions[pk] for pk in changed]):
            altered[changed[one.after.pk]] = one
    differences = dict(zip(altered, differences_of(list(altered.values())), strict=True))
    costs = costs_of({place: _sides(place, found[place], altered.get(place)) for place in found})
    return [
        _row(place, found[place], accounts, differences.get(place, ()), costs.get(place))
        for place in places
        if place in found
    ]


def _earliest(groups: Sequence[Group], after: Place | None, size: int) -> datetime | None:
    """The moment until which a page reaches back at most; None if nothing is left."""
    earliest, number = None, 0
    for group in sorted(groups, key=lambda group: group.at, reverse=True):
        if after is not None and group.at > after.at:
            continue
        if number >= size and group.at != earliest:
            break
        # Some of the changes seen at the moment of the place itself stand before it, and nobody knows how many.
        number += group.number if after is None or group.at < after.at else 0
        earliest = group.at
    return earliest


def _after(rows: QuerySet[Any], slug: str, kind: Kind, after: Place | None, earliest: datetime) -> QuerySet[Any]:
    moment = MOMENTS[kind]
    rows = rows.filter(**{f"{moment}__gte": earliest})
    if after is not None:
        later = Q(**{f"{moment}__lt": after.at})
        if (slug, kind.value) > (after.type, after.kind):
            later |= Q(**{moment: after.at})
        elif (slug, kind.value) == (after.type, after.kind):
            later |= Q(**{moment: after.at, "pk__gt": after.pk})
        rows = rows.filter(later, **{f"{moment}__lte": after.at})
    placed: QuerySet[Any] = (
        rows.order_by()
        .annotate(
            at=F(moment),
            slug=Value(slug, output_field=CharField()),
            word=Value(kind.value, output_field=CharField()),
        )
        .values_list("at", "slug", "word", "pk")
    )
    return placed


def _revisions(kind: ResourceType, ids: Sequence[int]) -> QuerySet[Any]:
    """These revisions, with the last complete look before each of them began and before it ended."""
    looks = Visit.objects.filter(
        account=OuterRef("account"),
        type=kind.slug,
        scope_region=OuterRef("resource__scope_region"),
        outcome=Outcome.COMPLETE,
    ).order_by("-taken_at")

    def before(moment: str) -> Subquery:
        return Subquery(looks.filter(taken_at__lt=OuterRef(moment)).values("taken_at")[:1])

    revisions: QuerySet[Any] = (
        kind.model.revisions.filter(pk__in=ids)
        .light()
        .select_related("resource")
        .annotate(looked_before_valid_from=before(BEGAN), looked_before_valid_to=before(ENDED))
    )
    return revisions


def _sides(
    place: Place, revision: ResourceRevision, alteration: Alteration | None
) -> tuple[ResourceType, ResourceRevision | None, ResourceRevision | None]:
    """The type, what was there before the change and what is there after it."""
    kind = resource_type(place.type)
    if place.kind == Kind.GONE:
        return kind, revision, None
    return kind, alteration.before if alteration else None, revision


def _row(
    place: Place,
    revision: ResourceRevision,
    accounts: Mapping[int, Account],
    differences: tuple[Difference, ...],
    cost: Cost | None,
) -> ChangeRow:
    kind = Kind(place.kind)
    return ChangeRow(
        kind=kind,
        type=resource_type(place.type),
        resource=revision.resource,
        account=accounts[revision.account_id],
        region=revision.region,
        name=revision.name or revision.resource.native_id,
        at=place.at,
        looked_before=getattr(revision, f"looked_before_{MOMENTS[kind]}"),
        differences=differences,
        cost=cost,
    )


def every_place(
    stretches: Sequence[Stretch], kinds: Sequence[Kind], groups: Sequence[Group], chunk: int
) -> Iterator[list[Place]]:
    """All changes in their order, `chunk` of them at a time."""
    after: Place | None = None
    while places := page_of(stretches, kinds, groups, after, chunk):
        yield places
        after = places[-1]
