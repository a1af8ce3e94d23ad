"""`manage.py load_prices`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from costs.models import InstancePrice, PriceDocument, Quote, SpotAdvice, SpotPrice, UnitPrice
from costs.sources import sheets
from tests.costs import aws_documents as aws
from tests.costs import cast

pytestmark = pytest.mark.django_db

M5_LINE = "eu-west-1,m5.large,0.107"


def facts() -> list[tuple[Any, ...]]:
    """Every stored fact, with the month and name of its document."""
    fields = ("document__month", "document__source", "region", "instance_type", "way", "hourly_usd", "upfront_usd")
    return sorted(InstancePrice.objects.values_list(*fields))


def test_the_month_comes_from_the_name_of_the_file(tmp_path):
    cast.load(cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, M5_LINE))

    document = PriceDocument.objects.get()
    assert f"{document.month:%Y-%m}" == "2025-04"
    assert document.source == "on_demand_2025-04.csv"


def test_the_month_can_be_given(tmp_path):
    cast.load(cast.table(tmp_path, "on_demand.csv", cast.ON_DEMAND, M5_LINE), "--date=2025-04")

    assert f"{PriceDocument.objects.get().month:%Y-%m}" == "2025-04"


def test_a_month_in_the_name_goes_before_the_given_one(tmp_path):
    cast.load(cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, M5_LINE), "--date=2026-07")

    assert f"{PriceDocument.objects.get().month:%Y-%m}" == "2025-04"


@pytest.mark.parametrize("name", ["prices.csv", "prices_2025.csv", "prices_2025-13.csv", "prices_2025-041.csv"])
def test_a_table_of_unknown_month_is_refused_as_a_usage_error_before_anything_is_loaded(tmp_path, name):
    dated = cast.table(tmp_path, "dated_2025-04.csv", cast.ON_DEMAND, M5_LINE)

    with pytest.raises(CommandError, match="--date") as refusal:
        cast.load(dated, cast.table(tmp_path, name, cast.ON_DEMAND, M5_LINE))

    assert refusal.value.returncode == 2
    assert not PriceDocument.objects.exists()


def test_loading_twice_changes_nothing(tmp_path, capsys):
    path = cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, M5_LINE)
    cast.load(path)
    before = facts()

    cast.load(path)

    assert facts() == before
    assert "nothing changed" in capsys.readouterr().err


def test_an_older_list_adds_facts_and_displaces_none(tmp_path):
    cast.load(cast.table(tmp_path, "new_2025-04.csv", cast.ON_DEMAND, M5_LINE))
    before = facts()

    cast.load(cast.table(tmp_path, "old_2019-04.csv", cast.ON_DEMAND, "eu-west-1,m5.large,0.111"))

    assert set(before) < set(facts())


def test_a_file_of_another_kind_is_named_and_nothing_is_lost(tmp_path, capsys):
    other = cast.table(tmp_path, "people_2023-02.csv", "name,surname", "Ada,Lovelace")

    cast.load(cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, M5_LINE), other)

    assert f"{other}: not yet read" in capsys.readouterr().err
    assert PriceDocument.objects.count() == 1
    assert other.exists()


def test_a_corrupt_file_loads_nothing_names_its_line_and_fails_while_others_load(tmp_path, capsys):
    corrupt = cast.table(tmp_path, "corrupt_2025-04.csv", cast.ON_DEMAND, M5_LINE, "eu-west-1,m5.xlarge,cheap")
    sound = cast.table(tmp_path, "sound_2025-04.csv", cast.ON_DEMAND, "eu-west-1,c5.large,0.1")

    with pytest.raises(CommandError) as failure:
        cast.load(corrupt, sound)

    assert failure.value.returncode == 1
    assert f"{corrupt}: line 3: ondemand_usd_hr is not an amount: 'cheap'" in capsys.readouterr().err
    assert list(InstancePrice.objects.values_list("instance_type", flat=True)) == ["c5.large"]


def test_an_empty_file_is_corrupt(tmp_path, capsys):
    with pytest.raises(CommandError):
        cast.load(cast.table(tmp_path, "empty_2025-04.csv"))

    assert "the file is empty" in capsys.readouterr().err


def test_a_directory_is_walked_and_every_file_is_named_with_what_was_taken_or_why_not(tmp_path, capsys):
    folder = tmp_path / "prices"
    (folder / "deeper").mkdir(parents=True)
    offer = aws.write(folder / "deeper", "offer.json", aws.bulk(aws.m5_large()))
    undated = aws.write(folder, "rates.json", aws.rates_answer())
    placeless = aws.write(
        folder, "hosts_2025-04.json", {"OfferingSet": [aws.host_offering("NoUpfront", 31536000, "0", "1")]}
    )
    index = aws.write(folder, "index.json", {"formatVersion": "v1.0", "versions": {"20200709000000": {}}})
    owned = aws.write(folder, "owned.json", {"ReservedInstances": []})
    other = aws.write(folder, "other.json", {"people": ["Ada"]})

    cast.load(folder)

    said = capsys.readouterr().err
    assert f"{offer}: offer-ec2 of 2020-07-09, 9 prices loaded." in said
    assert f"{undated}: skipped, because nothing tells the month" in said
    assert f"{placeless}: skipped, because nothing tells the region" in said
    assert f"{index}: an index of 1 versions" in said
    assert f"{owned}: what is owned" in said
    assert f"{other}: JSON of no kind that is known" in said
    assert PriceDocument.objects.count() == 1


def test_a_directory_loaded_twice_changes_nothing(tmp_path, capsys):
    aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large()))
    aws.write(tmp_path, "plan.json", aws.plan())
    cast.load(tmp_path)
    before = facts()
    capsys.readouterr()

    cast.load(tmp_path)

    assert facts() == before
    assert capsys.readouterr().err.count("loaded already; nothing changed") == 2


def test_what_is_skipped_is_counted_by_its_reason(tmp_path, capsys):
    empty = aws.item("FULL", [aws.on_demand("FULL", "0.0")], capacitystatus="AllocatedCapacityReservation")

    cast.load(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large(), empty)))

    assert "skipped 1 products for reserved capacity" in capsys.readouterr().err


def test_a_region_comes_from_the_name_of_the_file_or_is_given(tmp_path):
    hosts = {"OfferingSet": [aws.host_offering("NoUpfront", 31536000, "0", "1.499")]}

    cast.load(aws.write(tmp_path, "hosts_eu-west-1_2025-04.json", hosts))
    cast.load(aws.write(tmp_path, "hosts.json", hosts), "--date=2025-04", "--region=us-gov-west-1")

    assert {fact[2] for fact in facts()} == {"eu-west-1", "us-gov-west-1"}


def test_a_document_that_is_cut_off_loads_nothing_and_loses_nothing(tmp_path, capsys):
    whole = aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large()))
    cast.load(whole)
    before = facts()
    cut = tmp_path / "cut.json"
    cut.write_bytes(whole.read_bytes()[:-200])

    with pytest.raises(CommandError):
        cast.load(cut)

    assert facts() == before
    assert f"{cut}: within the" in capsys.readouterr().err


def test_what_the_book_could_only_keep_cut_or_rounded_is_refused(tmp_path, capsys):
    long = aws.bulk(aws.item("S" * 40, [aws.on_demand("S" * 40, "0.1")]))
    fine = aws.bulk(aws.item("F", [], [aws.reserved("F", "standard", "1yr", "All Upfront", "0.001", None)]))

    for name, document in {"long.json": long, "fine.json": fine}.items():
        with pytest.raises(CommandError):
            cast.load(aws.write(tmp_path, name, document))

    assert not PriceDocument.objects.exists()
    assert "sku is no text of at most 32 characters" in capsys.readouterr().err


def test_a_document_says_what_it_holds(tmp_path):
    cast.load(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())))

    document = PriceDocument.objects.get()
    assert (document.facts, document.regions, document.currency) == (9, ["us-east-1"], "USD")
    assert f"{document.published_on}" == "2020-07-09"


def test_prices_in_another_currency_are_kept_apart_and_enter_no_figure(tmp_path):
    listed = aws.item("CN", [aws.on_demand("CN", "0.614", currency="CNY")], regionCode="cn-north-1")
    cast.instance(cast.account(), region="cn-north-1")

    cast.load(aws.write(tmp_path, "offer.json", aws.bulk(listed)))

    on_demand = cast.by_way(cast.compare())["on-demand", None, None, None]
    assert on_demand["monthly_usd"] is None
    assert on_demand["unpriced_reason"] == "prices of cn-north-1 are listed in CNY, and nothing is converted"
    assert InstancePrice.objects.get().hourly_usd == Decimal("0.614")


def test_spot_by_zone_and_advice_are_stored_with_their_document(tmp_path):
    event = aws.spot_event("us-east-2a", "2024-01-01T00:00:00Z", "0.04")
    advice = {"spot_advisor": {"us-east-1": {"Linux": {"m5.large": {"s": 62, "r": 2}}}}}

    cast.load(
        aws.write(tmp_path, "history.json", {"SpotPriceHistory": [event]}),
        aws.write(tmp_path, "advisor_2025-06.json", advice),
    )

    assert SpotPrice.objects.get().mean_usd == Decimal("0.04")
    assert InstancePrice.objects.get().way == "spot"
    assert SpotAdvice.objects.get().words == "10 to 15 %"


@pytest.mark.parametrize("arguments", [["nowhere.csv"], ["--date=April"], ["--date=2025-13"]])
def test_what_cannot_be_meant_is_a_usage_error(arguments):
    with pytest.raises(CommandError, match=r"there is no file|is no month"):
        call_command("load_prices", *arguments)


def test_storage_tables_are_loaded_too(tmp_path):
    cast.load(
        cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, "us-east-1,N. Virginia,gp2,storage_gb_mo,0.1,RATE"),
        cast.table(tmp_path, "s3_2025-07.csv", cast.S3, "us-east-1,Standard,Storage,0.023,GB"),
    )

    assert set(UnitPrice.objects.values_list("service", "item")) == {("ebs", "gp2"), ("s3", "Standard")}


def test_quotes_follow_the_prices_at_once(tmp_path):
    instance = cast.instance(cast.account())

    cast.load(cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, "us-east-1,m5.large,0.1"))

    assert Quote.objects.get(resource=instance.resource).on_demand_monthly_usd == 73


def test_loading_again_finishes_what_an_interrupted_run_left_undone(tmp_path):
    path = cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, "us-east-1,m5.large,0.1")
    instance = cast.instance(cast.account())
    cast.load(path)
    Quote.objects.all().delete()

    cast.load(path)

    assert Quote.objects.filter(resource=instance.resource).exists()


@pytest.fixture
def small_bundle(tmp_path, monkeypatch):
    """A bundled book of one sheet, made by `bundle_prices`."""
    folder = tmp_path / "bundle"
    path = cast.table(tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, M5_LINE)
    call_command("bundle_prices", str(path), "--source=AWS list of 2025-04-04", "--licence=MIT", f"--into={folder}")
    monkeypatch.setattr(sheets, "BUNDLE", folder)
    return folder


def test_without_a_file_the_bundled_book_is_loaded_with_its_source(small_bundle):
    cast.load()

    document = PriceDocument.objects.get()
    assert (document.source, document.licence) == ("AWS list of 2025-04-04", "MIT")
    assert InstancePrice.objects.get().hourly_usd == Decimal("0.107")


def test_a_table_and_the_sheet_made_from_it_are_the_same_document(small_bundle, tmp_path, capsys):
    cast.load()

    cast.load(tmp_path / "on_demand_2025-04.csv")

    assert PriceDocument.objects.count() == 1
    assert "nothing changed" in capsys.readouterr().err


def test_a_damaged_sheet_loads_nothing_and_fails(small_bundle):
    (sheet,) = small_bundle.glob("*.gz")
    sheet.write_bytes(sheet.read_bytes()[:-12])

    with pytest.raises(CommandError):
        cast.load()

    assert not PriceDocument.objects.exists()


def test_a_missing_sheet_loads_nothing_and_fails(small_bundle):
    next(small_bundle.glob("*.gz")).unlink()

    with pytest.raises(CommandError):
        cast.load()

    assert not PriceDocument.objects.exists()
