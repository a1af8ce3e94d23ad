"""AWS's price list in all its formats: from a file to facts."""

from __future__ import annotations

import copy
import itertools
import json
import random
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costs.sources.document import Document, InstanceFact, Kind, Reading, UnreadableDocument
from costs.sources.recognise import Asking, read_file
from costs.sources.spool import Spool
from tests.costs import aws_documents as aws

TODAY = date(2026, 11, 28)


def read(path: Path, today: date = TODAY) -> tuple[list[Document], Reading]:
    """The documents of a file, with their facts in memory, and the reading itself."""
    with Spool() as spool:
        reading = read_file(path, spool, Asking(source=path.name, today=today))
        return [_held(document) for document in reading.documents], reading


def _held(document: Document) -> Document:
    held = vars(document) | {
        "instance_facts": tuple(document.instance_facts),
        "unit_facts": tuple(document.unit_facts),
    }
    return Document(**{name: value for name, value in held.items() if name in Document.__dataclass_fields__})


def facts(path: Path) -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    """What each thing costs, of all documents of a file."""
    documents, _ = read(path)
    found: dict[tuple[str, ...], tuple[Decimal, ...]] = {}
    for document in documents:
        found |= {fact.thing: fact.price for fact in document.instance_facts}
        found |= {fact.thing: fact.price for fact in document.unit_facts}
    return found


def only(path: Path) -> InstanceFact:
    """The only fact of a file."""
    ((fact,),) = [document.instance_facts for document in read(path)[0]]
    return fact


def test_every_term_of_an_instance_type_is_read_to_the_last_digit(tmp_path):
    found = facts(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())))

    m5_large = ("us-east-1", "m5.large", "RunInstances", "default")
    assert found == {
        (*m5_large, "on-demand"): (Decimal(0), Decimal("0.096")),
        (*m5_large, "reserved-standard-1y-no-upfront"): (Decimal(0), Decimal("0.06")),
        (*m5_large, "reserved-standard-1y-partial-upfront"): (Decimal(252), Decimal("0.029")),
        (*m5_large, "reserved-standard-1y-all-upfront"): (Decimal(494), Decimal(0)),
        (*m5_large, "reserved-standard-3y-no-upfront"): (Decimal(0), Decimal("0.041")),
        (*m5_large, "reserved-standard-3y-partial-upfront"): (Decimal(505), Decimal("0.019")),
        (*m5_large, "reserved-standard-3y-all-upfront"): (Decimal(949), Decimal(0)),
        (*m5_large, "reserved-convertible-1y-no-upfront"): (Decimal(0), Decimal("0.071")),
        (*m5_large, "reserved-convertible-3y-all-upfront"): (Decimal(1161), Decimal(0)),
    }


def test_a_fact_keeps_sku_and_validity_and_a_document_its_day(tmp_path):
    ((document,), _) = read(
        aws.write(tmp_path, "offer.json", aws.bulk(aws.item(terms=[aws.on_demand(aws.SKU, "0.096")])))
    )

    (fact,) = document.instance_facts
    assert (fact.sku, fact.valid_from) == (aws.SKU, date(2020, 7, 1))
    assert (document.kind, document.month, document.published_on) == (
        Kind.OFFER_EC2,
        date(2020, 7, 1),
        date(2020, 7, 9),
    )
    assert (document.currency, document.regions) == ("USD", ["us-east-1"])


def test_one_content_is_one_document_in_every_format(tmp_path):
    items = [aws.m5_large(), aws.item("HOST", [aws.on_demand("HOST", "5.65")], family="Dedicated Host", **HOST)]
    pages = [{"PriceList": [json.dumps(one)], "NextToken": str(number)} for number, one in enumerate(items)]

    written = [
        aws.write(tmp_path, "bulk.json", aws.bulk(*items)),
        aws.write_csv(tmp_path, "bulk.csv", *items),
        aws.write_pages(tmp_path, "page.json", *items),
        aws.write(tmp_path, "pages.json", pages),
        aws.write(tmp_path, "list.json", [json.dumps(one) for one in items]),
        aws.write(tmp_path, "parsed.json", items),
    ]

    digests = {path.name: [document.digest for document in read(path)[0]] for path in written}
    assert len(set(map(tuple, digests.values()))) == 1, digests


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_keys_decides_nothing(tmp_path, shuffle):
    decoys = [
        aws.item(f"DECOY{number}", [aws.on_demand(f"DECOY{number}", usd)], **attributes)
        for number, (usd, attributes) in enumerate(DECOYS)
    ]
    document = aws.bulk(aws.m5_large(), *decoys)
    path = tmp_path / "shuffled.json"

    path.write_text(json.dumps(_shuffled(document, shuffle)), encoding="utf-8")

    assert facts(path) == facts(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())))


