"""What AWS's price list says, put together: products on one side, the prices of their terms on the other.

The list keeps the two apart, joined by SKU, and this module joins them on disk, whatever their order. A term's price
may stand in parts: an hourly charge and an upfront fee. Terms are told by their attributes and parts by their unit,
never by AWS's codes, which differ between partitions. Of several versions of a price the newest counts that is valid.

Exactly one product must be the running of an instance type with a software and a tenancy. Where two claim it, there is
no way to know which is right, and neither is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from costs.pricing_models import ON_DEMAND, HostReservation, OfferingClass, Payment, Reserved, WayOfPaying
from costs.sources.document import Document, InstanceFact, Kind, UnitFact, UnreadableDocument, plain
from costs.sources.instance_tables import HOST, LEASES, PAYMENTS
from costs.sources.products import KINDS, InstanceThing, Product, Skipped, UnitThing, thing_of
from costs.sources.row import AMOUNT
from costs.sources.spool import Part, Spool

HOURLY, UPFRONT = "hourly", "upfront"
ROLES = {"Hrs": HOURLY, "Hours": HOURLY, "hours": HOURLY, "Quantity": UPFRONT}
NEEDED = {
    Payment.NO_UPFRONT: {HOURLY},
    Payment.PARTIAL_UPFRONT: {HOURLY, UPFRONT},
    Payment.ALL_UPFRONT: {UPFRONT},
}

FREE = "prices of zero"
NOT_YET = "prices that are not valid yet"
INCOMPLETE = "reserved prices of which a part is missing"
NO_TERM = "terms that are none we know"
NO_UNIT = "prices by a unit or in a tier that is not known"
TWO_PRICES = "prices that two products give differently for one thing, so that neither can be trusted"
TWO_PRODUCTS = "of instance types that two products claim, so that neither can be trusted"

TABLES = """
CREATE TABLE product (sku PRIMARY KEY, kind, day, is_unit, a, b, c, d) WITHOUT ROWID;
CREATE TABLE offer (sku, way, role, currency, amount, valid_from, rate_code);
"""


class Price(NamedTuple):
    """One price dimension of one term, as the list writes it."""

    sku: str
    rate_code: str
    unit: str
    begin: str
    amounts: Mapping[str, str]
    valid_from: date | None
    is_reserved: bool = False
    lease: str = ""
    purchase_option: str = ""
    offering_class: str = ""


@dataclass
class OfferBook:
    """Products and prices on their way to becoming documents; `today` decides what is valid."""

    spool: Spool
    today: date
    skipped: Counter[str] = field(default_factory=Counter)
    noun: str = "products"
    """What is counted where a product is skipped."""
    units: dict[tuple[str, str, str], UnitThing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.spool.database.executescript(TABLES)

    def add_products(self, products: Iterable[tuple[date, Product]]) -> None:
        """Keep what is wanted of these products, each with the day of its list."""
        self.spool.database.execute("BEGIN")
        for day, product in products:
            thing = thing_of(product)
            if isinstance(thing, Skipped):
                self.skipped[f"{self.noun} {thing.reason}"] += 1
            else:
                self._keep(day, product, thing)
        self.spool.database.execute("COMMIT")

    def add_prices(self, prices: Iterable[Price]) -> None:
        """Keep the prices of products that were kept; these must have been added before."""
        wanted = self.spool.database.execute
        self.spool.write(
            "offer",
            (
                row
                for price in prices
                if (product := wanted("SELECT * FROM product WHERE sku = ?", (price.sku,)).fetchone())
                for row in self._rows(price, product)
            ),
        )

    def documents(self, source: str) -> list[Document]:
        """Everything that was added, joined."""
        self._drop_ambiguous()
        self.spool.database.execute("CREATE INDEX offer_in_order ON offer (sku, currency, way, role, valid_from)")
        self.spool.add(self._facts())
        if dropped := self.spool.drop_two_prices():
            self.skipped[TWO_PRICES] += dropped
        return self.spool.documents(source=source)

    def _keep(self, day: date, product: Product, thing: InstanceThing | UnitThing) -> None:
        is_unit = isinstance(thing, UnitThing)
        words = (thing.service, thing.region, thing.item, thing.dimension) if isinstance(thing, UnitThing) else thing
        row = (product.sku, str(KINDS[product.service]), day.isoformat(), int(is_unit), *words)
        insert = "INSERT OR IGNORE INTO product VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        if not self.spool.database.execute(insert, row).rowcount:
            known = self.spool.database.execute("SELECT * FROM product WHERE sku = ?", (product.sku,)).fetchone()
            if known != row:
                raise UnreadableDocument(f"SKU {product.sku}", "it stands there as two different products")
        if isinstance(thing, UnitThing):
            self.units[thing.service, thing.item, thing.dimension] = thing

    def _rows(self, price: Price, product: tuple[Any, ...]) -> Iterator[tuple[str, ...]]:
        """The price in each currency, as rows of the table of offers."""
        if price.valid_from and price.valid_from > self.today:
            self.skipped[NOT_YET] += 1
            return
        _, _, _, is_unit, *words = product
        known = self._unit_place(price, words) if is_unit else _instance_place(price, is_host=words[3] == HOST)
        if known is None:
            self.skipped[NO_UNIT if is_unit or price.unit not in ROLES else NO_TERM] += 1
            return
        way, role, factor = known
        for currency, text in price.amounts.items():
            amount = _amount(text, price) * factor
            yield (
                price.sku,
                way,
                role,
                currency,
                plain(amount),
                price.valid_from.isoformat() if price.valid_from else "",
                price.rate_code,
            )

    def _unit_place(self, price: Price, words: list[str]) -> tuple[str, str, Decimal] | None:
        service, _, item, dimension = words
        thing = self.units[service, item, dimension]
        begin = _amount(price.begin or "0", price)
        factor, tier = thing.units.get(price.unit), thing.tier(begin)
        return None if price.is_reserved or factor is None or tier is None else (tier, thing.unit, factor)

    def _drop_ambiguous(self) -> None:
        """Forget instance types that two products claim."""
        claimed = "is_unit = 0 AND (kind, day, a, b, c, d) IN"
        twice = (
            "(SELECT kind, day, a, b, c, d FROM product WHERE is_unit = 0"
            " GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) > 1)"
        )
        # A host is sold by the hour under one SKU and reserved under another.
        gone = self.spool.database.execute(f"DELETE FROM product WHERE {claimed} {twice} AND d <> ?", (HOST,))  # noqa: S608
        if gone.rowcount:
            self.skipped[f"products {TWO_PRODUCTS}"] += gone.rowcount

    def _facts(self) -> Iterator[tuple[Part, InstanceFact | UnitFact]]:
        rows = self.spool.database.execute(
            "SELECT o.sku, o.currency, o.way, o.role, o.valid_from, o.amount, o.rate_code, p.kind, p.day, p.is_unit,"
            " p.a, p.b, p.c, p.d FROM offer o JOIN product p USING (sku) ORDER BY 1, 2, 3, 4, 5"
        )
        for (sku, currency, way), group in groupby(rows, key=lambda row: row[:3]):
            offers = list(group)
            *_, kind, day, is_unit, one, two, three, four = offers[0]
            newest = max(row[4] for row in offers)
            parts = _parts([row for row in offers if row[4] == newest], sku)
            part = Part(Kind(kind), date.fromisoformat(day), currency)
            valid_from = date.fromisoformat(newest) if newest else None
            if is_unit:
                # The role is the unit here, the way the dimension with its tier.
                ((unit, (amount, rate_code)),) = parts.items()
                yield from self._worth(part, UnitFact(one, two, three, way, unit, amount, rate_code, valid_from))
                continue
            amounts = {role: amount for role, (amount, _) in parts.items()}
            if not _is_whole(way, amounts):
                self.skipped[INCOMPLETE] += 1
                continue
            upfront, hourly = amounts.get(UPFRONT, Decimal(0)), amounts.get(HOURLY, Decimal(0))
            yield from self._worth(part, InstanceFact(one, two, three, four, way, upfront, hourly, sku, valid_from))

    def _worth(self, part: Part, fact: InstanceFact | UnitFact) -> Iterator[tuple[Part, InstanceFact | UnitFact]]:
        """The fact, unless it says that there is nothing to pay."""
        if any(fact.price):
            yield part, fact
        else:
            self.skipped[FREE] += 1


def _parts(rows: list[Any], sku: str) -> dict[str, tuple[Decimal, str]]:
    """Amount and rate code by role; one role cannot have two amounts."""
    parts: dict[str, tuple[Decimal, str]] = {}
    for _, _, way, role, _, text, rate_code, *_ in rows:
        amount, _ = parts.setdefault(role, (Decimal(text), rate_code))
        if amount != Decimal(text):
            raise UnreadableDocument(f"SKU {sku} ({rate_code})", f"{way} has two prices: {plain(amount)} and {text}")
    return parts


def _instance_place(price: Price, *, is_host: bool) -> tuple[str, str, Decimal] | None:
    """Way of paying and role of a price; None where its term or unit is none that we know."""
    role, way = ROLES.get(price.unit), _way(price, is_host=is_host)
    if role is None or way is None or (role == UPFRONT and way == ON_DEMAND):
        return None
    return way.slug, role, Decimal(1)


def _way(price: Price, *, is_host: bool) -> WayOfPaying | None:
    if not price.is_reserved:
        return ON_DEMAND
    years, payment = LEASES.get(price.lease.replace(" ", "")), PAYMENTS.get(price.purchase_option)
    if years is None or payment is None:
        return None
    if is_host:
        return HostReservation(term_years=years, payment=payment)
    try:
        # Lists of before convertible ones existed name no class.
        offering_class = OfferingClass(price.offering_class or OfferingClass.STANDARD)
    except ValueError:
        return None
    return Reserved(offering_class=offering_class, term_years=years, payment=payment)


def _is_whole(way: str, amounts: Mapping[str, Decimal]) -> bool:
    """Whether every part is there that its way of paying needs."""
    payment = next((payment for payment in Payment if way.endswith(payment)), Payment.NO_UPFRONT)
    return NEEDED[payment] <= amounts.keys()


def _amount(text: str, price: Price) -> Decimal:
    if not AMOUNT.fullmatch(text):
        raise UnreadableDocument(f"SKU {price.sku} ({price.rate_code})", f"{text[:40]!r} is no amount")
    return Decimal(text)
