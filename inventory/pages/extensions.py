"""What other packages add to inventory pages: columns, panels, figures for each region, menu entries.

Imports run from costs to inventory, so inventory cannot know of prices. A package registers what it adds here, in its
`AppConfig.ready`, and the pages show it without knowing where it comes from.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import QuerySet

from inventory.history import ResourceRevision
from inventory.models import Account, Resource, SavedView

if TYPE_CHECKING:
    from inventory.pages.scope import PageScope


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value with what stands beside it. `value` None means unknown, and `reason` then says why."""

    value: Decimal | None
    reason: str = ""
    note: str = ""
    unknown_count: int = 0
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class ListColumn:
    """A column of money or figures beside a type's own columns.

    `values` answers by resource id for the revisions of one page, at a moment (None = now). Sorting walks `table`,
    which has one row for each resource with `account`, `type`, `resource`, `is_open` and the field `sort_field` (NULL
    last); it is refused at a past moment with `past_refusal`, and so is filtering.
    """

    type: str
    key: str
    label: str
    unit: str
    help: str
    values: Callable[[Sequence[ResourceRevision], datetime | None], Mapping[int, Figure]]
    table: builtins.type[models.Model]
    sort_field: str
    past_refusal: str
    short_name: str = ""
    """What a query may call it beside its key: `cost`."""


@dataclass(frozen=True, kw_only=True)
class ListTotal:
    """A total below a type's list, over all rows of the list and not only those of the page.

    `gather` gets the revisions of the list at the moment (None = now). It is asked for lists that are small enough to
    be counted.
    """

    type: str
    label: str
    gather: Callable[[QuerySet[Any], datetime | None], Figure]


@dataclass(frozen=True, kw_only=True)
class RevisionCost:
    """What one revision of a type costs a month, so that a change has a cost too.

    `gather` gets values of `fields` as tuples, because many revisions share them, and answers each: 0 where nothing is
    charged in that state, None with its reason where no price is known.
    """

    type: str
    fields: tuple[str, ...]
    gather: Callable[[Collection[tuple[Any, ...]]], Mapping[tuple[Any, ...], Figure]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A section of a type's detail page: a template and what fills it (`panel` in the template).

    `gather` gets the resource, its revision at the moment, and the moment (None = now); None hides the panel.
    """

    type: str
    template: str
    gather: Callable[[Resource, ResourceRevision, datetime | None], Any]


@dataclass(frozen=True, kw_only=True)
class RegionFigure:
    """One figure for each region, shown on home and on a region's page.

    `gather` gets the accounts in question and the moment, and answers by region (`total` for all of them together).
    `types` are the slugs of what it is made of: their looks stand behind it.
    """

    key: str
    label: str
    unit: str
    types: tuple[str, ...]
    gather: Callable[[QuerySet[Account], datetime | None], Mapping[str, Figure]]


@dataclass(frozen=True, kw_only=True)
class ReferencePrice:
    """What one reference thing costs in a region; `usd` None means unknown, and `reason` then says why."""

    usd: Decimal | None
    reason: str = ""
    month: str = ""
    """The month of the price list: `2025-04`."""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class RegionPrice:
    """The price of one reference thing in many regions, to choose a region by.

    `usual` is the thing that is meant unless another one is named; `gather` gets the thing and the regions.
    """

    label: str
    unit: str
    usual: str
    gather: Callable[[str, Collection[str]], Mapping[str, ReferencePrice]]


@dataclass(frozen=True, kw_only=True)
class FleetPrice:
    """What a fleet would cost in one region: `usd` is for those of its things that have a price there, None: none has.

    The price of fewer things is not a lower price: `compared` of the things have a price both here and where they are,
    and cost `compared_usd` here and `against_usd` there.
    """

    usd: Decimal | None
    priced: int
    unpriced: int
    compared: int
    compared_usd: Decimal
    against_usd: Decimal
    reasons: Sequence[str] = ()
    """Why those without a price have none, the most frequent first."""
    months: Sequence[str] = ()
    """The months of the price lists: `2025-04`."""

    @property
    def unpriced_words(self) -> str:
        """How much the sum leaves out: `3 of 26 unpriced`."""
        return f"{self.unpriced:,} of {self.priced + self.unpriced:,} unpriced"

    @property
    def change_percent(self) -> Decimal | None:
        """How much more it is than where the things are, in percent; None where that is not known."""
        if not self.against_usd:
            return None
        return (self.compared_usd - self.against_usd) * 100 / self.against_usd

    @property
    def change_words(self) -> str:
        """The same in words: `+4.2 %`, with a true minus; empty where that is not known."""
        percent = self.change_percent
        return "" if percent is None else f"{percent:+.1f} %".replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, kw_only=True)
class FleetPrices:
    """A fleet's `varieties`, such as instance types, how many things it has, and its price by region."""

    varieties: Sequence[str]
    things: int
    by_region: Mapping[str, FleetPrice]


@dataclass(frozen=True, kw_only=True)
class RegionFleet:
    """The price of all that runs, as if it ran in each of many regions, to choose a region by.

    `gather` gets the accounts, the moment (None = now) and the regions.
    """

    label: str
    unit: str
    gather: Callable[[QuerySet[Account], datetime | None, Collection[str]], FleetPrices]


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """An entry of the navigation, after the inventory's own."""

    label: str
    url_name: str
    icon: str
    key: str = ""
    """What leads there after `g`, unlike the keys of the inventory's own pages."""
    is_for_operators: bool = False
    """Whether only operators know of it; it then stands after their own entries."""


@dataclass(frozen=True, kw_only=True)
class ViewNote:
    """What another package says of a saved view, where views are listed, with the page that tells more."""

    words: str
    url: str
    is_bad: bool = False
    is_unknown: bool = False
    """Whether some of it is not known."""


ViewNotes = Callable[["PageScope", Sequence[SavedView]], Mapping[int, ViewNote]]
"""Gets the views of a page, and answers by their keys; those that it has nothing to say of are left out."""


@dataclass
class Extensions:
    """All that was registered."""

    list_columns: list[ListColumn] = field(default_factory=list)
    list_totals: list[ListTotal] = field(default_factory=list)
    revision_costs: list[RevisionCost] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    region_figures: list[RegionFigure] = field(default_factory=list)
    region_prices: list[RegionPrice] = field(default_factory=list)
    region_fleets: list[RegionFleet] = field(default_factory=list)
    menu: list[MenuEntry] = field(default_factory=list)
    account_notes: list[Callable[[Account], str]] = field(default_factory=list)
    """What stands beside the settings of an account, in a sentence; empty where there is nothing to say."""
    view_notes: list[ViewNotes] = field(default_factory=list)

    def columns_of(self, slug: str) -> list[ListColumn]:
        """The columns added to one type's list."""
        return [column for column in self.list_columns if column.type == slug]

    def totals_of(self, slug: str) -> list[ListTotal]:
        """The totals added below one type's list."""
        return [total for total in self.list_totals if total.type == slug]

    def cost_of(self, slug: str) -> RevisionCost | None:
        """What tells the cost of one type's revisions; None if they have none."""
        return next((cost for cost in self.revision_costs if cost.type == slug), None)

    def panels_of(self, slug: str) -> list[Panel]:
        """The panels added to one type's detail page."""
        return [panel for panel in self.panels if panel.type == slug]


extensions = Extensions()
