"""Any file: what it is, told by what it holds, and what it says.

A reader of one format knows nothing of the others. Here they are told apart, by the keys of a JSON document or the
header of a CSV table, and never by a name: files are renamed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from costs.sources import indexes, offer_csv, offer_json, offerings, savings_plans, spot, tables
from costs.sources.document import Reading, UnreadableDocument
from costs.sources.json_file import JsonFile
from costs.sources.offer_book import OfferBook
from costs.sources.spool import Spool
from costs.sources.tables import MonthNeeded


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is known about a file beside what it holds: where it comes from, its month and its region, if any."""

    source: str
    today: date
    month: date | None = None
    region: str = ""

    @property
    def day(self) -> date:
        """The first day of the month; MonthNeeded where nobody tells it."""
        if self.month is None:
            raise MonthNeeded
        return self.month


Reader = Callable[[Path, Spool, Asking], Reading]


@dataclass(frozen=True)
class Format:
    """What a file is: how it is read, and whether whoever loads it must tell the month."""

    read: Reader
    needs_month: bool = False


def recognise(path: Path) -> Format:
    """What a file is. UnreadableDocument where not even that can be told, OSError where it cannot be opened."""
    with path.open("rb") as file:
        begin = file.read(4096).lstrip(b"\xef\xbb\xbf").lstrip()
    if not begin:
        raise UnreadableDocument(1, "the file is empty")
    if begin[:1] in b"{[":
        return _json_format(path)
    if begin.startswith((b"FormatVersion", b'"FormatVersion"')):
        return _csv_format(path)
    found = tables.tables_in(path)
    return (
        Format(_tables(found), any(table.month is None for table in found)) if found else _nothing(tables.why_not(path))
    )


def read_file(path: Path, spool: Spool, asking: Asking) -> Reading:
    """Everything that a file says; its documents lie in the spool.

    Raises UnreadableDocument with the place where it cannot be trusted, OSError where it cannot be opened, MonthNeeded
    and RegionNeeded where it takes a word from whoever loads it.
    """
    try:
        return recognise(path).read(path, spool, asking)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # AWS's own documents have no such values; which of them is not known here.
        raise UnreadableDocument("its structure", f"a value is not of the kind that AWS writes ({error})") from error


def _json_format(path: Path) -> Format:
    """By the first key that only one kind of document has."""
    for prefix, event, value in JsonFile(path).events():
        level = prefix.removeprefix("item").removeprefix(".")
        front = "item." if prefix.startswith("item") else ""
        if event == "map_key" and prefix in ("", "item"):
            if value in ANSWERS:
                return ANSWERS[value](f"{front}{value}.item")
            if value == "product":
                return _get_products("item" if front else "")
        elif prefix == "item" and event == "string":
            return _get_products("item")
        elif level == "products" and event in ("start_map", "start_array"):
            return Format(_read_offer if event == "start_map" else _read_plans)
        elif prefix == "terms" and event == "map_key" and value in TERMS:
            return Format(TERMS[value])
    return _nothing("JSON of no kind that is known")


def _csv_format(path: Path) -> Format:
    _, header = offer_csv.OfferCsv(path).preamble()
    return Format(_read_plans_csv if "DiscountedRate" in header else _read_offer_csv)


def _read_offer(path: Path, spool: Spool, asking: Asking) -> Reading:
    book = OfferBook(spool, asking.today)
    return Reading(documents=offer_json.read_bulk(path, book, source=asking.source), skipped=book.skipped)


def _read_offer_csv(path: Path, spool: Spool, asking: Asking) -> Reading:
    book = OfferBook(spool, asking.today, noun="rows")
    return Reading(documents=offer_csv.read_bulk_csv(path, book, source=asking.source), skipped=book.skipped)


def _read_plans(path: Path, spool: Spool, asking: Asking) -> Reading:
    return savings_plans.read_bulk(path, spool, source=asking.source)


def _read_plans_csv(path: Path, spool: Spool, asking: Asking) -> Reading:
    return savings_plans.read_csv(path, spool, source=asking.source)


def _get_products(items: str) -> Format:
    def read(path: Path, spool: Spool, asking: Asking) -> Reading:
        book = OfferBook(spool, asking.today)
        documents = offer_json.read_get_products(path, book, items, source=asking.source)
        return Reading(documents=documents, skipped=book.skipped)

    return Format(read)


def _rates(items: str) -> Format:
    def read(path: Path, spool: Spool, asking: Asking) -> Reading:
        return savings_plans.read_answers(path, spool, items, asking.day, source=asking.source)

    return Format(read, needs_month=True)


def _reserved(items: str) -> Format:
    def read(path: Path, spool: Spool, asking: Asking) -> Reading:
        return offerings.read_reserved(path, spool, items, asking.day, asking.region, source=asking.source)

    return Format(read, needs_month=True)


def _hosts(items: str) -> Format:
    def read(path: Path, spool: Spool, asking: Asking) -> Reading:
        return offerings.read_hosts(path, spool, items, asking.day, asking.region, source=asking.source)

    return Format(read, needs_month=True)


def _history(items: str) -> Format:
    return Format(lambda path, spool, asking: spot.read_history(path, spool, items, source=asking.source))


def _advisor(items: str) -> Format:
    return Format(
        lambda path, spool, asking: spot.read_advisor(path, asking.day, source=asking.source), needs_month=True
    )


def _index(items: str) -> Format:
    return Format(lambda path, spool, asking: Reading(note=indexes.describe(path)))


def _tables(found: tuple[tables.Table, ...]) -> Reader:
    return lambda path, spool, asking: tables.read_tables(path, found, month=asking.month, source=asking.source)


def _owned(items: str) -> Format:
    return _nothing("what is owned, which is collected from the account itself; no price list")


def _nothing(note: str) -> Format:
    return Format(lambda path, spool, asking: Reading(note=note))


ANSWERS: dict[str, Callable[[str], Format]] = {
    "PriceList": _get_products,
    "searchResults": _rates,
    "ReservedInstancesOfferings": _reserved,
    "OfferingSet": _hosts,
    "SpotPriceHistory": _history,
    "spot_advisor": _advisor,
    "offers": _index,
    "versions": _index,
    "regions": _index,
    "ReservedInstances": _owned,
    "HostReservationSet": _owned,
    "Hosts": _owned,
}
"""Formats by the key that tells them; a format is told the path of its items."""

TERMS: dict[str, Reader] = {"OnDemand": _read_offer, "Reserved": _read_offer, "savingsPlan": _read_plans}
