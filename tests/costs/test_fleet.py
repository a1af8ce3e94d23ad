"""Many instances under every way of paying."""

from __future__ import annotations

from decimal import Decimal

from costs.fleet import fleet_of
from costs.operations import LINUX
from costs.price_book import PriceBook, Sku
from costs.pricing_models import ON_DEMAND, RESERVED, SPOT
from costs.usage.ec2_instance import InstanceUsage
from tests.costs.cast import M5_LARGE, REGION, price

STANDARD_3Y = next(way for way in RESERVED if way.slug == "reserved-standard-3y-no-upfront")
STANDARD_3Y_ALL = next(way for way in RESERVED if way.slug == "reserved-standard-3y-all-upfront")
C5_LARGE = Sku(REGION, "c5.large", LINUX, "default")


def usage(instance_type="m5.large", **fields) -> InstanceUsage:
    plain = InstanceUsage(REGION, instance_type, LINUX, "linux", "default", "running", "UsageOperation")
    return plain._replace(**fields)


def total(fleet, way):
    return next(one for one in fleet.ways if one.way == way)


def test_what_a_way_does_not_fit_stays_on_demand_inside_its_total():
    book = PriceBook(
        {
            M5_LARGE: [price(ON_DEMAND, "0.1", "2025-04"), price(STANDARD_3Y, "0.04", "2025-04")],
            C5_LARGE: [price(ON_DEMAND, "0.2", "2025-04")],
        }
    )

    fleet = fleet_of({usage(): 3, usage("c5.large"): 1}, book)

    assert total(fleet, ON_DEMAND).monthly_usd == Decimal("0.5") * 730
    assert total(fleet, STANDARD_3Y).fits == 3
    assert total(fleet, STANDARD_3Y).monthly_usd == (Decimal("0.12") + Decimal("0.2")) * 730
    assert total(fleet, STANDARD_3Y).saving_percent == 36
    assert total(fleet, STANDARD_3Y).break_even_hours == 292


def test_instances_without_an_on_demand_price_are_in_no_total_and_counted_by_reason():
    book = PriceBook({M5_LARGE: [price(ON_DEMAND, "0.1", "2025-04")]}, priced_regions=[REGION])

    fleet = fleet_of({usage(): 1, usage(region="sa-east-1"): 2, usage(tenancy="host"): 1}, book)

    assert (fleet.priced, fleet.instances) == (1, 4)
    assert sorted(fleet.unpriced.values()) == [1, 2]
    assert total(fleet, ON_DEMAND).monthly_usd == 73


def test_a_reserved_price_without_on_demand_stays_outside_every_total():
    book = PriceBook({M5_LARGE: [price(STANDARD_3Y, "0.04", "2025-04")]}, priced_regions=[REGION])

    fleet = fleet_of({usage(): 1}, book)

    assert fleet.priced == 0
    assert total(fleet, STANDARD_3Y).fits == 0


def test_upfront_payments_add_up_and_are_paid_back_together():
    book = PriceBook(
        {M5_LARGE: [price(ON_DEMAND, "0.096", "2025-04"), price(STANDARD_3Y_ALL, "0", "2025-04", upfront="949")]}
    )

    way = total(fleet_of({usage(): 10}, book), STANDARD_3Y_ALL)

    assert way.upfront_usd == 9490
    assert way.payback_months.quantize(Decimal("0.01")) == Decimal("13.54")
    assert way.monthly_usd.quantize(Decimal("0.01")) == Decimal("263.61")


def test_a_saving_is_measured_against_the_list_of_its_own_date():
    book = PriceBook(
        {
            M5_LARGE: [
                price(ON_DEMAND, "0.05", "2026-07"),
                price(ON_DEMAND, "0.1", "2024-04"),
                price(SPOT, "0.04", "2024-04"),
            ]
        }
    )

    fleet = fleet_of({usage(): 1}, book)

    assert fleet.on_demand.monthly_usd == Decimal("36.5")
    assert total(fleet, SPOT).saving_percent == 60
    assert [one.month_text for one in fleet.documents] == ["2026-07", "2024-04"]


def test_a_way_that_fits_nothing_has_no_saving():
    way = total(fleet_of({usage(): 1}, PriceBook({M5_LARGE: [price(ON_DEMAND, "0.1", "2025-04")]})), SPOT)

    assert (way.fits, way.saving_percent, way.break_even_hours, way.payback_months) == (0, None, None, None)


def test_instances_of_dedicated_tenancy_are_counted():
    dedicated = M5_LARGE._replace(tenancy="dedicated")

    fleet = fleet_of({usage(tenancy="dedicated"): 2}, PriceBook({dedicated: [price(ON_DEMAND, "0.1", "2025-04")]}))

    assert fleet.dedicated == 2
