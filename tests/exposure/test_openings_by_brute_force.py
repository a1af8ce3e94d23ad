"""The sweep against a second, slow way to the same answer: every port by itself, every block of addresses by itself."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from inventory.exposure.openings import openings
from inventory.exposure.rules import Rule, Wide

PORTS = range(19, 27)
BLOCKS = [str(block) for block in IPv4Network("0.0.0.0/0").subnets(new_prefix=4)]
WITHOUT_PUBLIC_ADDRESSES = {"224.0.0.0/4", "240.0.0.0/4"}
RANGES = [str(n) for prefix in range(5) for n in IPv4Network("0.0.0.0/0").subnets(new_prefix=prefix)]
TIMES_SEVERE = {20: 3, 21: 3, 22: 4, 23: 4, 25: 3}  # as the table grades them; other ports of this space have no name
STEPS = {4: "critical", 3: "high", 2: "medium", 1: "low"}

cidrs = st.sampled_from(RANGES).map(lambda cidr: {"cidr_ipv4": cidr})
groups = st.sampled_from(["sg-a", "sg-b"]).map(lambda group: {"referenced_group": group})
prefix_lists = st.sampled_from(["pl-a"]).map(lambda prefix_list: {"prefix_list_id": prefix_list})


@st.composite
def rules_of_one_group(draw):
    rules = []
    for number in range(draw(st.integers(0, 12))):
        first, last = sorted([draw(st.sampled_from(PORTS)), draw(st.sampled_from(PORTS))])
        source = draw(cidrs | cidrs | groups | prefix_lists)
        protocol = draw(st.sampled_from(["tcp", "tcp", "udp"]))
        rules.append(
            Rule(
                rule_id=f"sgr-{number:02}",
                group_id="sg-1",
                direction="inbound",
                protocol=protocol,
                from_port=first,
                to_port=last,
                **source,
            )
        )
    return rules


def expected(rules):
    """(protocol, first, last, family, sources, rules, severity) of each row, worked out port by port."""
    rows = set()
    for protocol in ("tcp", "udp"):
        for family in ("ipv4", None):
            ours = [r for r in rules if r.protocol == protocol and bool(r.cidr_ipv4) == (family == "ipv4")]
            by_port = [(port, sources_on(port, ours)) for port in PORTS]
            for sources, stretch in groupby(by_port, key=lambda item: item[1]):
                ports = [port for port, _ in stretch]
                if not sources:
                    continue
                makers = tuple(r.rule_id for r in ours if r.from_port <= ports[-1] and r.to_port >= ports[0])
                texts = fewest_ranges(sources) if family else tuple(sorted(sources))
                severity = grade(protocol, ports, sources, family)
                rows.add((protocol, ports[0], ports[-1], family, texts, makers, severity))
    return rows


def sources_on(port, rules):
    found = set()
    for rule in rules:
        if rule.from_port <= port <= rule.to_port:
            if rule.cidr_ipv4:
                found |= {block for block in BLOCKS if IPv4Network(block).subnet_of(IPv4Network(rule.cidr_ipv4))}
            else:
                found.add(rule.referenced_group or rule.prefix_list_id)
    return frozenset(found)


def fewest_ranges(blocks):
    """Take the largest range that fits into what is left, again and again."""
    left, taken = set(blocks), []
    for cidr in RANGES:  # from the largest to the smallest
        inside = {block for block in BLOCKS if IPv4Network(block).subnet_of(IPv4Network(cidr))}
        if inside <= left:
            left -= inside
            taken.append(cidr)
    return tuple(sorted(taken, key=lambda cidr: int(IPv4Network(cidr).network_address)))


def grade(protocol, ports, sources, family):
    if family is None:
        return "unknown" if "pl-a" in sources else None
    public = sources - WITHOUT_PUBLIC_ADDRESSES
    if not public:
        return None
    worst = max(TIMES_SEVERE.get(port, 2) if protocol == "tcp" else 2 for port in ports)
    is_world = len(public) == len(BLOCKS) - len(WITHOUT_PUBLIC_ADDRESSES)
    return STEPS[worst if is_world else max(1, worst - 1)]


@given(rules_of_one_group())
def test_the_sweep_finds_what_counting_port_by_port_finds(rules):
    found = openings(rules, Wide())

    rows = [(o.protocol, o.from_port, o.to_port, o.family, o.sources, o.rule_ids, o.severity) for o in found]
    assert len(rows) == len(set(rows))
    assert set(rows) == expected(rules)


@given(rules_of_one_group(), st.randoms())
def test_the_order_of_rules_does_not_matter(rules, random):
    shuffled = random.sample(rules, len(rules))

    assert set(openings(shuffled, Wide())) == set(openings(rules, Wide()))


@given(rules_of_one_group())
def test_every_rule_is_part_of_an_opening(rules):
    named = {rule_id for opening in openings(rules, Wide()) for rule_id in opening.rule_ids}

    assert named == {rule.rule_id for rule in rules}
