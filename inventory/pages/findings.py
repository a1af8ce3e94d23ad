"""Findings: what the rules object to, rule by rule and resource by resource."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from inventory.findings.counts import Counted, Counts, count
from inventory.findings.rule import Rule, rules
from inventory.models import Account
from inventory.pages.export_progress import followed_export
from inventory.pages.finding_query import SEVERITIES, STATES, FindingQuery
from inventory.pages.finding_rows import RECORD_KEYS, Row, every_row, page_of, rows_of
from inventory.pages.formats import FORMATS
from inventory.pages.freshness import Summary, summarise
from inventory.pages.ports import Condition, Count, Option
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.pages.unread import Unread, unread
from inventory.registry import GLOBAL, ResourceType, resource_type


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One rule with what it found."""

    rule: Rule
    found: Counted
    is_judged: bool
    """False where what it looks at was never read, so that nobody knows."""
    not_asked: Sequence[Account]
    """The accounts that do not collect what it needs."""
    url: str
    unsure_url: str
    muted_url: str

    @property
    def type(self) -> ResourceType:
        """What the rule is about."""
        return resource_type(self.rule.type)

    @property
    def is_quiet(self) -> bool:
        """Whether it found nothing at all."""
        return not (self.found.total or self.found.unsure or self.found.muted)


@dataclass(frozen=True, kw_only=True)
class FindingsPage:
    """All that the page shows."""

    scope: PageScope
    query: FindingQuery
    counts: Counts
    severities: list[Count]
    unsure_url: str
    muted_url: str
    lines: list[RuleLine]
    unjudged: list[Account]
    conditions: list[Condition]
    everything_url: str
    rows: list[Row]
    next_url: str
    is_first: bool
    exports: list[tuple[str, str]]
    options: dict[str, list[Option]]
    hidden: list[tuple[str, str]]
    unread: list[Unread]
    read: Summary | None
    """How fresh what the rules look at is; None if nobody looked."""
    behind: Provenance

    @property
    def loud(self) -> list[RuleLine]:
        """The rules that found something."""
        return [line for line in self.lines if not line.is_quiet]

    @property
    def quiet(self) -> list[RuleLine]:
        """The rules that found nothing where they looked."""
        return [line for line in self.lines if line.is_quiet and line.is_judged]

    @property
    def not_judged(self) -> list[RuleLine]:
        """The rules that could look at nothing."""
        return [line for line in self.lines if line.is_quiet and not line.is_judged]


def findings(request: HttpRequest) -> HttpResponseBase:
    """The page, or its rows as JSON, CSV or XLSX."""
    scope = PageScope.from_request(request)
    query = FindingQuery.from_address(request.GET)
    found = query.findings(scope)
    if query.output_format in FORMATS:
        return followed_export(
            request,
            lambda: (row.record() for row in every_row(scope, found)),
            keys=RECORD_KEYS,
            output_format=query.output_format,
            name="findings",
            what=", ".join(["Findings", *(one.words for one in query.clauses())]),
            count=found.count,
        )
    cursor = request.GET.get("cursor", "")
    shown, following = page_of(found, cursor)
    page = _page(scope, query, rows_of(scope, shown), following, is_first=not cursor)
    return render(request, "inventory/findings.html", {"page": page})


def asked_types() -> list[str]:
    """Every type that some rule looks at."""
    return sorted({slug for rule in rules() for slug in rule.types})


def _page(scope: PageScope, query: FindingQuery, rows: list[Row], following: str, *, is_first: bool) -> FindingsPage:
    here = partial(_address, scope, query)
    counts = count(scope.chosen, scope.as_of, by="rule", regions=query.region)
    region = FindingQuery(region=query.region)
    listed = partial(_listed, scope, region)
    slugs = asked_types()
    places = {*query.region, GLOBAL} if query.region else set()
    states = scope.states_of(slugs, places)
    return FindingsPage(
        scope=scope,
        query=query,
        counts=counts,
        severities=[
            Count(number=number, word=severity, url=listed(severity=severity, state="open"))
            for severity, number in counts.total.slots
            if number
        ],
        unsure_url=listed(state="unsure"),
        muted_url=listed(state="muted"),
        lines=[_line(scope, rule, counts, listed) for rule in rules()],
        unjudged=[one for one in scope.chosen if one.pk in counts.unjudged and not one.is_pending],
        conditions=[Condition(words=one.words, without=here(**{one.parameter: ""})) for one in query.clauses()],
        everything_url=_address(scope, FindingQuery()),
        rows=rows,
        next_url=_listed(scope, query, cursor=following) if following else "",
        is_first=is_first,
        exports=[(name.upper(), here(format=name)) for name in FORMATS],
        options=_options(query, scope),
        hidden=list(scope.url_parameters.items()),
        unread=unread(scope, states),
        read=summarise(states),
        behind=behind_types(scope, slugs, sorted(places)),
    )


def _line(scope: PageScope, rule: Rule, counts: Counts, listed: partial[str]) -> RuleLine:
    asked = [one for one in scope.chosen if rule.can_be_asked(one)]
    ids = {one.pk for one in asked}
    looks = scope.states_of(asked_types())
    read = [state.read_at for state in looks if state.type == rule.type and state.account_id in ids]
    return RuleLine(
        rule=rule,
        found=counts.of(rule.slug),
        is_judged=any(read),
        not_asked=[one for one in scope.chosen if one.pk not in ids],
        url=listed(rule=rule.slug, state="open"),
        unsure_url=listed(rule=rule.slug, state="unsure"),
        muted_url=listed(rule=rule.slug, state="muted"),
    )


def _options(query: FindingQuery, scope: PageScope) -> dict[str, list[Option]]:
    """The choices of the form, by the name of the condition."""
    regions = sorted({place.region for place in scope.counts if place.region}, key=region_name)
    labels = {
        "severity": {one: one for one in SEVERITIES},
        "rule": {one.slug: one.title for one in rules()},
        "type": {slug: resource_type(slug).label for slug in sorted({one.type for one in rules()})},
        "region": {one: f"{region_name(one)} ({one})" for one in regions},
        "state": STATES,
    }
    return {
        name: [
            Option(value=value, label=label, is_chosen=value in _chosen(query, name)) for value, label in named.items()
        ]
        for name, named in labels.items()
    }


def _chosen(query: FindingQuery, name: str) -> Sequence[str]:
    value = getattr(query, name)
    return (value,) if isinstance(value, str) else value


def _listed(scope: PageScope, query: FindingQuery, **changes: str | tuple[str, ...]) -> str:
    """As `_address`, at the place where the findings are listed."""
    return f"{_address(scope, query, **changes)}#findings"


def _address(scope: PageScope, query: FindingQuery, **changes: str | tuple[str, ...]) -> str:
    """This page for the same accounts and moment, with some conditions changed."""
    parameters = scope.url_parameters | query.parameters(**changes)
    path = reverse("findings")
    return f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path
