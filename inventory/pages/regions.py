"""Regions side by side: all of them as tables, or two to four of them in columns.

region=eu-central-1     up to four; one alone is ticked among all of them, so that others can be added
near=, service=, types=, reference=     as in `inventory.pages.region_choice`, for those in columns
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from inventory import points_of_presence
from inventory.aws_regions import AWS_REGIONS, AwsRegion
from inventory.exposure.services import Severity
from inventory.findings.counts import count as count_findings
from inventory.pages.extensions import RegionFigure
from inventory.pages.figures import Number, region_figures
from inventory.pages.frame import address
from inventory.pages.presence import Nearest, nearest_regions
from inventory.pages.region_choice import Candidate, Choice, choose
from inventory.pages.region_rows import Cost, RegionRow, RegionTable, region_row, region_rows, region_table
from inventory.pages.scope import BadAddress, PageScope
from inventory.pages.world_map import WorldMap, world_map
from inventory.pages.world_ports import WorldPorts, world_ports
from inventory.pages.zones import RegionZones, zones_of
from inventory.registry import ResourceType, held_types

MOST = 4


@dataclass(frozen=True, kw_only=True)
class RegionsPage:
    """Every region as a row: what is there."""

    scope: PageScope
    table: RegionTable
    ticked: str
    map: WorldMap

    @property
    def most(self) -> int:
        """How many can be laid side by side."""
        return MOST

    @property
    def cities(self) -> Sequence[Nearest]:
        """The points of presence, each with the region that is nearest."""
        return nearest_regions()

    @property
    def cities_source(self) -> str:
        """Where their list comes from."""
        return points_of_presence.SOURCE


@dataclass(frozen=True, kw_only=True)
class ChoosingPage:
    """Every region of AWS as a row: what speaks for choosing it."""

    scope: PageScope
    choice: Choice

    @property
    def most(self) -> int:
        """How many can be laid side by side."""
        return MOST


@dataclass(frozen=True, kw_only=True)
class Side:
    """One column: a region, where it is, what speaks for choosing it, and its zones."""

    row: RegionRow
    region: str
    place: AwsRegion | None
    candidate: Candidate
    zones: RegionZones
    is_known: bool
    """Whether it has a page: somebody looked there, or something is there."""
    without_url: str
    """The page without this column; empty where no other two would be left."""


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Two to four regions in columns."""

    scope: PageScope
    sides: Sequence[Side]
    choice: Choice

    @property
    def columns(self) -> int:
        """How many columns the table has, its heads among them."""
        return len(self.sides) + 1

    @property
    def choice_query(self) -> str:
        """What leads back to choosing with the same questions."""
        return urlencode(self.choice.kept)

    @property
    def points_of_presence_date(self) -> str:
        """The month of the list by which points of presence are counted."""
        return points_of_presence.LISTED

    @property
    def numbers(self) -> list[tuple[ResourceType, list[tuple[str, Number]]]]:
        """For each type, how many of it each region has."""
        return [
            (one, [(side.region, side.row.numbers[place]) for side in self.sides])
            for place, one in enumerate(held_types())
        ]

    @property
    def costs(self) -> list[tuple[RegionFigure, list[Cost]]]:
        """For each figure of an extension, each region's."""
        by_figure = zip(*(side.row.costs for side in self.sides), strict=True)
        return [(costs[0].definition, list(costs)) for costs in by_figure]

    @property
    def severities(self) -> list[tuple[str, list[tuple[str, WorldPorts | None, int]]]]:
        """For each severity, the region, its ports, and how many of that severity are open to the world."""
        return [
            (
                severity.value,
                [
                    (side.region, side.row.ports, side.row.ports.numbers.get(severity, 0) if side.row.ports else 0)
                    for side in self.sides
                ],
            )
            for severity in Severity
        ]


def regions(request: HttpRequest) -> HttpResponse:
    """All regions, or those that the address names side by side."""
    scope = PageScope.from_request(request)
    named = tuple(dict.fromkeys(filter(None, request.GET.getlist("region"))))
    if len(named) > MOST:
        raise BadAddress(f"{len(named)} regions are too many: choose up to {MOST}.")
    ports, figures = world_ports(scope), region_figures(scope)
    findings = count_findings(scope.chosen, scope.as_of)
    rows = region_rows(scope, ports, figures, findings)
    by_region = {row.region: row for row in rows}
    for region in named:
        if region not in by_region and region not in AWS_REGIONS:
            raise Http404(f"There is no region {region}.")
    if len(named) > 1:
        wanted = {one: by_region.get(one) or region_row(scope, one, ports, figures, findings) for one in named}
        columns = side_by_side(scope, wanted, frozenset(by_region), choose(request, scope, named))
        return render(request, "inventory/regions_side_by_side.html", {"page": columns})
    page = RegionsPage(
        scope=scope,
        table=region_table(scope, rows, ports, figures, findings, with_quiet=True),
        ticked=named[0] if named else "",
        map=world_map(rows),
    )
    return render(request, "inventory/regions.html", {"page": page})


def choosing(request: HttpRequest) -> HttpResponse:
    """Every region of AWS, to choose one for something new."""
    scope = PageScope.from_request(request)
    page = ChoosingPage(scope=scope, choice=choose(request, scope))
    return render(request, "inventory/region_choice.html", {"page": page})


def side_by_side(
    scope: PageScope, wanted: Mapping[str, RegionRow], known: frozenset[str | None], choice: Choice
) -> SideBySide:
    """These regions in columns; `known` are those that have a page."""
    zones = zones_of(scope, wanted.keys())
    candidates = {one.region: one for one in choice.candidates}
    return SideBySide(
        scope=scope,
        choice=choice,
        sides=[
            Side(
                row=row,
                region=region,
                place=AWS_REGIONS.get(region),
                candidate=candidates[region],
                zones=zones[region],
                is_known=region in known,
                without_url=_without(region, scope, wanted, choice) if len(wanted) > 2 else "",
            )
            for region, row in wanted.items()
        ],
    )


def _without(region: str, scope: PageScope, wanted: Iterable[str], choice: Choice) -> str:
    base = address(scope, "regions")
    query = urlencode([*(("region", one) for one in wanted if one != region), *choice.kept])
    return f"{base}{'&' if '?' in base else '?'}{query}"
