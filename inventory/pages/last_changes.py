"""What changed last: revisions that began or ended since the moment that a page is compared with.

The first look at a place is no change: whatever it found may have been there for years. Additions and disappearances
of one type, region and moment are one line; changes stand singly, with what was and what is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inventory.models import Resource
from inventory.pages.alterations import Alteration, alterations, differences_of
from inventory.pages.differences import Difference
from inventory.pages.scope import PageScope
from inventory.pages.stretch import Group, Kind, Stretch, groups_of, stretches
from inventory.pages.taken import taken_until
from inventory.registry import ResourceType, resource_type

LEAST_SPAN = timedelta(hours=24)
SHOWN = 12
LOOKED_AT = 100
SHOWN_DIFFERENCES = 2


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The two moments that are compared: snapshots a day apart, or further if there was none in between."""

    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line: resources of one type and region that came or went together, or that changed in the same way."""

    kind: Kind
    type: ResourceType
    resource: Resource
    region: str | None
    at: datetime
    number: int = 1
    is_at_least: bool = False
    """Whether there may be more of them than were looked at."""
    differences: tuple[Difference, ...] = ()

    @property
    def others(self) -> int:
        """How many there are beside the resource that is named."""
        return self.number - 1

    @property
    def just_before(self) -> datetime:
        """The end of the time before it, for a stretch that holds this moment alone."""
        return self.at - timedelta(microseconds=1)

    @property
    def shown_differences(self) -> Sequence[Difference]:
        """As many as fit into a line."""
        return self.differences[:SHOWN_DIFFERENCES]

    @property
    def hidden_differences(self) -> int:
        """How many more there are."""
        return max(len(self.differences) - SHOWN_DIFFERENCES, 0)


@dataclass(frozen=True, kw_only=True)
class LastChanges:
    """The newest changes, and how many there are of each kind."""

    numbers: Mapping[str, int]
    newest: Sequence[Change]

    @property
    def total(self) -> int:
        """Changes of all kinds."""
        return sum(self.numbers.values())

    @property
    def hidden(self) -> int:
        """Changes for which there was no line left."""
        return self.total - sum(change.number for change in self.newest)


def compared_moments(scope: PageScope) -> Compared | None:
    """What the page is compared with; None until there are two snapshots."""
    moments = taken_until(scope.chosen, scope.as_of, 2)
    if len(moments) < 2:
        return None
    until, before = (one.at for one in moments)
    return Compared(since=min(before, until - LEAST_SPAN), until=until)


def last_changes(scope: PageScope, compared: Compared, region: str | None = None) -> LastChanges:
    """What began or ended between the two moments, in one region or in all of them (None)."""
    regions = () if region is None else (region,)
    asked = stretches(scope.chosen, compared.since, compared.until, regions=regions)
    groups = groups_of(asked)
    numbers: dict[str, int] = dict.fromkeys(Kind, 0)
    for kind, _, _, _, number, _ in groups:
        numbers[kind] += number
    changed_types = {slug for kind, slug, *_ in groups if kind == Kind.CHANGED}
    newest = [_newest_alterations(stretch) for stretch in asked if stretch.type.slug in changed_types]
    changes = [*_arrivals_and_departures(groups), *_alike(_alterations(newest))]
    changes.sort(key=lambda change: change.at, reverse=True)
    return LastChanges(numbers=numbers, newest=changes[:SHOWN])


def _arrivals_and_departures(groups: Sequence[Group]) -> Iterator[Change]:
    newest = sorted((group for group in groups if group[0] != Kind.CHANGED), key=lambda group: group[3], reverse=True)
    shown = newest[:SHOWN]
    resources = Resource.objects.in_bulk([resource_id for *_, resource_id in shown])
    for kind, slug, region, at, number, resource_id in shown:
        yield Change(
            kind=Kind(kind),
            type=resource_type(slug),
            resource=resources[resource_id],
            region=region,
            at=at,
            number=number,
        )


def _newest_alterations(stretch: Stretch) -> list[Alteration]:
    newest = stretch.changes(Kind.CHANGED).order_by("-valid_from", "pk").defer("raw").select_related("resource")
    return list(alterations(stretch.type, list(newest[:LOOKED_AT])))


def _alterations(newest: Sequence[Sequence[Alteration]]) -> Iterator[Change]:
    """Each as a line of its own, those of every type."""
    altered = [one for of_one_type in newest for one in of_one_type]
    is_at_least = {of_one_type[0].type.slug: len(of_one_type) == LOOKED_AT for of_one_type in newest if of_one_type}
    for one, differences in zip(altered, differences_of(altered), strict=True):
        yield Change(
            kind=Kind.CHANGED,
            type=one.type,
            resource=one.after.resource,
            region=one.after.region,
            at=one.at,
            is_at_least=is_at_least[one.type.slug],
            differences=differences,
        )


def _alike(changes: Iterable[Change]) -> Iterator[Change]:
    """The same changes, those that are alike in one line."""
    lines: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for change in changes:
        lines[change.kind, change.type.slug, change.region, change.at, change.differences].append(change)
    for first, *others in lines.values():
        number = first.number + sum(other.number for other in others)
        yield replace(first, number=number, is_at_least=first.is_at_least and number > 1)
