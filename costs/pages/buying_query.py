"""What the address of the page of purchases asks for: which commitment, how far to look back, and how sure one is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.http import HttpRequest

from costs.pricing_models import TERM_YEARS, Payment, WayOfPaying, way_of_paying
from inventory.pages.choices import one_of
from inventory.pages.frame import address
from inventory.pages.scope import BadAddress, PageScope

KINDS = {
    "reserved-standard": "Reserved, standard",
    "reserved-convertible": "Reserved, convertible",
    "savings-plan-ec2-instance": "Savings Plan, EC2 instance",
    "savings-plan-compute": "Savings Plan, compute",
}
USUAL_KIND = "reserved-standard"
YEAR_MONTHS = 12
MOST_MONTHS = 36
DAYS = (7, 30, 60, 90)
USUAL_DAYS = 30
MOST_BUDGET = 9_999_999_999


@dataclass(frozen=True, kw_only=True)
class Field:
    """One choice of the form: its name in the address, its words, and what can be chosen."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]
    """Value, words, and whether it is chosen."""


@dataclass(frozen=True, kw_only=True)
class BuyingQuery:
    """What is to be bought, and on what grounds."""

    scope: PageScope
    kind: str = USUAL_KIND
    years: int = 1
    payment: str = Payment.NO_UPFRONT
    days: int = USUAL_DAYS
    months: int = 12
    """For how many months demand is taken to go on."""
    falls: int = 0
    """By how many per cent it may fall."""
    budget_usd: int | None = None
    """The most to pay upfront; None: any."""
    shown: str = ""
    """The group whose curve is drawn."""

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """What this address asks for; BadAddress for a value that cannot be used."""
        given = request.GET
        years = int(one_of("years", given.get("years", "1"), map(str, TERM_YEARS)))
        term_months = years * YEAR_MONTHS
        return cls(
            scope=PageScope.from_request(request),
            kind=one_of("kind", given.get("kind", USUAL_KIND), KINDS),
            years=years,
            payment=one_of("payment", given.get("payment", Payment.NO_UPFRONT.value), [one.value for one in Payment]),
            days=int(one_of("days", given.get("days", str(USUAL_DAYS)), map(str, DAYS))),
            months=_number(given.get("months", ""), 1, MOST_MONTHS, "a number of months") or term_months,
            falls=_number(given.get("falls", ""), 0, 99, "a share of the use") or 0,
            budget_usd=_number(given.get("budget", ""), 0, MOST_BUDGET, "a budget in dollars"),
            shown=given.get("group", ""),
        )

    @property
    def way(self) -> WayOfPaying:
        """The way of paying that is to be bought."""
        return way_of_paying(f"{self.kind}-{self.years}y-{self.payment}")

    @property
    def goes_on_percent(self) -> Decimal:
        """The share of the term for which demand goes on; all of it if demand outlasts the term."""
        return min(Decimal(100 * self.months) / self._term_months, Decimal(100))

    @property
    def _term_months(self) -> int:
        return self.years * YEAR_MONTHS

    @property
    def fields(self) -> list[Field]:
        """What the form lets choose from lists."""
        payments = [(one.value, one.replace("-", " "), one == self.payment) for one in Payment]
        return [
            Field(name="kind", label="Buy", options=[(key, words, key == self.kind) for key, words in KINDS.items()]),
            Field(
                name="years",
                label="Term",
                options=[(str(one), f"{one} year{'s' if one > 1 else ''}", one == self.years) for one in TERM_YEARS],
            ),
            Field(name="payment", label="Payment", options=payments),
            Field(
                name="days",
                label="Look back",
                options=[(str(one), f"{one} days", one == self.days) for one in DAYS],
            ),
        ]

    @property
    def parameters(self) -> dict[str, str]:
        """What an address must carry to ask the same; the usual falls away."""
        given = {
            "kind": (self.kind, USUAL_KIND),
            "years": (str(self.years), "1"),
            "payment": (str(self.payment), str(Payment.NO_UPFRONT)),
            "days": (str(self.days), str(USUAL_DAYS)),
            "months": (str(self.months), str(self._term_months)),
            "falls": (str(self.falls), "0"),
            "budget": ("" if self.budget_usd is None else str(self.budget_usd), ""),
        }
        return {name: value for name, (value, usual) in given.items() if value != usual}

    def address(self, **changes: str) -> str:
        """The same page with other parameters."""
        return address(self.scope, "costs-buying", **(self.parameters | changes))


def _number(text: str, least: int, most: int, what: str) -> int | None:
    """A whole number; None where nothing is given."""
    if not text.strip():
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise BadAddress(f"“{text[:20]}” cannot be {what}. Write a whole number from {least} to {most}.")
    return int(text)
