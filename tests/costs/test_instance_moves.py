"""Facts about instance types, and the newer types that may take an older one's place."""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from costs.compare import Charge
from costs.instance_moves import InstanceMove, best_successor, successors
from costs.instance_types import FACTS, FOLDER, architecture_of, type_facts
from costs.operations import LINUX
from costs.price_book import Price, PriceBook, Provenance, Sku, Unpriced
from costs.pricing_models import ON_DEMAND
from costs.usage.ec2_instance import InstanceUsage
from tests.costs.cast import REGION

TABLE = "instance_type,vcpu,memory_gib,instance_family,storage,network_performance,generation"


def usage(instance_type: str) -> InstanceUsage:
    return InstanceUsage(REGION, instance_type, LINUX, "linux", "default", "running", "UsageOperation")


def book(hourly: dict[str, str], *, months: dict[str, int] | None = None) -> PriceBook:
    """On-demand prices of January 2025, or of the given month."""
    prices = {}
    for instance_type, usd in hourly.items():
        month = (months or {}).get(instance_type, 1)
        listed = Provenance(date(2025, month, 1), month, "", f"list {month}")
        prices[Sku(REGION, instance_type, LINUX, "default")] = [
            Price(ON_DEMAND, Charge(hourly_usd=Decimal(usd)), listed)
        ]
    return PriceBook(prices, priced_regions=[REGION])


def names(instance_type: str, architecture: str = "x86_64") -> set[str]:
    return {one.name for one in successors(instance_type, architecture, type_facts())}


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("m5.large", "x86_64"),
        ("m7i-flex.large", "x86_64"),
        ("m7gd.large", "arm64"),
        ("c7gn.large", "arm64"),
        ("im4gn.large", "arm64"),
        ("is4gen.large", "arm64"),
        ("a1.medium", "arm64"),
        ("t4g.small", "arm64"),
        ("g4dn.xlarge", "x86_64"),
        ("g5g.xlarge", "arm64"),
        ("hpc7g.4xlarge", "arm64"),
        ("u-6tb1.metal", "x86_64"),
        ("mac1.metal", "x86_64_mac"),
        ("mac2-m1ultra.metal", "arm64_mac"),
    ],
)
def test_the_name_of_a_type_tells_its_architecture(name, architecture):
    assert architecture_of(name) == architecture


def test_the_bundled_facts_have_a_month_a_source_and_what_aws_publishes():
    facts = type_facts()

    assert (facts.month, facts.licence, len(facts.types)) == ("2025-04", "MIT", 882)
    m5, m3 = facts.types["m5.large"], facts.types["m3.large"]
    assert (m5.vcpu, m5.memory_gib, m5.architecture, m5.is_previous, str(m5.store_gb)) == (
        2,
        Decimal(8),
        "x86_64",
        False,
        "0",
    )
    assert (m3.vcpu, m3.memory_gib, m3.is_previous, str(m3.store_gb)) == (2, Decimal("7.5"), True, "32")
    assert facts.types["i3en.24xlarge"].store_gb == 8 * 7500


def test_what_may_take_the_place_of_a_type_is_never_smaller_nor_of_another_architecture():
    types = type_facts().types
    for old in types.values():
        for new in successors(old.name, old.architecture, type_facts()):
            assert new.vcpu >= old.vcpu
            assert new.memory_gib >= old.memory_gib
            assert new.store_gb >= old.store_gb
            assert new.architecture == old.architecture
            assert not new.is_previous
            assert old.is_previous or (new.series == old.series and new.generation > old.generation)


def test_a_later_generation_of_the_series_may_take_its_place():
    assert {"m5.xlarge", "m6i.xlarge", "m7i.xlarge"} <= names("m4.xlarge")
    assert "m6g.xlarge" not in names("m4.xlarge")
    assert {"t3.medium", "t3a.medium"} <= names("t2.medium")


