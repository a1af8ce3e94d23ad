"""The storage page: what each volume costs, taken apart, and what it would cost as a cheaper type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.models import PriceDocument
from costs.pages.narrowing import RegionalPage, Unseen, unseen
from costs.price_book import PriceBook, Unpriced
from costs.rows import written
from costs.storage import Kept, MoveTotal, Storage, TypeTotal, storage_of
from costs.usage.ebs_volume import GONE_STATES, VolumeUsage
from costs.volume_moves import Move, VolumeCost, book_with_moves
from inventory.pages.files import file_of
from inventory.pages.frame import address
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.region_names import region_name
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume

ROWS_SHOWN = 50
FIELDS = (*VolumeUsage._fields, "multi_attach")
WHOSE = ("resource_id", "account__name", "resource__native_id", "name")
KEYS = (
    "account",
    "region",
    "native_id",
    "name",
    "volume_type",
    "size_gib",
    "iops",
    "throughput_mibps",
    "state",
    "storage_monthly_usd",
    "iops_monthly_usd",
    "throughput_monthly_usd",
    "monthly_usd",
    "cheaper_type",
    "cheaper_iops",
    "cheaper_throughput_mibps",
    "cheaper_monthly_usd",
    "saving_monthly_usd",
    "price_dates",
    "sources",
    "unpriced_reason",
)


def storage(request: HttpRequest) -> HttpResponseBase:
    """The storage page, or every volume of it as CSV, JSON or XLSX."""
    page = StoragePage.from_request(request)
    found = file_of(request, page.records, keys=KEYS, name="storage", what="Volume costs", count=page.volumes.count)
    return found or render(request, "costs/storage.html", {"page": page})


@dataclass(frozen=True, kw_only=True)
class VolumeRow:
    """One volume with what it costs."""

    resource_id: int
    account: str
    native_id: str
    name: str
    kept: Kept
    cost: VolumeCost | Unpriced
    move: Move | None

    @property
    def usage(self) -> VolumeUsage:
        """What is provisioned."""
        return self.kept.usage

    @property
    def region_words(self) -> str:
        """Its region as people call it."""
        return region_name(self.usage.region) if self.usage.region else "an unread region"

    @property
    def priced(self) -> VolumeCost | None:
        """The cost, if there is one."""
        return self.cost if isinstance(self.cost, VolumeCost) else None

    @property
    def reason(self) -> str:
        """Why there is none; empty if there is one."""
        return self.cost.reason if isinstance(self.cost, Unpriced) else ""

    def record(self) -> dict[str, Any]:
        """The row as data."""
        priced, move = self.priced, self.move
        documents = sorted((priced.documents if priced else set()) | (move.then.documents if move else set()))
        return {
            "account": self.account,
            "region": self.usage.region,
            "native_id": self.native_id,
            "name": self.name,
            **{key: getattr(self.usage, key) for key in VolumeUsage._fields if key != "region"},
            "storage_monthly_usd": written(priced.storage_usd if priced else None),
            "iops_monthly_usd": written(priced.iops_usd if priced else None),
            "throughput_monthly_usd": written(priced.throughput_usd if priced else None),
            "monthly_usd": written(priced.monthly_usd if priced else None),
            "cheaper_type": move.target.volume_type if move else None,
            "cheaper_iops": move.target.iops if move else None,
            "cheaper_throughput_mibps": move.target.throughput_mibps if move else None,
            "cheaper_monthly_usd": written(move.then.monthly_usd if move else None),
            "saving_monthly_usd": written(move.saving_usd if move else None),
            "price_dates": sorted({document.month_text for document in documents}),
            "sources": [document.source for document in documents],
            "unpriced_reason": self.reason or None,
        }


@dataclass(frozen=True)
class StoragePage(RegionalPage):
    """What the address asks for, and the answer."""

    url_name = "storage-costs"

    @cached_property
    def counts(self) -> Counter[Kept]:
        """How many volumes of each kind there are in all regions, counted by the database."""
        rows = self._revisions.order_by().values_list(*FIELDS).annotate(number=Count("pk"))
        return Counter({_kept(values): number for *values, number in rows})

    @cached_property
    def book(self) -> PriceBook:
        """The prices of these volumes and of what they could become."""
        return book_with_moves(self._chosen)

    @cached_property
    def storage(self) -> Storage:
        """The totals of the chosen region."""
        return storage_of(self._chosen, self.book)

    @property
    def types(self) -> list[TypeTotal]:
        """Volume types, the dearest first."""
        return sorted(self.storage.types.values(), key=lambda one: (-one.monthly_usd, one.volume_type))

    @property
    def moves(self) -> list[MoveTotal]:
        """Moves to a cheaper type, those that save most first."""
        return sorted(self.storage.moves.values(), key=lambda one: (-one.saving_usd, one.region, one.source))

    @cached_property
    def rows(self) -> list[VolumeRow]:
        """The dearest volumes; those without a price come after all others."""
        shown, number = [], 0
        for kept in sorted(self.storage.costs, key=self._rank):
            shown.append(kept)
            number += self.counts[kept]
            if number >= ROWS_SHOWN:
                break
        if not shown:
            return []
        alike = reduce(or_, (Q(**dict(zip(FIELDS, (*kept.usage, kept.multi_attach), strict=True))) for kept in shown))
        rows = [self._row(values) for values in self._revisions.filter(alike).values_list(*WHOSE, *FIELDS)]
        return sorted(rows, key=lambda row: (*self._rank(row.kept), row.account, row.native_id))[:ROWS_SHOWN]

    @property
    def volumes(self) -> QuerySet[EbsVolume]:
        """Those of the chosen region, or all."""
        return self._revisions.filter(region=self.region) if self.region else self._revisions

    def records(self) -> Iterator[dict[str, Any]]:
        """Every volume as data."""
        ordered = self.volumes.order_by("account__account_id", "region", "resource__native_id")
        for values in ordered.values_list(*WHOSE, *FIELDS).iterator():
            yield self._row(values).record()

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The lists that the figures rest on, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self.storage.documents]))

    @cached_property
    def unseen(self) -> list[Unseen]:
        """What was not read lately."""
        return unseen(self.scope, [EBS_VOLUME.slug], self.region)

    @property
    def was_read(self) -> bool:
        """Whether anybody has ever read volumes here."""
        return self.scope.standings.was_read([EBS_VOLUME.slug], self.region)

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures."""
        return behind_types(self.scope, [EBS_VOLUME.slug], filter(None, [self.region]))

    @property
    def has_magnetic(self) -> bool:
        """Whether there are volumes whose I/O is billed by use."""
        return "standard" in self.storage.types

    @property
    def is_compared_across_dates(self) -> bool:
        """Whether a saving is the difference of prices of several months."""
        return any(one.is_compared_across_dates for one in self.moves)

    @property
    def unpriced_words(self) -> str:
        """How many volumes have no price."""
        return f"{self.storage.unpriced.total():,} unpriced"

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why volumes have no price, and how many."""
        return self.storage.unpriced.most_common()

    @property
    def not_compared_reasons(self) -> list[tuple[str, int]]:
        """Why priced volumes could not be compared with a cheaper type, and how many."""
        return self.storage.not_compared.most_common()

    @property
    def found_in(self) -> Iterable[str]:
        """The regions that have volumes."""
        return (kept.usage.region for kept in self.counts if kept.usage.region)

    @property
    def volumes_url(self) -> str:
        """The list of these volumes."""
        return address(self.scope, "resource-list", EBS_VOLUME.slug, **self.narrowed)

    @property
    def _revisions(self) -> QuerySet[EbsVolume]:
        revisions = EbsVolume.revisions.as_of(self.scope.as_of).filter(account__in=self.scope.accounts)
        return revisions.exclude(state__in=GONE_STATES)

    @cached_property
    def _chosen(self) -> dict[Kept, int]:
        return {kept: number for kept, number in self.counts.items() if self.region in ("", kept.usage.region)}

    def _rank(self, kept: Kept) -> tuple[bool, Decimal]:
        cost = self.storage.costs[kept]
        return (True, Decimal(0)) if isinstance(cost, Unpriced) else (False, -cost.monthly_usd)

    def _row(self, values: Sequence[Any]) -> VolumeRow:
        resource_id, account, native_id, name = values[: len(WHOSE)]
        kept = _kept(values[len(WHOSE) :])
        return VolumeRow(
            resource_id=resource_id,
            account=account,
            native_id=native_id,
            name=name,
            kept=kept,
            cost=self.storage.costs.get(kept, Unpriced("it was recorded while this page was made")),
            move=self.storage.best.get(kept),
        )


def _kept(values: Sequence[Any]) -> Kept:
    *usage, multi_attach = values
    return Kept(VolumeUsage(*usage), multi_attach)