def test_terms_may_precede_products(tmp_path):
    document = aws.bulk(aws.m5_large())
    reversed_document = dict(reversed(document.items()))

    assert facts(aws.write(tmp_path, "r.json", reversed_document)) == facts(aws.write(tmp_path, "o.json", document))


HOST: dict[str, Any] = {
    "instanceType": "m5",
    "tenancy": "Host",
    "usagetype": "HostUsage:m5",
    "operation": "RunInstances",
    "capacitystatus": "AllocatedHost",
}
DECOYS: list[tuple[str, dict[str, Any]]] = [
    ("0.0000000000", {"capacitystatus": "AllocatedCapacityReservation", "usagetype": "Reservation:m5.large"}),
    ("0.0960000000", {"capacitystatus": "UnusedCapacityReservation", "usagetype": "UnusedBox:m5.large"}),
    ("0.0000000000", {"marketoption": "CapacityBlock"}),
    ("0.0000000000", {"tenancy": "Host", "usagetype": "HostBoxUsage:m5.large"}),
    (
        "0.1200000000",
        {"locationType": "AWS Local Zone", "regionCode": "us-east-1-nyc-1", "usagetype": "NYC1-BoxUsage:m5.large"},
    ),
    ("0.1300000000", {"locationType": "AWS Wavelength Zone", "regionCode": "us-east-1-wl1-bos1"}),
    ("0.0960000000", {"usagetype": "BoxUsage:m5.xlarge"}),
    ("0.1060000000", {"tenancy": "Dedicated"}),
    ("0.0960000000", {"location": "The Moon", "regionCode": ""}),
]


@pytest.mark.parametrize(("usd", "attributes"), DECOYS)
def test_what_is_no_price_of_running_in_a_region_is_left_out_with_its_reason(tmp_path, usd, attributes):
    path = aws.write(tmp_path, "offer.json", aws.bulk(aws.item("OTHER", [aws.on_demand("OTHER", usd)], **attributes)))

    documents, reading = read(path)

    assert documents == []
    assert reading.skipped.total() == 1


def test_of_two_products_that_claim_one_thing_neither_is_taken(tmp_path):
    twin = aws.item("TWIN", [aws.on_demand("TWIN", "0.095")])

    documents, reading = read(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large(), twin)))

    assert documents == []
    assert any("two products claim" in reason for reason in reading.skipped)


@pytest.mark.parametrize(
    ("attributes", "thing"),
    [
        ({"operation": "RunInstances:0002", "operatingSystem": "Windows"}, ("RunInstances:0002", "default")),
        ({"operation": "RunInstances:0102", "preInstalledSw": "SQL Ent"}, ("RunInstances:0102", "default")),
        ({"operation": "", "operatingSystem": "SUSE"}, ("RunInstances:000g", "default")),
        ({"tenancy": "Dedicated", "usagetype": "EU-DedicatedUsage:m5.large"}, ("RunInstances", "dedicated")),
    ],
)
def test_operation_and_tenancy_tell_products_apart(tmp_path, attributes, thing):
    path = aws.write(tmp_path, "offer.json", aws.bulk(aws.item(terms=[aws.on_demand(aws.SKU, "0.2")], **attributes)))

    assert only(path).thing == ("us-east-1", "m5.large", *thing, "on-demand")


