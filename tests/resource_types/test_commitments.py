"""Reserved Instances, Savings Plans, Dedicated Hosts and host reservations as AWS lists them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from inventory.registry import GLOBAL, Reading, Scope, resource_type
from tests.aws_pages.reading import answers_of

SCOPE = Scope(account_id="111122223333", region="eu-west-1")


def readings(slug: str) -> list[Reading]:
    """Each item of the type's page."""
    kind = resource_type(slug)
    return [kind.read(answers, SCOPE) for answers in answers_of(kind)]


def test_an_old_purchase_without_scope_and_class_is_zonal_and_standard():
    old = readings("reserved-instance")[0].fields

    assert (old["scope"], old["offering_class"]) == ("Availability Zone", "standard")


def test_a_purchase_costs_what_one_reservation_costs_in_exact_decimals():
    old, paid_upfront, partial = (one.fields for one in readings("reserved-instance"))

    assert (old["fixed_price"], old["recurring_hourly"]) == (Decimal(0), Decimal("0.104"))
    assert (paid_upfront["fixed_price"], paid_upfront["recurring_hourly"]) == (Decimal(1161), Decimal(0))
    assert (partial["fixed_price"], partial["recurring_hourly"]) == (Decimal("1270.5"), Decimal("0.4385"))


def test_a_plan_belongs_to_no_region_and_names_the_one_that_it_applies_to():
    compute, family, _ = readings("savings-plan")

    assert {compute.region, family.region} == {GLOBAL}
    assert (compute.fields["plan_region"], compute.fields["ec2_instance_family"]) == (None, None)
    assert (family.fields["plan_region"], family.fields["ec2_instance_family"]) == ("eu-west-1", "r7g")
    assert (family.fields["commitment"], family.fields["upfront_payment"]) == (Decimal("0.543"), Decimal("7135.02"))


def test_an_amount_that_is_no_number_is_unknown_and_not_nothing():
    plan, host = resource_type("savings-plan"), resource_type("host-reservation")
    strange: dict[str, Any] = {"savingsPlanId": "1", "commitment": "a lot", "upfrontPaymentAmount": "0"}
    read = plan.read({"DescribeSavingsPlans": strange}, SCOPE)

    assert (read.fields["commitment"], read.fields["upfront_payment"]) == (None, Decimal(0))
    assert read.unknown == {"commitment", "recurring_payment"}
    assert host.read({"DescribeHostReservations": {"HostReservationId": "hr-1"}}, SCOPE).unknown == {
        "hourly_price",
        "upfront_price",
    }


def test_a_host_for_one_type_is_of_the_types_family_and_one_for_several_names_its_family():
    of_one_type, of_a_family, of_mac = (one.fields for one in readings("dedicated-host"))

    assert (of_one_type["instance_family"], of_one_type["instance_type"]) == ("m5", "m5.large")
    assert (of_a_family["instance_family"], of_a_family["instance_type"]) == ("c5", None)
    assert of_mac["instance_family"] == "mac1"


def test_a_host_is_linked_to_what_runs_on_it_and_a_reservation_to_its_hosts():
    host, reservation = readings("dedicated-host")[1], readings("host-reservation")[1]

    assert [(link.target, link.detail) for link in host.links] == [
        ("i-0a00000000000001a", {"instance_type": "c5.xlarge"}),
        ("i-0a00000000000001b", {"instance_type": "c5.2xlarge"}),
    ]
    assert host.fields["host_reservation_id"] == reservation.native_id
    assert [link.target for link in reservation.links] == ["h-013abcd2a00cbd124", "h-013abcd2a00cbd125"]
