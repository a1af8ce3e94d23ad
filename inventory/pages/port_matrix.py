"""Ports by source: how many openings let whom in on which ports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inventory.exposure.ledger import OpenGroup, wide_setting
from inventory.exposure.openings import Opening
from inventory.exposure.rules import EVERY_PROTOCOL
from inventory.exposure.services import Severity, severity_if_public, worst
from inventory.pages.port_query import interval_key, source_keys

MOST_INTERVALS = 30
OWN = ("narrow", "group")


@dataclass(frozen=True)
class SourceColumn:
    """One kind of source: its value in the address, and its head."""

    key: str
    label: str
    small: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How many openings there are; `look` is the worst of their severities, `unsure`, or `own` where none applies."""

    number: int
    look: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One interval of ports, with how severe it is to show it to the world."""

    label: str
    short_label: str
    severity: str
    url: str
    cells: list[Cell | None]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Intervals by sources, those open to strangers first; `left_out` counts those that do not fit."""

    columns: tuple[SourceColumn, ...]
    lines: list[Line]
    left_out: int


def matrix(rows: Sequence[OpenGroup], address: Callable[..., str]) -> Matrix:
    """The matrix of these openings; `address(interval=..., source=...)` answers where they are listed."""
    columns = source_columns()
    numbers: Counter[tuple[str, str]] = Counter()
    severities: dict[tuple[str, str], list[Severity]] = defaultdict(list)
    openings: dict[str, Opening] = {}
    for row in rows:
        interval = interval_key(row.opening)
        openings.setdefault(interval, row.opening)
        for key in source_keys(row.opening):
            numbers[interval, key] += 1
            if row.opening.severity:
                severities[interval, key].append(row.opening.severity)

    def cell(interval: str, key: str) -> Cell | None:
        if not numbers[interval, key]:
            return None
        return Cell(
            number=numbers[interval, key],
            look=_look(key, severities[interval, key]),
            url=address(interval=interval, source=key),
        )

    reached = {interval for (interval, _), found in severities.items() if found}
    ordered = sorted(openings, key=lambda interval: (interval not in reached, *_in_order(openings[interval])))
    lines = [
        Line(
            label=port_label(openings[interval]),
            short_label=port_label(openings[interval]).partition(",")[0],
            severity=_severity(openings[interval]),
            url=address(interval=interval),
            cells=[cell(interval, column.key) for column in columns],
        )
        for interval in ordered[:MOST_INTERVALS]
    ]
    return Matrix(columns=columns, lines=lines, left_out=len(ordered) - len(lines))


def source_columns() -> tuple[SourceColumn, ...]:
    """The columns, from the most open to the least."""
    wide = wide_setting()
    return (
        SourceColumn("world-ipv4", "Internet, IPv4", "0.0.0.0/0 and unions"),
        SourceColumn("world-ipv6", "Internet, IPv6", "::/0 and unions"),
        SourceColumn("wide", "Large public range", f"above /{wide.ipv4_prefix}, IPv6 /{wide.ipv6_prefix}"),
        SourceColumn("unknown", "Prefix list", "entries not read"),
        SourceColumn("narrow", "Ranges", "private or narrow"),
        SourceColumn("group", "Groups", "members of a group"),
    )


def port_label(opening: Opening) -> str:
    """The ports in words: `22 SSH and SFTP`, `20 to 21 FTP` (with a dash), `161 UDP SNMP`, `All TCP ports`, `ICMP`."""
    protocol, service = opening.protocol, opening.service or ""
    if opening.from_port is None:
        if protocol == EVERY_PROTOCOL:
            return "All protocols"
        return f"Protocol {protocol}" if protocol.isdigit() else {"icmpv6": "ICMPv6"}.get(protocol, protocol.upper())
    if service.startswith("all "):
        return f"A{service[1:]}"
    ports = f"{opening.from_port}"
    if opening.to_port != opening.from_port:
        ports = f"{opening.from_port}\N{EN DASH}{opening.to_port}"
    return " ".join(filter(None, (ports, "UDP" if protocol == "udp" else "", service)))


def _look(key: str, severities: Sequence[Severity]) -> str:
    if key in OWN or not severities:
        return "own"
    found = worst(severities)
    return "unsure" if found is Severity.UNKNOWN else found


def _severity(opening: Opening) -> Severity:
    return severity_if_public(opening.protocol, opening.from_port, opening.to_port)


def _in_order(opening: Opening) -> tuple[int, bool, int, int, str]:
    """The most severe first; without ports before all ports before the others, by number."""
    first = -1 if opening.from_port is None else opening.from_port
    last = -1 if opening.to_port is None else opening.to_port
    return _severity(opening).rank, opening.protocol != EVERY_PROTOCOL, first, -last, opening.protocol
