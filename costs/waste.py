"""What is paid for and does nothing, or would cost less: one line for each resource, and its money counted once.

A resource that is wasted in two ways has the line that saves most: a gp2 volume that is attached to nothing would save
all that it costs, and is not told to become gp3 as well. A stopped instance has a line that costs nothing, because AWS
takes no compute for it; its volumes have lines of their own. Lines are at today's prices, for what was there at the
moment.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from costs.price_book import Provenance
from inventory.models.since import Since

ZERO = Decimal(0)
STOPPED_STATES = frozenset({"stopping", "stopped"})
WHOSE = ("resource_id", "account_id", "account__name", "account__account_id", "resource__native_id", "name")
"""What a line says of whose it is, as columns of a revision."""
LOOKED_AT = (
    *("ec2-instance", "ebs-volume", "elastic-ip", "load-balancer", "target-group", "classic-load-balancer"),
    *("nat-gateway", "network-interface"),
)
"""The types that lines are about, or are judged by."""


class Kind(StrEnum):
    """In which way something is wasted; in the order in which pages show them."""

    UNATTACHED_VOLUME = "unattached-volume"
    VOLUME_OF_STOPPED = "volume-of-stopped-instance"
    STOPPED_INSTANCE = "stopped-instance"
    OLDER_TYPE = "older-instance-type"
    DEARER_VOLUME_TYPE = "dearer-volume-type"
    GATEWAY = "nat-gateway-without-use"
    BALANCER = "load-balancer-without-targets"
    IDLE_ADDRESS = "idle-elastic-ip"

    @property
    def words(self) -> str:
        """For a reader."""
        return KIND_WORDS[self]


KIND_WORDS = {
    Kind.UNATTACHED_VOLUME: "Volumes attached to nothing",
    Kind.VOLUME_OF_STOPPED: "Volumes of stopped instances",
    Kind.STOPPED_INSTANCE: "Stopped instances",
    Kind.OLDER_TYPE: "Instances of an older generation",
    Kind.DEARER_VOLUME_TYPE: "Volumes of a dearer type",
    Kind.GATEWAY: "NAT gateways where nothing runs",
    Kind.BALANCER: "Load balancers without a healthy target",
    Kind.IDLE_ADDRESS: "Elastic IPs that nothing uses",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One resource. `monthly_usd` is what a month without the waste saves; None is unpriced, and `reason` says why."""

    kind: Kind
    type: str
    resource_id: int
    account: str
    account_id: str | None
    region: str | None
    native_id: str
    name: str
    what: str
    monthly_usd: Decimal | None
    instead: str = ""
    since: Since | None = None
    reason: str = ""
    documents: frozenset[Provenance] = frozenset()


def line_of(kind: Kind, slug: str, whose: tuple[Any, ...], region: str | None, **rest: Any) -> Line:
    """A line about one resource; `whose` are the values of `WHOSE`."""
    resource_id, _, account, account_id, native_id, name = whose
    return Line(
        kind=kind,
        type=slug,
        resource_id=resource_id,
        account=account,
        account_id=account_id,
        region=region,
        native_id=native_id,
        name=name,
        **rest,
    )


@dataclass(frozen=True, kw_only=True)
class Others:
    """Lines of one kind that nobody asked to see: none of them saves more than those that were asked for."""

    number: int = 0
    monthly_usd: Decimal = ZERO
    documents: frozenset[Provenance] = frozenset()


@dataclass
class KindTotal:
    """All lines of one kind."""

    kind: Kind
    lines: list[Line] = field(default_factory=list)
    others: Others = field(default_factory=Others)

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.lines) + self.others.number

    @property
    def monthly_usd(self) -> Decimal:
        """What those with a price save a month."""
        priced = (line.monthly_usd for line in self.lines if line.monthly_usd is not None)
        return sum(priced, self.others.monthly_usd)

    @property
    def unpriced(self) -> int:
        """Those without; others have one."""
        return sum(line.monthly_usd is None for line in self.lines)


@dataclass
class Waste:
    """The lines, what others come to, and what could not be judged."""

    lines: list[Line]
    others: dict[Kind, Others] = field(default_factory=dict)
    not_compared: Counter[str] = field(default_factory=Counter)
    """Things that may be cheaper as something else, by the reason why nobody knows."""
    not_judged: Counter[str] = field(default_factory=Counter)
    """Things that may serve nothing, by the reason why nobody knows."""

    @cached_property
    def kinds(self) -> list[KindTotal]:
        """The lines by kind, those that save most first; kinds without lines are left out."""
        totals = {kind: KindTotal(kind, others=self.others.get(kind, Others())) for kind in Kind}
        for line in self.lines:
            totals[line.kind].lines.append(line)
        for total in totals.values():
            total.lines.sort(key=lambda line: (line.monthly_usd is None, -(line.monthly_usd or ZERO), line.native_id))
        return [total for total in totals.values() if total.number]

    @property
    def number(self) -> int:
        """How many lines there are."""
        return sum(total.number for total in self.kinds)

    @property
    def monthly_usd(self) -> Decimal:
        """What all of it saves a month, as far as it has a price."""
        return sum((total.monthly_usd for total in self.kinds), ZERO)

    @property
    def unpriced(self) -> Counter[str]:
        """Lines without a price, by reason."""
        return Counter(line.reason for line in self.lines if line.monthly_usd is None)

    @property
    def documents(self) -> list[Provenance]:
        """Every list that a figure rests on, newest first."""
        found = [*(line.documents for line in self.lines), *(one.documents for one in self.others.values())]
        return sorted({document for documents in found for document in documents}, reverse=True)
