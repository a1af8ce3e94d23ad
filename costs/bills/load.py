"""Putting bills into the database: whole or not at all, each version once, and never an older one over a newer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import Enum, auto
from itertools import islice

from django.db import transaction
from django.utils import timezone

from costs.bills.gather import DIGITS, Gatherer, Line, Part, Seen, Wanted
from costs.models.bill import PLACES, Bill, BillLine

BATCH = 5_000
SMALLEST = Decimal(1).scaleb(-PLACES)
LARGEST = Decimal(900_000_000)


class BillRefused(Exception):
    """A bill that is not taken; says why, and what to do."""


class Outcome(Enum):
    """What became of a bill."""

    NEW = auto()
    REPLACED = auto()
    SAME = auto()


@dataclass(frozen=True)
class Stored:
    """What became of a bill, and the bill as it stands now."""

    outcome: Outcome
    bill: Bill
    lines: int


def store(gatherer: Gatherer, part: Part, *, replace: bool = False) -> Stored:
    """Keep one of the bills that were gathered, in the place of its previous version. Raises BillRefused.

    A version that ends earlier, or holds fewer charges, than the one that is there is older or a part of it, and is
    taken only with `replace`.
    """
    seen = gatherer.bills[part]
    _refuse_several(part, seen)
    digest = gatherer.digest(part)
    with transaction.atomic():
        account, month = part
        previous = Bill.objects.select_for_update().filter(billing_account=account, month=month).first()
        if previous is not None:
            if previous.digest == digest:
                return Stored(Outcome.SAME, previous, previous.lines.count())
            if not replace:
                _refuse_older(previous, seen)
            previous.delete()
        bill = _bill(part, seen, gatherer, digest)
        bill.save(force_insert=True)
        lines = _add_lines(bill, gatherer.lines(part))
    return Stored(Outcome.NEW if previous is None else Outcome.REPLACED, bill, lines)


def _refuse_several(part: Part, seen: Seen) -> None:
    if len(seen.formats) > 1 or len(seen.exports) > 1:
        raise BillRefused(
            f"{len(seen.exports)} exports hold the bill of {part[0]} for {part[1][:7]}: "
            f"{', '.join(sorted(seen.files)[:6])}. Together they would count it more than once. Name one of them."
        )


def _refuse_older(previous: Bill, seen: Seen) -> None:
    ends = _moment(seen.ends) or previous.charged_until
    if ends >= previous.charged_until and seen.charges >= previous.charges:
        return
    raise BillRefused(
        f"the bill of {previous.billing_account} for {previous.month:%Y-%m} is there already with"
        f" {previous.charges:,} charges until {previous.charged_until:%Y-%m-%d %H:%M}; this one has {seen.charges:,}"
        f" until {ends:%Y-%m-%d %H:%M}, so it is older, or a part. Name all parts at once; or, if it is right as it"
        " is, add --replace."
    )


def _bill(part: Part, seen: Seen, gatherer: Gatherer, digest: str) -> Bill:
    account, month = part
    begins = datetime.fromisoformat(month).replace(tzinfo=UTC)
    wanted: Wanted = gatherer.wanted
    return Bill(
        source=next(iter(seen.formats)),
        billing_account=account,
        month=begins.date(),
        charged_from=_moment(seen.begins) or begins,
        charged_until=_moment(seen.ends) or _next_month(begins),
        by_day=wanted.by_day,
        has_resources=wanted.resources,
        tags=sorted(wanted.tags),
        files=seen.files,
        charges=seen.charges,
        skipped={reason: number for reason, number in gatherer.skipped.items() if number},
        digest=digest,
        loaded_at=timezone.now(),
    )


def _add_lines(bill: Bill, lines: Iterator[Line]) -> int:
    """Write lines a batch at a time; how many there were."""
    written = 0
    while batch := list(islice(lines, BATCH)):
        BillLine.objects.bulk_create([_row(bill, line) for line in batch])
        written += len(batch)
    return written


def _row(bill: Bill, line: Line) -> BillLine:
    _, _, usage_account, day, service, region, resource_id, tags, kind, estimated_as, currency = line.key
    _refuse_long(service=(service, 128), region=(region, 64), resource_id=(resource_id, 2048))
    return BillLine(
        bill=bill,
        usage_account=usage_account,
        day=date.fromisoformat(day),
        service=service,
        region=region,
        resource_id=resource_id,
        tags=tags,
        kind=kind,
        estimated_as=estimated_as,
        currency=currency,
        billed=_kept(line.billed),
        listed=_kept(line.listed),
        charges=line.charges,
        unlisted=line.unlisted,
    )


def _kept(amount: Decimal) -> Decimal:
    """The sum to the ten-billionth, which is rounded once, here."""
    if abs(amount) > LARGEST:
        raise BillRefused(f"a line of it is {amount:,.2f}, more than can be kept")
    with localcontext(prec=DIGITS):
        return amount.quantize(SMALLEST, ROUND_HALF_EVEN)


def _refuse_long(**words: tuple[str, int]) -> None:
    for name, (word, longest) in words.items():
        if len(word) > longest or not word.isprintable():
            raise BillRefused(f"{name} is no text of at most {longest} characters: {word[:40]!r}")


def _moment(word: str) -> datetime | None:
    return datetime.fromisoformat(word).replace(tzinfo=UTC) if word else None


def _next_month(begins: datetime) -> datetime:
    return (begins.replace(day=1) + timedelta(days=32)).replace(day=1)


def parts_of(gatherer: Gatherer) -> Sequence[Part]:
    """The bills that were gathered, in order."""
    return sorted(gatherer.bills)
