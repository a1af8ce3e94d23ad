"""By how much use is taken to fall, where pages show what a commitment is then worth: `?falls=25`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest

from inventory.pages.scope import BadAddress

PARAMETER = "falls"
USUAL = 25
OFFERED = (10, 25, 50, 75)
MOST = 99


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value that a page offers, with the address that chooses it."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class FallingUse:
    """Use that falls by so many per cent of the hours."""

    percent: int = USUAL

    @classmethod
    def from_request(cls, request: HttpRequest) -> FallingUse:
        """What the address says; BadAddress for what is no share of the hours."""
        text = request.GET.get(PARAMETER, str(USUAL))
        if not (text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= MOST):
            raise BadAddress(f"Use cannot fall by “{text[:20]}” per cent. Write a whole number from 1 to {MOST}.")
        return cls(int(text))

    @property
    def used_percent(self) -> Decimal:
        """What is left of it."""
        return Decimal(100 - self.percent)

    @property
    def spelled(self) -> str:
        """The share as an address carries it; empty for the usual one."""
        return "" if self.percent == USUAL else str(self.percent)

    @property
    def parameters(self) -> dict[str, str]:
        """What an address must carry to say the same; nothing for the usual share."""
        return {PARAMETER: self.spelled} if self.spelled else {}

    def choices(self, address: Callable[[FallingUse], str]) -> list[Choice]:
        """The shares that a page offers, and the chosen one."""
        return [
            Choice(
                label=f"\N{MINUS SIGN}{percent} %",
                url=address(FallingUse(percent)),
                is_current=percent == self.percent,
            )
            for percent in sorted({*OFFERED, self.percent})
        ]