def test_a_list_without_region_codes_is_placed_by_its_locations(tmp_path):
    places = {"EU (Ireland)": "eu-west-1", "Europe (Ireland)": "eu-west-1", "US East (Ohio)": "us-east-2"}

    for location, region in places.items():
        item = aws.item(terms=[aws.on_demand(aws.SKU, "0.1")], regionCode="", location=location)
        assert only(aws.write(tmp_path, "offer.json", aws.bulk(item))).region == region


def test_a_host_is_priced_by_its_family_on_demand_and_reserved(tmp_path):
    host = aws.item("HOST", [aws.on_demand("HOST", "5.65")], family="Dedicated Host", **HOST)
    kept = HOST | {"usagetype": "ReservedHostUsage:m5", "tenancy": "Reserved"}
    reservation = aws.item(
        "KEPT",
        [],
        [aws.reserved("KEPT", "", "1yr", "Partial Upfront", "6254", "0.714")],
        family="Dedicated Host",
        **kept,
    )

    assert facts(aws.write(tmp_path, "offer.json", aws.bulk(host, reservation))) == {
        ("us-east-1", "m5", "", "host", "on-demand"): (Decimal(0), Decimal("5.65")),
        ("us-east-1", "m5", "", "host", "host-reservation-1y-partial-upfront"): (Decimal(6254), Decimal("0.714")),
    }


def test_of_several_terms_the_newest_that_is_valid_counts(tmp_path):
    terms = [
        aws.on_demand(aws.SKU, "0.1", effective="2019-01-01T00:00:00Z"),
        aws.on_demand(aws.SKU, "0.09", effective="2027-01-01T00:00:00Z"),
        aws.on_demand(aws.SKU, "0.096", effective="2020-07-01T00:00:00Z"),
    ]
    for number, one in enumerate(terms):
        one["priceDimensions"] = {f"R{number}": next(iter(one["priceDimensions"].values()))}

    for number, order in enumerate(itertools.permutations(terms)):
        path = aws.write(tmp_path, f"{number}.json", aws.bulk(aws.item(terms=order)))
        assert only(path).hourly_usd == Decimal("0.096")


@pytest.mark.parametrize(
    ("payment", "upfront", "hourly", "is_taken"),
    [
        ("No Upfront", None, "0.06", True),
        ("Partial Upfront", "252", "0.029", True),
        ("Partial Upfront", None, "0.029", False),
        ("Partial Upfront", "252", None, False),
        ("All Upfront", "494", None, True),
        ("All Upfront", None, "0.0", False),
        ("Heavy Utilization", "100", "0.02", False),
    ],
)
def test_a_part_that_is_missing_is_zero_only_where_the_payment_allows_it(tmp_path, payment, upfront, hourly, is_taken):
    item = aws.item(reservations=[aws.reserved(aws.SKU, "standard", "1yr", payment, upfront, hourly)])

    documents, reading = read(aws.write(tmp_path, "offer.json", aws.bulk(item)))

    assert bool(documents) is is_taken
    assert bool(reading.skipped) is not is_taken


def test_codes_of_terms_mean_nothing(tmp_path):
    document = json.dumps(aws.bulk(aws.m5_large())).replace(".TERM", ".5Y9WH78GDR").replace('"TERM"', '"Q7UJUT2CE6"')
    (tmp_path / "china.json").write_text(document, encoding="utf-8")

    assert facts(tmp_path / "china.json") == facts(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())))


def test_each_currency_is_a_document_of_its_own(tmp_path):
    beijing = aws.item(
        "CN",
        [aws.on_demand("CN", "0.614", currency="CNY")],
        regionCode="cn-north-1",
        usagetype="CNN1-BoxUsage:m5.large",
    )

    documents, _ = read(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large(), beijing)))

    assert [(document.currency, document.regions) for document in documents] == [
        ("CNY", ["cn-north-1"]),
        ("USD", ["us-east-1"]),
    ]


