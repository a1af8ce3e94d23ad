"""Open ports: what the rules of security groups let in and out, and what stands behind each group.

The page works from the ledger at every moment, now too, so that it is never behind what the lists show.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from inventory.exposure.ledger import RECORD_KEYS, OpenGroup, open_groups, wide_setting
from inventory.exposure.rules import INBOUND, OUTBOUND, Source, Wide
from inventory.exposure.services import Severity
from inventory.pages.export_progress import Records, followed_export
from inventory.pages.formats import FORMATS
from inventory.pages.freshness import Summary, summarise
from inventory.pages.port_matrix import Matrix, matrix
from inventory.pages.port_query import NO_SEVERITY, SEVERITIES, SOURCES, PortQuery
from inventory.pages.port_rows import Place, most_severe_first, page_from, places
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.pages.unread import PARTLY, Unread, unread
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE

BEHIND = (SECURITY_GROUP_RULE.slug, "security-group", EC2_INSTANCE.slug)


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number with a word beside it, and where what it counts is listed."""

    number: int
    word: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The figures of the opening sentence, over everything in the chosen accounts, regions and direction."""

    severities: list[Count]
    """Openings to the whole internet or to a large part of it, by severity; for outbound all under one word."""
    unknown: Count | None
    total: int
    groups: int
    """How many security groups those openings belong to."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a select."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition in words, and the page without it."""

    words: str
    without: str


@dataclass(frozen=True, kw_only=True)
class PortsPage:
    """All that the page shows."""

    scope: PageScope
    query: PortQuery
    wide: Wide
    opening: Opening
    matrix: Matrix
    conditions: list[Condition]
    everything_url: str
    total: int
    kept: int
    places: list[Place]
    next_url: str
    directions: list[Option]
    exports: list[tuple[str, str]]
    options: dict[str, list[Option]]
    hidden: list[tuple[str, str]]
    unread: list[Unread]
    read: Summary | None
    """How fresh the rules are; None if nobody looked for any."""
    behind: Provenance
    """The looks behind every figure: at rules, groups and the instances that carry them."""


def open_ports(request: HttpRequest) -> HttpResponseBase:
    """The page, or its rows as JSON, CSV or XLSX."""
    scope = PageScope.from_request(request)
    query = PortQuery.from_address(request.GET)
    if query.output_format in FORMATS:
        return followed_export(
            request,
            lambda: exported(scope, query),
            keys=RECORD_KEYS,
            output_format=query.output_format,
            name="open-ports",
            what=", ".join([f"Open ports, {query.direction}", *(one.words for one in query.clauses())]),
        )
    everything = open_groups(scope.chosen, scope.as_of)
    rows = most_severe_first(row for row in everything if query.concerns(row))
    kept = [row for row in rows if query.keeps(row)]
    page = _page(scope, query, everything, rows, kept, request.GET.get("cursor", ""))
    return render(request, "inventory/ports.html", {"page": page})


def exported(scope: PageScope, query: PortQuery) -> Records[OpenGroup]:
    """The rows of the page as exported objects; finding them is what takes its time."""
    found = most_severe_first(row for row in open_groups(scope.chosen, scope.as_of) if query.keeps(row))
    return Records(found, OpenGroup.record)


def _page(
    scope: PageScope,
    query: PortQuery,
    everything: list[OpenGroup],
    rows: list[OpenGroup],
    kept: list[OpenGroup],
    cursor: str,
) -> PortsPage:
    here = partial(_address, scope, query)
    listed = partial(_listed, scope, PortQuery(direction=query.direction, region=query.region))
    shown, following = page_from(kept, cursor)
    states = scope.states_of(BEHIND, query.region)
    rules = [state for state in states if state.type == SECURITY_GROUP_RULE.slug]
    instances = [state for state in states if state.type == EC2_INSTANCE.slug]
    return PortsPage(
        scope=scope,
        query=query,
        wide=wide_setting(),
        opening=_opening(query, rows, listed),
        matrix=matrix(rows, listed),
        conditions=[Condition(words=one.words, without=here(**{one.parameter: ""})) for one in query.clauses()],
        everything_url=_address(scope, PortQuery(direction=query.direction)),
        total=len(rows),
        kept=len(kept),
        places=places(scope, shown, everything),
        next_url=_listed(scope, query, cursor=following) if following else "",
        directions=[
            Option(value=here(direction=direction, severity=""), label=label, is_chosen=query.direction == direction)
            for direction, label in ((INBOUND, "In"), (OUTBOUND, "Out"))
        ],
        exports=[(name.upper(), here(format=name)) for name in FORMATS],
        options=_options(query, scope),
        hidden=[*scope.url_parameters.items(), ("direction", query.direction), ("interval", query.interval)],
        # What else is asked about instances (their sizes) is no part of who can reach them.
        unread=[one for one in unread(scope, [*rules, *instances]) if one.word != PARTLY or not one.actions],
        read=summarise(rules),
        behind=behind_types(scope, BEHIND, query.region),
    )


def _opening(query: PortQuery, rows: list[OpenGroup], listed: partial[str]) -> Opening:
    counted = [row for row in rows if row.opening.kinds & {Source.WORLD, Source.WIDE}]
    numbers = Counter(row.opening.severity for row in counted)
    severities = [
        Count(number=numbers[severity], word=severity, url=listed(severity=severity))
        for severity in Severity
        if numbers[severity]
    ]
    if not query.is_inbound and counted:
        severities = [Count(number=len(counted), word="", url=listed(source=("world", "wide")))]
    unknown = sum(row.opening.severity is Severity.UNKNOWN for row in rows)
    return Opening(
        severities=severities,
        unknown=Count(number=unknown, word="unknown", url=listed(severity="unknown")) if unknown else None,
        total=len(counted),
        groups=len({(row.account.pk, row.region, row.opening.group_id) for row in counted}),
    )


def _options(query: PortQuery, scope: PageScope) -> dict[str, list[Option]]:
    """The choices of the form, by the name of the condition."""
    regions = scope.standings.regions_of(SECURITY_GROUP_RULE.slug)
    severities = {one: "none: private, narrow or groups" if one == NO_SEVERITY else one for one in SEVERITIES}
    labels = {
        **({"severity": severities} if query.is_inbound else {}),
        "region": {region: f"{region_name(region)} ({region})" for region in regions},
        "source": SOURCES,
    }
    return {
        name: [
            Option(value=value, label=label, is_chosen=value in getattr(query, name))
            for value, label in labels[name].items()
        ]
        for name in labels
    }


def _listed(scope: PageScope, query: PortQuery, **changes: str | tuple[str, ...]) -> str:
    """As `_address`, at the place where the openings are listed."""
    return f"{_address(scope, query, **changes)}#openings"


def _address(scope: PageScope, query: PortQuery, **changes: str | tuple[str, ...]) -> str:
    """This page for the same accounts and moment, with some conditions changed."""
    parameters = scope.url_parameters | query.parameters(**changes)
    path = reverse("open-ports")
    return f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path
