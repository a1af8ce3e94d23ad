"""Commitments as the ledger knows them: who shares with whom, what counts, and at which moment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone

from costs.commitments.coverage import coverage
from costs.commitments.ledger import standing_of
from costs.operations import WINDOWS
from inventory.models import Account, Organization
from inventory.registry import GLOBAL, resource_type
from tests.costs.cast import ON_DEMAND_AND_RESERVED, REGION, account, instance, load, table
from tests.support.rows import add_rows

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def reserve(owner: Account, **fields: Any) -> Any:
    """Regional Reserved Instances for one m5.large with Linux, unless the fields say otherwise."""
    usual = {
        "native_id": f"ri-{owner.name}",
        "state": "active",
        "instance_type": "m5.large",
        "instance_count": 1,
        "product_description": "Linux/UNIX",
        "scope": "Region",
        "instance_tenancy": "default",
        "offering_class": "standard",
        "offering_type": "No Upfront",
        "fixed_price": Decimal(0),
        "recurring_hourly": Decimal("0.06"),
        "usage_price": Decimal(0),
        "currency": "USD",
        "duration_seconds": 31_536_000,
        "start": timezone.now() - timedelta(days=100),
        "end": timezone.now() + timedelta(days=265),
    }
    return add_rows(resource_type("reserved-instance"), owner, [usual | fields], region=REGION)[0]


def sign(owner: Account, **fields: Any) -> Any:
    """A Compute Savings Plan of 1 USD an hour, unless the fields say otherwise."""
    usual = {
        "native_id": f"sp-{owner.name}",
        "state": "active",
        "plan_type": "Compute",
        "payment_option": "No Upfront",
        "commitment": Decimal(1),
        "currency": "USD",
        "term_seconds": 31_536_000,
        "start": timezone.now() - timedelta(days=100),
        "end": timezone.now() + timedelta(days=265),
    }
    return add_rows(resource_type("savings-plan"), owner, [usual | fields], region=GLOBAL)[0]


def organization(reader: Account, *members: Account) -> Organization:
    """An organization of these accounts."""
    made = Organization.objects.create(organization_id="o-1", reader=reader, member_role="R")
    Account.objects.filter(pk__in=[one.pk for one in members]).update(organization=made)
    for one in members:
        one.refresh_from_db()
    return made


def used(standing: Any) -> dict[str, Fraction | None]:
    """How much of each commitment in force is used."""
    return {one.commitment.id: one.used for one in standing.outcomes}


def test_a_reservation_covers_what_its_account_runs():
    acme = account()
    instance(acme)
    reserve(acme, instance_count=2)
    standing = standing_of([acme], None)

    assert used(standing) == {"ri-acme": 1}
    assert [pool.coverage_percent for pool in coverage(standing.application)] == [100]


@pytest.mark.parametrize("strange", [{"state": "stopped"}, {"lifecycle": "spot"}, {"tenancy": "host"}])
def test_what_aws_does_not_bill_on_demand_uses_no_reservation(strange):
    acme = account()
    instance(acme, **strange)
    reserve(acme)

    assert used(standing_of([acme], None)) == {"ri-acme": 0}


def test_accounts_of_one_organization_share_and_others_do_not():
    management, member, stranger = account("management"), account("member"), account("stranger")
    organization(management, member)
    instance(member)
    instance(stranger)
    reserve(management)
    standing = standing_of([member], None)

    assert used(standing) == {"ri-management": 1}
    assert [cover.usage.account for cover in standing.application.covers] == [member.account_id]
    assert used(standing_of([stranger], None)) == {}


def test_an_account_that_is_archived_shares_nothing_any_more():
    management, member = account("management"), account("member")
    organization(management, member)
    instance(member)
    reserve(management)
    Account.objects.filter(pk=member.pk).update(archived_at=timezone.now() - timedelta(hours=1))

    assert used(standing_of([management], None)) == {"ri-management": 0}


def test_the_same_zone_is_told_by_its_id_and_not_by_its_name():
    management, member = account("management"), account("member")
    organization(management, member)
    for owner, names in ((management, "ab"), (member, "ba")):
        zones = [
            {"native_id": f"use1-az{number}", "name": f"{REGION}{letter}"} for number, letter in enumerate(names, 1)
        ]
        add_rows(resource_type("availability-zone"), owner, zones, region=REGION)
    instance(member, native_id="i-1", availability_zone=f"{REGION}a")
    instance(member, native_id="i-2", availability_zone=f"{REGION}b")
    reserve(management, scope="Availability Zone", availability_zone=f"{REGION}a", instance_count=2)

    (cover,) = standing_of([management], None).application.covers

    assert cover.usage.zone == "use1-az1"
    assert cover.amount == 1


def test_at_a_past_moment_what_then_ran_uses_what_was_then_in_force():
    acme, now = account(), timezone.now()
    instance(acme, valid_from=now - timedelta(days=10), valid_to=now - timedelta(days=5))
    add_rows(resource_type("reserved-instance"), acme, [], region=REGION)
    bought = reserve(acme, start=now - timedelta(days=20), end=now - timedelta(days=1))
    type(bought).revisions.filter(pk=bought.pk).update(valid_from=now - timedelta(days=30))

    assert used(standing_of([acme], now - timedelta(days=7))) == {"ri-acme": 1}
    assert used(standing_of([acme], now - timedelta(days=3))) == {"ri-acme": 0}
    assert used(standing_of([acme], None)) == {}
    assert [one.commitment.id for one in standing_of([acme], None).bought] == ["ri-acme"]


@pytest.mark.parametrize("state", ["retired", "queued", "payment-pending", None])
def test_only_what_is_active_counts_and_the_rest_is_listed(state):
    acme = account()
    instance(acme)
    reserve(acme, state=state)
    standing = standing_of([acme], None)

    assert standing.outcomes == []
    assert [one.state for one in standing.bought] == [state or ""]


def test_a_platform_is_the_same_with_and_without_vpc():
    acme = account()
    instance(acme, usage_operation=WINDOWS, operating_system="windows")
    reserve(acme, product_description="Windows (Amazon VPC)")

    assert used(standing_of([acme], None)) == {"ri-acme": 1}


def test_a_platform_that_nobody_knows_makes_the_use_unknown():
    acme = account()
    reserve(acme, product_description="BeOS")
    (outcome,) = standing_of([acme], None).outcomes

    assert outcome.used is None
    assert outcome.unknown == ["it is not known what AWS bills as “BeOS”"]
    assert outcome.cost_hourly_usd == Decimal("0.06")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"currency": "CNY"}, "it is paid in CNY"),
        ({"recurring_hourly": None}, "its price was not read"),
        ({"usage_price": Decimal("0.03")}, "it is of a kind that AWS no longer sells, and charges used hours too"),
    ],
)
def test_a_price_that_cannot_be_told_is_unknown_with_its_reason(fields, reason):
    acme = account()
    reserve(acme, **fields)
    (outcome,) = standing_of([acme], None).outcomes

    assert outcome.used == 0
    assert outcome.waste_monthly_usd is None
    assert reason in outcome.unknown


def test_a_plan_without_rates_in_the_book_has_an_unknown_use(tmp_path):
    acme = account()
    load(
        table(
            tmp_path, "prices_2025-04.csv", ON_DEMAND_AND_RESERVED, "us-east-1,m5.large,S,0.096,0.06,0.041,0.071,0.049"
        )
    )
    instance(acme)
    sign(acme)
    (outcome,) = standing_of([acme], None).outcomes

    assert outcome.used is None
    assert outcome.unknown == [
        "no loaded list has this m5.large as Savings Plan, compute, 1 year, no upfront in us-east-1"
    ]


def test_a_plan_that_covers_no_ec2_is_listed_and_its_use_is_unknown():
    acme = account()
    sign(acme, plan_type="SageMaker")
    (outcome,) = standing_of([acme], None).outcomes

    assert outcome.unknown == ["it covers no EC2 usage, and what it covers is not read"]


def test_a_host_is_covered_by_the_reservation_that_names_it():
    acme = account()
    host = {"native_id": "h-1", "state": "available", "instance_family": "m4", "host_reservation_id": "hr-1"}
    add_rows(resource_type("dedicated-host"), acme, [host, host | {"native_id": "h-2", "host_reservation_id": None}])
    reservation = {
        "native_id": "hr-1",
        "state": "active",
        "instance_family": "m4",
        "host_count": 2,
        "hourly_price": Decimal("1.499"),
        "upfront_price": Decimal(0),
        "currency": "USD",
        "duration_seconds": 31_536_000,
        "start": timezone.now() - timedelta(days=1),
        "end": timezone.now() + timedelta(days=364),
    }
    add_rows(resource_type("host-reservation"), acme, [reservation])
    (outcome,) = standing_of([acme], None).outcomes

    assert outcome.used == 1
    assert outcome.waste_monthly_usd == Decimal("1094.27")


def test_an_instance_whose_software_is_not_known_is_counted_and_matched_with_nothing():
    acme = account()
    instance(acme, usage_operation=None, operating_system=None, operating_system_source=None)
    reserve(acme)
    standing = standing_of([acme], None)

    assert used(standing) == {"ri-acme": 0}
    assert dict(standing.unmatched) == {(acme.account_id, "what its software is billed as is not known"): 1}
