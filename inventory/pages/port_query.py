"""What a reader asks of the open-ports page: everything stands in the address, and can be read aloud.

direction=inbound|outbound      which way the traffic goes; inbound unless told
severity=critical               critical, high, medium, low, unknown or none; several mean any of them
region=eu-west-1                several mean any of them
source=world                    world, world-ipv4, world-ipv6, wide, narrow, prefix-list, group, unread or unknown
port=22, port=tcp:22            openings through which that port can be reached, those of every port among them
interval=tcp:8000-8090          exactly this interval; interval=-1 and interval=icmp for what has no ports
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.http import QueryDict

from inventory.exposure.ledger import OpenGroup
from inventory.exposure.openings import Opening
from inventory.exposure.rules import EVERY_PROTOCOL, INBOUND, OUTBOUND, Source
from inventory.exposure.services import LAST_PORT, Severity
from inventory.pages.choices import all_of, either, one_of
from inventory.pages.formats import FORMATS
from inventory.pages.region_names import region_name
from inventory.pages.scope import BadAddress

DIRECTIONS = {INBOUND: "in", OUTBOUND: "out"}
NO_SEVERITY = "none"
SEVERITIES = (*(severity.value for severity in Severity), NO_SEVERITY)
SOURCES: Mapping[str, str] = {
    "world": "the whole internet",
    "world-ipv4": "the whole internet over IPv4",
    "world-ipv6": "the whole internet over IPv6",
    "wide": "a large public range",
    "unknown": "a prefix list or source that was not read",
    "narrow": "private or narrow ranges",
    "group": "other groups",
    "prefix-list": "a prefix list",
    "unread": "a source that could not be read",
}
PORT = re.compile(r"(?:(tcp|udp):)?(\d{1,5})")
INTERVAL = re.compile(r"(?:(?:tcp|udp):\d{1,5}(?:-\d{1,5})?|-1|[a-z0-9]{1,16})")
ASKED = ("severity", "region", "source", "port", "interval")


@dataclass(frozen=True)
class Port:
    """One port, of TCP and UDP alike (`protocol` None) or of one of them."""

    protocol: str | None
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The port that `22` or `tcp:22` names; BadAddress if it is none."""
        match = PORT.fullmatch(text)
        if not match or int(match[2]) > LAST_PORT:
            raise BadAddress(f"“{text}” is no port. Write a number from 0 to {LAST_PORT}, or tcp:22, or udp:53.")
        return cls(match[1], int(match[2]))

    def is_reached_by(self, opening: Opening) -> bool:
        """Whether traffic to this port passes; what is open for every protocol is open for this one."""
        if opening.from_port is None or opening.to_port is None:
            return opening.protocol == EVERY_PROTOCOL
        return self.protocol in (None, opening.protocol) and opening.from_port <= self.number <= opening.to_port


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One condition in words, with the parameter that takes it away."""

    parameter: str
    words: str


@dataclass(frozen=True, kw_only=True)
class PortQuery:
    """A direction, and conditions that all have to be met; an empty one is always met."""

    direction: str = INBOUND
    severity: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    port: str = ""
    interval: str = ""
    output_format: str = ""

    @classmethod
    def from_address(cls, query: QueryDict) -> Self:
        """The query in an address; BadAddress says what to write instead of a value that cannot be used."""
        port, interval = query.get("port", ""), query.get("interval", "")
        if port:
            Port.parse(port)
        if interval and not INTERVAL.fullmatch(interval):
            raise BadAddress(f"“{interval}” is no interval of ports. Write it like tcp:8000-8090, udp:53, icmp or -1.")
        return cls(
            direction=one_of("direction", query.get("direction") or INBOUND, DIRECTIONS),
            severity=all_of("severity", query.getlist("severity"), SEVERITIES),
            region=tuple(filter(None, query.getlist("region"))),
            source=all_of("source", query.getlist("source"), SOURCES),
            port=port,
            interval=interval,
            output_format=one_of("format", query.get("format", ""), ("", "html", *FORMATS)),
        )

    @property
    def is_inbound(self) -> bool:
        """Whether it asks for what comes in."""
        return self.direction == INBOUND

    def concerns(self, row: OpenGroup) -> bool:
        """Whether a row has the direction and the region; the rest narrows down what the matrix shows."""
        return row.opening.direction == self.direction and (not self.region or row.region in self.region)

    def keeps(self, row: OpenGroup) -> bool:
        """Whether a row meets every condition."""
        opening = row.opening
        return (
            self.concerns(row)
            and (not self.severity or (opening.severity or NO_SEVERITY) in self.severity)
            and (not self.source or not source_keys(opening).isdisjoint(self.source))
            and (not self.port or Port.parse(self.port).is_reached_by(opening))
            and (not self.interval or interval_key(opening) == self.interval)
        )

    def parameters(self, **changes: str | tuple[str, ...]) -> dict[str, str | tuple[str, ...]]:
        """The query as parameters of an address, some of them changed; an empty one is left out."""
        kept = {"direction": "" if self.is_inbound else self.direction}
        asked: dict[str, str | tuple[str, ...]] = {name: getattr(self, name) for name in ASKED}
        return {name: value for name, value in (kept | asked | changes).items() if value}

    def clauses(self) -> list[Clause]:
        """The conditions in words, in the order in which they are read aloud."""
        words = {
            "severity": f"severity is {either(self.severity)}",
            "region": f"the region is {either(map(region_name, self.region))}",
            "source": f"the source is {either(SOURCES[source] for source in self.source)}",
            "port": f"port {self.port.replace(':', ' ').upper()} is reached",
            "interval": f"the ports are exactly {self.interval.replace(':', ' ').upper()}",
        }
        return [Clause(parameter=name, words=words[name]) for name in ASKED if getattr(self, name)]


def source_keys(opening: Opening) -> frozenset[str]:
    """The values of `source` that an opening answers to."""
    keys = {kind.value for kind in opening.kinds}
    if Source.WORLD in opening.kinds:
        keys.add(f"{Source.WORLD}-{opening.family}")
    if opening.kinds & {Source.PREFIX_LIST, Source.UNREAD}:
        keys.add("unknown")
    return frozenset(keys)


def interval_key(opening: Opening) -> str:
    """The value of `interval` that names exactly the ports of an opening."""
    if opening.from_port is None:
        return opening.protocol
    ports = str(opening.from_port) if opening.from_port == opening.to_port else f"{opening.from_port}-{opening.to_port}"
    return f"{opening.protocol}:{ports}"
