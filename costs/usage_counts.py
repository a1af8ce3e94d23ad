"""How many resources there are of each usage: kept for now, counted for a past moment.

Counting reads every open revision, which takes seconds where there are a million of them. So each account's figures are
kept when one of its snapshots completes, with the visits that they rest on. Pages take them while those are still the
latest; from the moment at which another visit of the account has published, they count its revisions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from costs.models import UsageTally
from costs.priceable import Priceable, priceables
from inventory.models import Account, Freshness
from inventory.snapshots.verify import Breach

Key = tuple[int, str]
"""An account's key and the slug of a type."""

Placed = tuple[Any, ...]
"""A usage, and the values of `Priceable.place`."""


def usage_counts(priceable: Priceable, accounts: QuerySet[Account], when: datetime | None) -> dict[Any, int]:
    """How many resources there were of each usage at a moment (None = now)."""
    return every_usage_count([priceable], accounts, when)[priceable.slug]


def every_usage_count(
    kinds: Iterable[Priceable], accounts: QuerySet[Account], when: datetime | None
) -> dict[str, dict[Any, int]]:
    """The same of several types, by their slugs."""
    return {slug: _wherever(counts) for slug, counts in _placed(kinds, accounts, when).items()}


def placed_counts(priceable: Priceable, accounts: QuerySet[Account], when: datetime | None) -> dict[Placed, int]:
    """How many resources there were of each usage in each place at a moment (None = now)."""
    return _placed([priceable], accounts, when)[priceable.slug]


def account_counts(
    priceable: Priceable, accounts: Sequence[Account], when: datetime | None
) -> dict[tuple[int, Any], int]:
    """How many resources of each usage each account had at a moment (None = now), by the account's key."""
    held = Account.objects.filter(pk__in=[one.pk for one in accounts])
    counts: Counter[tuple[int, Any]] = Counter()
    for account, (usage, *_), number in _held(priceable, [one.pk for one in accounts], when, _kept_at(held, when)):
        counts[account, usage] += number
    return dict(counts)


def count_usages(priceable: Priceable, revisions: QuerySet[Any], when: datetime | None = None) -> dict[Any, int]:
    """How many of the revisions of a moment (None = now) there are of each usage.

    The database counts them, unless a part of the usage is measured of each.
    """
    if priceable.each is None:
        return _wherever(count_placed(priceable, revisions))
    resources = set(revisions.order_by().values_list("account_id", "resource_id"))
    usages = priceable.usages({account for account, _ in resources}, when)
    return dict(Counter(usages[resource] for _, resource in resources if resource in usages))


def count_placed(priceable: Priceable, revisions: QuerySet[Any]) -> dict[Placed, int]:
    """How many of the revisions there are of each usage in each place, counted by the database."""
    rows = revisions.order_by().values(*priceable.counted).annotate(number=Count("pk", distinct=True))
    return {_key(priceable, values): number for *values, number in rows.values_list(*priceable.counted, "number")}


def keep_counts(accounts: QuerySet[Account]) -> None:
    """Keep what these accounts hold, where what is kept is of earlier visits."""
    # The visits are read before the revisions are counted: who publishes in between makes the figures old at once.
    looks, kept = _looks(accounts), _kept(accounts)
    for priceable in priceables():
        for account in accounts:
            key = (account.pk, priceable.slug)
            if key in kept and kept[key].fields == list(priceable.counted):
                continue
            figures = {
                "looks": looks.get(key, []),
                "fields": list(priceable.counted),
                "usages": [
                    (number, *usage, *place) for (usage, *place), number in _count(priceable, account.pk).items()
                ],
            }
            UsageTally.objects.update_or_create(account=account, type=priceable.slug, defaults=figures)


