"""What security groups open: maximal port intervals with the same sources, from the rules alone.

An *opening* is one group, direction, protocol, port interval and address family, with the rules that make it and the
fewest ranges that say who is let in. Within one group, direction, protocol and family we sweep over the ports: wherever
a rule begins or ends, the set of sources is computed anew, and stretches that touch and let in the same sources are one
opening. Two lists of ranges are the same when they cover the same addresses: a rule for 10.0.0.0/8 beside one for
0.0.0.0/0 splits nothing.

- Family is the version of the address ranges. Groups and prefix lists have none (None) and share one opening: a group
  has addresses of both versions, and the version of a prefix list whose entries were not read is not known.
- Protocol -1 is every protocol and stands as an opening of its own, without ports. It is not repeated in those of TCP,
  UDP or ICMP, with one exception: where only both together let in the whole world (or a wide range), neither would say
  so alone, and the opening of the one protocol then has the ranges and the rules of both.
- ICMP's type and code stand in AWS's port fields and are no ports: only TCP and UDP have ports here. A TCP or UDP rule
  without ports is open on all of them.
- Severity is for what comes in. Outbound openings have none, and neither have private ranges, narrow public ones and
  groups. A prefix list whose entries we do not know is UNKNOWN, never safe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from inventory.exposure.addresses import Family
from inventory.exposure.rules import EVERY_PROTOCOL, INBOUND, WITH_PORTS, Rule, Source, Sources, Wide
from inventory.exposure.services import Severity, service_of, severity_if_public


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One port interval of one group, open to one set of sources; ports are None where the protocol has none."""

    group_id: str
    direction: str
    protocol: str
    from_port: int | None
    to_port: int | None
    family: Family | None
    sources: tuple[str, ...]
    kinds: frozenset[Source]
    rule_ids: tuple[str, ...]
    service: str | None
    severity: Severity | None


@dataclass
class _Stretch:
    """Neighbouring ports with the same sources, while the sweep goes on."""

    first: int
    last: int
    sources: Sources
    rule_ids: set[str]


def openings(rules: Iterable[Rule], wide: Wide) -> list[Opening]:
    """Every opening of these rules, which may be of several groups of one account and region."""
    by_side: dict[tuple[str, str], dict[tuple[str, Family | None], list[Rule]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        by_side[rule.group_id, rule.direction][rule.protocol, rule.family].append(rule)
    found: list[Opening] = []
    for by_key in by_side.values():
        for (protocol, family), own in by_key.items():
            beside = [] if protocol == EVERY_PROTOCOL else by_key.get((EVERY_PROTOCOL, family), [])
            found.extend(_opening(own[0], stretch, wide) for stretch in _stretches(own, beside, wide))
    return found


def _stretches(rules: Sequence[Rule], beside: Sequence[Rule], wide: Wide) -> Iterator[_Stretch]:
    """The maximal stretches of rules that share group, direction, protocol and family.

    `beside` are the rules for every protocol of the same group, direction and family.
    """
    beginning, ended = defaultdict(list), defaultdict(list)
    for rule in rules:
        first, last = rule.ports
        beginning[first].append(rule)
        ended[last + 1].append(rule)
    family = rules[0].family
    everywhere = Sources.of(beside, family)
    active: dict[str, Rule] = {}
    stretch: _Stretch | None = None
    for port, following in pairwise(sorted({*beginning, *ended})):
        for rule in ended[port]:
            del active[rule.rule_id]
        active.update((rule.rule_id, rule) for rule in beginning[port])
        sources, rule_ids = Sources.of(active.values(), family), set(active)
        if beside and active and _is_more_together(sources, everywhere, wide):
            sources, rule_ids = sources.with_(everywhere), rule_ids | {rule.rule_id for rule in beside}
        if stretch and active and stretch.sources == sources:
            stretch.last = following - 1
            stretch.rule_ids |= rule_ids
            continue
        if stretch:
            yield stretch
        stretch = _Stretch(port, following - 1, sources, rule_ids) if active else None
    if stretch:
        yield stretch


def _is_more_together(own: Sources, everywhere: Sources, wide: Wide) -> bool:
    """Whether two lists of ranges are the world, or wide, while neither of them is."""
    if own.family is None:
        return False
    together = own.with_(everywhere).kinds(wide)
    return Source.NARROW not in together and together not in (own.kinds(wide), everywhere.kinds(wide))


def _opening(rule: Rule, stretch: _Stretch, wide: Wide) -> Opening:
    """A stretch of the sweep as an opening; `rule` is any of those that share its key."""
    has_ports = rule.protocol in WITH_PORTS
    from_port, to_port = (stretch.first, stretch.last) if has_ports else (None, None)
    kinds = stretch.sources.kinds(wide)
    return Opening(
        group_id=rule.group_id,
        direction=rule.direction,
        protocol=rule.protocol,
        from_port=from_port,
        to_port=to_port,
        family=rule.family,
        sources=stretch.sources.texts(),
        kinds=kinds,
        rule_ids=tuple(sorted(stretch.rule_ids)),
        service=service_of(rule.protocol, from_port, to_port),
        severity=_severity(rule, from_port, to_port, kinds) if rule.direction == INBOUND else None,
    )


def _severity(rule: Rule, from_port: int | None, to_port: int | None, kinds: frozenset[Source]) -> Severity | None:
    if kinds & {Source.PREFIX_LIST, Source.UNREAD}:
        return Severity.UNKNOWN
    if Source.WORLD in kinds:
        return severity_if_public(rule.protocol, from_port, to_port)
    if Source.WIDE in kinds:
        return severity_if_public(rule.protocol, from_port, to_port).lowered
    return None
