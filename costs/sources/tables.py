"""The public price tables in CSV that `load_prices` reads; the header row tells which one a file is.

A table says what it holds and nothing about its own date, so the month comes from whoever loads it. An empty cell
means "not offered" or "not published" and a price of zero is no price: neither becomes a fact. Anything else that does
not fit (a cell that is no amount, a missing column, two prices for one thing) makes the whole file unreadable, because
a table that is wrong in one line cannot be trusted in the others.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from costs.sources import instance_tables, unit_tables
from costs.sources.document import Document, InstanceFact, Kind, Reading, UnitFact, UnreadableDocument
from costs.sources.row import Row

PricedFact = InstanceFact | UnitFact
NO_PRICE = "rows that hold no price of use here"


class MonthNeeded(Exception):
    """A table does not tell when its prices stood."""


@dataclass(frozen=True)
class Table:
    """A table we know: its columns, how one of its rows becomes facts, and its rows' own month, if they tell one."""

    kind: Kind
    columns: tuple[str, ...]
    facts: Callable[[Row], Iterator[PricedFact]]
    month: Callable[[Row], date | None] | None = None


def _table(
    kind: Kind,
    columns: str,
    facts: Callable[[Row], Iterator[PricedFact]],
    month: Callable[[Row], date | None] | None = None,
) -> Table:
    return Table(kind, tuple(columns.split()), facts, month)


EVERY_SKU = (
    "sku product_family instance_type operating_system pre_installed_sw license_model tenancy capacity_status"
    " usage_type volume_api_name group unit starting_range usd"
)


TABLES = (
    _table(Kind.ON_DEMAND, "region instance_type ondemand_usd_hr", instance_tables.on_demand),
    _table(
        Kind.ON_DEMAND_AND_RESERVED,
        "region instance_type sku ondemand_usd_hr ri_std_1y_noupfront_usd_hr ri_std_3y_noupfront_usd_hr"
        " ri_conv_1y_noupfront_usd_hr ri_conv_3y_noupfront_usd_hr",
        instance_tables.on_demand_and_reserved,
    ),
    _table(
        Kind.RESERVED_ALL_UPFRONT,
        "region instance_type upfront_usd effective_usd_hr",
        instance_tables.reserved_all_upfront,
    ),
    _table(
        Kind.RESERVED,
        "region operating_system instance_type offering_class lease purchase_option upfront_usd hourly_usd"
        " ondemand_usd_hr",
        instance_tables.reserved,
    ),
    _table(Kind.SPOT, "region instance_type ondemand_usd_hr spot_avg_usd_hr", instance_tables.spot),
    _table(Kind.EVERY_SKU, EVERY_SKU, instance_tables.every_sku),
    _table(Kind.EC2_UNITS, EVERY_SKU, unit_tables.every_unit),
    _table(Kind.DEDICATED_HOSTS, "host_family usage_type ondemand_usd_hr sku", instance_tables.dedicated_hosts),
    _table(
        Kind.SAGEMAKER,
        "region component instance_name usage_type usd_hr confidence source",
        unit_tables.sagemaker,
        unit_tables.quoted_month,
    ),
    _table(Kind.EBS, "region location volume_type dimension usd rate_code", unit_tables.ebs),
    _table(Kind.S3, "region storage_class dimension usd per", unit_tables.s3),
    _table(Kind.PUBLIC_IPV4, "region in_use_usd_hr idle_usd_hr", unit_tables.public_ipv4),
)
NOT_PRICES = {
    "host_family vcpu physical_cores instance_size max_instances_of_that_size": "what fits on dedicated hosts",
    "instance_type vcpu memory_gib instance_family storage network_performance generation": "what instance types have",
    "region_code price_list_location_seen": "the locations of regions",
}
"""Tables that stand beside prices, and what they hold."""


def tables_in(path: Path) -> tuple[Table, ...]:
    """The tables that the file's header row announces: none if it is none of ours, or no text at all.

    One file can be read as two tables, of instances and of units. Raises OSError if the file cannot be opened,
    UnreadableDocument if it is empty.
    """
    header = _header(path)
    return tuple(table for table in TABLES if len(header) == len(table.columns) and set(header) == set(table.columns))


def why_not(path: Path) -> str:
    """What a file is that is no table of prices."""
    header = set(_header(path))
    found = next((words for columns, words in NOT_PRICES.items() if header == set(columns.split())), None)
    return f"{found}; no prices" if found else "not yet read; its header row is none of the tables that are known"


def read_tables(
    path: Path, tables: tuple[Table, ...], *, month: date | None, source: str, licence: str = ""
) -> Reading:
    """Everything the file says, a document for each kind and month.

    UnreadableDocument with the line number if anything does not fit; MonthNeeded where neither the file nor the caller
    tells the month.
    """
    facts: dict[tuple[Kind, date], dict[tuple[str, ...], PricedFact]] = {}
    skipped: Counter[str] = Counter()
    for row in _rows(path):
        is_left_out = True
        for table in tables:
            for fact in table.facts(row):
                of_month = table.month(row) if table.month else month
                if of_month is None:
                    raise MonthNeeded
                is_left_out = False
                _add(facts.setdefault((table.kind, of_month), {}), fact, row)
        skipped[NO_PRICE] += is_left_out
    if not facts:
        raise UnreadableDocument(1, "the file holds no prices")
    documents = [_document(*part, source, licence, found) for part, found in sorted(facts.items())]
    return Reading(documents=documents, skipped=+skipped)


def _document(
    kind: Kind,
    month: date,
    source: str,
    licence: str,
    facts: Mapping[tuple[str, ...], PricedFact],
) -> Document:
    return Document(
        kind=kind,
        month=month,
        source=source,
        licence=licence,
        instance_facts=tuple(fact for fact in facts.values() if isinstance(fact, InstanceFact)),
        unit_facts=tuple(fact for fact in facts.values() if isinstance(fact, UnitFact)),
    )


def _header(path: Path) -> list[str]:
    # Bytes that are no text may stand far below the header: the reader of the whole table names their line.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        try:
            header = next(csv.reader(lines), None)
        except csv.Error:
            return []
    if header is None:
        raise UnreadableDocument(1, "the file is empty")
    return header


def _rows(path: Path) -> Iterator[Row]:
    """Every line below the header, each with as many cells as the header has."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader)
            for cells in reader:
                if len(cells) != len(header):
                    raise UnreadableDocument(reader.line_num, f"{len(cells)} columns instead of {len(header)}")
                yield Row(reader.line_num, dict(zip(header, map(str.strip, cells), strict=True)))
        except csv.Error as error:
            raise UnreadableDocument(reader.line_num, str(error)) from error
        except UnicodeDecodeError as error:
            raise UnreadableDocument(reader.line_num + 1, "this is not UTF-8 text") from error


def _add(facts: dict[tuple[str, ...], PricedFact], fact: PricedFact, row: Row) -> None:
    """Keep the fact; the same price may stand there twice, two prices for one thing may not."""
    if facts.setdefault(fact.thing, fact).price != fact.price:
        raise row.problem(f"a second, different price for {' '.join(fact.thing)}")
