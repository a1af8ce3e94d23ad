"""`manage.py load_bill`: what it takes of a bill, what it skips and why, and what it never does to the bill before."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal

import pytest
from django.db.models import Sum

from costs.bills.gather import Gatherer, Wanted
from costs.bills.read import read
from costs.models import Bill, BillLine
from tests.costs.bill_documents import PAYER, cur_charge, focus_charge, load, refused, written, written_focus

pytestmark = pytest.mark.django_db

TINY = "0.0000001234"


def kinds() -> dict[str, Decimal]:
    return dict(BillLine.objects.order_by().values_list("kind").annotate(total=Sum("billed")))


CUR_CHARGES = (
    cur_charge("0.096"),
    cur_charge("0.096", line_item_usage_start_date="2026-10-02T01:00:00.000Z"),
    cur_charge("0.03", line_item_usage_type="EUC1-SpotUsage:m5.large", pricing_public_on_demand_cost="0.115"),
    cur_charge("0", line_item_line_item_type="DiscountedUsage", pricing_public_on_demand_cost="0.096"),
    cur_charge("0.192", line_item_line_item_type="SavingsPlanCoveredUsage"),
    cur_charge("-0.192", line_item_line_item_type="SavingsPlanNegation", pricing_public_on_demand_cost=""),
    cur_charge(
        "0.13", line_item_line_item_type="SavingsPlanRecurringFee", line_item_product_code="ComputeSavingsPlans"
    ),
    cur_charge("44.64", line_item_line_item_type="RIFee"),
    cur_charge("494", line_item_line_item_type="Fee", reservation_reservation_a_r_n="arn:aws:ec2:ri"),
    cur_charge("12", line_item_line_item_type="Fee", line_item_product_code="AmazonRegistrar"),
    cur_charge("29", line_item_line_item_type="Usage", line_item_product_code="AWSSupportBusiness"),
    cur_charge("-5", line_item_line_item_type="EdpDiscount"),
    cur_charge("-7", line_item_line_item_type="Credit"),
    cur_charge("-1", line_item_line_item_type="Refund"),
    cur_charge("3.5", line_item_line_item_type="Tax"),
    cur_charge("0.01", line_item_line_item_type="FromTheFuture"),
)


def test_every_kind_of_charge_of_cur_is_told_apart_and_none_is_lost(tmp_path):
    said = load(written(tmp_path / "cur-00001.csv.gz", CUR_CHARGES))

    assert kinds() == {
        "usage": Decimal("0.192"),
        "spot": Decimal("0.03"),
        "reserved": 0,
        "savings-plan": 0,
        "commitment": Decimal("538.77"),
        "fee": 12,
        "support": 29,
        "discount": -5,
        "credit": -7,
        "refund": -1,
        "tax": Decimal("3.5"),
        "other": Decimal("0.01"),
    }
    assert BillLine.objects.aggregate(Sum("charges"))["charges__sum"] == len(CUR_CHARGES)
    plan = BillLine.objects.get(kind="savings-plan")
    assert (plan.listed, plan.unlisted, plan.estimated_as) == (Decimal("0.192"), 0, "instances")
    assert f"{PAYER} in 2026-10: 16 charges until 2026-10-02 01:00 UTC" in said
    assert "570.50 USD, taken." in said
    assert "1 of them are of kinds that are not known here; they are in the sum" in said


def test_focus_says_the_same_of_the_same_charges(tmp_path):
    load(
        written_focus(
            tmp_path / "focus.csv",
            [
                focus_charge("0.096"),
                focus_charge("0.03", PricingCategory="Dynamic", ListCost="0.115", x_UsageType="SpotUsage:m5.large"),
                focus_charge("0", CommitmentDiscountId="arn:ri", CommitmentDiscountCategory="Usage", ListCost="0.096"),
                focus_charge("0", CommitmentDiscountId="arn:sp", CommitmentDiscountCategory="Spend", ListCost="0.192"),
                focus_charge("0.13", ChargeCategory="Purchase", CommitmentDiscountId="arn:sp"),
                focus_charge("12", ChargeCategory="Purchase", x_ServiceCode="AmazonRegistrar"),
                focus_charge("29", x_ServiceCode="AWSSupportBusiness"),
                focus_charge("-7", ChargeCategory="Credit"),
                focus_charge("0.5", ChargeCategory="Adjustment"),
                focus_charge("3.5", ChargeCategory="Tax", SubAccountId=""),
                focus_charge("1000", ProviderName="Microsoft"),
            ],
        )
    )

    assert kinds() == {
        "usage": Decimal("0.096"),
        "spot": Decimal("0.03"),
        "reserved": 0,
        "savings-plan": 0,
        "commitment": Decimal("0.13"),
        "fee": 12,
        "support": 29,
        "credit": -7,
        "adjustment": Decimal("0.5"),
        "tax": Decimal("3.5"),
    }
    assert Bill.objects.get().skipped == {"charges of 'Microsoft', which is not AWS": 1}


def test_sums_are_exact_to_the_last_digit(tmp_path):
    load(written(tmp_path / "cur.csv", [cur_charge(TINY)] * 30_000 + [cur_charge("123456.7890123456")]))

    assert BillLine.objects.get().billed == Decimal("123456.7890123456") + 30_000 * Decimal(TINY)
    assert BillLine.objects.aggregate(total=Sum("billed"))["total"] == Decimal("123456.7927143456")


def test_charges_are_added_up_by_day_service_region_account_and_the_chosen_tags(tmp_path):
    file = written(
        tmp_path / "cur.csv",
        [
            cur_charge("1", resource_tags={"user_cost_center": "7", "user_name": "a"}, line_item_resource_id="i-1"),
            cur_charge("1", resource_tags={"user_cost_center": "7", "user_name": "b"}, line_item_resource_id="i-2"),
            cur_charge("1", line_item_usage_start_date="2026-10-03T00:00:00.000Z"),
            cur_charge("1", product_region_code="eu-west-1"),
            cur_charge("1", line_item_usage_account_id="444455556666"),
        ],
    )

    load(file, "--tag", "Cost Center")
    assert BillLine.objects.count() == 4
    assert BillLine.objects.get(billed=2).tags == '{"Cost Center": "7"}'

    load(file, "--by", "month")
    assert BillLine.objects.count() == 3
    load(file, "--resources")
    assert set(BillLine.objects.values_list("resource_id", flat=True)) == {"", "i-1", "i-2"}


def test_the_same_bill_twice_changes_nothing(tmp_path):
    load(written(tmp_path / "cur.csv", CUR_CHARGES))
    before = list(BillLine.objects.order_by("pk").values())

    said = load(written(tmp_path / "again.csv.gz", CUR_CHARGES[::-1]))

    assert "loaded already; nothing changed" in said
    assert list(BillLine.objects.order_by("pk").values()) == before


def test_a_newer_version_takes_the_place_of_the_previous_one(tmp_path):
    load(written(tmp_path / "cur.csv", [cur_charge("1")]))
    later = {"line_item_usage_end_date": "2026-10-03T00:00:00.000Z"}

    said = load(written(tmp_path / "cur.csv", [cur_charge("1.5"), cur_charge("2", **later)]))

    assert "taken in the place of the previous version" in said
    assert Bill.objects.count() == 1
    assert kinds() == {"usage": Decimal("3.5")}


@pytest.mark.parametrize(
    "charges", [[cur_charge("9", line_item_usage_end_date="2026-10-02T00:30:00Z")] * 3, CUR_CHARGES[:1]]
)
def test_an_older_version_or_a_part_is_taken_only_where_somebody_insists(tmp_path, charges):
    load(written(tmp_path / "cur.csv", CUR_CHARGES[:2]))

    said = refused(written(tmp_path / "old.csv", charges))
    assert "--replace" in said
    assert kinds() == {"usage": Decimal("0.192")}

    load(tmp_path / "old.csv", "--replace")
    assert kinds() == {"usage": sum(Decimal(one["line_item_unblended_cost"]) for one in charges)}


def test_another_month_and_another_payer_are_bills_of_their_own(tmp_path):
    november = {"bill_billing_period_start_date": "2026-11-01T00:00:00.000Z"}
    load(
        written(
            tmp_path / "cur.csv",
            [cur_charge("1"), cur_charge("1", **november), cur_charge("1", bill_payer_account_id="444455556666")],
        )
    )

    assert Bill.objects.count() == 3


def test_parts_are_taken_together_and_never_one_alone(tmp_path):
    written(tmp_path / "cur-00001.csv.gz", [cur_charge("1")])
    second = written(tmp_path / "cur-00002.csv.gz", [cur_charge("2")])

    assert "parts are missing: 00001" in refused(second)
    assert not Bill.objects.exists()

    load(tmp_path)
    assert kinds() == {"usage": 3}
    assert Bill.objects.get().files == ["cur-00001.csv.gz", "cur-00002.csv.gz"]


def test_two_exports_of_one_bill_are_not_added_up(tmp_path):
    written(tmp_path / "monday" / "cur-00001.csv.gz", [cur_charge("1")])
    written_focus(tmp_path / "focus" / "focus-00001.csv.gz", [focus_charge("1")])

    assert "more than once" in refused(tmp_path)
    assert not Bill.objects.exists()


def test_what_a_directory_holds_beside_bills_is_skipped_with_its_reason(tmp_path):
    written(tmp_path / "data" / "cur-00001.csv.gz", [cur_charge("1")])
    (tmp_path / "cur-Manifest.json").write_text("{}")
    (tmp_path / "legacy.csv").write_text("identity/LineItemId,lineItem/UnblendedCost\n")
    (tmp_path / "notes.csv").write_text("a,b\n")

    said = load(tmp_path)

    for word in ("a manifest", "legacy Cost and Usage Report", "neither those of CUR 2.0"):
        assert word in said
    assert kinds() == {"usage": 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"line_item_unblended_cost": "1,5"}, "line_item_unblended_cost is no amount"),
        ({"line_item_unblended_cost": "NaN"}, "line_item_unblended_cost is no amount"),
        ({"line_item_unblended_cost": ""}, "line_item_unblended_cost is no amount"),
        ({"line_item_usage_account_id": "11112222333"}, "no account of 12 digits"),
        ({"line_item_usage_start_date": "02.10.2026"}, "no moment in UTC"),
        ({"line_item_usage_start_date": "2026-13-02T00:00:00Z"}, "no moment in UTC"),
        ({"line_item_currency_code": "Dollar"}, "no currency"),
        ({"resource_tags": "{user_team"}, "no JSON"),
    ],
)
def test_a_broken_line_is_named_and_the_bill_before_stays(tmp_path, change, words):
    load(written(tmp_path / "cur.csv", [cur_charge("1")]))

    said = refused(written(tmp_path / "broken.csv", [cur_charge("1"), cur_charge("2", **change)]), "--tag", "team")

    assert words in said
    assert "line 3" in said
    assert kinds() == {"usage": 1}


def test_a_file_that_was_cut_short_loses_nothing(tmp_path):
    file = written(tmp_path / "cur.csv.gz", CUR_CHARGES * 50)
    file.write_bytes(file.read_bytes()[:-40])

    assert "cut short or broken" in refused(file)
    assert not Bill.objects.exists()


def test_a_column_that_is_needed_is_named_and_others_may_be_left_out(tmp_path):
    columns = [one for one in cur_charge("1") if one not in ("resource_tags", "pricing_public_on_demand_cost")]
    load(written(tmp_path / "short.csv", [cur_charge("1")], columns))
    assert BillLine.objects.get().unlisted == 1

    said = refused(written(tmp_path / "cur.csv", [cur_charge("1")], without="line_item_currency_code"))
    assert "columns are missing: line_item_currency_code" in said


def test_parts_of_a_charge_that_is_there_whole_are_not_counted_twice(tmp_path):
    split = cur_charge("", split_line_item_parent_resource_id="i-1")

    said = load(written(tmp_path / "cur.csv", [cur_charge("1"), split]))

    assert "skipped 1 parts of a charge that is there whole" in said
    assert kinds() == {"usage": 1}


def test_memory_stays_flat_however_long_a_bill_is(tmp_path):
    def peak(number: int) -> int:
        charges = [cur_charge(TINY, line_item_resource_id=f"i-{one % 50:03}") for one in range(number)]
        file = written(tmp_path / f"{number}.csv.gz", charges)
        del charges
        tracemalloc.start()
        with Gatherer(Wanted(resources=True)) as gatherer:
            read(file, gatherer)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < peak(2_000) + 500_000
