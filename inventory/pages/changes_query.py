"""What the address of the changes asks for: two moments, and which changes between them.

from=ISO, to=ISO        after the one, until the other; unless told, since the user's last visit, or, where there is
                        none or the stretch ends at a past moment, the seven days until then
kind=added              added, changed or gone; several mean any of them
type=ec2-instance       several mean any of them
region=eu-west-1        several mean any of them; `unknown` for what has no region yet
tag:key=value           as in lists: had the tag right before or right after the change
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from inventory.pages.change_rows import Place
from inventory.pages.choices import all_of, either, one_of
from inventory.pages.columns import in_sentence
from inventory.pages.filter_faults import FilterError
from inventory.pages.filters import TAG, Condition, tags_from_address
from inventory.pages.formats import FORMATS
from inventory.pages.moments import parse_past_moment, spell_moment
from inventory.pages.region_names import region_name
from inventory.pages.scope import BadAddress, PageScope
from inventory.pages.sentence import clauses as in_words
from inventory.pages.stretch import Kind, Stretch, stretches
from inventory.registry import ResourceType, resource_types

SPAN = timedelta(days=7)
SPANS = {"24 hours": timedelta(days=1), "7 days": SPAN, "30 days": timedelta(days=30), "90 days": timedelta(days=90)}
SLACK = timedelta(minutes=5)
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One condition in words, and the page without it."""

    words: str
    url: str


