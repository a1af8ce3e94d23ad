"""What the address of the page of bills asks for: which month, and whether by service or by the values of a tag."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.http import HttpRequest

from inventory.pages.choices import one_of
from inventory.pages.frame import address
from inventory.pages.operators import is_operator
from inventory.pages.scope import BadAddress, PageScope

MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)
LONGEST_KEY = 128
SOURCES = ("files", "cost-explorer")


@dataclass(frozen=True, kw_only=True)
class BillQuery:
    """Whose bill, of which month (None: the newest), by which tag (empty: by service), and from which source."""

    scope: PageScope
    month: date | None = None
    tag: str = ""
    source: str = ""
    """Where the figures are to come from; empty: files, and where there are none Cost Explorer."""
    is_operator: bool = False
    """Whether whoever asks may know of accounts that are not in the ledger."""

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """What this address asks for; BadAddress for a value that cannot be used."""
        tag = request.GET.get("tag", "")
        if len(tag) > LONGEST_KEY or "\0" in tag:
            raise BadAddress(f"A tag's key has at most {LONGEST_KEY} characters.")
        return cls(
            scope=PageScope.from_request(request),
            month=_month(request.GET.get("month", "")),
            tag=tag,
            source=one_of("source", source, SOURCES) if (source := request.GET.get("source", "")) else "",
            is_operator=is_operator(request),
        )

    def address(self, **changes: str) -> str:
        """The same page with other parameters; an empty one falls away."""
        month = f"{self.month:%Y-%m}" if self.month else ""
        asked = {"month": month, "tag": self.tag, "source": self.source} | changes
        return address(self.scope, "bill", **{name: value for name, value in asked.items() if value})


def _month(word: str) -> date | None:
    if not word:
        return None
    found = MONTH.fullmatch(word)
    if found is None:
        raise BadAddress(f"“{word[:20]}” is no month. Write one like 2026-10.")
    return date(int(found[1]), int(found[2]), 1)
