from __future__ import annotations

from itertools import count

import pytest

from inventory.exposure.openings import openings
from inventory.exposure.rules import INBOUND, OUTBOUND, Rule, Source, Wide
from inventory.exposure.services import Severity

UPPER_HALF = ("128.0.0.0/2", "192.0.0.0/3")
numbers = count(1)


def rule(*ports, protocol="tcp", direction=INBOUND, group="sg-1", **source):
    """A rule for one port, an interval, or no ports at all."""
    from_port, to_port = (ports[0], ports[-1]) if ports else (None, None)
    return Rule(
        rule_id=f"sgr-{next(numbers):04}",
        group_id=group,
        direction=direction,
        protocol=protocol,
        from_port=from_port,
        to_port=to_port,
        **source,
    )


def ipv4(*ports, cidr="0.0.0.0/0", **more):
    return rule(*ports, cidr_ipv4=cidr, **more)


def ipv6(*ports, cidr="::/0", **more):
    return rule(*ports, cidr_ipv6=cidr, **more)


def open_by(*rules, wide=None):
    return openings(rules, wide or Wide())


def intervals(found):
    return [(opening.from_port, opening.to_port, opening.sources) for opening in found]


# Intervals


def test_one_rule_is_one_opening():
    ssh = ipv4(22)

    (opening,) = open_by(ssh)

    assert (opening.group_id, opening.direction, opening.protocol) == ("sg-1", INBOUND, "tcp")
    assert (opening.from_port, opening.to_port, opening.family) == (22, 22, "ipv4")
    assert opening.sources == ("0.0.0.0/0",)
    assert opening.rule_ids == (ssh.rule_id,)
    assert opening.service == "SSH and SFTP"
    assert opening.severity is Severity.CRITICAL


def test_neighbouring_ports_with_the_same_sources_are_one_interval():
    low, high = ipv4(8000, 8079), ipv4(8080, 8090)

    (opening,) = open_by(high, low)

    assert (opening.from_port, opening.to_port) == (8000, 8090)
    assert opening.rule_ids == (low.rule_id, high.rule_id)


def test_ports_apart_stay_apart():
    assert intervals(open_by(ipv4(80), ipv4(82))) == [(80, 80, ("0.0.0.0/0",)), (82, 82, ("0.0.0.0/0",))]


def test_an_interval_splits_where_the_sources_differ():
    broad, narrow = ipv4(10, 30, cidr="10.0.0.0/8"), ipv4(20, 25, cidr="192.168.0.0/16")

    found = open_by(broad, narrow)

    assert intervals(found) == [
        (10, 19, ("10.0.0.0/8",)),
        (20, 25, ("10.0.0.0/8", "192.168.0.0/16")),
        (26, 30, ("10.0.0.0/8",)),
    ]
    assert [opening.rule_ids for opening in found] == [
        (broad.rule_id,),
        (broad.rule_id, narrow.rule_id),
        (broad.rule_id,),
    ]


def test_a_range_inside_another_splits_nothing_and_its_rule_is_named():
    world, office = ipv4(20, 30), ipv4(22, cidr="198.51.100.0/24")

    (opening,) = open_by(world, office)

    assert (opening.from_port, opening.to_port, opening.sources) == (20, 30, ("0.0.0.0/0",))
    assert opening.rule_ids == (world.rule_id, office.rule_id)


def test_stretches_that_say_the_same_in_other_ranges_merge():
    whole = ipv4(22, cidr="10.0.0.0/8")
    halves = [ipv4(23, cidr="10.0.0.0/9"), ipv4(23, cidr="10.128.0.0/9")]

    (opening,) = open_by(whole, *halves)

    assert (opening.from_port, opening.to_port, opening.sources) == (22, 23, ("10.0.0.0/8",))


def test_groups_directions_and_protocols_do_not_mix():
    rules = [ipv4(22), ipv4(23, group="sg-2"), ipv4(24, direction=OUTBOUND), ipv4(25, protocol="udp")]

    found = open_by(*rules)

    assert {(o.group_id, o.direction, o.protocol, o.from_port) for o in found} == {
        ("sg-1", INBOUND, "tcp", 22),
        ("sg-2", INBOUND, "tcp", 23),
        ("sg-1", OUTBOUND, "tcp", 24),
        ("sg-1", INBOUND, "udp", 25),
    }


