"""Price sheets: the compact format in which the product carries its own price book.

A sheet is gzipped text with tabs. Its first line names the columns, each further line is one product with all its ways
of paying side by side, so that region, type and SKU stand there once:

    region  instance_type  usage_operation  tenancy  sku               on-demand  reserved-standard-3y-all-upfront
    us-east-1  m5.large    RunInstances     default  6C86BEPQVG73ZGGR  0.096      949+0
               m5.xlarge                             ...

An empty cell among the first columns repeats the line above and `-` is an empty one, a price is `hourly` or
`upfront+hourly`, and an empty price means that the document has none. Sheets of unit prices, of spot prices by zone and
of advice about spot have one fact a line. `manifest.json` beside the sheets says of each its kind, month, source and
licence, and the digest that its facts must have.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from costs.pricing_models import WAYS_OF_PAYING
from costs.sources.document import (
    AdviceFact,
    Document,
    InstanceFact,
    Kind,
    SpotFact,
    UnitFact,
    UnreadableDocument,
    plain,
)
from costs.sources.spot import means_of

BUNDLE = Path(__file__).resolve().parent.parent / "data"
MANIFEST = "manifest.json"

PRODUCT = ("region", "instance_type", "usage_operation", "tenancy")
THING = ("service", "region", "item")
UNIT = (*THING, "dimension", "unit", "usd", "rate_code")
NOTHING = "-"

Cells = Sequence[str]


class Flat(NamedTuple):
    """Facts of a shape that stand one a line, each column as it is; an empty cell repeats the line above."""

    fact: type[SpotFact] | type[AdviceFact]
    columns: tuple[Callable[[str], Any], ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.fact._fields


SPOT_BY_ZONE = Flat(SpotFact, (*[str] * 5, *[Decimal] * 3, *[datetime.fromisoformat] * 2))
ADVICE = Flat(AdviceFact, (str, str, str, int, int))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the manifest: what a sheet is, before it is opened."""

    file: str
    kind: Kind
    month: date
    source: str
    licence: str
    digest: str


def read_manifest(folder: Path | None = None) -> list[Entry]:
    """What the sheets of the folder (the bundled book) are, oldest first."""
    folder = folder or BUNDLE
    written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    entries = [
        Entry(**(line | {"kind": Kind(line["kind"]), "month": date.fromisoformat(f"{line['month']}-01")}))
        for line in written
    ]
    return sorted(entries, key=lambda entry: (entry.month, entry.kind))


