"""The compact format of the bundled price book, and the book itself."""

from __future__ import annotations

import gzip
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costs.pricing_models import WAYS_OF_PAYING
from costs.sources import sheets
from costs.sources.document import AdviceFact, Document, InstanceFact, Kind, SpotFact, UnitFact, UnreadableDocument
from costs.sources.spot import means_of

amounts = st.decimals("0.0000000001", "99999", places=10)
words = st.sampled_from(["a", "b", "us-east-1", "m5.large"])
skus = st.sampled_from(["", "SKU1", "SKU2"])
commitments = [way.slug for way in WAYS_OF_PAYING if way.term_hours]
product = (words, words, words, words)
nothing = st.just(Decimal(0))
instance_facts = st.one_of(
    st.builds(InstanceFact, *product, st.sampled_from(["on-demand", "spot"]), nothing, amounts, skus, st.none()),
    st.builds(
        InstanceFact,
        *product,
        st.sampled_from(commitments),
        st.decimals("1", "99999", places=2),
        st.one_of(nothing, amounts),
        skus,
        st.none(),
    ),
)
unit_facts = st.builds(UnitFact, words, words, words, words, words, amounts, st.sampled_from(["", "RATE"]), st.none())
moments = st.datetimes(timezones=st.just(UTC))
spot_facts = st.builds(SpotFact, words, words, words | st.just(""), words, words, *[amounts] * 3, moments, moments)
advice_facts = st.builds(AdviceFact, words, words, words, st.integers(0, 4), st.integers(0, 100))


def document(*, instance_facts=(), unit_facts=(), spot_facts=(), advice_facts=()) -> Document:
    return Document(
        kind=Kind.SPOT if instance_facts else Kind.EBS,
        month=date(2025, 4, 1),
        source="test",
        licence="MIT",
        instance_facts=tuple(instance_facts),
        unit_facts=tuple(unit_facts),
        spot_facts=tuple(spot_facts),
        advice_facts=tuple(advice_facts),
    )


@settings(deadline=None)
@given(st.lists(instance_facts, min_size=1, max_size=30, unique_by=lambda fact: fact.thing))
def test_instance_prices_come_back_from_a_sheet_unchanged(facts):
    written = document(instance_facts=facts)

    with TemporaryDirectory() as folder:
        entry = sheets.write_sheet(written, "sheet.tsv.gz", Path(folder))
        read = sheets.read_sheet(entry, Path(folder))

    assert sorted(read.instance_facts) == sorted(written.instance_facts)


@settings(deadline=None)
@given(st.lists(unit_facts, min_size=1, max_size=30, unique_by=lambda fact: fact.thing))
def test_unit_prices_come_back_from_a_sheet_unchanged(facts):
    written = document(unit_facts=facts)

    with TemporaryDirectory() as folder:
        entry = sheets.write_sheet(written, "sheet.tsv.gz", Path(folder))
        read = sheets.read_sheet(entry, Path(folder))

    assert sorted(read.unit_facts) == sorted(written.unit_facts)


@settings(deadline=None)
@given(st.lists(spot_facts, min_size=1, max_size=20, unique_by=lambda fact: fact[:5]))
def test_spot_prices_by_zone_come_back_from_a_sheet_with_the_means_that_follow_from_them(facts):
    written = document(spot_facts=facts, instance_facts=means_of(facts))

    with TemporaryDirectory() as folder:
        entry = sheets.write_sheet(written, "sheet.tsv.gz", Path(folder))
        read = sheets.read_sheet(entry, Path(folder))

    assert sorted(read.spot_facts) == sorted(written.spot_facts)
    assert sorted(read.instance_facts) == sorted(written.instance_facts)


@settings(deadline=None)
@given(st.lists(advice_facts, min_size=1, max_size=20, unique_by=lambda fact: fact[:3]))
def test_advice_comes_back_from_a_sheet_unchanged(facts):
    written = document(advice_facts=facts)

    with TemporaryDirectory() as folder:
        entry = sheets.write_sheet(written, "sheet.tsv.gz", Path(folder))
        read = sheets.read_sheet(entry, Path(folder))

    assert sorted(read.advice_facts) == sorted(written.advice_facts)


def test_a_sheet_takes_facts_of_one_shape_in_dollars(tmp_path):
    fact = InstanceFact("a", "m5.large", "RunInstances", "default", "spot", Decimal(0), Decimal("0.1"))
    unit = UnitFact("ebs", "a", "gp3", "iops_mo", "IOPS-month", Decimal("0.1"))

    with pytest.raises(ValueError, match="one shape"):
        sheets.write_sheet(document(instance_facts=[fact], unit_facts=[unit]), "sheet.tsv.gz", tmp_path)


def test_the_same_facts_in_another_order_give_the_same_bytes(tmp_path):
    one = InstanceFact("a", "m5.large", "RunInstances", "default", "spot", Decimal(0), Decimal("0.1"))
    other = one._replace(region="b")

    sheets.write_sheet(document(instance_facts=[one, other]), "1.tsv.gz", tmp_path)
    sheets.write_sheet(document(instance_facts=[other, one]), "2.tsv.gz", tmp_path)

    assert (tmp_path / "1.tsv.gz").read_bytes() == (tmp_path / "2.tsv.gz").read_bytes()


def test_a_sheet_with_another_price_than_the_manifest_describes_is_refused(tmp_path):
    fact = InstanceFact("a", "m5.large", "RunInstances", "default", "spot", Decimal(0), Decimal("0.1"))
    entry = sheets.write_sheet(document(instance_facts=[fact]), "sheet.tsv.gz", tmp_path)
    text = gzip.decompress((tmp_path / "sheet.tsv.gz").read_bytes()).replace(b"0.1", b"0.2")
    (tmp_path / "sheet.tsv.gz").write_bytes(gzip.compress(text))

    with pytest.raises(UnreadableDocument, match="manifest"):
        sheets.read_sheet(entry, tmp_path)


def test_the_manifest_comes_back_oldest_first(tmp_path):
    fact = UnitFact("ebs", "a", "gp3", "iops_mo", "IOPS-month", Decimal("0.1"))
    new = sheets.write_sheet(document(unit_facts=[fact]), "new.tsv.gz", tmp_path)
    old = sheets.Entry(**(vars(new) | {"month": date(2019, 1, 1), "file": "old.tsv.gz"}))

    sheets.write_manifest([new, old], tmp_path)

    assert sheets.read_manifest(tmp_path) == [old, new]


@pytest.mark.parametrize("entry", sheets.read_manifest(), ids=lambda entry: entry.file)
def test_every_bundled_sheet_holds_what_the_manifest_describes_with_its_source(entry):
    assert len(sheets.read_sheet(entry)) > 0
    assert entry.source


def test_the_bundled_book_stays_small():
    assert sum(path.stat().st_size for path in sheets.BUNDLE.iterdir()) < 1_000_000


def test_every_file_of_the_bundle_stands_in_the_manifest():
    files = {path.name for path in sheets.BUNDLE.glob("*.gz")}

    assert files == {entry.file for entry in sheets.read_manifest()}
