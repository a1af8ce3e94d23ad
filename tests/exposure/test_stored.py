from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.exposure.ledger import open_groups
from inventory.exposure.stored import refresh, world_counts
from inventory.models import Account, OpenPort
from tests.exposure.cast import Cast

pytestmark = pytest.mark.django_db


def stored():
    fields = ("group_id", "direction", "protocol", "from_port", "to_port", "family", "severity", "is_world")
    return set(OpenPort.objects.values_list(*fields))


def writes_of(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_what_the_ledger_says_is_stored():
    acme = Cast()
    group = acme.group()
    acme.rule(group, 22)
    acme.rule(group, 443, referenced_group_id="sg-other")

    refresh(account_id=acme.account.pk)

    assert stored() == {
        (group, "inbound", "tcp", 22, 22, "ipv4", "critical", True),
        (group, "inbound", "tcp", 443, 443, None, None, False),
    }


def test_a_second_time_writes_nothing():
    acme = Cast()
    acme.rule(acme.group(), 22)
    refresh(account_id=acme.account.pk)

    assert writes_of(lambda: refresh(account_id=acme.account.pk)) == []


def test_only_what_differs_is_written():
    acme = Cast()
    group = acme.group()
    kept, closed = acme.rule(group, 22), acme.rule(group, 25)
    acme.rule(group, 3389)
    refresh(account_id=acme.account.pk)
    before = dict(OpenPort.objects.values_list("from_port", "pk"))

    acme.gone(closed)
    doubled = acme.rule(group, 3389, cidr_ipv4="10.0.0.0/8")
    acme.rule(group, 80)
    refresh(account_id=acme.account.pk)

    after = dict(OpenPort.objects.values_list("from_port", "pk"))
    assert set(after) == {22, 80, 3389}
    assert (after[22], after[3389]) == (before[22], before[3389])
    assert doubled in OpenPort.objects.get(from_port=3389).rule_ids
    assert OpenPort.objects.get(from_port=22).rule_ids == [kept]


def test_one_account_leaves_the_others_alone():
    acme, other = Cast("acme"), Cast("other")
    acme.rule(acme.group(), 22)
    gone = other.rule(other.group(), 22)
    for account in (acme, other):
        refresh(account_id=account.account.pk)

    other.gone(gone)
    refresh(account_id=acme.account.pk)

    assert OpenPort.objects.count() == 2


def test_counts_are_of_what_lets_in_the_whole_world():
    acme = Cast("acme", "eu-west-1", "us-east-1")
    group = acme.group()
    for port in (22, 3389, 80):
        acme.rule(group, port)
    acme.rule(group, 22, cidr_ipv6="::/0")
    acme.rule(group, 5432, cidr_ipv4="0.0.0.0/1")
    acme.rule(group, 6379, prefix_list_id="pl-1")
    acme.rule(group, direction="outbound", protocol="-1")
    acme.rule(acme.group(region="us-east-1"), 443, region="us-east-1")
    refresh(account_id=acme.account.pk)

    counts = world_counts(Account.objects.all())

    assert counts == {
        (acme.account.pk, "eu-west-1"): {"critical": 3, "low": 1},
        (acme.account.pk, "us-east-1"): {"low": 1},
    }


def test_counts_are_of_the_given_accounts_only():
    acme, other = Cast("acme"), Cast("other")
    for cast in (acme, other):
        cast.rule(cast.group(), 22)
        refresh(account_id=cast.account.pk)

    assert set(world_counts([acme.account])) == {(acme.account.pk, "eu-west-1")}


def test_the_stored_rows_are_those_of_the_ledger():
    acme = Cast()
    group = acme.group()
    for port in (22, 23, 80, 443):
        acme.rule(group, port)
    acme.rule(group, protocol="-1", cidr_ipv6="::/0")
    refresh(account_id=acme.account.pk)

    rows = open_groups([acme.account])

    assert OpenPort.objects.count() == len(rows)
    assert {tuple(row.rule_ids) for row in OpenPort.objects.all()} == {row.opening.rule_ids for row in rows}
