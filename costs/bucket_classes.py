"""What a bucket costs as it is, and what it would cost in each storage class of S3: pure, in Decimal.

CloudWatch tells the bytes of a bucket by storage type. Each type is billed at one rate, those for what AWS bills beside
the objects too: the size up to 128 KB that small objects are short of, and the 32 KB at the archive's own rate and 8 KB
at that of S3 Standard that each archived object takes. S3 Standard grows cheaper above 50 and above 500 TB; each bucket
is priced from the first tier on. “GB” of the price list is a GiB and “TB” 1,024 of them.

What-if figures are for a bucket whose bytes are all in S3 Standard, because objects are counted for the whole bucket
and not for each class. The objects are taken to be as large as they are on average. Where some are smaller than 128 KB
and others larger, a class that bills 128 KB for each costs more than said here, up to 128 KB for every object. Requests
and objects that change are not known and are not part of any figure.

Amazon S3 pricing and User Guide, "Understanding and managing Amazon S3 storage classes", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from costs.price_book import PriceBook, Provenance, Unit, Unpriced

ZERO = Decimal(0)
YEAR_MONTHS = 12
THOUSAND = Decimal(1000)
GIB = Decimal(1024**3)
KIB = Decimal(1024)
LEAST_BILLED = 128 * KIB
ARCHIVE_OVERHEAD = 32 * KIB
ARCHIVE_INDEX = 8 * KIB

STANDARD, INTELLIGENT = "Standard", "Intelligent tiering"
INFREQUENT, ONE_ZONE = "Standard - infrequent access", "One zone - infrequent access"
INSTANT, FLEXIBLE, DEEP = "Glacier instant retrieval", "Glacier flexible retrieval", "Glacier deep archive"
STORAGE = "Storage"
FIRST_TIER_GIB = 51_200
TIERS = (
    (STORAGE, 0, FIRST_TIER_GIB),
    ("Storage (50-500 TB tier)", FIRST_TIER_GIB, 512_000),
    ("Storage (over 500 TB tier)", 512_000, None),
)
"""GiB of S3 Standard above and up to which a price holds."""

FREQUENT, IDLE = "Storage (frequent access)", "Storage (archive instant access)"
MONITORING, TRANSITION = "Monitoring and automation", "Lifecycle transition"

RATES: dict[str, tuple[str, str]] = {
    "StandardStorage": (STANDARD, STORAGE),
    "GlacierS3ObjectOverhead": (STANDARD, STORAGE),
    "GlacierStagingStorage": (STANDARD, STORAGE),
    "DeepArchiveS3ObjectOverhead": (STANDARD, STORAGE),
    "DeepArchiveStagingStorage": (STANDARD, STORAGE),
    "StandardIAStorage": (INFREQUENT, STORAGE),
    "StandardIASizeOverhead": (INFREQUENT, STORAGE),
    "StandardIAObjectOverhead": (INFREQUENT, STORAGE),
    "OneZoneIAStorage": (ONE_ZONE, STORAGE),
    "OneZoneIASizeOverhead": (ONE_ZONE, STORAGE),
    "GlacierInstantRetrievalStorage": (INSTANT, STORAGE),
    "GlacierIRSizeOverhead": (INSTANT, STORAGE),
    "GlacierStorage": (FLEXIBLE, STORAGE),
    "GlacierObjectOverhead": (FLEXIBLE, STORAGE),
    "DeepArchiveStorage": (DEEP, STORAGE),
    "DeepArchiveObjectOverhead": (DEEP, STORAGE),
    "IntelligentTieringFAStorage": (INTELLIGENT, FREQUENT),
    "IntelligentTieringIAStorage": (INTELLIGENT, "Storage (infrequent access)"),
    "IntelligentTieringAIAStorage": (INTELLIGENT, IDLE),
    "IntelligentTieringAAStorage": (INTELLIGENT, "Storage (archive access)"),
    "IntelligentTieringDAAStorage": (INTELLIGENT, "Storage (deep archive access)"),
}
"""What each storage type of CloudWatch is billed as: item and dimension of the price list."""


class Target(StrEnum):
    """A storage class that what is in S3 Standard could move to."""

    INTELLIGENT_READ = "intelligent-tiering-read"
    INTELLIGENT_IDLE = "intelligent-tiering-idle"
    STANDARD_IA = "standard-ia"
    ONE_ZONE_IA = "one-zone-ia"
    GLACIER_INSTANT = "glacier-instant-retrieval"
    GLACIER_FLEXIBLE = "glacier-flexible-retrieval"
    DEEP_ARCHIVE = "glacier-deep-archive"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a class is billed, beside its prices."""

    label: str
    item: str
    storage: str = STORAGE
    retrieval: str = ""
    minimum_days: int = 0
    bills_128_kb: bool = False
    is_archive: bool = False


