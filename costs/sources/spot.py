"""Spot: answers of `DescribeSpotPriceHistory`, and AWS's file about how often spot capacity is taken back.

The history is a list of events: a price stands from its time until the next event of the same zone, type and software.
What a zone cost is therefore weighted by time; the plain mean of events would count a quiet week as much as a restless
hour. Zones are kept apart, because a letter means another zone in each account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from costs.operations import OF_PRODUCT
from costs.pricing_models import SPOT
from costs.sources.document import AdviceFact, Document, InstanceFact, Kind, Reading, SpotFact, UnreadableDocument
from costs.sources.instance_tables import SHARED
from costs.sources.json_file import JsonFile
from costs.sources.offerings import ZONE
from costs.sources.row import AMOUNT, INSTANCE_TYPE, REGION
from costs.sources.spool import Spool

WINDOW = timedelta(days=90)
"""How far AWS looks back."""

TEN_DECIMALS = Decimal("0.0000000001")
SYSTEMS = {"Linux": "linux", "Windows": "windows"}
BANDS = range(5)

OTHER_PRODUCT = "events of software that is not known"
OTHER_ZONE = "events of Local Zones and Wavelength Zones"

EVENTS = "CREATE TABLE event (region, instance_type, operation, zone, zone_id, at, usd)"


class Event(NamedTuple):
    """From when on a price stood in a zone."""

    at: datetime
    usd: Decimal


class ZoneCost(NamedTuple):
    """What a zone cost over a window."""

    latest_usd: Decimal
    mean_usd: Decimal
    highest_usd: Decimal
    window_from: datetime


def cost_over(events: Sequence[Event], start: datetime, end: datetime) -> ZoneCost:
    """The newest, the time-weighted mean and the highest price from `start` to `end`; events in order of time.

    The last event before the start tells what stood at the start. Where there is none, the window begins with the first
    event. Where no time passed since, the newest price is the mean.
    """
    begin = max(start, events[0].at)
    first = max((number for number, event in enumerate(events) if event.at <= begin), default=0)
    standing = events[first:]
    ends = [event.at for event in standing[1:]] + [end]
    weighted = [
        (event.usd, (until - max(event.at, begin)) // timedelta(microseconds=1))
        for event, until in zip(standing, ends, strict=True)
    ]
    total = sum(weight for _, weight in weighted)
    latest = standing[-1].usd
    mean = sum((usd * weight for usd, weight in weighted), Decimal(0)) / total if total else latest
    return ZoneCost(latest, mean.quantize(TEN_DECIMALS), max(usd for usd, _ in weighted), begin)


def read_history(path: Path, spool: Spool, prefix: str, *, source: str) -> Reading:
    """What each zone cost, up to 90 days before the newest event; `spot` is the mean of the zones' means."""
    skipped: Counter[str] = Counter()
    spool.database.execute(EVENTS)
    spool.write("event", _events(path, prefix, skipped))
    newest = spool.database.execute("SELECT max(at) FROM event").fetchone()[0]
    if newest is None:
        return Reading(skipped=skipped)
    end = datetime.fromisoformat(newest)
    rows = spool.database.execute("SELECT * FROM event ORDER BY 1, 2, 3, 4, 5, 6, 7")
    facts = list(_zones(rows, end))
    document = Document(
        kind=Kind.SPOT_HISTORY,
        month=end.date().replace(day=1),
        published_on=end.date(),
        source=source,
        instance_facts=means_of(facts),
        spot_facts=facts,
    )
    return Reading(documents=[document], skipped=skipped)


def read_advisor(path: Path, day: date, *, source: str) -> Reading:
    """AWS's advice, region by region; the file tells no date."""
    facts, skipped = [], Counter[str]()
    for region, systems in JsonFile(path).pairs("spot_advisor"):
        for system, types in systems.items():
            for instance_type, advice in types.items():
                fact = _advice(region, system, instance_type, advice)
                if fact is None:
                    skipped["entries for places that are no region"] += 1
                else:
                    facts.append(fact)
    if len({fact[:3] for fact in facts}) != len(facts):
        raise UnreadableDocument("spot_advisor", "a type of a region and system stands there twice")
    document = Document(kind=Kind.SPOT_ADVISOR, month=day.replace(day=1), source=source, advice_facts=facts)
    return Reading(documents=[document], skipped=skipped)


def _events(path: Path, prefix: str, skipped: Counter[str]) -> Iterator[tuple[str, ...]]:
    for number, item in enumerate(JsonFile(path).items(prefix), 1):
        place = f"event {number}"
        zone = ZONE.fullmatch(item.get("AvailabilityZone", ""))
        operation = OF_PRODUCT.get(item.get("ProductDescription", "").removesuffix(" (Amazon VPC)"))
        if zone is None:
            skipped[OTHER_ZONE] += 1
        elif operation is None:
            skipped[OTHER_PRODUCT] += 1
        elif not AMOUNT.fullmatch(item.get("SpotPrice", "")) or not INSTANCE_TYPE.fullmatch(
            item.get("InstanceType", "")
        ):
            raise UnreadableDocument(place, "SpotPrice or InstanceType is none that AWS gives")
        else:
            at = _moment(item.get("Timestamp", ""), place).isoformat(timespec="microseconds")
            name, zone_id = item["AvailabilityZone"], item.get("AvailabilityZoneId", "")
            yield (zone["region"], item["InstanceType"], operation, name, zone_id, at, item["SpotPrice"])


def _moment(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableDocument(place, f"{text[:40]!r} is no moment") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _zones(rows: Iterable[tuple[str, ...]], end: datetime) -> Iterator[SpotFact]:
    for (region, instance_type, operation, zone, zone_id), group in groupby(rows, key=lambda row: row[:5]):
        events = [Event(datetime.fromisoformat(at), Decimal(usd)) for *_, at, usd in group]
        for one, other in pairwise(events):
            if one.at == other.at and one.usd != other.usd:
                raise UnreadableDocument(
                    f"{instance_type} in {zone} at {one.at:%Y-%m-%dT%H:%MZ}", "two prices stand there"
                )
        cost = cost_over(events, end - WINDOW, end)
        yield SpotFact(
            region,
            zone,
            zone_id,
            instance_type,
            operation,
            cost.latest_usd,
            cost.mean_usd,
            cost.highest_usd,
            cost.window_from,
            end,
        )


def means_of(facts: Iterable[SpotFact]) -> list[InstanceFact]:
    """The price of a region: the mean of its zones' means."""
    zones: dict[tuple[str, str, str], list[Decimal]] = {}
    for fact in facts:
        zones.setdefault((fact.region, fact.instance_type, fact.usage_operation), []).append(fact.mean_usd)
    return [
        InstanceFact(*sku, SHARED, SPOT.slug, Decimal(0), (sum(means, Decimal(0)) / len(means)).quantize(TEN_DECIMALS))
        for sku, means in zones.items()
    ]


def _advice(region: str, system: str, instance_type: str, advice: Any) -> AdviceFact | None:
    place = f"{instance_type} with {system} in {region}"
    if not REGION.fullmatch(region):
        return None
    band, saving = advice.get("r"), advice.get("s")
    if band not in BANDS or not isinstance(saving, int) or not 0 <= saving <= 100 or system not in SYSTEMS:
        raise UnreadableDocument(place, "a band from 0 to 4 and a saving in per cent were expected")
    return AdviceFact(region, SYSTEMS[system], instance_type, band, saving)
