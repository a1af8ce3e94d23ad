"""Which security groups let the whole internet in to ports that hand over a machine or its data."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from inventory.exposure.ledger import OpenGroup, open_groups
from inventory.exposure.rules import INBOUND, Source
from inventory.exposure.services import Severity
from inventory.findings.rule import Look

MOST_NAMED = 4


@dataclass
class AdminPorts:
    """The critical openings of one group; `unread` are those into which nobody knows who is let in."""

    openings: list[OpenGroup] = field(default_factory=list)
    unread: list[OpenGroup] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The ports with their services: `TCP 22 (SSH and SFTP) and TCP 3306 (MySQL)`."""
        named = list(dict.fromkeys(port_words(one) for one in self.openings))
        if len(named) > MOST_NAMED:
            named[MOST_NAMED - 1 :] = [f"{len(named) - MOST_NAMED + 1} more"]
        *first, last = named
        return f"{', '.join(first)} and {last}" if first else last


def admin_ports(look: Look) -> dict[tuple[str, str], AdminPorts]:
    """By region and AWS's id of the group, for groups that have any such opening or doubt."""
    found: dict[tuple[str, str], AdminPorts] = defaultdict(AdminPorts)
    for one in open_groups([look.account], look.at):
        opening = one.opening
        if one.region not in look.regions or opening.direction != INBOUND:
            continue
        if Source.WORLD in opening.kinds and opening.severity is Severity.CRITICAL:
            found[one.region, opening.group_id].openings.append(one)
        elif opening.severity is Severity.UNKNOWN:
            found[one.region, opening.group_id].unread.append(one)
    return found


def port_words(one: OpenGroup) -> str:
    """`TCP 22 (SSH and SFTP)`, `all protocols`."""
    opening = one.opening
    if opening.from_port is None:
        return opening.service or opening.protocol.upper()
    ports = str(opening.from_port) if opening.from_port == opening.to_port else f"{opening.from_port}-{opening.to_port}"
    return f"{opening.protocol.upper()} {ports}" + (f" ({opening.service})" if opening.service else "")
