"""Inbound ports that are open to the whole world, counted by region and severity."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from inventory.exposure.ledger import open_groups
from inventory.exposure.rules import INBOUND, Source
from inventory.exposure.services import Severity
from inventory.exposure.stored import world_counts
from inventory.pages.scope import PageScope
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE


@dataclass(frozen=True, kw_only=True)
class WorldPorts:
    """How many ports of each severity are open to the world in one region or in several."""

    numbers: Mapping[Severity, int]
    is_evaluated: bool
    """False where rules were never read, so that nobody knows."""
    is_complete: bool
    """False where the rules of some account were never read."""

    @property
    def total(self) -> int:
        """Ports of all severities together."""
        return sum(self.numbers.values())

    @property
    def critical(self) -> int:
        """Ports that hand over a machine or its data."""
        return self.numbers.get(Severity.CRITICAL, 0)

    @property
    def slots(self) -> list[tuple[str, int]]:
        """Every severity, the worst first, with its number."""
        return [(severity.value, self.numbers.get(severity, 0)) for severity in Severity]


def world_ports(scope: PageScope) -> dict[str, WorldPorts]:
    """By region, for every region whose rules were looked at by the page's moment."""
    numbers: dict[str, Counter[Severity]] = defaultdict(Counter)
    for region, counted in _counted(scope):
        numbers[region] += counted
    found = {}
    for region in scope.standings.regions_of(SECURITY_GROUP_RULE.slug):
        seen = scope.standings.of_place(SECURITY_GROUP_RULE.slug, region)
        found[region] = WorldPorts(
            numbers=numbers[region],
            is_evaluated=seen is not None and not seen.was_never_read,
            is_complete=seen is not None and not seen.never_read,
        )
    return found


def together(regions: Mapping[str, WorldPorts]) -> WorldPorts:
    """All regions in one figure."""
    numbers = sum((Counter(one.numbers) for one in regions.values()), Counter[Severity]())
    return WorldPorts(
        numbers=numbers,
        is_evaluated=any(one.is_evaluated for one in regions.values()),
        is_complete=all(one.is_complete for one in regions.values()),
    )


def _counted(scope: PageScope) -> list[tuple[str, Counter[Severity]]]:
    """Now from the table that is kept for counting; a past moment is worked out from the ledger."""
    if scope.as_of is None:
        return [(region, counted) for (_, region), counted in world_counts(scope.chosen).items()]
    return [
        (found.region, Counter([found.opening.severity]))
        for found in open_groups(scope.chosen, scope.as_of)
        if found.opening.direction == INBOUND and Source.WORLD in found.opening.kinds and found.opening.severity
    ]