def damaged(change: str) -> Any:
    """A bulk file with something wrong in it."""
    document = copy.deepcopy(aws.bulk(aws.m5_large()))
    product = document["products"][aws.SKU]
    (term,) = document["terms"]["OnDemand"][aws.SKU].values()
    (price,) = term["priceDimensions"].values()
    match change:
        case "amount":
            price["pricePerUnit"] = {"USD": "cheap"}
        case "number":
            price["pricePerUnit"] = {"USD": 0.096}
        case "sku of the product":
            product["sku"] = "ANOTHER"
        case "sku of the term":
            term["sku"] = "ANOTHER"
        case "shape of the term":
            document["terms"]["OnDemand"][aws.SKU] = ["no", "terms"]
        case "date":
            document["publicationDate"] = "soon"
        case "no date":
            del document["publicationDate"]
        case "second price":
            other = term | {"priceDimensions": {"X": price | {"pricePerUnit": {"USD": "0.097"}}}}
            document["terms"]["OnDemand"][aws.SKU]["SECOND"] = other
    return document


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("amount", aws.SKU),
        ("number", aws.SKU),
        ("sku of the product", aws.SKU),
        ("sku of the term", aws.SKU),
        ("shape of the term", aws.SKU),
        ("date", "publicationDate"),
        ("no date", "publicationDate"),
        ("second price", aws.SKU),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_place(tmp_path, change, place):
    with pytest.raises(UnreadableDocument, match=place):
        read(aws.write(tmp_path, "offer.json", damaged(change)))


def test_a_product_that_stands_there_twice_with_other_attributes_is_refused(tmp_path):
    text = json.dumps(aws.bulk(aws.m5_large()))
    product = json.dumps(aws.m5_large()["product"])
    other = product.replace("m5.large", "m5.xlarge")
    (tmp_path / "offer.json").write_text(text.replace(product, f'{product}, "{aws.SKU}": {other}'), encoding="utf-8")

    with pytest.raises(UnreadableDocument, match=rf"SKU {aws.SKU}: .*two different products"):
        read(tmp_path / "offer.json")


def test_what_stands_there_twice_in_the_same_words_is_one_fact(tmp_path):
    text = json.dumps(aws.bulk(aws.m5_large()))
    product = json.dumps(aws.m5_large()["product"])
    (tmp_path / "twice.json").write_text(text.replace(product, f'{product}, "{aws.SKU}": {product}'), encoding="utf-8")

    assert facts(tmp_path / "twice.json") == facts(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())))


@pytest.mark.parametrize("write", [aws.write, aws.write_csv, aws.write_pages])
@given(share=st.floats(0.02, 0.98))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_that_ends_in_the_middle_is_refused_or_read_without_what_is_missing(tmp_path, write, share):
    whole = write(tmp_path, "whole", aws.bulk(aws.m5_large()) if write is aws.write else aws.m5_large())
    everything = facts(whole)
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])

    try:
        found = facts(cut)
    except UnreadableDocument:
        return
    # Only a table of lines can end between two of them, which nothing in it tells.
    assert write is aws.write_csv
    assert found.items() <= everything.items()


@given(position=st.floats(0, 1), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_byte_that_changed_never_fails_in_another_way_than_by_refusal(tmp_path, position, byte):
    whole = json.dumps(aws.bulk(aws.m5_large())).encode()
    at = min(int(len(whole) * position), len(whole) - 1)
    path = tmp_path / "changed.json"
    path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])

    with suppress(UnreadableDocument):
        read(path)


def test_a_csv_line_of_other_length_is_refused_with_its_number(tmp_path):
    path = aws.write_csv(tmp_path, "offer.csv", aws.m5_large())
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:9], lines[9] + ',"more"', *lines[10:]]), encoding="utf-8")

    with pytest.raises(UnreadableDocument, match=r"line 10: .* columns instead of"):
        read(path)


def test_an_item_of_getproducts_that_is_no_json_is_named(tmp_path):
    path = aws.write(tmp_path, "page.json", {"PriceList": [json.dumps(aws.m5_large()), '{"product": {']})

    with pytest.raises(UnreadableDocument, match="item 2 of PriceList"):
        read(path)


def test_a_file_of_another_service_is_read_and_gives_nothing(tmp_path):
    documents, reading = read(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large(), offer="AmazonRDS")))

    assert documents == []
    assert list(reading.skipped) == ["products of AmazonRDS, which is not priced here"]


def _shuffled(value: Any, shuffle: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        shuffle.shuffle(keys)
        return {key: _shuffled(value[key], shuffle) for key in keys}
    return value
