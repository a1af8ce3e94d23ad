"""Zones of regions by zone id: the same place in every account, whatever the account calls it.

Instances and volumes name their zone by the name that it has in their account. Which id that is, the zones of the same
account say; where they were not read by the page's moment, the name stands alone and its id is unknown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import CharField, Count, F, Value

from inventory.models import Account
from inventory.pages.counts import union
from inventory.pages.figures import Number, number_in
from inventory.pages.frame import address
from inventory.pages.freshness import Summary
from inventory.pages.scope import PageScope
from inventory.registry import ResourceType, principal_types
from inventory.resource_types.availability_zone import AVAILABILITY_ZONE, AvailabilityZone

ZONE = "availability_zone"
KINDS = ("availability-zone", "local-zone", "wavelength-zone")
NOT_NEEDED, OPTED_IN, NOT_OPTED_IN = "opt-in-not-required", "opted-in", "not-opted-in"


class Called(NamedTuple):
    """One account's name for a zone."""

    account_id: int
    region: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """Things of one type in a zone that one list shows: of one account, or of all that call the zone so (None)."""

    account: Account | None
    number: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many things of one type stand in a zone."""

    type: ResourceType
    parts: Sequence[Part]
    in_region: Number
    """What is known of the type in the whole region."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """What a zone is called, and by whom."""

    name: str
    accounts: Sequence[Account]


@dataclass(frozen=True, kw_only=True)
class ZoneRow:
    """One zone of a region; without an id, one name whose id is not known."""

    zone_id: str
    kind: str
    states: Mapping[str, int]
    """AWS's word to the number of accounts that see it so."""
    opt_in: Mapping[str, int]
    """The same of opt-in states."""
    names: Sequence[Name]
    standing: Sequence[Standing]
    url: str

    @property
    def total(self) -> int:
        """Things of all types that stand there."""
        return sum(part.number for one in self.standing for part in one.parts)

    @property
    def kind_words(self) -> str:
        """The kind as people say it: `local zone`."""
        return self.kind.replace("-", " ")

    @property
    def opt_in_words(self) -> str:
        """Who opted in, where that is needed: `opted in`, `opted in by 2 of 3 accounts`."""
        number, everyone = self.opt_in.get(OPTED_IN, 0), sum(self.opt_in.values())
        if set(self.opt_in) <= {NOT_NEEDED}:
            return ""
        if number in (0, everyone):
            return "opted in" if number else "not opted in"
        return f"opted in by {number} of {everyone} accounts"

    @property
    def is_out_of_use(self) -> bool:
        """Whether nobody opted in to it and nothing stands there."""
        return set(self.opt_in) == {NOT_OPTED_IN} and not self.total


@dataclass(frozen=True, kw_only=True)
class RegionZones:
    """The zones of one region."""

    types: Sequence[ResourceType]
    rows: Sequence[ZoneRow]
    """Those that anybody can use, and those where something stands."""
    out_of_use: int
    """Local and wavelength zones that nobody opted in to."""
    freshness: Summary | None

    @property
    def was_read(self) -> bool:
        """Whether it is known which zones there are."""
        return self.freshness is not None and not self.freshness.was_never_read

    @property
    def availability_zones(self) -> int:
        """How many zones of the kind that every region has are known by their id."""
        return sum(row.kind == KINDS[0] for row in self.rows)

    @property
    def in_use(self) -> list[ZoneRow]:
        """Those where something stands."""
        return [row for row in self.rows if row.total]


@dataclass
class _Zone:
    """What the accounts say of one zone."""

    kind: str = ""
    states: Counter[str] = field(default_factory=Counter)
    opt_in: Counter[str] = field(default_factory=Counter)
    called: list[Called] = field(default_factory=list)


Key = tuple[str, str]
"""A zone's id, or empty and the name whose id is unknown."""
Numbers = Mapping[tuple[str, Called], int]
"""How many things there are by type and the name of their zone."""


def zones_of(scope: PageScope, regions: Collection[str]) -> dict[str, RegionZones]:
    """The zones of these regions; the number of queries does not depend on how many there are."""
    types = [one for one in principal_types() if one.column(ZONE)]
    numbers = _numbers(scope, regions, types)
    zones = _zones(scope, regions, {called for _, called in numbers})
    return {region: _of_region(scope, region, types, zones[region], numbers) for region in regions}


