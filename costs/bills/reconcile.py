"""The bill beside our estimate: how the one becomes the other, as far as that is known.

    estimate + commitments and spot + discounts + use that is not estimated + fees + the rest = what was billed

What commitments and spot save is what AWS billed for such use less AWS's own list price of it. The rest is what nothing
of this explains: use between two looks, hours that were not whole, prices that changed. It is only told where
everything else is known: a thing without a price, a charge without its list price or a ledger that began later would
hide in it otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from costs.bills.charge import USE, ChargeKind, Estimated
from costs.bills.estimate import Estimate

ZERO = Decimal(0)
DOLLAR = "USD"
COVERED = frozenset({ChargeKind.SPOT, ChargeKind.RESERVED, ChargeKind.PLAN})
TAKEN_OFF = frozenset({ChargeKind.DISCOUNT, ChargeKind.CREDIT, ChargeKind.REFUND})
ESTIMATED_SERVICES: Mapping[str, tuple[Estimated, ...]] = {
    "AmazonEC2": (Estimated.INSTANCES, Estimated.VOLUMES, Estimated.GATEWAYS),
    "Amazon Elastic Compute Cloud": (Estimated.INSTANCES, Estimated.VOLUMES, Estimated.GATEWAYS),
    "Amazon Elastic Compute Cloud - Compute": (Estimated.INSTANCES,),
    "EC2 - Other": (Estimated.VOLUMES, Estimated.GATEWAYS),
    "AWSELB": (Estimated.BALANCERS,),
    "Elastic Load Balancing": (Estimated.BALANCERS,),
    "Amazon Elastic Load Balancing": (Estimated.BALANCERS,),
    "AmazonVPC": (Estimated.ADDRESSES,),
    "Amazon Virtual Private Cloud": (Estimated.ADDRESSES,),
}
"""Services of which something is estimated, by the names that CUR, FOCUS and Cost Explorer give them."""
USUAL_SERVICES: Mapping[Estimated, str] = {
    Estimated.INSTANCES: "AmazonEC2",
    Estimated.VOLUMES: "AmazonEC2",
    Estimated.GATEWAYS: "AmazonEC2",
    Estimated.BALANCERS: "AWSELB",
    Estimated.ADDRESSES: "AmazonVPC",
}
"""Under which of them an estimate stands that the bill has no service for."""


class Sums(NamedTuple):
    """Charges of one name, kind and currency, added up."""

    name: str
    kind: ChargeKind
    estimated_as: Estimated
    currency: str
    billed: Decimal
    listed: Decimal
    unlisted: int


@dataclass
class Row:
    """One service, or one value of a tag. `estimate` is None where nothing of it is estimated."""

    name: str
    currency: str
    estimate: Estimate | None = None
    kinds: dict[ChargeKind, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What was billed, by kind; of use only what is estimated."""
    not_estimated: Decimal = ZERO
    """What was billed for use that is not estimated."""
    saved: Decimal = ZERO
    """What was billed for covered use and spot, less its list price: rarely above zero."""
    unlisted: int = 0
    doubts: list[str] = field(default_factory=list)
    """Why the rest is not known."""
    is_mixed: bool = False
    """Whether its source does not tell use that is estimated from use that is not, nor what is covered."""

    def add(self, sums: Sums) -> None:
        """Count charges in."""
        if sums.kind in USE and sums.estimated_as is Estimated.NOT:
            self.not_estimated += sums.billed
            return
        self.kinds[sums.kind] += sums.billed
        if sums.kind in COVERED:
            self.saved += sums.billed - sums.listed
            self.unlisted += sums.unlisted

    @property
    def billed(self) -> Decimal:
        """Everything that was billed."""
        return sum(self.kinds.values(), self.not_estimated)

    @property
    def taken_off(self) -> Decimal:
        """Discounts, credits and refunds."""
        return self._of(TAKEN_OFF)

    @property
    def beside_use(self) -> Decimal:
        """Fees of commitments, tax, support and everything else that is no use."""
        return self._of(set(ChargeKind) - USE - TAKEN_OFF)

    @property
    def saved_known(self) -> Decimal | None:
        """What commitments and spot make of the list price; None where a charge does not tell its list price."""
        return None if self.unlisted or self.is_mixed else self.saved

    @property
    def not_estimated_known(self) -> Decimal | None:
        """What was billed for use that is not estimated; None where it is not told apart."""
        return None if self.is_mixed else self.not_estimated

    @property
    def rest(self) -> Decimal | None:
        """What is left to explain; None where it cannot be told."""
        if self.estimate is None or self.doubts or self.unlisted or self.estimate.left_out:
            return None
        return self.billed - self.estimate.usd - self.saved - self.taken_off - self.not_estimated - self.beside_use

    @property
    def difference(self) -> Decimal | None:
        """What was billed less the estimate; None where nothing is estimated, or in another currency."""
        return None if self.estimate is None else self.billed - self.estimate.usd

    @property
    def unpriced_words(self) -> str:
        """How many things of the estimate have no price."""
        return f"{self.estimate.left_out if self.estimate else 0:,} unpriced"

    @property
    def why_not_estimated(self) -> str:
        """Why there is no estimate."""
        return "Nothing of it is estimated" if self.currency == DOLLAR else "The estimate is in US dollars"

    @property
    def why(self) -> str:
        """Why the rest is not known."""
        reasons = list(self.doubts)
        if self.unlisted:
            reasons.append(f"{self.unlisted:,} charges do not tell their list price")
        if self.estimate is not None and self.estimate.left_out:
            reasons.append(f"{self.estimate.left_out:,} things have no price")
        return "; ".join(reasons)

    def _of(self, kinds: Iterable[ChargeKind]) -> Decimal:
        return sum((self.kinds[kind] for kind in kinds if kind in self.kinds), ZERO)


def reconcile(
    sums: Iterable[Sums], estimates: Mapping[str, Estimate], doubts: Iterable[str], *, is_mixed: bool = False
) -> list[Row]:
    """A row for each name and currency, the dearest first; `estimates` are dollars, by name.

    What is estimated and not billed has a row, too: it is what the bill does not hold.
    """
    rows: dict[tuple[str, str], Row] = {}
    for one in sums:
        rows.setdefault((one.currency, one.name), Row(one.name, one.currency)).add(one)
    for name, estimate in estimates.items():
        rows.setdefault((DOLLAR, name), Row(name, DOLLAR)).estimate = estimate
    for row in rows.values():
        if row.estimate is not None:
            row.doubts, row.is_mixed = list(doubts), is_mixed
    return sorted(rows.values(), key=lambda row: (row.currency != DOLLAR, row.currency, -row.billed, row.name))


def together(rows: Iterable[Row]) -> list[Row]:
    """The sum of all rows of each currency. The rest of the sum is not known where that of one row is not."""
    totals: dict[str, Row] = {}
    for row in rows:
        total = totals.setdefault(row.currency, Row("Together", row.currency))
        for kind, billed in row.kinds.items():
            total.kinds[kind] += billed
        total.not_estimated += row.not_estimated
        total.saved += row.saved
        total.unlisted += row.unlisted
        total.is_mixed = total.is_mixed or row.is_mixed
        total.doubts += [doubt for doubt in row.doubts if doubt not in total.doubts]
        if row.estimate is not None:
            total.estimate = total.estimate or Estimate()
            total.estimate.add(row.estimate)
    return list(totals.values())
