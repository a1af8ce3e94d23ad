from __future__ import annotations

from datetime import timedelta

import pytest

from inventory.exposure.news import newly_open_to_world
from tests.pages.ledgers import NOW, Refused, account, group, look, rule

pytestmark = pytest.mark.django_db

RULES = ("eu-central-1", "security-group-rule")
GROUPS = ("eu-central-1", "security-group")
BEFORE, AFTER = NOW - timedelta(days=2), NOW - timedelta(hours=1)
SINCE = NOW - timedelta(days=1)


@pytest.fixture
def acme():
    return account()


def looked(acme, *, before, after):
    look(acme, BEFORE, {RULES: before, GROUPS: [group(1)]})
    look(acme, AFTER, {RULES: after, GROUPS: [group(1)]})


def ports(acme):
    """What is new, as from and to of each opening."""
    found = newly_open_to_world([acme], SINCE)
    return [(one.opening.from_port, one.opening.to_port) for one in found.openings]


def test_a_port_that_opened_after_the_moment_is_new_and_one_that_was_open_is_not(acme):
    looked(acme, before=[rule(1, 1, 443)], after=[rule(1, 1, 443), rule(2, 1, 22)])

    found = newly_open_to_world([acme], SINCE)

    (new,) = found.openings
    assert (new.opening.from_port, new.opening.severity, new.seen_at) == (22, "critical", AFTER)
    assert (new.region, new.account) == ("eu-central-1", acme)
    assert new.group is not None
    assert new.group.name == "web"
    assert found.unknown == frozenset()


def test_what_opened_to_narrow_sources_only_is_not_told(acme):
    looked(acme, before=[], after=[rule(1, 1, 22, "10.0.0.0/8")])

    assert ports(acme) == []


def test_a_rule_that_now_lets_in_the_world_opened_its_port(acme):
    looked(acme, before=[rule(1, 1, 22, "10.0.0.0/8")], after=[rule(1, 1, 22)])

    assert ports(acme) == [(22, 22)]


def test_the_second_half_of_the_world_opens_what_the_first_half_had_not(acme):
    first = rule(1, 1, 22, "0.0.0.0/1")
    looked(acme, before=[first], after=[first, rule(2, 1, 22, "128.0.0.0/1")])

    assert ports(acme) == [(22, 22)]


def test_a_port_that_another_rule_had_open_before_is_not_new(acme):
    looked(acme, before=[rule(1, 1, 22)], after=[rule(2, 1, 22)])

    assert ports(acme) == []


def test_a_port_within_a_range_that_was_open_is_not_new(acme):
    wide = rule(1, 1, 8000, ToPort=8100)
    looked(acme, before=[wide], after=[rule(2, 1, 8050)])

    assert ports(acme) == []


def test_a_range_that_grew_is_new(acme):
    looked(acme, before=[rule(1, 1, 8000, ToPort=8010)], after=[rule(2, 1, 8000, ToPort=8020)])

    assert ports(acme) == [(8000, 8020)]


def test_a_port_that_every_protocol_was_open_for_is_not_new(acme):
    everything = rule(1, 1, -1, IpProtocol="-1")
    looked(acme, before=[everything], after=[everything, rule(2, 1, 22)])

    assert ports(acme) == []


def test_what_the_same_port_lets_in_over_ipv6_is_new(acme):
    first = rule(1, 1, 22)
    over_ipv6 = rule(2, 1, 22)
    del over_ipv6["DescribeSecurityGroupRules"]["CidrIpv4"]
    over_ipv6["DescribeSecurityGroupRules"]["CidrIpv6"] = "::/0"
    looked(acme, before=[first], after=[first, over_ipv6])

    (new,) = newly_open_to_world([acme], SINCE).openings

    assert new.opening.family == "ipv6"


def test_where_the_rules_had_not_been_read_by_then_nothing_is_called_new(acme):
    looked(acme, before=Refused(), after=[rule(1, 1, 22)])

    found = newly_open_to_world([acme], SINCE)

    assert found.openings == ()
    assert found.unknown == {(acme.pk, "eu-central-1")}


def test_where_the_history_of_the_moment_was_pruned_nothing_is_called_new(acme):
    looked(acme, before=[rule(1, 1, 443)], after=[rule(1, 1, 443), rule(2, 1, 22)])
    acme.history_from = NOW - timedelta(hours=2)

    found = newly_open_to_world([acme], SINCE)

    assert found.openings == ()
    assert found.unknown == {(acme.pk, "eu-central-1")}


def test_a_group_that_was_not_collected_has_no_name(acme):
    look(acme, BEFORE, {RULES: []})
    look(acme, AFTER, {RULES: [rule(1, 7, 22)]})

    (new,) = newly_open_to_world([acme], SINCE).openings

    assert new.group is None