def test_both_address_families_have_openings_of_their_own():
    found = open_by(ipv4(22), ipv6(22))

    assert [(o.family, o.sources, o.severity) for o in found] == [
        ("ipv4", ("0.0.0.0/0",), Severity.CRITICAL),
        ("ipv6", ("::/0",), Severity.CRITICAL),
    ]


def test_a_rule_for_tcp_without_ports_is_open_on_all_of_them():
    (without,) = open_by(ipv4())
    (minus_one,) = open_by(ipv4(-1))

    assert (without.from_port, without.to_port) == (minus_one.from_port, minus_one.to_port) == (0, 65535)


# World, wide, narrow


@pytest.mark.parametrize(
    "ranges",
    [
        ["0.0.0.0/0"],
        ["0.0.0.0/1", "128.0.0.0/1"],
        ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
        # Without the private 10.0.0.0/8, multicast and reserved space nothing public is missing.
        ["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", *UPPER_HALF],
    ],
)
def test_ranges_that_cover_all_public_ipv4_space_are_the_world(ranges):
    (opening,) = open_by(*(ipv4(22, cidr=cidr) for cidr in ranges))

    assert opening.kinds == {Source.WORLD}
    assert opening.severity is Severity.CRITICAL


@pytest.mark.parametrize("ranges", [["::/0"], ["::/1", "8000::/1"], ["2000::/3"], ["2000::/4", "3000::/4"]])
def test_ranges_that_cover_all_global_unicast_ipv6_space_are_the_world(ranges):
    (opening,) = open_by(*(ipv6(22, cidr=cidr) for cidr in ranges))

    assert opening.kinds == {Source.WORLD}
    assert opening.severity is Severity.CRITICAL


def test_half_of_the_world_is_wide_and_one_step_less_severe():
    (opening,) = open_by(ipv4(22, cidr="0.0.0.0/1"))

    assert opening.kinds == {Source.WIDE}
    assert opening.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("ranges", "severity"),
    [
        (["52.0.0.0/16"], None),
        (["52.0.0.0/15"], Severity.HIGH),
        (["52.0.0.0/16", "54.0.0.0/32"], Severity.HIGH),
        (["52.0.0.0/16", "10.0.0.0/8", "198.18.0.0/15"], None),
    ],
)
def test_public_ranges_are_wide_when_they_are_larger_than_a_16_together(ranges, severity):
    (opening,) = open_by(*(ipv4(22, cidr=cidr) for cidr in ranges))

    assert opening.severity is severity


@pytest.mark.parametrize(("cidr", "severity"), [("2600:1f00::/32", None), ("2600:1f00::/31", Severity.HIGH)])
def test_ipv6_ranges_are_wide_when_they_are_larger_than_a_32(cidr, severity):
    (opening,) = open_by(ipv6(22, cidr=cidr))

    assert opening.severity is severity


def test_what_counts_as_wide_can_be_chosen():
    (opening,) = open_by(ipv4(22, cidr="52.0.0.0/16"), wide=Wide(ipv4_prefix=24))

    assert opening.severity is Severity.HIGH


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "172.16.0.0/12", "100.64.0.0/10", "203.0.113.7/32", "8.8.8.8/32"])
def test_private_and_narrow_ranges_have_no_severity(cidr):
    (opening,) = open_by(ipv4(22, cidr=cidr))

    assert opening.kinds == {Source.NARROW}
    assert opening.severity is None


# Groups and prefix lists


def test_a_group_as_source_has_neither_family_nor_severity():
    (opening,) = open_by(rule(5432, referenced_group="sg-web"))

    assert (opening.family, opening.sources, opening.kinds) == (None, ("sg-web",), {Source.GROUP})
    assert opening.severity is None


def test_a_prefix_list_is_unknown_and_never_safe():
    (opening,) = open_by(rule(443, prefix_list_id="pl-1"))

    assert (opening.family, opening.sources, opening.kinds) == (None, ("pl-1",), {Source.PREFIX_LIST})
    assert opening.severity is Severity.UNKNOWN