RULES = {
    Target.INTELLIGENT_READ: Rules(label="Intelligent-Tiering, read every month", item=INTELLIGENT, storage=FREQUENT),
    Target.INTELLIGENT_IDLE: Rules(label="Intelligent-Tiering, not read for 90 days", item=INTELLIGENT, storage=IDLE),
    Target.STANDARD_IA: Rules(
        label="Standard-IA", item=INFREQUENT, retrieval="Retrievals", minimum_days=30, bills_128_kb=True
    ),
    Target.ONE_ZONE_IA: Rules(
        label="One Zone-IA", item=ONE_ZONE, retrieval="Retrievals", minimum_days=30, bills_128_kb=True
    ),
    Target.GLACIER_INSTANT: Rules(
        label="Glacier Instant Retrieval", item=INSTANT, retrieval="Retrievals", minimum_days=90, bills_128_kb=True
    ),
    Target.GLACIER_FLEXIBLE: Rules(
        label="Glacier Flexible Retrieval",
        item=FLEXIBLE,
        retrieval="Retrievals (standard)",
        minimum_days=90,
        is_archive=True,
    ),
    Target.DEEP_ARCHIVE: Rules(
        label="Glacier Deep Archive", item=DEEP, retrieval="Retrievals (standard)", minimum_days=180, is_archive=True
    ),
}


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a bucket holds: bytes by storage type as CloudWatch names it, and objects of all types together.

    `objects` None: not told. A bucket without bytes of any type has no data, which is not 0.
    """

    region: str
    sizes: Mapping[str, int]
    objects: int | None = None

    @property
    def bytes(self) -> int:
        """All types together."""
        return sum(self.sizes.values())

    @property
    def is_all_standard(self) -> bool:
        """Whether every byte is in S3 Standard."""
        return set(self.sizes) == {"StandardStorage"}


@dataclass(frozen=True, kw_only=True)
class BucketPart:
    """One storage type of a bucket, priced."""

    storage_type: str
    gib: Decimal
    monthly_usd: Decimal


@dataclass(frozen=True, kw_only=True)
class BucketCost:
    """What a bucket costs a month, for storage alone."""

    parts: tuple[BucketPart, ...]
    documents: frozenset[Provenance]

    @property
    def monthly_usd(self) -> Decimal:
        """All of it."""
        return sum((part.monthly_usd for part in self.parts), ZERO)


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """A bucket that is all in S3 Standard, in another class."""

    target: Target
    now_usd: Decimal
    storage_usd: Decimal
    """A month of storage, with minimum sizes and what archived objects take besides."""
    monitoring_usd: Decimal
    transition_usd: Decimal
    """Once, for moving every object there."""
    retrieval_usd: Decimal | None
    """For each GB that is read; None: reading costs nothing besides its requests."""
    documents: frozenset[Provenance]

    @property
    def rules(self) -> Rules:
        """How the class is billed."""
        return RULES[self.target]

    @property
    def monthly_usd(self) -> Decimal:
        """A month in which nothing is read."""
        return self.storage_usd + self.monitoring_usd

    @property
    def saving_usd(self) -> Decimal:
        """What such a month saves; negative if it costs more."""
        return self.now_usd - self.monthly_usd

    @property
    def first_year_usd(self) -> Decimal:
        """What twelve such months save, less what moving costs; negative if moving costs more."""
        return self.saving_usd * YEAR_MONTHS - self.transition_usd

    @property
    def break_even_gb(self) -> Decimal | None:
        """The GB read a month above which it costs more than S3 Standard; None if reading costs nothing, or always."""
        if not self.retrieval_usd or self.saving_usd <= 0:
            return None
        return self.saving_usd / self.retrieval_usd

    @property
    def payback_months(self) -> Decimal | None:
        """The months until what is saved has paid for the transition; None if it never does."""
        return self.transition_usd / self.saving_usd if self.saving_usd > 0 else None


def stored_units(region: str, storage_types: Iterable[str]) -> Iterator[Unit]:
    """The prices of what is stored as it is."""
    for storage_type in storage_types:
        if storage_type in RATES and RATES[storage_type][0] != STANDARD:
            yield Unit("s3", region, *RATES[storage_type])
    for dimension, _, _ in TIERS:
        yield Unit("s3", region, STANDARD, dimension)


def units_of(held: Held) -> Iterator[Unit]:
    """Every price that says something about a bucket, as it is and in each other class."""
    yield from stored_units(held.region, held.sizes)
    for rules in RULES.values():
        for dimension in filter(None, (rules.storage, rules.retrieval, TRANSITION)):
            yield Unit("s3", held.region, rules.item, dimension)
    yield Unit("s3", held.region, INTELLIGENT, MONITORING)


def book_for(buckets: Iterable[Held]) -> PriceBook:
    """The prices for these buckets."""
    return PriceBook.load(units={unit for held in buckets for unit in units_of(held)})


def cost_of(held: Held, book: PriceBook) -> BucketCost | Unpriced:
    """What a bucket's storage costs; Unpriced if one type has no price, because a sum without it would be too low."""
    if not held.sizes:
        return Unpriced("no data: CloudWatch has no size of it, as of an empty bucket")
    prices = _Prices(held.region, book)
    parts: list[BucketPart] = []
    standard_gib = ZERO
    for storage_type, size in sorted(held.sizes.items()):
        if storage_type not in RATES:
            return Unpriced(f"no price is known for the storage type {storage_type}")
        item, dimension = RATES[storage_type]
        gib = size / GIB
        if item == STANDARD:
            usd = prices.standard(standard_gib, standard_gib + gib)
            standard_gib += gib
        else:
            usd = prices.times(gib, item, dimension)
        parts.append(BucketPart(storage_type=storage_type, gib=gib, monthly_usd=usd))
    if prices.missing is not None:
        return prices.missing
    return BucketCost(parts=tuple(parts), documents=frozenset(prices.used))


