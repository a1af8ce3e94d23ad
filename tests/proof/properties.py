"""Four properties outside the engine, which the planted mistakes must break."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser

import pytest
from django.test import Client

from costs.operations import LINUX
from costs.price_book import PriceBook, Sku, Unpriced
from costs.priceable import Monthly
from costs.pricing_models import ON_DEMAND
from costs.totals import Total
from inventory.aws import Access, Clients
from inventory.models import Resource
from tests.aws.scripted import Answer, ScriptedAws
from tests.pages import ledgers
from tests.proof.course import rolled_back
from tests.support.guarding import also_allowed

AMOUNTS = ("0.1", "0.2", "0.3", "1e-10", "70.08", "123456789.000001", "0.0104")
HOSTILE = "<script>alert(1)</script>\"'&amp;<b>"
REGION = "eu-central-1"


def sums_are_exact() -> None:
    """The sum of many prices is the sum of their fractions, and what has no price is counted beside it."""
    total, exact = Total(), Fraction(0)
    for number, amount in enumerate(AMOUNTS * 50):
        total.add(Monthly(Decimal(amount), date(2026, 1, 1)), number % 7)
        exact += Fraction(amount) * (number % 7)
    total.add(Unpriced("no list has it"), 3)

    assert isinstance(total.monthly_usd, Decimal)
    assert Fraction(total.monthly_usd) == exact
    assert total.unpriced == 3


def what_has_no_price_is_unpriced() -> None:
    """A SKU that is on no list has no price, with the reason, and never one of zero."""
    found = PriceBook({}).price(Sku("sa-east-1", "m5.large", LINUX, "default"), ON_DEMAND)

    assert isinstance(found, Unpriced)
    assert found.reason


def every_page_is_read() -> None:
    """An operation that answers with a token and has no paginator is asked until no token is left."""
    pages = [
        Answer(
            body=json.dumps(
                {
                    "DimensionValues": [{"Value": str(number)}],
                    "ReturnSize": 1,
                    "TotalSize": 3,
                    **({"NextPageToken": f"page-{number}"} if number < 2 else {}),
                }
            ),
            headers={"Content-Type": "application/x-amz-json-1.1"},
        )
        for number in range(3)
    ]
    with (
        ScriptedAws().listening() as aws,
        pytest.MonkeyPatch.context() as environment,
        also_allowed(("ce", "GetDimensionValues")),
    ):
        environment.setenv("AWS_ENDPOINT_URL", aws.address)
        environment.setenv("AWS_ACCESS_KEY_ID", "AKIAHOST")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        aws.answers("GetDimensionValues", *pages)
        period = {"Start": "2026-01-01", "End": "2026-02-01"}
        listing = Clients(Access()).pages(
            *("ce", "GetDimensionValues", "us-east-1", "ce:GetDimensionValues", "DimensionValues"),
            Dimension="SERVICE",
            TimePeriod=period,
        )
        assert [one["Value"] for page in listing for one in page] == ["0", "1", "2"]


def text_of_aws_stays_text() -> None:
    """A list and a detail page show the hostile text itself, with the same elements as for a plain one."""
    with rolled_back():
        client = Client()
        client.force_login(ledgers.operator())
        places = [_place(number, text) for number, text in enumerate(("plain", HOSTILE), 1)]
        plain, hostile = ([_read(client, address) for address in addresses] for addresses in places)

    for (plain_elements, _), (elements, words) in zip(plain, hostile, strict=True):
        assert elements == plain_elements
        assert HOSTILE in words


def _place(number: int, text: str) -> list[str]:
    """The addresses of the list and of the page of a volume with this text as its name and its tag."""
    account = ledgers.account(f"acme-{number}", f"{number:012}")
    tags = [{"Key": "Name", "Value": text}, {"Key": "note", "Value": text}]
    ledgers.look(account, ledgers.NOW, {(REGION, "ebs-volume"): [ledgers.volume(number, Tags=tags)]})
    resource = Resource.objects.get(account=account, type="ebs-volume")
    return [f"/types/ebs-volume/?account={account.account_id}", f"/types/ebs-volume/{resource.pk}/"]


def _read(client: Client, address: str) -> tuple[list[str], str]:
    answer = client.get(address)
    assert answer.status_code == 200
    page = _Page()
    page.feed(answer.content.decode())
    return page.elements, "".join(page.words)


class _Page(HTMLParser):
    """The elements of a page in order, and all of its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)
