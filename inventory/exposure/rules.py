"""One security-group rule, and who a set of rules lets in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from inventory.exposure.addresses import PUBLIC_SIZE, Family, Span, Spans, minimal_ranges, public_size, span_of, union
from inventory.exposure.services import LAST_PORT

INBOUND, OUTBOUND = "inbound", "outbound"
EVERY_PROTOCOL = "-1"
WITH_PORTS = frozenset({"tcp", "udp"})
EVERY_PORT = (0, LAST_PORT)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One security-group rule as AWS describes it; it has exactly one source, or none that could be read."""

    rule_id: str
    group_id: str
    direction: str
    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidr_ipv4: str | None = None
    cidr_ipv6: str | None = None
    prefix_list_id: str | None = None
    referenced_group: str | None = None

    @property
    def family(self) -> Family | None:
        """The version of its address range; None for a group or a prefix list."""
        if self.cidr_ipv4:
            return Family.IPV4
        return Family.IPV6 if self.cidr_ipv6 else None

    @property
    def span(self) -> Span:
        """First and last address of its range; for rules that have a family."""
        return span_of(self.cidr_ipv4 or self.cidr_ipv6 or "")

    @property
    def named_source(self) -> tuple[Source, str]:
        """The group or prefix list; for rules without a family."""
        if self.prefix_list_id:
            return Source.PREFIX_LIST, self.prefix_list_id
        if self.referenced_group:
            return Source.GROUP, self.referenced_group
        return Source.UNREAD, ""

    @property
    def ports(self) -> tuple[int, int]:
        """First and last port; the same interval for every rule of a protocol that has no ports."""
        if self.protocol not in WITH_PORTS or self.from_port is None or self.to_port is None or self.from_port < 0:
            return EVERY_PORT
        return self.from_port, self.to_port


class Source(StrEnum):
    """What kind of source is let in; NARROW is private ranges and public ones that are not WIDE."""

    WORLD = "world"
    WIDE = "wide"
    NARROW = "narrow"
    PREFIX_LIST = "prefix-list"
    GROUP = "group"
    UNREAD = "unread"


@dataclass(frozen=True)
class Wide:
    """Public ranges are wide when they hold more addresses together than one range of this prefix length does."""

    ipv4_prefix: int = 16
    ipv6_prefix: int = 32

    def is_exceeded_by(self, addresses: int, family: Family) -> bool:
        """Whether so many public addresses are wide."""
        prefix = self.ipv4_prefix if family is Family.IPV4 else self.ipv6_prefix
        return addresses > 1 << (family.bits - prefix)


@dataclass(frozen=True)
class Sources:
    """Who is let in: the addresses of one family, or groups and prefix lists by name; equal if the same are let in."""

    family: Family | None
    spans: Spans = ()
    names: frozenset[tuple[Source, str]] = frozenset()

    @classmethod
    def of(cls, rules: Iterable[Rule], family: Family | None) -> Self:
        """The sources of rules of this family."""
        if family is None:
            return cls(family, names=frozenset(rule.named_source for rule in rules))
        return cls(family, spans=union(rule.span for rule in rules))

    def with_(self, other: Sources) -> Sources:
        """The sources of both, which have the same family."""
        return Sources(self.family, union((*self.spans, *other.spans)), self.names | other.names)

    def kinds(self, wide: Wide) -> frozenset[Source]:
        """World, wide or narrow for addresses; for names, what they name."""
        if self.family is None:
            return frozenset(kind for kind, _ in self.names)
        public = public_size(self.spans, self.family)
        if public == PUBLIC_SIZE[self.family]:
            return frozenset({Source.WORLD})
        return frozenset({Source.WIDE if wide.is_exceeded_by(public, self.family) else Source.NARROW})

    def texts(self) -> tuple[str, ...]:
        """The fewest ranges that cover the addresses, or the ids of groups and prefix lists, in order."""
        if self.family is None:
            return tuple(sorted(name for _, name in self.names if name))
        return minimal_ranges(self.spans, self.family)
