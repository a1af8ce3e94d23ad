"""What a reader asks of the findings: everything stands in the address, and can be read aloud.

severity=critical               critical, high, medium or low; several mean any of them
rule=volume-unencrypted         a rule by its slug; several mean any of them
type=ebs-volume                 the type of the resource; several mean any of them
region=eu-west-1                several mean any of them; `unknown` for those whose region was not read
state=unsure                    open, unsure, muted or closed; without it: open and unsure ones that are not muted
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from inventory.exposure.services import Severity
from inventory.findings.rule import find_rule, rules
from inventory.models import Finding
from inventory.models.finding import FindingQuerySet
from inventory.pages.choices import all_of, either, one_of
from inventory.pages.formats import FORMATS
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.registry import resource_type

UNKNOWN_REGION = "unknown"
SEVERITIES = tuple(one.value for one in Severity if one is not Severity.UNKNOWN)
STATES: Mapping[str, str] = {
    "open": "open",
    "unsure": "unsure, because something was not read",
    "muted": "muted",
    "closed": "closed",
}
ASKED = ("severity", "rule", "type", "region", "state")


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One condition in words, with the parameter that takes it away."""

    parameter: str
    words: str


@dataclass(frozen=True, kw_only=True)
class FindingQuery:
    """Conditions that all have to be met; an empty one is always met."""

    severity: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    state: str = ""
    output_format: str = ""

    @classmethod
    def from_address(cls, query: QueryDict) -> Self:
        """The query in an address; BadAddress says what to write instead of a value that cannot be used."""
        known = [one.slug for one in rules()]
        return cls(
            severity=all_of("severity", query.getlist("severity"), SEVERITIES),
            rule=all_of("rule", query.getlist("rule"), known),
            type=all_of("type", query.getlist("type"), sorted({one.type for one in rules()})),
            region=tuple(filter(None, dict.fromkeys(query.getlist("region")))),
            state=one_of("state", query.get("state", ""), ("", *STATES)),
            output_format=one_of("format", query.get("format", ""), ("", "html", *FORMATS)),
        )

    def findings(self, scope: PageScope) -> FindingQuerySet:
        """Those that meet every condition at the moment of the page, in no order, with `is_muted`."""
        now = timezone.now()
        mine = Finding.objects.filter(account__in=[one.pk for one in scope.chosen])
        rows = mine.ended_by(scope.as_of or now) if self.state == "closed" else mine.as_of(scope.as_of)
        rows = rows.with_mute(scope.as_of, now)
        if self.state in ("open", "unsure"):
            rows = rows.filter(is_unsure=self.state == "unsure")
        if self.state != "closed":
            rows = rows.filter(is_muted=self.state == "muted")
        for name in ("severity", "rule", "type"):
            if getattr(self, name):
                rows = rows.filter(**{f"{name}__in": getattr(self, name)})
        if self.region:
            unread = Q(region__isnull=True) if UNKNOWN_REGION in self.region else Q()
            rows = rows.filter(Q(region__in=self.region) | unread)
        return rows

    def parameters(self, **changes: str | tuple[str, ...]) -> dict[str, str | tuple[str, ...]]:
        """The query as parameters of an address, some of them changed; an empty one is left out."""
        asked: dict[str, str | tuple[str, ...]] = {name: getattr(self, name) for name in ASKED}
        return {name: value for name, value in (asked | changes).items() if value}

    def clauses(self) -> list[Clause]:
        """The conditions in words, in the order in which they are read aloud."""
        titles = [found.title for slug in self.rule if (found := find_rule(slug))]
        regions = ["not read" if one == UNKNOWN_REGION else region_name(one) for one in self.region]
        words = {
            "severity": f"severity is {either(self.severity)}",
            "rule": f"the rule is “{either(titles)}”",
            "type": f"the type is {either(resource_type(slug).label for slug in self.type)}",
            "region": f"the region is {either(regions)}",
            "state": f"they are {STATES.get(self.state, '')}",
        }
        return [Clause(parameter=name, words=words[name]) for name in ASKED if getattr(self, name)]
