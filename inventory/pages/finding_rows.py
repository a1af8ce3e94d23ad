"""Findings as rows: in pages by keyset, the most severe first and among them the newest, and as exported objects."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from inventory.exposure.services import Severity
from inventory.findings.rule import Rule, find_rule
from inventory.models import Finding, Mute, MuteReason, Resource
from inventory.pages.moments import parse_moment
from inventory.pages.scope import BadAddress, PageScope
from inventory.registry import ResourceType, resource_type

PAGE = 50
AT_ONCE = 1_000
LAST_RANK = len(Severity)
RECORD_KEYS = (
    "account",
    "region",
    "type",
    "native_id",
    "name",
    "rule",
    "title",
    "severity",
    "state",
    "words",
    "since",
    "since_at_least",
    "first_seen",
    "last_seen",
    "closed",
    "muted_until",
    "mute_reason",
    "mute_comment",
    "muted_by",
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One finding, with what is known beside it."""

    finding: Finding
    rule: Rule
    last_seen: datetime | None
    """The last complete look at its place, or the one that showed it gone."""
    mute: Mute | None

    @property
    def type(self) -> ResourceType:
        """The type of its resource."""
        return resource_type(self.finding.type)

    @property
    def name(self) -> str:
        """The resource's newest name, else AWS's id."""
        return self.finding.resource.current_name or self.finding.resource.native_id

    @property
    def is_closed(self) -> bool:
        """Whether a complete look showed it gone."""
        return self.finding.valid_to is not None

    @property
    def state(self) -> str:
        """Where it stands: `open`, `unsure`, `muted` or `closed`."""
        if self.is_closed:
            return "closed"
        if self.mute is not None:
            return "muted"
        return "unsure" if self.finding.is_unsure else "open"

    def record(self) -> dict[str, Any]:
        """As the command line, the API and the page's exports give it, by `RECORD_KEYS`."""
        finding, mute = self.finding, self.mute
        return {
            "account": finding.account.account_id,
            "region": finding.region,
            "type": finding.type,
            "native_id": finding.resource.native_id,
            "name": finding.resource.current_name,
            "rule": finding.rule,
            "title": self.rule.title,
            "severity": finding.severity,
            "state": self.state,
            "words": finding.words,
            "since": finding.since,
            "since_at_least": finding.since_at_least if finding.since else None,
            "first_seen": finding.first_seen_at,
            "last_seen": self.last_seen,
            "closed": finding.valid_to if self.is_closed else None,
            "muted_until": mute.until if mute else None,
            "mute_reason": MuteReason(mute.reason).label if mute else None,
            "mute_comment": mute.comment if mute else None,
            "muted_by": mute.muted_by if mute else None,
        }


def page_of(findings: QuerySet[Finding], cursor: str) -> tuple[list[Finding], str]:
    """The findings of one page, and the cursor of the next one; empty if there is none. BadAddress for no cursor."""
    rows = _ordered(findings)
    if cursor:
        rows = rows.filter(_after(cursor))
    shown = list(rows[: PAGE + 1])
    return shown[:PAGE], _cursor(shown[PAGE - 1]) if len(shown) > PAGE else ""


def rows_of(scope: PageScope, findings: Sequence[Finding]) -> list[Row]:
    """The findings with their rules, looks and mutes; one query."""
    mutes = _mutes(scope, [one.resource_id for one in findings if not one.valid_to])
    looks = scope.states_of({one.type for one in findings}) if findings else []
    seen = {(one.account_id, one.region, one.type): one.read_at for one in looks}
    found = []
    for one in findings:
        rule = find_rule(one.rule)
        if rule is None:
            continue  # its rule went with a release, and it closes at the next look
        has_ended = one.valid_to is not None and (scope.as_of is None or one.valid_to <= scope.as_of)
        if not has_ended:
            one.valid_to = None
        found.append(
            Row(
                finding=one,
                rule=rule,
                last_seen=one.valid_to if has_ended else seen.get((one.account_id, one.scope_region, one.type)),
                mute=None if has_ended else mutes.get((one.resource_id, one.rule)),
            )
        )
    return found


def rows_about(scope: PageScope, resource: Resource) -> list[Row]:
    """What rules say of one resource at the moment of the page, muted findings last; two queries."""
    said = Finding.objects.as_of(scope.as_of).filter(resource=resource)
    return sorted(rows_of(scope, list(_ordered(said))), key=lambda row: row.state == "muted")


def every_row(scope: PageScope, findings: QuerySet[Finding]) -> Iterator[Row]:
    """All of them in the order of the list, some at a time."""
    rows, after = _ordered(findings), Q()
    while some := list(rows.filter(after)[:AT_ONCE]):
        yield from rows_of(scope, some)
        after = _after(_cursor(some[-1]))


def _ordered(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    return findings.select_related("resource", "account").order_by("rank", "-first_seen_at", "pk")


def _mutes(scope: PageScope, resource_ids: Sequence[int]) -> Mapping[tuple[int, str], Mute]:
    at = scope.as_of or timezone.now()
    lasting = Mute.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), muted_at__lte=at, until__gt=at)
    return {(one.resource_id, one.rule): one for one in lasting.filter(resource__in=resource_ids).order_by("muted_at")}


def _cursor(last: Finding) -> str:
    parts = [last.rank, last.first_seen_at.isoformat(), last.pk]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _after(cursor: str) -> Q:
    """What comes after the finding that a cursor names."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        rank, first_seen, pk = parts
        if not all(type(number) is int and 0 <= number < 2**63 for number in (rank, pk)) or rank > LAST_RANK:
            raise ValueError("no such place")
        moment = parse_moment(first_seen)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise BadAddress("“cursor” in this address leads nowhere: begin at the first page of the list.") from None
    return Q(rank__gt=rank) | Q(rank=rank, first_seen_at__lt=moment) | Q(rank=rank, first_seen_at=moment, pk__gt=pk)
