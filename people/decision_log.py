"""The decisions that were kept: who decided what, when, and about whom; newest first, on pages or as a file.

`?kind=`, `by=`, `about=` (a person, group or account), `since=` and `until=` (days in UTC) choose among them. A page
begins before a decision or ends after one, whose numbers rise with time, so that it stays where it is while others are
added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from audit.models import Decision, Kind
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.choices import one_of
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.operators import for_operators
from inventory.pages.scope import BadAddress

SIZE = 50
SECONDS = 0.5
"""How long counting may take."""

CHUNK = 1_000
LARGEST = 2**63 - 1
KEYS = ("taken_at", "by", "kind", "whom", "account", "words")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which decisions an address asks for."""

    kind: str = ""
    by: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None
    """The last day."""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Wanted:
        """What the parameters say; BadAddress for what cannot be met."""
        kind = given.get("kind", "") and one_of("kind", given["kind"], Kind.values)
        by, about = (_name(given.get(key, "")) for key in ("by", "about"))
        since, until = (_day(given.get(key, "")) for key in ("since", "until"))
        return cls(kind=kind, by=by, about=about, since=since, until=until)

    @property
    def rows(self) -> QuerySet[Decision]:
        """The decisions, newest first."""
        rows = Decision.objects.all()
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.by:
            rows = rows.filter(by=self.by)
        if self.about:
            rows = rows.filter(Q(whom=self.about) | Q(account=self.about))
        if self.since is not None:
            rows = rows.filter(taken_at__gte=_midnight(self.since))
        if self.until is not None:
            rows = rows.filter(taken_at__lt=_midnight(self.until) + timedelta(days=1))
        return rows

    def address(self, **more: str | int) -> str:
        """The page of these decisions."""
        own = {
            "kind": self.kind,
            "by": self.by,
            "about": self.about,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        parameters = {key: value for key, value in (own | more).items() if value}
        return f"{reverse('decisions')}?{urlencode(parameters)}" if parameters else reverse("decisions")


@dataclass(frozen=True, kw_only=True)
class DecisionsPage:
    """All that the page shows."""

    wanted: Wanted
    before: int | None = None
    after: int | None = None

    @cached_property
    def _found(self) -> tuple[list[Decision], bool]:
        """The rows of the page, newest first, and whether there are more in the direction in which it was turned."""
        rows = self.wanted.rows
        if self.after is not None:
            found = list(rows.filter(pk__gt=self.after).order_by("pk")[: SIZE + 1])
            return found[:SIZE][::-1], len(found) > SIZE
        if self.before is not None:
            rows = rows.filter(pk__lt=self.before)
        found = list(rows[: SIZE + 1])
        return found[:SIZE], len(found) > SIZE

    @property
    def rows(self) -> list[Decision]:
        """The decisions of this page."""
        return self._found[0]

    @property
    def newer_url(self) -> str:
        """The page of newer decisions; empty on the first one."""
        has_newer = self._found[1] if self.after is not None else self.before is not None
        return self.wanted.address(after=self.rows[0].pk) if self.rows and has_newer else ""

    @property
    def older_url(self) -> str:
        """The page of older decisions; empty on the last one."""
        has_older = self.after is not None or self._found[1]
        return self.wanted.address(before=self.rows[-1].pk) if self.rows and has_older else ""

    @property
    def first_url(self) -> str:
        """The newest ones; empty on their page."""
        return self.wanted.address() if self.before is not None or self.after is not None else ""

    @cached_property
    def total(self) -> int | None:
        """How many there are; None if they cannot be counted in time."""
        try:
            with time_budget(SECONDS):
                return self.wanted.rows.order_by().count()
        except OverBudget:
            return None

    @property
    def is_narrowed(self) -> bool:
        """Whether it is about some of the decisions only."""
        return self.wanted != Wanted()

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """What can be chosen: the kind, its words, and whether it is chosen."""
        return [(kind.value, str(kind.label), kind.value == self.wanted.kind) for kind in Kind]

    @property
    def without(self) -> list[tuple[str, str]]:
        """Each condition in words, with the address without it."""
        wanted = self.wanted
        told = (
            (str(Kind(wanted.kind).label) if wanted.kind else "", replace(wanted, kind="")),
            (f"by {wanted.by}" if wanted.by else "", replace(wanted, by="")),
            (f"about {wanted.about}" if wanted.about else "", replace(wanted, about="")),
            (f"since {wanted.since}" if wanted.since else "", replace(wanted, since=None)),
            (f"until {wanted.until}" if wanted.until else "", replace(wanted, until=None)),
        )
        return [(words, others.address()) for words, others in told if words]

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        """All of them, by format."""
        return [(name, self.wanted.address(format=name)) for name in FORMATS]


@for_operators
def decisions(request: HttpRequest) -> HttpResponseBase:
    """The page, or every decision that the address asks for as a file."""
    wanted = Wanted.read(request.GET)
    page = DecisionsPage(
        wanted=wanted, before=place_of(request.GET.get("before", "")), after=place_of(request.GET.get("after", ""))
    )
    found = file_of(
        request,
        lambda: wanted.rows.values(*KEYS).iterator(chunk_size=CHUNK),
        keys=KEYS,
        name=f"decisions-{timezone.now().astimezone(UTC):%Y-%m-%dT%H%M%SZ}",
        what=", ".join(["Decisions", *(words for words, _ in page.without)]),
        count=wanted.rows.order_by().count,
    )
    return found or render(request, "people/decisions.html", {"page": page})


def _name(text: str) -> str:
    if "\0" in text:
        raise BadAddress("A name cannot hold the character NUL (%00).")
    return text.strip()


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        _midnight(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise BadAddress(f"“{text}” is no day. Write one like 2026-04-01.") from None
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def place_of(text: str) -> int | None:
    """The place among decisions that an address names; None if it names none."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST):
        raise BadAddress(f"“{text}” is no place among decisions: begin at the first page.")
    return int(text)
