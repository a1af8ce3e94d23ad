"""Regions as rows: what is there, what is open, what it costs, and how fresh all that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from inventory.findings.counts import Counted, Counts
from inventory.pages.extensions import Figure, RegionFigure
from inventory.pages.figures import ZERO, Number, RegionFigures, number_everywhere, number_in
from inventory.pages.freshness import Mark, Summary
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.pages.world_ports import WorldPorts, together
from inventory.registry import GLOBAL, ResourceType, held_types, principal_types

NOT_LOOKED_AT = Figure(value=None, reason="nobody looks there")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A figure of an extension, and its share of the greatest one in percent, for a bar."""

    definition: RegionFigure
    figure: Figure
    share: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class RegionRow:
    """One region (None: what stands in no region that was read), or all of them together."""

    region: str | None
    accounts: int
    numbers: Sequence[Number]
    ports: WorldPorts | None
    """None where no rules are listed, as in a region of buckets only."""
    findings: Counted
    is_judged: bool
    """Whether rules had judged every account that is looked at there."""
    costs: Sequence[Cost]
    freshness: Summary | None

    @property
    def columns(self) -> list[Number]:
        """The numbers that have a column each."""
        return [number for number in self.numbers if number.type.is_principal]

    @property
    def total(self) -> int:
        """Resources of all types."""
        return sum(number.number for number in self.numbers)

    @property
    def is_quiet(self) -> bool:
        """Whether it was read completely and holds nothing."""
        return not self.total and self.freshness is not None and self.freshness.mark is Mark.FRESH


@dataclass(frozen=True, kw_only=True)
class RegionTable:
    """Regions below each other, and all of them together."""

    types: Sequence[ResourceType]
    figures: Sequence[RegionFigure]
    rows: Sequence[RegionRow]
    quiet: int
    """Regions that were read completely and hold nothing; they are not among the rows."""
    total: RegionRow
    fresh_regions: int

    @property
    def all_regions(self) -> int:
        """How many regions there are, the quiet ones among them."""
        return len(self.rows) + self.quiet

    @property
    def is_partly_unpriced(self) -> bool:
        """Whether the money leaves something out."""
        return any(cost.figure.unknown_count for cost in self.total.costs)


def region_rows(
    scope: PageScope, ports: Mapping[str, WorldPorts], figures: Sequence[RegionFigures], findings: Counts
) -> list[RegionRow]:
    """Every region that was read or holds something: the dearest first, then the fullest, a region unread last."""
    regions = (scope.standings.regions - {GLOBAL}) | scope.holders.keys()
    return sorted((region_row(scope, region, ports, figures, findings) for region in regions), key=_rank)


def region_row(
    scope: PageScope,
    region: str | None,
    ports: Mapping[str, WorldPorts],
    figures: Sequence[RegionFigures],
    findings: Counts,
) -> RegionRow:
    """One region, which may be one that nobody has looked at."""
    accounts = len(scope.holders.get(region, ()))
    freshness = scope.standings.of_region(region)
    is_known = bool(accounts or freshness)
    return RegionRow(
        region=region,
        accounts=accounts,
        numbers=[number_in(one, scope, region) for one in held_types()],
        ports=ports.get(region or ""),
        findings=findings.of(region or ""),
        is_judged=is_judged(scope, findings, region),
        costs=[
            Cost(
                definition=figure.definition,
                figure=figure.of(region) if is_known else NOT_LOOKED_AT,
                share=figure.share_of(region),
            )
            for figure in figures
        ],
        freshness=freshness,
    )


def region_table(
    scope: PageScope,
    rows: Sequence[RegionRow],
    ports: Mapping[str, WorldPorts],
    figures: Sequence[RegionFigures],
    findings: Counts,
    *,
    with_quiet: bool = False,
) -> RegionTable:
    """The rows as a table; those that were read and hold nothing are only counted, unless they are wanted too."""
    shown = [row for row in rows if with_quiet or not row.is_quiet]
    return RegionTable(
        types=list(principal_types()),
        figures=[figure.definition for figure in figures],
        rows=shown,
        quiet=len(rows) - len(shown),
        total=RegionRow(
            region=None,
            accounts=len(frozenset().union(*scope.holders.values())),
            numbers=[number_everywhere(one, scope) for one in held_types()],
            ports=together(ports),
            findings=findings.total,
            is_judged=not findings.unjudged,
            costs=[Cost(definition=figure.definition, figure=figure.total) for figure in figures],
            freshness=scope.standings.of_everything,
        ),
        fresh_regions=sum(row.freshness is not None and row.freshness.mark is Mark.FRESH for row in rows),
    )


def is_judged(scope: PageScope, findings: Counts, region: str | None) -> bool:
    """Whether rules had judged every account that was looked at in the region, or has something there."""
    if not findings.unjudged:
        return True
    there = {account_id for account_id, where in scope.looked_at if where == region}
    return not (there | scope.holders.get(region, frozenset())) & findings.unjudged


def _rank(row: RegionRow) -> tuple[bool, Decimal, int, str]:
    dearness = sum((cost.figure.value or ZERO for cost in row.costs), ZERO)
    return row.region is None, -dearness, -row.total, region_name(row.region)
