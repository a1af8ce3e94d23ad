"""What is new to a user: what changed, and which ports opened to the world, since the visit before this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from inventory.exposure.news import NewOpening, newly_open_to_world
from inventory.exposure.rules import INBOUND
from inventory.models import Snapshot
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.frame import address
from inventory.pages.port_matrix import port_label
from inventory.pages.port_query import interval_key
from inventory.pages.scope import PageScope
from inventory.pages.stretch import Kind, groups_of, stretches
from inventory.resource_types.security_group import SECURITY_GROUP

SECONDS = 1.0
"""How long counting the changes and finding the ports may take, each."""
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class NewPort:
    """A port that opened to the world: its words, the ports page with it, and its group's page where it has one."""

    new: NewOpening
    label: str
    url: str
    group_name: str
    group_url: str


@dataclass(frozen=True, kw_only=True)
class NewPorts:
    """The newest of them, how many there are, and in how many regions of accounts nobody can tell."""

    newest: Sequence[NewPort]
    total: int
    unknown_places: int

    @property
    def hidden(self) -> int:
        """How many there is no line for."""
        return self.total - len(self.newest)


@dataclass(frozen=True, kw_only=True)
class SinceLastVisit:
    """What happened since `since`, as far as snapshots saw it."""

    since: datetime
    has_new_snapshot: bool
    numbers: Mapping[Kind, int] | None
    """By kind; None if there are too many to count in time."""
    ports: NewPorts | None
    """None if they could not be found in time."""

    @property
    def total(self) -> int:
        """Changes of all kinds that were counted."""
        return sum((self.numbers or {}).values())


def since_last_visit(scope: PageScope, since: datetime) -> SinceLastVisit:
    """What is new to somebody who was here last at `since`; for a page of now."""
    taken = Snapshot.objects.filter(account__in=scope.accounts, finished_at__isnull=False, taken_at__gt=since)
    return SinceLastVisit(
        since=since, has_new_snapshot=taken.exists(), numbers=_numbers(scope, since), ports=_ports(scope, since)
    )


def _numbers(scope: PageScope, since: datetime) -> Mapping[Kind, int] | None:
    asked = stretches(scope.chosen, since, timezone.now())
    numbers = dict.fromkeys(Kind, 0)
    try:
        with time_budget(SECONDS):
            for kind, _, _, _, number, _ in groups_of(asked):
                numbers[Kind(kind)] += number
    except OverBudget:
        return None
    return numbers


def _ports(scope: PageScope, since: datetime) -> NewPorts | None:
    try:
        with time_budget(SECONDS):
            found = newly_open_to_world(scope.chosen, since)
    except OverBudget:
        return None
    return NewPorts(
        newest=[_port(scope, new) for new in found.openings[:SHOWN]],
        total=len(found.openings),
        unknown_places=len(found.unknown),
    )


def _port(scope: PageScope, new: NewOpening) -> NewPort:
    opening, group = new.opening, new.group
    return NewPort(
        new=new,
        label=port_label(opening),
        url=address(
            scope,
            "open-ports",
            account=new.account.name,
            direction=INBOUND,
            region=new.region,
            interval=interval_key(opening),
            source="world",
        ),
        group_name=(group.name if group else "") or opening.group_id,
        group_url=address(scope, "resource-detail", SECURITY_GROUP.slug, group.resource_id) if group else "",
    )
