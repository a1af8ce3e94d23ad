"""AWS's price list as CSV: a preamble, a header, and one row for each price with its whole product beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from costs.sources.document import Document, UnreadableDocument
from costs.sources.offer_book import OfferBook, Price
from costs.sources.offer_json import day_in, valid_from
from costs.sources.products import Product

FIRST_CELL = "FormatVersion"
FIRST_COLUMN = "SKU"
BATCH = 500
PREAMBLE_LINES = 20

# Columns of this format that JSON files call otherwise; the others are their JSON names with blanks.
ATTRIBUTES = {"preinstalleds/w": "preinstalledsw", "volumeapiname": "volumeapiname"}

Cells = Mapping[str, str]


@dataclass(frozen=True)
class Preamble:
    """What stands above the header: `published` and `offer` by AWS's words."""

    published: str
    offer: str


@dataclass(frozen=True)
class OfferCsv:
    """A CSV file with a preamble."""

    path: Path

    def preamble(self) -> tuple[Preamble, list[str]]:
        """The preamble and the header below it."""
        words: dict[str, str] = {}
        for _, cells in islice(self._lines(), PREAMBLE_LINES):
            if cells and cells[0] == FIRST_COLUMN:
                return Preamble(words.get("Publication Date", ""), words.get("OfferCode", "")), cells
            if len(cells) > 1:
                words[cells[0]] = cells[1]
        raise UnreadableDocument(1, f"no header that begins with {FIRST_COLUMN} stands below the preamble")

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Every line below the header, each with as many cells as the header has."""
        header: list[str] | None = None
        for line, cells in self._lines():
            if header is None:
                header = cells if cells and cells[0] == FIRST_COLUMN else None
            elif len(cells) != len(header):
                raise UnreadableDocument(line, f"{len(cells)} columns instead of {len(header)}")
            else:
                yield line, dict(zip(header, cells, strict=True))

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            try:
                for cells in reader:
                    yield reader.line_num, cells
            except csv.Error as error:
                raise UnreadableDocument(reader.line_num, str(error)) from error
            except UnicodeDecodeError as error:
                raise UnreadableDocument(reader.line_num + 1, "this is not UTF-8 text") from error


def read_bulk_csv(path: Path, book: OfferBook, *, source: str) -> list[Document]:
    """The documents in a bulk file; a product that has several prices is repeated in each row."""
    file = OfferCsv(path)
    preamble, header = file.preamble()
    day = day_in(preamble.published, "Publication Date")
    missing = {"RateCode", "TermType", "Unit", "PricePerUnit", "Currency", "usageType"} - set(header)
    if missing:
        raise UnreadableDocument(1, f"columns are missing: {', '.join(sorted(missing))}")
    rows = file.rows()
    while batch := list(islice(rows, BATCH)):
        book.add_products((day, _product(cells, preamble.offer)) for _, cells in batch)
        book.add_prices(_price(line, cells) for line, cells in batch)
    return book.documents(source)


def _product(cells: Cells, offer: str) -> Product:
    attributes = {_attribute(column): value for column, value in cells.items()}
    return Product(cells["SKU"], offer, cells.get("Product Family", ""), attributes)


def _attribute(column: str) -> str:
    name = column.replace(" ", "").lower()
    return ATTRIBUTES.get(name, name)


def _price(line: int, cells: Cells) -> Price:
    if cells["TermType"] not in ("OnDemand", "Reserved"):
        raise UnreadableDocument(line, f"TermType is {cells['TermType'][:40]!r}, not OnDemand or Reserved")
    return Price(
        sku=cells["SKU"],
        rate_code=cells["RateCode"],
        unit=cells["Unit"],
        begin=cells.get("StartingRange", ""),
        amounts={cells["Currency"]: cells["PricePerUnit"]},
        valid_from=valid_from(cells.get("EffectiveDate", "")),
        is_reserved=cells["TermType"] == "Reserved",
        lease=cells.get("LeaseContractLength", ""),
        purchase_option=cells.get("PurchaseOption", ""),
        offering_class=cells.get("OfferingClass", ""),
    )
