"""EBS volumes: priced by what is provisioned, whether attached or not, and by the month.

AWS's "GB" is a GiB. gp3 includes 3,000 IOPS and 125 MiB/s; io2 grows cheaper by the IOPS above 32,000 and again above
64,000. The I/O requests of magnetic volumes (`standard`) are billed by use and are not part of these figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from costs.price_book import PriceBook, PricePerUnit, Unit, Unpriced
from costs.priceable import MILLIONTH, Monthly, Priceable, Quoted, register
from inventory.resource_types.ebs_volume import EbsVolume

STORAGE = "storage_gb_mo"
IOPS = "iops_mo"
THROUGHPUT = "throughput_gibps_mo"
MIB_IN_GIB = Decimal(1024)

GP3_FREE_IOPS = 3_000
GP3_FREE_MIBPS = 125
IO2_TIERS = (("iops_mo_tier1", 0, 32_000), ("iops_mo_tier2", 32_000, 64_000), ("iops_mo_tier3", 64_000, None))

# What a type is billed for beside its storage.
BILLED_IOPS = {"gp3", "io1", "io2"}
BILLED_THROUGHPUT = {"gp3"}
MAGNETIC = "standard"
GONE_STATES = frozenset({"deleting", "deleted"})


class VolumeUsage(NamedTuple):
    """What the price of a volume depends on."""

    region: str | None
    volume_type: str | None
    size_gib: int | None
    iops: int | None
    throughput_mibps: int | None
    state: str | None


class UsageLine(NamedTuple):
    """So many units a month of one thing; `quantity` is in the units of its price."""

    unit: Unit
    quantity: Decimal


def lines_of(usage: VolumeUsage) -> tuple[UsageLine, ...] | Unpriced:
    """What the volume is billed for, or what is not known about it."""
    region, volume_type = usage.region, usage.volume_type
    if region is None or volume_type is None or usage.size_gib is None:
        return Unpriced("its region, type or size was not read")
    if volume_type in BILLED_IOPS and usage.iops is None:
        return Unpriced("its IOPS were not read")
    if volume_type in BILLED_THROUGHPUT and usage.throughput_mibps is None:
        return Unpriced("its throughput was not read")
    return tuple(
        UsageLine(Unit("ebs", region, volume_type, dimension), quantity)
        for dimension, quantity in _quantities(usage)
        if quantity or dimension == STORAGE
    )


def line_prices(usage: VolumeUsage, prices: PriceBook) -> list[tuple[UsageLine, PricePerUnit]] | Unpriced:
    """Each line with its price; Unpriced if a single one is missing, because a sum without it would be too low."""
    lines = lines_of(usage)
    if isinstance(lines, Unpriced):
        return lines
    priced = []
    for line in lines:
        price = prices.per_unit(line.unit)
        if isinstance(price, Unpriced):
            return price
        priced.append((line, price))
    return priced


def book(usages: Iterable[VolumeUsage]) -> PriceBook:
    """The prices of these volumes."""
    lines = (lines_of(usage) for usage in usages)
    return PriceBook.load(units=[line.unit for some in lines if not isinstance(some, Unpriced) for line in some])


def quote(usage: VolumeUsage, prices: PriceBook) -> Quoted:
    """The list price; there is no other way of paying for a volume."""
    priced = line_prices(usage, prices)
    if isinstance(priced, Unpriced):
        return Quoted(priced)
    monthly_usd = sum((line.quantity * price.usd for line, price in priced), Decimal(0))
    listed = [price.provenance for _, price in priced]
    documents = frozenset(one.document_id for one in listed)
    oldest = min(one.month for one in listed)
    return Quoted(Monthly(monthly_usd.quantize(MILLIONTH), oldest, documents=documents))


def is_charged(usage: VolumeUsage) -> bool:
    """Whether it is billed: attached or not, until it is deleted."""
    return usage.state not in GONE_STATES


def _quantities(usage: VolumeUsage) -> Iterator[tuple[str, Decimal]]:
    """Billed quantities by price dimension."""
    yield STORAGE, Decimal(usage.size_gib or 0)
    iops, mibps = usage.iops or 0, usage.throughput_mibps or 0
    match usage.volume_type:
        case "gp3":
            yield IOPS, Decimal(max(0, iops - GP3_FREE_IOPS))
            yield THROUGHPUT, max(0, mibps - GP3_FREE_MIBPS) / MIB_IN_GIB
        case "io1":
            yield IOPS, Decimal(iops)
        case "io2":
            for dimension, above, upto in IO2_TIERS:
                yield dimension, Decimal(max(0, (iops if upto is None else min(iops, upto)) - above))


register(
    Priceable(
        slug="ebs-volume",
        model=EbsVolume,
        fields=VolumeUsage._fields,
        usage=VolumeUsage,
        book=book,
        quote=quote,
        is_charged=is_charged,
        variety="volume_type",
        is_by_month=True,
    )
)