def wrong_counts() -> Iterator[Breach]:
    """The kept figures that pages take, and that are not what counting finds."""
    kinds = {priceable.slug: priceable for priceable in priceables()}
    for (account, slug), tally in _kept(Account.objects.all()).items():
        kind = kinds.get(slug)
        if kind is not None and tally.fields == list(kind.counted):
            kept = {_key(kind, values): number for number, *values in tally.usages}
            if kept != _count(kind, account):
                yield Breach(rule="what is kept of each usage is what counting finds", where=str(tally))


def _count(priceable: Priceable, account: int) -> Mapping[Placed, int]:
    """How many resources an account has of each usage in each place, counted anew."""
    if priceable.each is not None:
        return Counter((usage,) for _, _, usage in priceable.each([account], None))
    return count_placed(priceable, priceable.revisions.current().filter(account=account))


def _placed(
    kinds: Iterable[Priceable], accounts: QuerySet[Account], when: datetime | None
) -> dict[str, dict[Placed, int]]:
    pks = list(accounts.values_list("pk", flat=True))
    kept = _kept_at(accounts, when)
    found: dict[str, dict[Placed, int]] = {}
    for kind in kinds:
        counts: Counter[Placed] = Counter()
        for _, placed, number in _held(kind, pks, when, kept):
            counts[placed] += number
        found[kind.slug] = dict(counts)
    return found


def _held(
    priceable: Priceable, accounts: Sequence[int], when: datetime | None, kept: Mapping[Key, UsageTally]
) -> Iterator[tuple[int, Placed, int]]:
    """By account and usage in its place, how many there are; the same may come again."""
    others = []
    for account in accounts:
        tally = kept.get((account, priceable.slug))
        if tally is None or tally.fields != list(priceable.counted):
            others.append(account)
        else:
            yield from ((account, _key(priceable, values), number) for number, *values in tally.usages)
    if others and priceable.each is not None:
        yield from ((account, (usage,), 1) for _, account, usage in priceable.each(others, when))
    elif others:
        rows = priceable.revisions.as_of(when).filter(account__in=others).order_by()
        counts = rows.values("account_id", *priceable.counted).annotate(number=Count("pk"))
        for account, *values, number in counts.values_list("account_id", *priceable.counted, "number"):
            yield account, _key(priceable, values), number


def _key(priceable: Priceable, values: Sequence[Any]) -> Placed:
    """The values of `counted` as a usage and a place."""
    size = len(priceable.fields) + len(priceable.measured)
    return (priceable.usage(*values[:size]), *values[size:])


def _wherever(counts: Mapping[Placed, int]) -> dict[Any, int]:
    """The same, whatever the place."""
    together: Counter[Any] = Counter()
    for (usage, *_), number in counts.items():
        together[usage] += number
    return dict(together)


def _kept_at(accounts: QuerySet[Account], when: datetime | None) -> dict[Key, UsageTally]:
    """The figures that can be taken: of a past moment there are none."""
    return _kept(accounts) if when is None else {}


def _kept(accounts: QuerySet[Account]) -> dict[Key, UsageTally]:
    """The figures that rest on the latest visits."""
    looks = _looks(accounts)
    tallies = {(tally.account_id, tally.type): tally for tally in UsageTally.objects.filter(account__in=accounts)}
    return {key: tally for key, tally in tallies.items() if tally.looks and tally.looks == looks.get(key)}


def _looks(accounts: QuerySet[Account]) -> dict[Key, list[int]]:
    """The latest complete visit of each scope that the figures of a type rest on."""
    rows = Freshness.objects.filter(account__in=accounts, last_complete_visit__isnull=False)
    looks: dict[Key, list[int]] = {}
    for account_id, slug, visit_id in rows.order_by("pk").values_list("account_id", "type", "last_complete_visit_id"):
        looks.setdefault((account_id, slug), []).append(visit_id)
    behind = {kind.slug: (kind.slug, *kind.rests_on) for kind in priceables()}
    return {
        (account, slug): [visit for one in behind.get(slug, (slug,)) for visit in looks.get((account, one), [])]
        for account, slug in looks
    }
