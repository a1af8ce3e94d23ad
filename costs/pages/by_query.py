"""What the address of costs by something asks for: by what, of what, and since when changes count.

by=account              account, region, type, instance_type, family, payment, or tag:KEY
q=tag:env=prod          only what this query finds
from=2026-11-01         changes since this moment; thirty days unless told
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from django.http import HttpRequest
from django.utils import timezone

from costs.breakdown import Breakdown, By, Dimension, breakdown
from costs.chosen import Chosen
from costs.pages.falling_use import Choice
from costs.pages.narrowed import Narrowed
from inventory.pages.choices import either
from inventory.pages.frame import address
from inventory.pages.list_query import QUERY
from inventory.pages.moments import date_words, parse_moment, parse_past_moment, spell_moment
from inventory.pages.query.completion import tag_keys
from inventory.pages.query.language import LONGEST, QueryError
from inventory.pages.scope import BadAddress, PageScope

LABELS = {
    Dimension.ACCOUNT: "Account",
    Dimension.REGION: "Region",
    Dimension.TYPE: "Type of resource",
    Dimension.INSTANCE_TYPE: "Instance or volume type",
    Dimension.FAMILY: "Family",
    Dimension.PAYMENT: "Way of paying",
}
SHORT = {
    Dimension.ACCOUNT: "Account",
    Dimension.REGION: "Region",
    Dimension.TYPE: "Resource",
    Dimension.INSTANCE_TYPE: "Type",
    Dimension.FAMILY: "Family",
    Dimension.PAYMENT: "Way of paying",
}
TAG_PREFIX = "tag:"
LONGEST_KEY = 128
USUAL_DAYS = 30
SPANS = {"7 days": 7, "30 days": USUAL_DAYS, "90 days": 90}


@dataclass(frozen=True)
class ByQuery(Narrowed):
    """Some things that cost money, and by what they are told apart."""

    scope: PageScope
    by: By
    text: str
    since: datetime

    url_name = "costs-by"

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """What this address asks for; BadAddress says what to write instead of what cannot be used."""
        scope, given = PageScope.from_request(request), request.GET
        until = scope.as_of or timezone.now()
        since = _moment(given.get("from", "")) or days_before(until, USUAL_DAYS)
        if since > until:
            raise BadAddress("Changes count from a moment before the one that is shown: write an earlier one.")
        return cls(scope, read_by(given.get("by", ""), given.get("key", "")), query_text(request), since)

    # --- what is found ----------------------------------------------------------------------------------------

    def chosen(self, when: datetime | None) -> Chosen:
        """What the query finds at a moment."""
        return Chosen(accounts=self.scope.chosen, nameable=self.scope.visible, text=self.text, when=when)

    @cached_property
    def _reading(self) -> Breakdown | QueryError:
        try:
            return breakdown(self.chosen(self.scope.as_of), self.by)
        except QueryError as error:
            return error

    @property
    def error(self) -> QueryError | None:
        """Why the query finds nothing; None if it can be read."""
        return self._reading if isinstance(self._reading, QueryError) else None

    @property
    def found(self) -> Breakdown:
        """The lines; none for a query that cannot be read."""
        return Breakdown(by=self.by, lines=[]) if isinstance(self._reading, QueryError) else self._reading

    def can_be_asked(self, query: str) -> bool:
        """Whether the query is about anything that has a price."""
        try:
            return bool(Chosen(accounts=(), nameable=self.scope.visible, text=query, when=self.scope.as_of).conditions)
        except QueryError:
            return False

    # --- words and addresses ----------------------------------------------------------------------------------

    @property
    def by_words(self) -> str:
        """By what costs are told apart: `Region`, `Tag team`."""
        return f"Tag {self.by.key}" if self.is_by_tag else LABELS[self.by.dimension]

    @property
    def is_by_tag(self) -> bool:
        """Whether it is by a tag."""
        return self.by.dimension is Dimension.TAG

    @property
    def since_words(self) -> str:
        """The day from which changes count."""
        return date_words(timezone.localtime(self.since))

    @property
    def choices(self) -> list[Choice]:
        """The dimensions, but for tags."""
        return [
            Choice(label=SHORT[one], url=self.address(by=one.value), is_current=one is self.by.dimension)
            for one in LABELS
        ]

    @cached_property
    def tags(self) -> list[Choice]:
        """Keys of tags that there are, some of them."""
        keys = tag_keys(self.scope)
        if self.is_by_tag and self.by.key not in keys:
            keys = [self.by.key, *keys]
        return [
            Choice(label=key, url=self.address(by=f"{TAG_PREFIX}{key}"), is_current=self.by.key == key) for key in keys
        ]

    @property
    def tag_form(self) -> list[tuple[str, str]]:
        """What the form of the tag carries beside it."""
        text = [(QUERY, self.text)] if self.text else []
        others = [pair for pair in self.form_parameters if pair[0] != "by"]
        return [("by", TAG_PREFIX), *others, *text]

    @property
    def longest_key(self) -> int:
        """How long the key of a tag may be."""
        return LONGEST_KEY

    @property
    def spans(self) -> list[Choice]:
        """Stretches of time by which changes count; all of them end at the moment of the page."""
        begins = {words: days_before(self._until, days) for words, days in SPANS.items()}
        return [
            Choice(label=words, url=self.address(**{"from": self._spelled(begin)}), is_current=self.since == begin)
            for words, begin in begins.items()
        ]

    @property
    def _until(self) -> datetime:
        return self.scope.as_of or timezone.now()

    def _spelled(self, since: datetime) -> str:
        """A beginning as the address has it; the usual one is left out."""
        return "" if since == days_before(self._until, USUAL_DAYS) else spell_day(since)

    @property
    def own_parameters(self) -> Iterable[tuple[str, str]]:
        """By what, and since when."""
        return self._parameters({QUERY: ""}).items()

    def address(self, **changes: str) -> str:
        """The same page with other parameters; an empty one falls away."""
        return address(self.scope, self.url_name, **self._parameters(changes))

    def _parameters(self, changes: dict[str, str]) -> dict[str, str]:
        by = "" if self.by.dimension is Dimension.ACCOUNT else str(self.by)
        own = {"by": by, QUERY: self.text, "from": self._spelled(self.since)}
        if changes.get("by") == Dimension.ACCOUNT:
            changes = changes | {"by": ""}
        return {key: value for key, value in (own | changes).items() if value}


def read_by(text: str, key: str = "") -> By:
    """What `by=` means, by account unless told; `key` is what a form holds that names the tag apart."""
    if text.startswith(TAG_PREFIX):
        tag = (text.removeprefix(TAG_PREFIX) or key.strip().removeprefix(TAG_PREFIX)).replace("\0", "")
        if not tag:
            raise BadAddress("Costs by a tag need its key: write by=tag:team.")
        return By(Dimension.TAG, tag[:LONGEST_KEY])
    possible = [one.value for one in LABELS]
    if text and text not in possible:
        raise BadAddress(
            f"Costs are not told apart by “{text[:40]}”. Write {either([*possible, 'tag:KEY'])}, or leave it out."
        )
    return By(Dimension(text or Dimension.ACCOUNT))


def days_before(until: datetime, days: int) -> datetime:
    """The beginning of the day (UTC) that lies so many days before."""
    return until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def spell_day(moment: datetime) -> str:
    """A moment in an address, as a day where it is the beginning of one."""
    day = f"{moment.astimezone(UTC):%Y-%m-%d}"
    return day if moment == parse_moment(day) else spell_moment(moment)


def query_text(request: HttpRequest) -> str:
    """The query of an address, as far as one may be long."""
    return request.GET.get(QUERY, "").replace("\0", "").strip()[: LONGEST + 1]


def _moment(text: str) -> datetime | None:
    try:
        return parse_past_moment(text) if text else None
    except ValueError as error:
        raise BadAddress(str(error)) from None