def _numbers(scope: PageScope, regions: Collection[str], types: Iterable[ResourceType]) -> Numbers:
    rows = union(
        one.model.revisions.as_of(scope.as_of)
        .filter(account__in=scope.accounts, region__in=regions, **{f"{ZONE}__isnull": False})
        .order_by()
        .values_list(Value(one.slug, output_field=CharField()), "account_id", "region", F(ZONE))
        .annotate(number=Count("pk"))
        for one in types
    )
    return {(slug, Called(*called)): number for slug, *called, number in rows}


def _zones(scope: PageScope, regions: Collection[str], used: Iterable[Called]) -> Mapping[str, Mapping[Key, _Zone]]:
    """By region, what the accounts say of its zones; names in use that no account explains stand by themselves."""
    found: dict[str, dict[Key, _Zone]] = defaultdict(lambda: defaultdict(_Zone))
    explained: set[Called] = set()
    seen = AvailabilityZone.revisions.as_of(scope.as_of).filter(account__in=scope.accounts, region__in=regions)
    columns = ("account_id", "region", "name", "resource__native_id", "zone_type", "state", "opt_in_status")
    for *names, zone_id, kind, state, opt_in in seen.order_by("resource__native_id", "name").values_list(*columns):
        called = Called(*names)
        zone = found[called.region][zone_id, ""]
        zone.kind = zone.kind or kind or ""
        zone.states.update(filter(None, [state]))
        zone.opt_in.update(filter(None, [opt_in]))
        zone.called.append(called)
        explained.add(called)
    for called in sorted(set(used) - explained):
        found[called.region]["", called.name].called.append(called)
    return found


def _of_region(
    scope: PageScope, region: str, types: Sequence[ResourceType], zones: Mapping[Key, _Zone], numbers: Numbers
) -> RegionZones:
    in_region = {one.slug: number_in(one, scope, region) for one in types}
    rows = [
        ZoneRow(
            zone_id=zone_id,
            kind=zone.kind,
            states=dict(zone.states),
            opt_in=dict(zone.opt_in),
            names=_names(scope, zone.called),
            standing=[
                Standing(type=one, parts=_parts(scope, one, zone.called, numbers), in_region=in_region[one.slug])
                for one in types
            ],
            url=address(scope, "resource-list", AVAILABILITY_ZONE.slug, native_id=zone_id) if zone_id else "",
        )
        for (zone_id, _), zone in zones.items()
    ]
    shown = [row for row in rows if not row.is_out_of_use]
    return RegionZones(
        types=types,
        rows=sorted(shown, key=_rank),
        out_of_use=len(rows) - len(shown),
        freshness=scope.standings.of_place(AVAILABILITY_ZONE.slug, region),
    )


def _names(scope: PageScope, called: Iterable[Called]) -> list[Name]:
    by_name: dict[str, set[int]] = defaultdict(set)
    for one in called:
        by_name[one.name].add(one.account_id)
    return [
        Name(name=name, accounts=[account for account in scope.chosen if account.pk in ids])
        for name, ids in sorted(by_name.items())
    ]


def _parts(scope: PageScope, one: ResourceType, called: Sequence[Called], numbers: Numbers) -> list[Part]:
    """One part if one list can show all of it, else one for each account."""
    here = {name: number for name in called if (number := numbers.get((one.slug, name), 0))}
    names = {name.name for name in here}
    alike = {name for slug, name in numbers if slug == one.slug and name.name in names}
    if len(names) == 1 and alike <= here.keys():
        return [_part(scope, one, next(iter(here)), sum(here.values()))]
    accounts = {account.pk: account for account in scope.chosen}
    return [_part(scope, one, name, number, accounts[name.account_id]) for name, number in here.items()]


def _part(scope: PageScope, one: ResourceType, called: Called, number: int, account: Account | None = None) -> Part:
    named = {"account": account.name} if account else {}
    url = address(scope, "resource-list", one.slug, region=called.region, **{ZONE: called.name}, **named)
    return Part(account=account, number=number, url=url)


def _rank(row: ZoneRow) -> tuple[bool, int, str, str]:
    kind = KINDS.index(row.kind) if row.kind in KINDS else len(KINDS)
    return not row.zone_id, kind, row.zone_id, row.names[0].name
