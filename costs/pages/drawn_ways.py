"""Which ways of paying a drawing shows: `?draw=SLUG&draw=SLUG`; none: those that are usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from costs.pricing_models import way_of_paying
from inventory.pages.scope import BadAddress

PARAMETER = "draw"
MOST = 7
"""More lines could not be told apart, nor their labels kept from each other."""


@dataclass(frozen=True)
class DrawnWays:
    """The chosen ways by their slugs."""

    slugs: Sequence[str] = ()

    @classmethod
    def from_request(cls, request: HttpRequest) -> DrawnWays:
        """What the address says; BadAddress for a way that does not exist, or for too many."""
        slugs = tuple(dict.fromkeys(request.GET.getlist(PARAMETER)))
        for slug in slugs:
            try:
                way_of_paying(slug)
            except KeyError as error:
                raise BadAddress(
                    f"“{slug[:60]}” is no way of paying. Write one as it stands in the rows below, or leave it out."
                ) from error
        if len(slugs) > MOST:
            raise BadAddress(f"{len(slugs)} lines could not be told apart. Write {MOST} at most.")
        return cls(slugs)


@dataclass(frozen=True)
class WayForm:
    """Where the form that chooses ways leads, and what it carries beside them."""

    path: str
    parameters: Sequence[tuple[str, str]]
