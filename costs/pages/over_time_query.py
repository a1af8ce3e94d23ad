"""What the address of costs over time asks for.

q=tag:env=prod          only what this query finds
from=2026-11-01         days since this one (UTC); thirty unless told, 400 at the most
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from django.http import HttpRequest
from django.utils import timezone

from costs.accrual import month_of, next_month
from costs.chosen import Chosen
from costs.forecast import VARIES_OVER
from costs.pages.by_query import USUAL_DAYS, days_before, query_text, spell_day
from costs.pages.falling_use import Choice
from costs.pages.narrowed import Narrowed
from costs.past import Past, past_of
from inventory.pages.frame import address
from inventory.pages.list_query import QUERY
from inventory.pages.moments import parse_past_moment
from inventory.pages.query.language import QueryError
from inventory.pages.scope import BadAddress, PageScope

MOST_DAYS = 400
SPANS = {"30 days": USUAL_DAYS, "90 days": 90, "a year": 365}


@dataclass(frozen=True)
class OverTimeQuery(Narrowed):
    """Some things that cost money, and from which day on."""

    scope: PageScope
    text: str
    since: datetime
    """The beginning of a day, in UTC."""
    until: datetime

    url_name = "costs-over-time"

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """What this address asks for; BadAddress for a moment that cannot be used."""
        scope = PageScope.from_request(request)
        until = scope.as_of or timezone.now()
        since = _day(request.GET.get("from", "")) or days_before(until, USUAL_DAYS)
        if since > until:
            raise BadAddress("The days begin after the moment that is shown: write an earlier one after from=.")
        if until - since > timedelta(days=MOST_DAYS + 1):
            raise BadAddress(f"At most {MOST_DAYS} days are drawn: write a later day after from=.")
        return cls(scope, query_text(request), since, until)

    @property
    def chosen(self) -> Chosen:
        """What the query finds; it is asked of the past, so that nothing can be asked that is known of now alone."""
        return Chosen(accounts=self.scope.chosen, nameable=self.scope.visible, text=self.text, when=self.since)

    @cached_property
    def _reading(self) -> Past | QueryError:
        begin = month_of(self.until)
        since = min(self.since, begin, days_before(self.until, VARIES_OVER.days))
        try:
            return past_of(self.chosen, since, self.until, next_month(begin))
        except QueryError as error:
            return error

    @property
    def error(self) -> QueryError | None:
        """Why the query finds nothing; None if it can be read."""
        return self._reading if isinstance(self._reading, QueryError) else None

    @property
    def past(self) -> Past | None:
        """What was paid for; None for a query that cannot be read."""
        return None if isinstance(self._reading, QueryError) else self._reading

    def can_be_asked(self, query: str) -> bool:
        """Whether the query can be asked of the past, about something that has a price."""
        try:
            return bool(Chosen(accounts=(), nameable=self.scope.visible, text=query, when=self.since).conditions)
        except QueryError:
            return False

    @property
    def spans(self) -> list[Choice]:
        """Stretches that end at the moment of the page."""
        begins = {words: days_before(self.until, days) for words, days in SPANS.items()}
        return [
            Choice(label=words, url=self.address(**{"from": self._spelled(begin)}), is_current=begin == self.since)
            for words, begin in begins.items()
        ]

    @property
    def own_parameters(self) -> Iterable[tuple[str, str]]:
        """From which day on."""
        return self._parameters({QUERY: ""}).items()

    def address(self, **changes: str) -> str:
        """The same page with other parameters; an empty one falls away."""
        return address(self.scope, self.url_name, **self._parameters(changes))

    def _spelled(self, since: datetime) -> str:
        return "" if since == days_before(self.until, USUAL_DAYS) else spell_day(since)

    def _parameters(self, changes: dict[str, str]) -> dict[str, str]:
        own = {QUERY: self.text, "from": self._spelled(self.since)}
        return {key: value for key, value in (own | changes).items() if value}


def _day(text: str) -> datetime | None:
    """The beginning of the day that a moment lies on."""
    try:
        moment = parse_past_moment(text) if text else None
    except ValueError as error:
        raise BadAddress(str(error)) from None
    return None if moment is None else moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
