"""Savings Plan rates, Reserved Instances and reservations of hosts: from a document to facts."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from costs.sources.document import UnreadableDocument
from costs.sources.offerings import RegionNeeded
from costs.sources.recognise import Asking, read_file
from costs.sources.spool import Spool
from costs.sources.tables import MonthNeeded
from tests.costs import aws_documents as aws

R7G = "savings-plan-ec2-instance-3y-partial-upfront"


def facts(
    path: Path, *, month: date | None = date(2025, 9, 1), region: str = "us-east-1"
) -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    """What each thing costs."""
    with Spool() as spool:
        reading = read_file(path, spool, Asking(source="test", today=date(2026, 11, 28), month=month, region=region))
        return {fact.thing: fact.price for document in reading.documents for fact in document.instance_facts}


def skipped(path: Path) -> dict[str, int]:
    """What was not taken."""
    with Spool() as spool:
        asking = Asking(source="test", today=date(2026, 11, 28), month=date(2025, 9, 1), region="us-east-1")
        return dict(read_file(path, spool, asking).skipped)


def digest(path: Path) -> str:
    with Spool() as spool:
        (document,) = read_file(path, spool, Asking(source="test", today=date(2026, 11, 28))).documents
        return document.digest


def test_the_rates_of_a_plan_are_the_price_of_an_hour_by_usage_and_operation(tmp_path):
    path = aws.write(tmp_path, "plan.json", aws.plan())

    assert facts(path) == {
        ("ap-east-2", "r7g.2xlarge", "RunInstances", "default", R7G): (Decimal(0), Decimal("0.1954")),
        ("ap-east-2", "r7g.medium", "RunInstances:0010", "dedicated", R7G): (Decimal(0), Decimal("0.0425")),
        ("ap-east-2", "r7g", "", "host", R7G): (Decimal(0), Decimal("5.157")),
    }
    assert sum(skipped(path).values()) == 1


def test_bulk_files_and_answers_of_the_api_give_the_same_rates(tmp_path):
    plan = aws.plan()

    bulk = aws.write(tmp_path, "plan.json", plan)
    table = aws.write_plan_csv(tmp_path, "plan.csv", plan)
    answer = aws.write(tmp_path, "answer.json", aws.rates_answer())
    pages = aws.write(tmp_path, "pages.json", [aws.rates_answer()])

    assert digest(bulk) == digest(table)
    assert facts(bulk) == facts(table) == facts(answer) == facts(pages)


def test_compute_plans_are_told_from_instance_plans_and_others_are_left_out(tmp_path):
    compute = facts(aws.write(tmp_path, "compute.json", aws.plan(family="ComputeSavingsPlans")))
    other = aws.write(tmp_path, "ml.json", aws.plan(family="MachineLearningSavingsPlans"))

    assert {thing[-1] for thing in compute} == {"savings-plan-compute-3y-partial-upfront"}
    assert facts(other) == {}
    assert sum(skipped(other).values()) == 4


def test_the_order_of_a_plan_file_decides_nothing(tmp_path):
    plan = aws.plan()
    reversed_plan = dict(reversed(plan.items()))
    reversed_plan["terms"] = {"savingsPlan": [dict(reversed(one.items())) for one in plan["terms"]["savingsPlan"]]}

    assert digest(aws.write(tmp_path, "a.json", plan)) == digest(aws.write(tmp_path, "b.json", reversed_plan))


@pytest.mark.parametrize("damage", ["rate", "plan", "second price"])
def test_a_plan_file_that_contradicts_itself_is_refused(tmp_path, damage):
    plan = copy.deepcopy(aws.plan())
    rates = plan["terms"]["savingsPlan"][0]["rates"]
    match damage:
        case "rate":
            rates[0]["discountedRate"]["price"] = "free"
        case "plan":
            rates[0]["rateCode"] = "UNKNOWN.SKU0"
        case "second price":
            rates.append(rates[0] | {"discountedRate": {"price": "0.2", "currency": "USD"}})

    with pytest.raises(UnreadableDocument, match=r"rate 1|r7g\.2xlarge"):
        facts(aws.write(tmp_path, "plan.json", plan))


def test_an_answer_of_the_api_needs_a_month_from_whoever_loads_it(tmp_path):
    with pytest.raises(MonthNeeded):
        facts(aws.write(tmp_path, "answer.json", aws.rates_answer()), month=None)


def answer(folder: Path, *offerings: aws.Item) -> Path:
    return aws.write(folder, "offerings.json", {"ReservedInstancesOfferings": list(offerings)})


def test_a_reserved_instance_on_offer_has_its_upfront_and_hourly_price(tmp_path):
    path = answer(tmp_path, aws.offering(), aws.offering("494.0", None, OfferingType="All Upfront"))

    assert facts(path) == {
        ("us-east-1", "m5.large", "RunInstances", "default", "reserved-standard-1y-partial-upfront"): (
            Decimal(252),
            Decimal("0.029"),
        ),
        ("us-east-1", "m5.large", "RunInstances", "default", "reserved-standard-1y-all-upfront"): (
            Decimal(494),
            Decimal(0),
        ),
    }


def test_a_zonal_offering_tells_its_region_and_an_old_one_is_standard(tmp_path):
    old = aws.offering(
        AvailabilityZone="eu-west-1b", ProductDescription="Windows (Amazon VPC)", OfferingType="PartialUpfront"
    )
    del old["OfferingClass"]

    (thing,) = facts(answer(tmp_path, old), region="")

    assert thing == ("eu-west-1", "m5.large", "RunInstances:0002", "default", "reserved-standard-1y-partial-upfront")


@pytest.mark.parametrize(
    "changes",
    [
        {"Marketplace": True},
        {"UsagePrice": 0.01},
        {"OfferingType": "Heavy Utilization"},
        {"ProductDescription": "Plan 9"},
    ],
)
def test_what_other_customers_sell_and_what_is_of_old_is_left_out(tmp_path, changes):
    path = answer(tmp_path, aws.offering(**changes))

    assert facts(path) == {}
    assert sum(skipped(path).values()) == 1


def test_a_regional_offering_needs_a_region_from_whoever_loads_it(tmp_path):
    with pytest.raises(RegionNeeded):
        facts(answer(tmp_path, aws.offering()), region="")


@pytest.mark.parametrize(
    "changes",
    [{"RecurringCharges": [{"Amount": 1, "Frequency": "Monthly"}]}, {"FixedPrice": "x"}, {"OfferingClass": "odd"}],
)
def test_an_offering_that_is_none_of_awss_is_refused_by_its_number(tmp_path, changes):
    with pytest.raises(UnreadableDocument, match="offering 2"):
        facts(answer(tmp_path, aws.offering(), aws.offering(**changes)))


HOSTS = {
    ("NoUpfront", 31536000): ("0.000", "1.499"),
    ("PartialUpfront", 31536000): ("6254.000", "0.714"),
    ("AllUpfront", 94608000): ("23913.000", "0.000"),
}


def test_reservations_of_hosts_have_their_terms_and_prices(tmp_path):
    offers = [aws.host_offering(*term, *prices) for term, prices in HOSTS.items()]
    path = aws.write(tmp_path, "hosts.json", {"OfferingSet": offers})

    assert facts(path) == {
        ("us-east-1", "m4", "", "host", "host-reservation-1y-no-upfront"): (Decimal(0), Decimal("1.499")),
        ("us-east-1", "m4", "", "host", "host-reservation-1y-partial-upfront"): (Decimal(6254), Decimal("0.714")),
        ("us-east-1", "m4", "", "host", "host-reservation-3y-all-upfront"): (Decimal(23913), Decimal(0)),
    }


def test_a_host_whose_amounts_do_not_go_with_its_payment_is_refused(tmp_path):
    path = aws.write(
        tmp_path, "hosts.json", {"OfferingSet": [aws.host_offering("NoUpfront", 31536000, "6254", "0.714")]}
    )

    with pytest.raises(UnreadableDocument, match="no upfront does not go with"):
        facts(path)
