"""Spot capacity of one type: by zone, how often it is taken back, and when a commitment is the better choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from costs.comparison import Option
from costs.models import SpotAdvice
from costs.price_book import Price, Sku, Unpriced
from costs.pricing_models import SPOT
from costs.spot import Spot, advice_of, losing_percent, spot_of


@dataclass(frozen=True, kw_only=True)
class Rival:
    """A commitment, and the share of interrupted hours from which it is cheaper than spot."""

    option: Option
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class SpotPage:
    """What there is to say of spot."""

    spot: Spot | None
    advice: SpotAdvice | None
    mean_usd: Decimal | None
    """The mean price, by zones or of the whole region."""
    options: Sequence[Option]

    @classmethod
    def of(cls, sku: Sku | Unpriced, options: Sequence[Option]) -> Self:
        """Spot for a SKU beside its other ways of paying."""
        if isinstance(sku, Unpriced):
            return cls(spot=None, advice=None, mean_usd=None, options=())
        spot = spot_of(sku)
        listed = next((one.listed for one in options if one.way == SPOT), None)
        mean_usd = spot.mean_usd if spot else listed.charge.hourly_usd if listed else None
        return cls(spot=spot, advice=advice_of(sku), mean_usd=mean_usd, options=options)

    @property
    def has_any(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.spot or self.advice or self.rivals)

    @property
    def rivals(self) -> list[Rival]:
        """For each term the cheapest commitment, which beats spot soonest; none where spot has no price."""
        found: dict[int, Rival] = {}
        cheapest_first = sorted(self.options, key=lambda one: one.effective_hourly_usd or Decimal("Infinity"))
        for option in cheapest_first:
            percent = self._percent(option)
            if percent is not None and option.way.term_years is not None:
                found.setdefault(option.way.term_years, Rival(option=option, percent=percent))
        return [found[years] for years in sorted(found)]

    def _percent(self, option: Option) -> Decimal | None:
        is_commitment = option.way.term_years is not None and option.way.model != "dedicated-host"
        if not is_commitment or self.mean_usd is None:
            return None
        if not isinstance(option.price, Price) or option.compared is None:
            return None
        return losing_percent(self.mean_usd, option.price, option.compared)
