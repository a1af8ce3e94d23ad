"""The price panel of a volume's detail page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from costs.price_book import Provenance, Unpriced
from costs.usage.ebs_volume import MAGNETIC, VolumeUsage, book, line_prices
from inventory.models import Resource
from inventory.pages.extensions import Panel
from inventory.resource_types.ebs_volume import EBS_VOLUME

WORDS = {
    "storage_gb_mo": ("Storage", "GiB"),
    "iops_mo": ("Provisioned IOPS", "IOPS"),
    "iops_mo_tier1": ("Provisioned IOPS up to 32,000", "IOPS"),
    "iops_mo_tier2": ("Provisioned IOPS up to 64,000", "IOPS"),
    "iops_mo_tier3": ("Provisioned IOPS above 64,000", "IOPS"),
    "throughput_gibps_mo": ("Provisioned throughput", "GiB/s"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that a volume is billed for."""

    words: str
    quantity: Decimal
    unit: str
    usd: Decimal
    monthly_usd: Decimal
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class VolumePrices:
    """What a volume costs a month, line by line; `reason` says why nothing can be said."""

    lines: tuple[Line, ...] = ()
    reason: str = ""
    is_magnetic: bool = False

    @property
    def monthly_usd(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.monthly_usd for line in self.lines), Decimal(0))

    @property
    def documents(self) -> list[Provenance]:
        """The lists that the figures rest on."""
        return sorted({line.provenance for line in self.lines}, reverse=True)


def volume_panel() -> Panel:
    """The panel on a volume's detail page."""
    return Panel(type=EBS_VOLUME.slug, template="costs/_volume_panel.html", gather=gather_volume)


def gather_volume(resource: Resource, revision: Any, when: datetime | None) -> VolumePrices:
    """Today's prices for the volume as it was at the moment."""
    usage = VolumeUsage(*(getattr(revision, field) for field in VolumeUsage._fields))
    priced = line_prices(usage, book([usage]))
    if isinstance(priced, Unpriced):
        return VolumePrices(reason=priced.reason)
    return VolumePrices(
        lines=tuple(
            Line(
                words=WORDS[line.unit.dimension][0],
                quantity=line.quantity,
                unit=WORDS[line.unit.dimension][1],
                usd=price.usd,
                monthly_usd=line.quantity * price.usd,
                provenance=price.provenance,
            )
            for line, price in priced
        ),
        is_magnetic=usage.volume_type == MAGNETIC,
    )
