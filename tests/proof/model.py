"""What the ledger must say, worked out a second time with plain dictionaries and without a line of the product.

A scope is an account, a region (or `global`) and a type. The model is told which listing a visit saw and keeps every
period that follows of it. The rules are those of the reliability document, in the shortest form that we could find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BRAKE_ROWS = 20
PARTS = {
    "ebs-volume": ("size", "tags", "attached"),
    "s3-bucket": ("created", "region", "versioning", "public", "tags"),
}

Content = dict[str, Any]
"""Part to value; a part that was not read is missing."""

Listing = Mapping[str, Content]


@dataclass
class Period:
    """A thing that looked the same for a while; `unknown` maps a part to since when, None: never read."""

    begin: datetime
    end: datetime | None
    content: Content
    unknown: dict[str, datetime | None]


@dataclass
class ScopeModel:
    """One scope: every period of every thing, the complete listings, and how fresh it is."""

    parts: tuple[str, ...]
    periods: dict[str, list[Period]] = field(default_factory=dict)
    published: list[datetime] = field(default_factory=list)
    failing_since: datetime | None = None
    latest: datetime | None = None
    held: set[str] = field(default_factory=set)

    @property
    def last(self) -> datetime | None:
        """The moment of the last complete listing."""
        return self.published[-1] if self.published else None

    def open(self) -> dict[str, Period]:
        """What is there now."""
        return {name: periods[-1] for name, periods in self.periods.items() if periods and periods[-1].end is None}

    def as_of(self, moment: datetime) -> dict[str, Content]:
        """What was there at a moment."""
        return {
            name: one.content
            for name, periods in self.periods.items()
            for one in periods
            if one.begin <= moment and (one.end is None or moment < one.end)
        }

    def must_be_held(self, listed: Listing) -> bool | None:
        """Whether a complete listing waits for a second one; None where the words of the rule leave it open."""
        missing, known = set(self.open()) - set(listed), len(self.open())
        if len(missing - self.held) <= BRAKE_ROWS:
            return False
        return None if self.held else 2 * len(missing) > known

    def hold(self, moment: datetime, listed: Listing) -> None:
        """Note what a listing lacked that waits for a second one."""
        self.held = set(self.open()) - set(listed)
        self.fail(moment)

    def publish(self, moment: datetime, listed: Listing) -> dict[str, int]:
        """Record a complete listing; gives how many resources it had, and how many were added, changed and gone."""
        gone = set(self.open()) - set(listed)
        for name in gone:
            self.periods[name][-1].end = moment
        news = [self._record(name, moment, read) for name, read in listed.items()]
        self.held = set()
        self.published.append(moment)
        if self.latest is None or self.latest <= moment:
            self.latest, self.failing_since = moment, None
        return {
            "resources": len(listed),
            "added": news.count("added"),
            "changed": news.count("changed"),
            "gone": len(gone),
        }

    def fail(self, moment: datetime) -> None:
        """Note a visit that did not read the scope."""
        if self.latest is None or self.latest <= moment:
            self.latest = moment
            self.failing_since = self.failing_since or moment

    def prune(self, cutoff: datetime) -> None:
        """Forget what ended by then."""
        for name, periods in self.periods.items():
            self.periods[name] = [one for one in periods if one.end is None or one.end > cutoff]

    def _record(self, name: str, moment: datetime, read: Content) -> str:
        periods = self.periods.setdefault(name, [])
        unread = [part for part in self.parts if part not in read]
        known = periods[-1] if periods and periods[-1].end is None else None
        if known is None or known.content.get("created") != read.get("created"):
            if known:
                known.end = moment
            content = dict.fromkeys(self.parts) | read
            periods.append(Period(moment, None, content, dict.fromkeys(unread)))
            return "changed" if known else "added"
        now = known.content | read
        unknown = {part: known.unknown.get(part, moment) for part in unread}
        told_first = {part for part, since in known.unknown.items() if since is None and part in read}
        if any(now[part] != known.content[part] for part in self.parts if part not in told_first):
            known.end = moment
            periods.append(Period(moment, None, now, unknown))
            return "changed"
        known.content, known.unknown = now, unknown
        return "same"