def what_if(held: Held, target: Target, book: PriceBook) -> WhatIf | Unpriced:
    """What the bucket would cost in another class; Unpriced where a figure for it is not known."""
    if not held.is_all_standard:
        return Unpriced("how many objects each of its storage classes holds is not measured")
    if not held.objects:
        return Unpriced("no data: CloudWatch does not tell how many objects it holds")
    rules, prices = RULES[target], _Prices(held.region, book)
    size, objects = Decimal(held.bytes), Decimal(held.objects)
    is_small = size < objects * LEAST_BILLED
    now = prices.standard(ZERO, size / GIB)
    billed = max(size, objects * LEAST_BILLED) if rules.bills_128_kb else size
    monitored = ZERO
    storage_dimension = rules.storage
    if rules.item == INTELLIGENT:
        # Objects below 128 KB are not monitored and stay where they are as dear as in S3 Standard.
        monitored = ZERO if is_small else objects
        storage_dimension = FREQUENT if is_small else rules.storage
    storage = prices.times(billed / GIB, rules.item, storage_dimension)
    if rules.is_archive:
        storage += prices.times(objects * ARCHIVE_OVERHEAD / GIB, rules.item, rules.storage)
        storage += prices.standard(ZERO, objects * ARCHIVE_INDEX / GIB)
    monitoring = prices.times(monitored / THOUSAND, INTELLIGENT, MONITORING) if monitored else ZERO
    transition = prices.times(objects / THOUSAND, rules.item, TRANSITION)
    retrieval = prices.times(Decimal(1), rules.item, rules.retrieval) if rules.retrieval else None
    if storage_dimension == FREQUENT and size / GIB > FIRST_TIER_GIB:
        return Unpriced("no loaded list has the frequent tier of Intelligent-Tiering above 50 TB")
    if prices.missing is not None:
        return prices.missing
    return WhatIf(
        target=target,
        now_usd=now,
        storage_usd=storage,
        monitoring_usd=monitoring,
        transition_usd=transition,
        retrieval_usd=retrieval,
        documents=frozenset(prices.used),
    )


class _Prices:
    """Prices of one region; the first that is missing is kept, and makes whatever is worked out with it unknown."""

    def __init__(self, region: str, book: PriceBook) -> None:
        self._region = region
        self._book = book
        self.used: set[Provenance] = set()
        self.missing: Unpriced | None = None

    def times(self, quantity: Decimal, item: str, dimension: str) -> Decimal:
        """So many units of something."""
        price = self._book.per_unit(Unit("s3", self._region, item, dimension))
        if isinstance(price, Unpriced):
            self.missing = self.missing or price
            return ZERO
        self.used.add(price.provenance)
        return quantity * price.usd

    def standard(self, start_gib: Decimal, end_gib: Decimal) -> Decimal:
        """S3 Standard from one amount up to another, in its tiers."""
        usd = ZERO
        for dimension, above, upto in TIERS:
            end = end_gib if upto is None else min(end_gib, Decimal(upto))
            within = end - max(start_gib, Decimal(above))
            if within > 0:
                usd += self.times(within, STANDARD, dimension)
        return usd