@dataclass(frozen=True, kw_only=True)
class ChangesQuery:
    """The changes after `since`, until `until`, that meet every condition; an empty one is always met."""

    scope: PageScope
    """The accounts as they stood at `until`."""
    since: datetime
    until: datetime
    is_until_now: bool = True
    kinds: tuple[Kind, ...] = ()
    types: tuple[ResourceType, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[Condition, ...] = ()
    place: Place | None = None
    output_format: str = ""
    last_visit: datetime | None = None
    """When the reader was here last, to offer the stretch since then; None: never, or it does not matter."""

    @classmethod
    def from_request(cls, request: HttpRequest, last_visit: datetime | None = None) -> ChangesQuery:
        """The query in an address; BadAddress says what to write instead of what cannot be used."""
        scope, given = PageScope.from_request(request), request.GET
        until = _moment(given.get("to", "")) or scope.as_of
        since = _moment(given.get("from", "")) or _beginning(until, last_visit)
        if until is not None and until < since:
            raise BadAddress("The stretch ends before it begins: write the earlier moment after from=.")
        known = {one.slug: one for one in resource_types()}
        try:
            tags = tags_from_address(_query_of(request))
            place = Place.read(given["cursor"]) if given.get("cursor") else None
        except FilterError as error:
            raise BadAddress(str(error)) from None
        return cls(
            scope=scope if until == scope.as_of else replace(scope, as_of=until),
            since=since,
            until=until or timezone.now(),
            is_until_now=until is None,
            kinds=tuple(Kind(one) for one in all_of("kind", given.getlist("kind"), Kind)),
            types=tuple(known[one] for one in all_of("type", given.getlist("type"), known)),
            regions=tuple(dict.fromkeys(filter(None, given.getlist("region")))),
            tags=tags,
            place=place,
            output_format=one_of("format", given.get("format", ""), ("", "html", *FORMATS)),
            last_visit=last_visit,
        )

    @property
    def stretches(self) -> list[Stretch]:
        """What is asked of each type."""
        regions = [None if region == UNKNOWN else region for region in self.regions]
        types = self.types or None
        return stretches(self.scope.chosen, self.since, self.until, types=types, regions=regions, tags=self.tags)

    @property
    def asked_kinds(self) -> tuple[Kind, ...]:
        """The kinds of change that are asked for."""
        return self.kinds or tuple(Kind)

    @property
    def is_filtered(self) -> bool:
        """Whether any condition narrows the stretch down."""
        return bool(self.kinds or self.types or self.regions or self.tags)

    @property
    def clauses(self) -> list[Clause]:
        """The conditions in words."""
        words = {
            "kinds": f"that {either(_KIND_WORDS[kind] for kind in self.kinds)}",
            "types": f"of {either(in_sentence(one.plural) for one in self.types)}",
            "regions": f"in {either(region_name(None if one == UNKNOWN else one) for one in self.regions)}",
        }
        own = [
            Clause(words=text, url=self.address(**{name: ()})) for name, text in words.items() if getattr(self, name)
        ]
        return own + [
            Clause(
                words=f"{said.lead} {said.stress}",
                url=self.address(tags=tuple(one for one in self.tags if one is not said.condition)),
            )
            for tag in self.tags
            for said in in_words([tag])
        ]

    def address(self, **changes: Any) -> str:
        """The address of this page with some parts changed; its first page, unless `place` is given."""
        query = replace(self, **{"place": None, "output_format": "", **changes})
        pairs = [f"{key}={quote(value, safe=':')}" for key, value in query._parameters()]
        tags = [expression for tag in query.tags for expression in tag.expressions]
        return f"{reverse('changes')}?{'&'.join([*pairs, *tags])}"

    @property
    def spans(self) -> list[tuple[str, str, bool]]:
        """Stretches that end now: their words, their address, and whether it is the one that is shown."""
        now = timezone.now()
        begins = {words: now - span for words, span in SPANS.items()}
        if self.last_visit is not None:
            begins = {"Since your last visit": self.last_visit, **begins}
        return [
            (
                words,
                self.address(since=since, is_until_now=True),
                self.is_until_now and abs(self.since - since) < SLACK,
            )
            for words, since in begins.items()
        ]

    @property
    def last_second(self) -> datetime:
        """The end of the stretch for a field that knows no fractions of a second."""
        return self.until + timedelta(seconds=1) if self.until.microsecond else self.until

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form must carry that asks for moments, kind, type and region itself."""
        account = [("account", self.scope.account.name)] if self.scope.account else []
        valued = [(tag.key, text) for tag in self.tags for text in tag.texts]
        present = [("tag", tag.key.replace(TAG, "", 1)) for tag in self.tags if not tag.texts]
        return [*account, *valued, *present]

    def _parameters(self) -> Iterable[tuple[str, str]]:
        """Where the stretch ends now, `to` is left out, so that the address goes on meaning now."""
        if self.scope.account is not None:
            yield "account", self.scope.account.name
        yield "from", spell_moment(self.since)
        if not self.is_until_now:
            yield "to", spell_moment(self.until)
        yield from (("kind", kind) for kind in self.kinds)
        yield from (("type", one.slug) for one in self.types)
        yield from (("region", region) for region in self.regions)
        if self.place is not None:
            yield "cursor", str(self.place)
        if self.output_format:
            yield "format", self.output_format


_KIND_WORDS = {Kind.ADDED: "added something", Kind.CHANGED: "altered something", Kind.GONE: "took something away"}


def _query_of(request: HttpRequest) -> str:
    """The query part of the address; what the form's field `tag` holds is added as the condition that it means."""
    # WSGI hands over bytes as if they were Latin-1.
    given = request.META.get("QUERY_STRING", "").encode("latin-1", "replace").decode("utf-8", "replace")
    typed = (text.strip() for text in request.GET.getlist("tag"))
    return "&".join([given, *(_expression(text) for text in typed if text)])


def _expression(typed: str) -> str:
    """`owner=alice`, `owner` and `-owner` as they are written in an address, with or without `tag:`."""
    sign = "-" if typed.startswith("-") else ""
    key, equals, value = typed.removeprefix("-").removeprefix(TAG).partition("=")
    return f"{sign}{TAG}{quote(key.strip())}{equals}{quote(value.strip())}"


def _beginning(until: datetime | None, last_visit: datetime | None) -> datetime:
    """Where a stretch begins that does not say it; `until` None is now."""
    if until is None and last_visit is not None:
        return last_visit
    return (until or timezone.now()) - SPAN


def _moment(text: str) -> datetime | None:
    try:
        return parse_past_moment(text) if text else None
    except ValueError as error:
        raise BadAddress(str(error)) from None
