"""What was paid for in a stretch of the past, read from the ledger with one query for each type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count

from costs.accrual import DAY, Accrual, Held, Rate, at_the_end, days_between
from costs.chosen import Chosen
from costs.commitments.owned import exact
from costs.looks import PlaceLooks, looks_since
from costs.price_book import Unpriced
from costs.priceable import Priceable

Place = tuple[int, str, str]
"""Account, type, and the region of the listing."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day (UTC), or what has passed of it. `usd` None: nobody had looked anywhere by then."""

    day: date
    usd: Decimal | None
    least_usd: Decimal
    most_usd: Decimal
    monthly_usd: Decimal | None
    """What was there at its end, as a month of the list price."""
    unpriced: int
    looked: int
    """Places that were looked at on that day."""
    places: int
    """Places of which something is known by then."""
    waiting: int
    """Places that hold something and had not been looked at by then."""

    @property
    def is_carried(self) -> bool:
        """Whether nobody looked on that day, so that it rests on what was seen before."""
        return self.usd is not None and not self.looked


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was paid for from `since` on, and what was last seen carried on until `horizon`."""

    since: datetime
    end: datetime
    """Until when looks count."""
    horizon: datetime
    accrual: Accrual
    looks: PlaceLooks
    """Of every place that held something."""
    places: frozenset[Place]
    unpriced: Counter[str] = field(default_factory=Counter)
    """Things without a price that were there at the end, by reason."""
    months: frozenset[date] = frozenset()
    documents: frozenset[int] = frozenset()

    def days(self, first: date) -> list[Day]:
        """Every day from the first one until the end."""
        moments = days_between(first, self.end)
        return [] if not moments else list(self._days(moments))

    def _days(self, moments: Sequence[datetime]) -> list[Day]:
        accrual, ends = self.accrual, moments[1:]
        sums = [one.sums(moments) for one in (accrual.seen, accrual.carried, accrual.less, accrual.more)]
        at = at_the_end(ends)
        levels = [
            seen + carried for seen, carried in zip(accrual.seen.levels(at), accrual.carried.levels(at), strict=True)
        ]
        unpriced = accrual.unpriced.hourly_levels(at)
        looked = self._looked()
        firsts = sorted(moments[0] for moments in self.looks.values() if moments)
        days = []
        for place, (begin, end) in enumerate(zip(moments, ends, strict=False)):
            known = sum(first < end for first in firsts)
            seen, carried, less, more = (one[place] for one in sums)
            days.append(
                Day(
                    day=begin.date(),
                    usd=exact(seen + carried) if known else None,
                    least_usd=exact(seen + carried - less),
                    most_usd=exact(seen + carried + more),
                    monthly_usd=levels[place] if known else None,
                    unpriced=unpriced[place],
                    looked=looked[begin.date()],
                    places=known,
                    waiting=len(self.places) - known,
                )
            )
        return days

    def _looked(self) -> Counter[date]:
        """How many places were looked at on each day."""
        return Counter(
            day for moments in self.looks.values() for day in {moment.astimezone(UTC).date() for moment in moments}
        )

    @property
    def last_looks(self) -> list[datetime]:
        """When each place was last looked at, the oldest first."""
        return sorted(moments[-1] for moments in self.looks.values() if moments)


def past_of(chosen: Chosen, since: datetime, end: datetime, horizon: datetime | None = None) -> Past:
    """What the chosen things cost from `since` until `end`, at today's prices.

    QueryError for a query that cannot be answered; see `Chosen.lives`.
    """
    held: dict[Place, list[Held]] = defaultdict(list)
    kinds = {kind.slug: kind for kind in chosen.kinds}
    for kind in kinds.values():
        for place, one in _held(chosen, kind, since, end):
            if kind.is_charged(one.usage):
                held[place].append(one)
    looks = looks_since(chosen.accounts, list(kinds), since, end, list({region for _, _, region in held}))
    own = {place: looks.get(place, []) for place in held}
    accrual, until = Accrual(), horizon or end + DAY
    prices = {slug: _prices(kind, held) for slug, kind in kinds.items()}
    unpriced: Counter[str] = Counter()
    priced = []
    for place, things in held.items():
        quotes = prices[place[1]]
        rates = {usage: None if isinstance(price, Unpriced) else price[0] for usage, price in quotes.items()}
        accrual.add(things, rates, own[place], until)
        for one in things:
            price = quotes[one.usage]
            if not isinstance(price, Unpriced):
                priced.append(price)
            elif one.until is None or one.until > end:
                unpriced[price.reason] += one.number
    return Past(
        since=since,
        end=end,
        horizon=until,
        accrual=accrual,
        looks=own,
        places=frozenset(held),
        unpriced=unpriced,
        months=frozenset(month for _, month, _ in priced),
        documents=frozenset(document for *_, documents in priced for document in documents),
    )


def _held(chosen: Chosen, kind: Priceable, since: datetime, end: datetime) -> Any:
    """What was held, by place: all that looks the same for the same time together."""
    fields = ("account_id", "resource__scope_region", "valid_from", "valid_to", *kind.fields)
    rows = chosen.lives(kind, since, end).order_by().values(*fields).annotate(number=Count("pk"))
    for account, region, begin, until, *values, number in rows.values_list(*fields, "number"):
        yield (account, kind.slug, region), Held(kind.usage(*values), begin, until, number)


def _prices(kind: Priceable, held: Mapping[Place, Sequence[Held]]) -> dict[Any, Any]:
    """By usage: its rate with the month and the documents of the list, or why there is none."""
    usages = {one.usage for (_, slug, _), things in held.items() if slug == kind.slug for one in things}
    book = kind.book(usages)
    found: dict[Any, Any] = {}
    for usage in usages:
        price = kind.quote(usage, book).on_demand
        found[usage] = (
            price
            if isinstance(price, Unpriced)
            else (Rate.of(price.usd, by_month=kind.is_by_month), price.month, price.documents)
        )
    return found
