"""AWS's price list as JSON: the bulk files, and the answers of `pricing:GetProducts`.

A bulk file is walked once for its products and once for each kind of term, so that it may be of any size and have its
parts in any order. GetProducts gives the same items one by one, each as JSON inside a string of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from costs.sources.document import Document, UnreadableDocument
from costs.sources.json_file import JsonFile
from costs.sources.offer_book import OfferBook, Price
from costs.sources.products import Product

HEADER = ("offerCode", "publicationDate")
TERM_KINDS = {"OnDemand": False, "Reserved": True}
BATCH = 500

Item = dict[str, Any]


def day_in(text: str, place: str) -> date:
    """The day of a moment as AWS writes it: `2025-09-12T22:53:08Z`."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise UnreadableDocument(place, f"{text[:40]!r} is no date") from error


def valid_from(text: str) -> date | None:
    """From which day a price is valid; None where the list does not say so in AWS's own spelling."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def read_bulk(path: Path, book: OfferBook, *, source: str) -> list[Document]:
    """The documents in a bulk file."""
    file = JsonFile(path)
    header = file.texts(HEADER)
    if len(header) < len(HEADER):
        raise UnreadableDocument("the outermost object", f"one of {' and '.join(HEADER)} is missing")
    day = day_in(header["publicationDate"], "publicationDate")
    service = header["offerCode"]
    book.add_products((day, _product(item, service, sku)) for sku, item in file.pairs("products"))
    for kind, is_reserved in TERM_KINDS.items():
        book.add_prices(
            price
            for sku, terms in file.pairs(f"terms.{kind}")
            for term in _values(terms, f"terms of SKU {sku}")
            for price in _prices(term, sku, is_reserved=is_reserved)
        )
    return book.documents(source)


def read_get_products(path: Path, book: OfferBook, prefix: str, *, source: str) -> list[Document]:
    """The documents in the answers of GetProducts: one for each service and day that its items are of."""
    items = (_parsed(item, number) for number, item in enumerate(JsonFile(path).items(prefix), 1))
    while batch := list(islice(items, BATCH)):
        book.add_products(_products_of(batch))
        book.add_prices(_prices_of(batch))
    return book.documents(source)


def _parsed(item: Any, number: int) -> Item:
    """An item of a page, which is JSON in a string; some programs keep it parsed."""
    try:
        found = json.loads(item) if isinstance(item, str) else item
    except json.JSONDecodeError as error:
        raise UnreadableDocument(f"item {number} of PriceList", f"it is no JSON: {error}") from error
    if not isinstance(found, dict) or not {"product", "serviceCode", "publicationDate"} <= found.keys():
        raise UnreadableDocument(f"item {number} of PriceList", "product, serviceCode or publicationDate is missing")
    return found


def _products_of(items: Iterable[Item]) -> Iterator[tuple[date, Product]]:
    for item in items:
        product = _product(item["product"], item["serviceCode"], "")
        yield day_in(item["publicationDate"], f"publicationDate of SKU {product.sku}"), product


def _prices_of(items: Iterable[Item]) -> Iterator[Price]:
    for item in items:
        sku = _product(item["product"], item["serviceCode"], "").sku
        for kind, is_reserved in TERM_KINDS.items():
            for term in _values(item.get("terms", {}).get(kind, {}), f"terms of SKU {sku}"):
                yield from _prices(term, sku, is_reserved=is_reserved)


def _product(item: Any, service: str, key: str) -> Product:
    sku = item.get("sku", key) if isinstance(item, dict) else ""
    if not isinstance(sku, str) or not sku or (key and sku != key):
        raise UnreadableDocument(f"SKU {key or 'without a name'}", "its product names another SKU, or none")
    attributes = item.get("attributes", {})
    if not isinstance(attributes, dict):
        raise UnreadableDocument(f"SKU {sku}", "its attributes are none")
    lowered = {name.lower(): value for name, value in attributes.items() if isinstance(value, str)}
    return Product(sku, service, str(item.get("productFamily", "")), lowered)


def _prices(term: Any, sku: str, *, is_reserved: bool) -> Iterator[Price]:
    """Each price dimension of a term."""
    place = f"terms of SKU {sku}"
    if not isinstance(term, dict) or term.get("sku", sku) != sku:
        raise UnreadableDocument(place, "a term names another SKU, or is none")
    attributes = term.get("termAttributes") or {}
    for dimension in _values(term.get("priceDimensions", {}), place):
        amounts = dimension.get("pricePerUnit", {})
        if not isinstance(amounts, dict) or not all(isinstance(amount, str) for amount in amounts.values()):
            raise UnreadableDocument(f"SKU {sku} ({dimension.get('rateCode', '')})", "pricePerUnit holds no amounts")
        yield Price(
            sku=sku,
            rate_code=str(dimension.get("rateCode", "")),
            unit=str(dimension.get("unit", "")),
            begin=str(dimension.get("beginRange", "")),
            amounts=amounts,
            valid_from=valid_from(str(term.get("effectiveDate", ""))),
            is_reserved=is_reserved,
            lease=attributes.get("LeaseContractLength", ""),
            purchase_option=attributes.get("PurchaseOption", ""),
            offering_class=attributes.get("OfferingClass", ""),
        )


def _values(values: Any, place: str) -> Iterable[Item]:
    """The values of an object that AWS keys by codes."""
    if not isinstance(values, Mapping) or not all(isinstance(one, dict) for one in values.values()):
        raise UnreadableDocument(place, "they are no object of objects")
    return values.values()
