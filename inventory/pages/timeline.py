"""The life of one resource: its periods of sameness, and what changed between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from inventory.history import ResourceRevision
from inventory.models import Link, Resource, ResourceTag
from inventory.pages.band import Band, Turn, band_of
from inventory.pages.differences import Difference, field_differences, link_differences, tag_differences
from inventory.pages.frame import in_scope
from inventory.pages.moments import spell_moment
from inventory.pages.scope import PageScope
from inventory.pages.story import Story
from inventory.registry import ResourceType

MOST_PERIODS = 100


class Event(StrEnum):
    """What happened at the start of a period, or at the end of the last one."""

    FIRST_SEEN = "first seen"
    PRUNED = "its history before this was pruned"
    CHANGED = "changed"
    RECREATED = "deleted and recreated"
    GONE = "no longer listed"
    BACK = "listed again"


SIGNS = {
    Event.FIRST_SEEN: "add",
    Event.PRUNED: "chg",
    Event.CHANGED: "chg",
    Event.RECREATED: "chg",
    Event.GONE: "del",
    Event.BACK: "add",
}
LETTERS = {"add": "+", "chg": "~", "del": "\N{MINUS SIGN}"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the timeline; its moment is the snapshot that first saw the change."""

    event: Event
    at: datetime
    url: str
    since: datetime | None = None
    """The last complete look before it: it happened between the two. None: there was none, or it was pruned."""
    differences: Sequence[Difference] = ()

    @property
    def words(self) -> str:
        """What happened."""
        if self.event is not Event.CHANGED:
            return self.event.value
        number = sum(difference.was_recorded for difference in self.differences)
        if not number and self.differences:
            return "fields recorded for the first time"
        return f"{number} fields changed" if number != 1 else "1 field changed"

    @property
    def short_words(self) -> str:
        """The same for where space is short: of several differences the first."""
        recorded = [one for one in self.differences if one.was_recorded]
        if self.event is not Event.CHANGED or not recorded:
            return self.words
        first, more = recorded[0], len(recorded) - 1
        words = f"{first.label} {first.after or 'removed'}"
        return f"{words} +{more}" if more else words

    @property
    def sign_class(self) -> str:
        """The class of its sign."""
        return SIGNS[self.event]

    @property
    def sign(self) -> str:
        """Its sign."""
        return LETTERS[self.sign_class]


@dataclass(frozen=True, kw_only=True)
class Life:
    """All periods of a resource, oldest first; of a very restless one only the newest."""

    periods: Sequence[ResourceRevision]
    entries: Sequence[Entry]
    band: Band
    is_cut: bool

    @property
    def began(self) -> datetime:
        """When it was first seen, or the start of the oldest period that is shown."""
        return self.periods[0].began

    @property
    def ended(self) -> datetime | None:
        """When it was first missed; None if it is still there."""
        return self.periods[-1].valid_to


def life_of(scope: PageScope, kind: ResourceType, resource: Resource) -> Life | None:
    """The life of a resource, in four queries; None if nothing of it was ever published."""
    newest = kind.model.revisions.filter(resource=resource, valid_from__isnull=False).light().order_by("-valid_from")
    found = list(newest[: MOST_PERIODS + 1])
    if not found:
        return None
    is_cut = len(found) > MOST_PERIODS
    periods = found[:MOST_PERIODS][::-1]
    tags = list(ResourceTag.objects.filter(resource=resource, valid_from__isnull=False))
    links = list(Link.objects.filter(resource=resource, valid_from__isnull=False))
    story = Story.of(resource)
    entries = _entries(scope, kind, periods, tags, links)
    if not is_cut:
        entries.append(_beginning(scope, resource, periods[0].began))
    return Life(
        periods=periods,
        entries=[replace(entry, since=story.last_read_before(entry.at)) for entry in entries],
        band=band_of(periods, story, [Turn(entry.at, entry.short_words) for entry in entries], scope),
        is_cut=is_cut,
    )


def _beginning(scope: PageScope, resource: Resource, began: datetime) -> Entry:
    pruned_until = resource.account.history_from
    if pruned_until is not None and began <= pruned_until:
        return Entry(event=Event.PRUNED, at=pruned_until, url=_at(scope, pruned_until))
    return Entry(event=Event.FIRST_SEEN, at=began, url=_at(scope, began))


def _entries(
    scope: PageScope,
    kind: ResourceType,
    periods: Sequence[ResourceRevision],
    tags: Sequence[ResourceTag],
    links: Sequence[Link],
) -> list[Entry]:
    """What happened after the first period began, the newest first."""
    entries = []
    for before, after in pairwise(periods):
        at = after.began
        if before.valid_to is not None and before.valid_to < at:
            entries.append(Entry(event=Event.GONE, at=before.valid_to, url=_at(scope, before.valid_to)))
        differences = (
            *field_differences(kind, before, after),
            *tag_differences(tags, at),
            *link_differences(kind, [link for link in links if at in (link.valid_from, link.valid_to)], at),
        )
        entries.append(Entry(event=_event(before, after), at=at, url=_at(scope, at), differences=differences))
    if (ended := periods[-1].valid_to) is not None:
        entries.append(Entry(event=Event.GONE, at=ended, url=_at(scope, ended)))
    return entries[::-1]


def _event(before: ResourceRevision, after: ResourceRevision) -> Event:
    if before.incarnation and after.incarnation and before.incarnation != after.incarnation:
        return Event.RECREATED
    return Event.BACK if before.valid_to != after.valid_from else Event.CHANGED


def _at(scope: PageScope, moment: datetime) -> str:
    """The same page at another moment."""
    return in_scope(scope, f"?as_of={spell_moment(moment)}")
