"""What spot capacity costs zone by zone, how often AWS takes it back, and when a commitment is the better choice.

An interruption costs what stands in for the capacity: hours for which on-demand is paid instead. With a spot price `s`,
an on-demand price `o` and a commitment that costs `c` an hour, a share `p` of interrupted hours makes spot cost
`(1 - p) s + p o`; the commitment is cheaper as soon as `p > (c - s) / (o - s)`. What an interruption breaks besides is
in no price list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from costs.compare import HUNDRED
from costs.models import SpotAdvice, SpotPrice
from costs.price_book import Price, Provenance, Sku
from inventory.resource_types.ec2_instance import SYSTEM_BY_USAGE_OPERATION


@dataclass(frozen=True, kw_only=True)
class SpotZone:
    """The prices of one zone in a window of time."""

    zone: str
    latest_usd: Decimal
    mean_usd: Decimal
    """Weighted by time."""
    highest_usd: Decimal


@dataclass(frozen=True, kw_only=True)
class Spot:
    """The zones of one type and software in one region, the cheapest on average first."""

    zones: Sequence[SpotZone]
    since: datetime
    until: datetime
    provenance: Provenance

    @property
    def latest_usd(self) -> Decimal:
        """The lowest newest price of any zone."""
        return min(zone.latest_usd for zone in self.zones)

    @property
    def mean_usd(self) -> Decimal:
        """The mean of the zones' means."""
        return sum((zone.mean_usd for zone in self.zones), Decimal(0)) / len(self.zones)

    @property
    def highest_usd(self) -> Decimal:
        """The highest price of any zone."""
        return max(zone.highest_usd for zone in self.zones)


def spot_of(sku: Sku) -> Spot | None:
    """The newest loaded history of a SKU; None if there is none. Spot is read for shared hardware only."""
    rows = list(
        SpotPrice.objects.filter(
            region=sku.region, instance_type=sku.instance_type, usage_operation=sku.usage_operation
        ).select_related("document")
    )
    if not rows or sku.tenancy != "default":
        return None
    newest = max((row.document.month, row.document_id) for row in rows)
    chosen = [row for row in rows if row.document_id == newest[1]]
    document = chosen[0].document
    return Spot(
        zones=sorted((_zone(row) for row in chosen), key=lambda zone: (zone.mean_usd, zone.zone)),
        since=min(row.window_from for row in chosen),
        until=max(row.window_to for row in chosen),
        provenance=Provenance(document.month, document.pk, document.kind, document.source),
    )


def advice_of(sku: Sku) -> SpotAdvice | None:
    """How often AWS takes such capacity back, by the newest loaded file; None if it does not say."""
    system = SYSTEM_BY_USAGE_OPERATION.get(sku.usage_operation, "")
    return (
        SpotAdvice.objects.filter(
            region=sku.region,
            instance_type=sku.instance_type,
            operating_system="windows" if system == "windows" else "linux",
        )
        .select_related("document")
        .order_by("-document__month", "-document_id")
        .first()
    )


def losing_percent(spot_usd: Decimal, commitment: Price, compared: Price) -> Decimal | None:
    """The share of interrupted hours from which the commitment is cheaper than spot with on-demand standing in.

    0 if it is cheaper in any case; None if it is not even cheaper than on-demand.
    """
    committed, on_demand = commitment.charge.effective_hourly_usd, compared.charge.hourly_usd
    if committed <= spot_usd:
        return Decimal(0)
    if committed >= on_demand:
        return None
    return (committed - spot_usd) * HUNDRED / (on_demand - spot_usd)


def _zone(row: SpotPrice) -> SpotZone:
    return SpotZone(
        zone=row.zone_id or row.zone,
        latest_usd=row.latest_usd,
        mean_usd=row.mean_usd,
        highest_usd=row.highest_usd,
    )