@pytest.mark.parametrize(
    ("instance_type", "not_taken"),
    [
        ("m4.large", "m7i-flex.large"),
        ("m3.large", "t3.large"),
        ("c5n.large", "c6a.large"),
        ("m3.large", "m7i.large"),
        ("m5.metal", "m6i.24xlarge"),
        ("t3.medium", "t2.medium"),
    ],
)
def test_nothing_is_taken_back_that_the_old_type_had(instance_type, not_taken):
    assert not_taken not in names(instance_type)


@pytest.mark.parametrize("instance_type", ["p3.2xlarge", "g4dn.xlarge", "inf1.xlarge", "m99.large"])
def test_types_that_the_facts_do_not_measure_are_not_compared(instance_type):
    assert names(instance_type) == set()


def test_an_instance_whose_architecture_is_unread_or_another_is_not_compared():
    assert list(successors("m4.large", None, type_facts())) == []
    assert names("m1.small", "i386") == set()


def test_the_cheapest_of_the_same_list_takes_its_place():
    move = best_successor(
        usage("m4.xlarge"),
        "x86_64",
        type_facts(),
        book({"m4.xlarge": "0.2", "m5.xlarge": "0.192", "m6a.xlarge": "0.1728", "m7i.xlarge": "0.2016"}),
    )

    assert isinstance(move, InstanceMove)
    assert (move.target.name, move.saving_usd) == ("m6a.xlarge", Decimal("19.856"))


def test_a_cheaper_price_of_another_list_is_no_saving():
    found = best_successor(
        usage("m4.xlarge"),
        "x86_64",
        type_facts(),
        book({"m4.xlarge": "0.2", "m5.xlarge": "0.1"}, months={"m5.xlarge": 2}),
    )

    assert isinstance(found, Unpriced)


def test_an_instance_that_nothing_is_cheaper_than_stays():
    prices = book({"m4.xlarge": "0.1", "m5.xlarge": "0.192"})

    assert best_successor(usage("m4.xlarge"), "x86_64", type_facts(), prices) is None


def test_an_instance_without_a_price_is_unknown_and_not_without_waste():
    found = best_successor(usage("m4.xlarge"), "x86_64", type_facts(), book({"m5.xlarge": "0.192"}))

    assert isinstance(found, Unpriced)


def bundle(folder, *lines: str, name: str = "specs_2025-04.csv") -> dict[str, Any]:
    table = folder / name
    table.write_text("\n".join([TABLE, *lines]), encoding="utf-8")
    call_command("bundle_instance_types", str(table), "--source=a list", "--into", str(folder))
    entry: dict[str, Any] = json.loads((folder / FACTS).read_text())
    return entry


def test_a_table_of_types_becomes_the_sheet_that_is_read(tmp_path):
    entry = bundle(
        tmp_path, "m7gd.large,2,8,General purpose,1 x 118 NVMe SSD,,current", "m1.small,1,1.7,G,EBS only,,previous"
    )

    facts = type_facts(tmp_path)

    assert entry == {"file": "instance-types_2025-04.tsv.gz", "month": "2025-04", "source": "a list", "licence": ""}
    assert facts.types["m7gd.large"].store_gb == 118
    assert (facts.types["m7gd.large"].architecture, facts.types["m1.small"].is_previous) == ("arm64", True)


@pytest.mark.parametrize("line", ["m7gd.large,2,8,G,a lot,,current", "m7gd.large,two,8,G,EBS only,,current"])
def test_a_table_that_cannot_be_read_is_refused(tmp_path, line):
    with pytest.raises(CommandError, match="table of instance types"):
        bundle(tmp_path, line)


def test_a_table_without_a_month_is_refused(tmp_path):
    with pytest.raises(CommandError, match="_YYYY-MM"):
        bundle(tmp_path, name="specs.csv")


def test_the_same_facts_are_the_same_bytes():
    entry = json.loads((FOLDER / FACTS).read_text())
    packed = (FOLDER / entry["file"]).read_bytes()

    assert gzip.compress(gzip.decompress(packed), mtime=0) == packed