def test_a_group_beside_a_prefix_list_does_not_make_it_safe():
    (opening,) = open_by(rule(443, prefix_list_id="pl-1"), rule(443, referenced_group="sg-web"))

    assert opening.sources == ("pl-1", "sg-web")
    assert opening.kinds == {Source.PREFIX_LIST, Source.GROUP}
    assert opening.severity is Severity.UNKNOWN


def test_a_rule_whose_source_could_not_be_read_has_a_row_and_is_unknown():
    (opening,) = open_by(rule(22))

    assert (opening.sources, opening.kinds, opening.severity) == ((), {Source.UNREAD}, Severity.UNKNOWN)


# Protocols


def test_every_protocol_is_one_opening_without_ports():
    (opening,) = open_by(ipv4(protocol="-1"))

    assert (opening.protocol, opening.from_port, opening.to_port) == ("-1", None, None)
    assert opening.service == "all protocols"
    assert opening.severity is Severity.CRITICAL


def test_every_protocol_over_ipv6_counts_too():
    (opening,) = open_by(ipv6(protocol="-1"))

    assert opening.severity is Severity.CRITICAL


def test_every_protocol_from_a_private_range_leaves_a_tcp_opening_alone():
    found = open_by(ipv4(443), ipv4(protocol="-1", cidr="10.0.0.0/8"))

    assert {(o.protocol, o.sources, len(o.rule_ids)) for o in found} == {
        ("tcp", ("0.0.0.0/0",), 1),
        ("-1", ("10.0.0.0/8",), 1),
    }


def test_a_tcp_rule_and_one_for_every_protocol_may_let_in_the_world_together():
    half, other_half = ipv4(22, cidr="0.0.0.0/1"), ipv4(protocol="-1", cidr="128.0.0.0/1")

    found = {opening.protocol: opening for opening in open_by(half, other_half)}

    assert found["tcp"].severity is Severity.CRITICAL
    assert found["tcp"].sources == ("0.0.0.0/0",)
    assert found["tcp"].rule_ids == (half.rule_id, other_half.rule_id)
    assert found["-1"].sources == ("128.0.0.0/1",)
    assert found["-1"].severity is Severity.HIGH


def test_udp_never_answers_a_tcp_question():
    (opening,) = open_by(ipv4(22, protocol="udp"))

    assert opening.protocol == "udp"
    assert opening.service is None
    assert opening.severity is Severity.MEDIUM


@pytest.mark.parametrize("port", [80, 443])
def test_one_web_port_is_low_and_never_all_ports(port):
    (opening,) = open_by(ipv4(port))

    assert opening.service in {"HTTP", "HTTPS"}
    assert opening.severity is Severity.LOW


def test_all_tcp_ports_are_critical():
    (opening,) = open_by(ipv4(0, 65535))

    assert opening.service == "all TCP ports"
    assert opening.severity is Severity.CRITICAL


@pytest.mark.parametrize("type_and_code", [(-1, -1), (8, 0), (22, 22), (3, 4)])
def test_icmp_type_and_code_are_never_ports(type_and_code):
    (opening,) = open_by(ipv4(*type_and_code, protocol="icmp"))

    assert (opening.from_port, opening.to_port, opening.service) == (None, None, None)
    assert opening.severity is Severity.LOW


def test_all_kinds_of_icmp_messages_are_one_opening():
    echo = ipv4(8, -1, protocol="icmp", cidr="10.0.0.0/9")
    unreachable = ipv4(3, 4, protocol="icmp", cidr="10.128.0.0/9")

    (opening,) = open_by(echo, unreachable)

    assert opening.sources == ("10.0.0.0/8",)
    assert opening.rule_ids == (echo.rule_id, unreachable.rule_id)


# Direction


@pytest.mark.parametrize(
    "outbound",
    [
        ipv4(protocol="-1", direction=OUTBOUND),
        ipv6(22, direction=OUTBOUND),
        rule(443, direction=OUTBOUND, prefix_list_id="pl-1"),
    ],
)
def test_what_goes_out_has_no_severity(outbound):
    (opening,) = open_by(outbound)

    assert opening.severity is None
