"""What to buy, line by line: the demand of each group against what the price book offers for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from costs.commitments.ledger import has_commitments, standing_of
from costs.compare import MONTH_HOURS
from costs.demand import Group, Past, covered_by_commitments, past_of, types_by_size
from costs.operations import label_of
from costs.price_book import Price, PriceBook, Provenance, Sku, Unpriced
from costs.pricing_models import SavingsPlan, WayOfPaying
from costs.purchase import Offer, Purchase, best_purchase, decimal, within_budget
from inventory.models import Account

HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is to be bought, and how sure demand is."""

    way: WayOfPaying
    goes_on_percent: Decimal = HUNDRED
    falls_percent: Decimal = Decimal(0)
    budget_usd: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One group: what to buy for it, in instances of `unit_type`."""

    group: Group
    unit_type: str
    covered: Decimal
    """What commitments cover already, in such instances."""
    instances: int
    """Different instances that ran."""
    price: Price
    compared: Price
    purchase: Purchase
    possible: Purchase
    """The same if everything ran as long as it may have."""

    @property
    def key(self) -> str:
        """The group in one word, for an address."""
        return "/".join(self.group)

    @property
    def software(self) -> str:
        """What it is billed as."""
        return label_of(self.group.operation)

    @property
    def least(self) -> Decimal:
        """How many ran all the time, beyond what is covered."""
        return decimal(self.purchase.demand.least)

    @property
    def most(self) -> Decimal:
        """How many ran at most."""
        return decimal(self.purchase.demand.most)

    @property
    def mean(self) -> Decimal:
        """How many ran on average."""
        return decimal(self.purchase.demand.mean)

    @property
    def hourly_commitment_usd(self) -> Decimal | None:
        """What a Savings Plan promises to spend an hour; None for what is bought in pieces."""
        if not isinstance(self.price.way, SavingsPlan):
            return None
        return self.price.charge.effective_hourly_usd * self.purchase.units

    @property
    def break_even_hours(self) -> Decimal:
        """The hours a month for which a unit must be used."""
        return self.purchase.break_even_percent * MONTH_HOURS / HUNDRED


@dataclass(frozen=True, kw_only=True)
class ShoppingList:
    """Everything that was looked at: what to buy, what not, and what has no price."""

    past: Past
    lines: Sequence[Line]
    unpriced: Mapping[Group, str]
    is_limited: bool = False
    more_at_most_monthly_usd: Decimal = Decimal(0)

    @property
    def bought(self) -> list[Line]:
        """What is worth buying, that which saves most first."""
        worthwhile = [line for line in self.lines if line.purchase.units]
        return sorted(worthwhile, key=lambda line: (-line.purchase.saving_monthly_usd, line.group))

    @property
    def left(self) -> list[Line]:
        """What is better left on-demand."""
        return sorted((line for line in self.lines if not line.purchase.units), key=lambda line: line.group)

    @property
    def upfront_usd(self) -> Decimal:
        """What all of it costs at signing."""
        return sum((line.purchase.upfront_usd for line in self.lines), Decimal(0))

    @property
    def saving_monthly_usd(self) -> Decimal:
        """What all of it saves a month."""
        return sum((line.purchase.saving_monthly_usd for line in self.lines), Decimal(0))

    @property
    def committed_monthly_usd(self) -> Decimal:
        """What all of it costs a month, used or not."""
        return sum((line.purchase.committed_monthly_usd for line in self.lines), Decimal(0))

    @property
    def provenances(self) -> set[Provenance]:
        """The documents behind the figures."""
        return {price.provenance for line in self.lines for price in (line.price, line.compared)}


def shopping_list(accounts: Collection[Account], terms: Terms, days: int) -> ShoppingList:
    """What these accounts should buy now, from what they ran in so many days."""
    past = past_of(accounts, days, None)
    covered: Mapping[Group, Fraction] = {}
    if has_commitments(accounts, None):
        application = standing_of(accounts, None).application
        covered = covered_by_commitments(application, {one.account_id for one in accounts if one.account_id})
    book = PriceBook.load(
        skus={_sku(group, one) for group, usage in past.usage.items() for one in usage.types},
    )
    lines: list[Line] = []
    unpriced: dict[Group, str] = {}
    for group in sorted(past.usage):
        line = _line(past, group, covered.get(group, Fraction(0)), book, terms)
        if isinstance(line, Unpriced):
            unpriced[group] = line.reason
        else:
            lines.append(line)
    if terms.budget_usd is None:
        return ShoppingList(past=past, lines=lines, unpriced=unpriced)
    found = within_budget([(line.purchase.demand, line.purchase.offer) for line in lines], terms.budget_usd)
    return ShoppingList(
        past=past,
        lines=[replace(line, purchase=purchase) for line, purchase in zip(lines, found.purchases, strict=True)],
        unpriced=unpriced,
        is_limited=found.is_limited,
        more_at_most_monthly_usd=found.more_at_most_monthly_usd,
    )


def _line(past: Past, group: Group, covered: Fraction, book: PriceBook, terms: Terms) -> Line | Unpriced:
    usage = past.usage[group]
    offered = _offer(group, usage.types, book, terms)
    if isinstance(offered, Unpriced):
        return offered
    unit_type, price, compared = offered
    offer = Offer(
        charge=price.charge,
        on_demand_hourly_usd=compared.charge.hourly_usd,
        goes_on_percent=terms.goes_on_percent,
        falls_percent=terms.falls_percent,
    )
    unit = group.size(unit_type)
    return Line(
        group=group,
        unit_type=unit_type,
        covered=decimal(covered / unit),
        instances=len(usage.instances),
        price=price,
        compared=compared,
        purchase=best_purchase(past.demand(group, unit, covered), offer),
        possible=best_purchase(past.demand(group, unit, covered, is_possible=True), offer),
    )


def _offer(group: Group, types: Collection[str], book: PriceBook, terms: Terms) -> tuple[str, Price, Price] | Unpriced:
    """The smallest type that ran and has a price, with that price and the on-demand price it is measured against."""
    reasons: list[Unpriced] = []
    for instance_type in types_by_size(group, types):
        sku = _sku(group, instance_type)
        price = book.price(sku, terms.way)
        compared = None if isinstance(price, Unpriced) else book.compared_with(sku, price)
        if isinstance(price, Price) and compared:
            return instance_type, price, compared
        missing = Unpriced(f"no loaded list has an on-demand price of {instance_type} in {group.region}")
        reasons.append(price if isinstance(price, Unpriced) else missing)
    return reasons[0]


def _sku(group: Group, instance_type: str) -> Sku:
    return Sku(group.region, instance_type, group.operation, group.tenancy)
