from __future__ import annotations

from datetime import timedelta

import pytest

from inventory.exposure.ledger import open_groups
from inventory.models import Account
from tests.exposure.cast import BEGIN, LATER, Cast

pytestmark = pytest.mark.django_db

RECORD_KEYS = [
    "account",
    "region",
    "group_id",
    "rule_ids",
    "direction",
    "protocol",
    "from_port",
    "to_port",
    "family",
    "source",
    "severity",
    "service",
    "attached",
]


def records(at=None, region=None):
    return [row.record() for row in open_groups(Account.objects.all(), at, region)]


def test_a_row_says_who_may_reach_which_port_of_which_instances():
    acme = Cast()
    group = acme.group("bastion")
    ssh = acme.rule(group, 22)
    bastion = acme.instance(group)

    (record,) = records()

    assert list(record) == RECORD_KEYS
    assert record == {
        "account": acme.account.account_id,
        "region": "eu-west-1",
        "group_id": group,
        "rule_ids": [ssh],
        "direction": "inbound",
        "protocol": "tcp",
        "from_port": 22,
        "to_port": 22,
        "family": "ipv4",
        "source": ["0.0.0.0/0"],
        "severity": "critical",
        "service": "SSH and SFTP",
        "attached": [bastion],
    }


def test_a_past_moment_has_the_rules_and_the_instances_of_then():
    acme = Cast()
    group = acme.group()
    telnet, web = acme.rule(group, 23), acme.rule(group, 80, valid_from=LATER)
    old = acme.instance(group)
    acme.gone(telnet)
    acme.gone(old)

    then, now = records(at=LATER - timedelta(seconds=1)), records()

    assert [(r["from_port"], r["rule_ids"], r["attached"]) for r in then] == [(23, [telnet], [old])]
    assert [(r["from_port"], r["rule_ids"], r["attached"]) for r in now] == [(80, [web], [])]


def test_the_first_moment_of_a_rule_counts_and_its_last_does_not():
    acme = Cast()
    rule = acme.rule(acme.group(), 22)
    acme.gone(rule)

    assert len(records(at=BEGIN)) == 1
    assert records(at=LATER) == []


def test_a_group_with_nothing_attached_has_no_instances_where_instances_were_read():
    acme = Cast()
    acme.rule(acme.group(), 22)

    assert records()[0]["attached"] == []


def test_attached_is_unknown_where_instances_were_never_read():
    acme = Cast(read=("security-group", "security-group-rule"))
    acme.rule(acme.group(), 22)

    assert records()[0]["attached"] is None


def test_attached_is_unknown_at_a_moment_before_instances_were_first_read():
    acme = Cast(read=("security-group", "security-group-rule"))
    acme.was_read("ec2-instance", at=LATER)
    acme.rule(acme.group(), 22)

    assert records(at=BEGIN)[0]["attached"] is None
    assert records(at=LATER)[0]["attached"] == []


def test_an_instance_whose_groups_were_not_read_may_have_any_group_of_its_region():
    acme = Cast("acme", "eu-west-1", "us-east-1")
    here, there = acme.group(), acme.group(region="us-east-1")
    acme.rule(here, 22)
    acme.rule(there, 22, region="us-east-1")
    acme.instance(unknown={"security_groups": "2026-01-01T00:00:00Z"})

    attached = {record["region"]: record["attached"] for record in records()}

    assert attached == {"eu-west-1": None, "us-east-1": []}


def test_groups_of_two_accounts_and_regions_are_kept_apart():
    acme, other = Cast("acme", "eu-west-1", "us-east-1"), Cast("other")
    shared = acme.group()
    rules = [acme.rule(shared, 22), acme.rule(shared, 23, region="us-east-1"), other.rule(shared, 24)]
    instance = other.instance(shared)

    found = [(r["account"], r["region"], r["rule_ids"], r["attached"]) for r in records()]

    assert found == [
        (acme.account.account_id, "eu-west-1", [rules[0]], []),
        (acme.account.account_id, "us-east-1", [rules[1]], []),
        (other.account.account_id, "eu-west-1", [rules[2]], [instance]),
    ]


def test_one_region_can_be_asked_for():
    acme = Cast("acme", "eu-west-1", "us-east-1")
    acme.rule(acme.group(), 22)
    acme.rule(acme.group(region="us-east-1"), 23, region="us-east-1")

    assert [record["from_port"] for record in records(region="us-east-1")] == [23]


def test_a_group_of_another_account_is_named_with_that_account():
    acme = Cast()
    group = acme.group()
    acme.rule(group, 5432, referenced_group_id="sg-own", referenced_account=acme.account.account_id)
    acme.rule(group, 5432, referenced_group_id="sg-foreign", referenced_account="999999999999")

    assert records()[0]["source"] == ["999999999999/sg-foreign", "sg-own"]


@pytest.mark.parametrize(("number", "name"), [("6", "tcp"), ("17", "udp"), ("1", "icmp"), ("58", "icmpv6")])
def test_a_protocol_given_by_its_number_is_the_named_one(number, name):
    acme = Cast()
    acme.rule(acme.group(), 22, protocol=number)

    assert records()[0]["protocol"] == name


def test_a_rule_whose_protocol_was_not_read_may_allow_everything():
    acme = Cast()
    acme.rule(acme.group(), protocol=None)

    record = records()[0]

    assert (record["protocol"], record["severity"]) == ("-1", "critical")


def test_the_setting_decides_what_is_wide(settings):
    acme = Cast()
    acme.rule(acme.group(), 22, cidr_ipv4="52.0.0.0/16")
    acme.rule(acme.group(), 22, cidr_ipv6="2600:1f00::/32")

    settings.WIDE_IPV4_PREFIX, settings.WIDE_IPV6_PREFIX = 16, 32
    as_delivered = [record["severity"] for record in records()]
    settings.WIDE_IPV4_PREFIX, settings.WIDE_IPV6_PREFIX = 17, 33
    stricter = [record["severity"] for record in records()]

    assert as_delivered == [None, None]
    assert stricter == ["high", "high"]


def test_the_number_of_queries_does_not_grow_with_the_ledger(django_assert_num_queries):
    acme = Cast("acme", "eu-west-1", "us-east-1")
    for region in ("eu-west-1", "us-east-1"):
        for _ in range(3):
            group = acme.group(region=region)
            acme.rule(group, 22, region=region)
            acme.instance(group, region=region)

    with django_assert_num_queries(6):
        found = records()

    assert len(found) == 6