def write_manifest(entries: Iterable[Entry], folder: Path) -> None:
    """The manifest of these sheets, oldest first."""
    lines = [
        vars(entry) | {"month": f"{entry.month:%Y-%m}"}
        for entry in sorted(entries, key=lambda entry: (entry.month, entry.kind))
    ]
    (folder / MANIFEST).write_text(json.dumps(lines, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_sheet(entry: Entry, folder: Path | None = None) -> Document:
    """The document in a sheet of the folder (the bundled book).

    UnreadableDocument if its facts are not those that the manifest describes.
    """
    with gzip.open((folder or BUNDLE) / entry.file, "rt", encoding="utf-8") as text:
        lines = (line.rstrip("\n").split("\t") for line in text)
        header = tuple(next(lines))
        document = Document(
            kind=entry.kind,
            month=entry.month,
            source=entry.source,
            licence=entry.licence,
            **_facts(header, lines),
        )
    if document.digest != entry.digest:
        raise UnreadableDocument(1, f"{entry.file} does not hold the prices that {MANIFEST} describes")
    return document


def write_sheet(document: Document, file: str, folder: Path) -> Entry:
    """The document as a sheet in the folder, the same bytes each time, and its line for the manifest.

    A sheet holds facts of one shape: ValueError for a document of several, or of another currency.
    """
    text = "".join("\t".join(cells) + "\n" for cells in _lines(document))
    (folder / file).write_bytes(gzip.compress(text.encode(), mtime=0))
    return Entry(
        file=file,
        kind=document.kind,
        month=document.month,
        source=document.source,
        licence=document.licence,
        digest=document.digest,
    )


def _lines(document: Document) -> Iterator[Cells]:
    """The lines of the only shape of facts that the document has; what spot costs a region follows from its zones."""
    if document.currency != "USD" or (document.instance_facts and document.unit_facts):
        raise ValueError("A sheet holds facts of one shape, in US dollars.")
    if document.spot_facts:
        return _flat_lines(SPOT_BY_ZONE, document.spot_facts)
    if document.advice_facts:
        return _flat_lines(ADVICE, document.advice_facts)
    return _product_lines(document.instance_facts) if document.instance_facts else _unit_lines(document.unit_facts)


def _facts(header: tuple[str, ...], lines: Iterable[Cells]) -> dict[str, Any]:
    """The facts of a document by its fields, their shape told by the header."""
    if header == SPOT_BY_ZONE.header:
        zones = tuple(_flat_facts(SPOT_BY_ZONE, lines))
        return {"spot_facts": zones, "instance_facts": means_of(zones)}
    if header == ADVICE.header:
        return {"advice_facts": tuple(_flat_facts(ADVICE, lines))}
    if header == UNIT:
        return {"unit_facts": tuple(_unit_facts(lines))}
    return {"instance_facts": tuple(_instance_facts(header, lines))}


def _flat_lines(shape: Flat, facts: Iterable[Any]) -> Iterator[Cells]:
    yield shape.header
    above: Cells = ("",) * len(shape.header)
    for fact in sorted(facts):
        cells = [_cell(value) for value in fact]
        yield _ditto(cells, above)
        above = cells


def _flat_facts(shape: Flat, lines: Iterable[Cells]) -> Iterator[Any]:
    cells: Cells = ("",) * len(shape.header)
    for line in lines:
        cells = _undo_ditto(line, cells)
        yield shape.fact(*(read(cell) for read, cell in zip(shape.columns, cells, strict=True)))


def _cell(value: object) -> str:
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _product_lines(facts: Iterable[InstanceFact]) -> Iterator[Cells]:
    facts = sorted(facts, key=_product)
    ways = [way.slug for way in WAYS_OF_PAYING if any(fact.way == way.slug for fact in facts)]
    yield (*PRODUCT, "sku", *ways)
    above: Cells = ("",) * len(PRODUCT)
    for (*product, sku), group in groupby(facts, key=_product):
        prices = {fact.way: _price(fact) for fact in group}
        yield (*_ditto(product, above), sku, *(prices.get(way, "") for way in ways))
        above = product


def _instance_facts(header: Cells, lines: Iterable[Cells]) -> Iterator[InstanceFact]:
    ways = header[len(PRODUCT) + 1 :]
    product: Cells = ("",) * len(PRODUCT)
    for cells in lines:
        product = _undo_ditto(cells[: len(PRODUCT)], product)
        region, instance_type, usage_operation, tenancy = product
        sku = cells[len(PRODUCT)]
        for way, price in zip(ways, cells[len(PRODUCT) + 1 :], strict=True):
            if price:
                upfront, _, hourly = price.rpartition("+")
                yield InstanceFact(
                    region, instance_type, usage_operation, tenancy, way, Decimal(upfront or 0), Decimal(hourly), sku
                )


def _unit_lines(facts: Iterable[UnitFact]) -> Iterator[Cells]:
    yield UNIT
    above: Cells = ("",) * len(THING)
    for fact in sorted(facts):
        thing = (fact.service, fact.region, fact.item)
        yield (*_ditto(thing, above), fact.dimension, fact.unit, plain(fact.usd), fact.rate_code)
        above = thing


def _unit_facts(lines: Iterable[Cells]) -> Iterator[UnitFact]:
    thing: Cells = ("",) * len(THING)
    for cells in lines:
        thing = _undo_ditto(cells[: len(THING)], thing)
        service, region, item = thing
        dimension, unit, usd, rate_code = cells[len(THING) :]
        yield UnitFact(service, region, item, dimension, unit, Decimal(usd), rate_code)


def _product(fact: InstanceFact) -> tuple[str, str, str, str, str]:
    return (fact.region, fact.instance_type, fact.usage_operation, fact.tenancy, fact.sku)


def _ditto(cells: Cells, above: Cells) -> Cells:
    return ["" if cell == before else cell or NOTHING for cell, before in zip(cells, above, strict=True)]


def _undo_ditto(cells: Cells, above: Cells) -> Cells:
    return ["" if cell == NOTHING else cell or before for cell, before in zip(cells, above, strict=True)]


def _price(fact: InstanceFact) -> str:
    hourly = plain(fact.hourly_usd)
    return f"{plain(fact.upfront_usd)}+{hourly}" if fact.upfront_usd else hourly
