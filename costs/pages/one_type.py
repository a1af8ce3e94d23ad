"""One instance type across regions, under a software and a tenancy that can be chosen; and which types there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from costs.comparison import Option, cheapest, compare_ways, dedicated_fee, skus_compared
from costs.models import InstancePrice, PriceDocument
from costs.operations import LINUX, label_of
from costs.pages.falling_use import Choice
from costs.pages.ways import spell_months
from costs.price_book import DEDICATED, SHARED, PriceBook, Provenance, Sku
from costs.pricing_models import ON_DEMAND, SPOT, Reserved, SavingsPlan
from costs.rows import terms, written
from costs.sources.row import INSTANCE_TYPE
from costs.usage.ec2_instance import CHARGED_STATES
from inventory.pages.choices import one_of
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.provenance import Provenance as Looks
from inventory.pages.provenance import behind_types
from inventory.pages.region_names import REGION_NAMES, region_name
from inventory.pages.scope import BadAddress, PageScope
from inventory.resource_types.ec2_instance import EC2_INSTANCE

TENANCIES = {SHARED: "shared hardware", DEDICATED: "dedicated hardware"}
KEYS = (
    "region",
    "instance_type",
    "usage_operation",
    "tenancy",
    "model",
    "term_years",
    "payment",
    "offering_class",
    "effective_hourly_usd",
    "monthly_usd",
    "upfront_usd",
    "saving_percent",
    "break_even_hours",
    "price_date",
    "compared_date",
    "source",
    "unpriced_reason",
)


def instance_types(request: HttpRequest) -> HttpResponseBase:
    """The types that run, each with its page; a type that is named in the form leads to its own."""
    scope = PageScope.from_request(request)
    named = request.GET.get("type", "").strip().lower()
    if named:
        if not INSTANCE_TYPE.fullmatch(named):
            raise BadAddress(f"“{named[:40]}” is no instance type. Write one like m5.large.")
        return redirect(address(scope, "costs-type", named))
    rows = [
        (name, number, address(scope, "costs-type", name)) for name, number in sorted(_running(scope).items()) if name
    ]
    behind = behind_types(scope, (EC2_INSTANCE.slug,), [])
    return render(request, "costs/types.html", {"rows": rows, "behind": behind, "scope": scope})


def one_type(request: HttpRequest, instance_type: str) -> HttpResponseBase:
    """One type in every region, as a page or as CSV, JSON or XLSX."""
    page = TypePage.from_request(request, instance_type)
    found = file_of(request, page.records, keys=KEYS, name=instance_type, what=f"What {instance_type} costs")
    return found or render(request, "costs/type.html", {"page": page})


def _running(scope: PageScope, **where: Any) -> Counter[str]:
    """How many of each type run, or of one type in each region."""
    field = "region" if where else "instance_type"
    rows = (
        EC2_INSTANCE.model.revisions.as_of(scope.as_of)
        .filter(account__in=scope.accounts, state__in=CHARGED_STATES, **where)
        .order_by()
        .values_list(field)
        .annotate(number=Count("pk"))
    )
    return Counter({name or "": number for name, number in rows})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One region: the cheapest of each kind in the newest list that has it; None where it has no price."""

    region: str
    on_demand: Option
    reserved_year: Option | None
    reserved_three_years: Option | None
    plan: Option | None
    spot: Option | None
    running: int

    @property
    def options(self) -> list[Option | None]:
        """Those beside on-demand, in the order of the columns."""
        return [self.reserved_year, self.reserved_three_years, self.plan, self.spot]

    @property
    def months(self) -> str:
        """Of which months the prices are."""
        priced = [one.listed for one in (self.on_demand, *self.options) if one and one.listed]
        return spell_months(price.provenance for price in priced)


@dataclass(frozen=True)
class TypePage:
    """What the address asks for, and the answer."""

    scope: PageScope
    instance_type: str
    operation: str
    tenancy: str

    @classmethod
    def from_request(cls, request: HttpRequest, instance_type: str) -> Self:
        """The page of this address; Http404 for what no instance type is called."""
        if not INSTANCE_TYPE.fullmatch(instance_type):
            raise Http404(f"“{instance_type[:40]}” is no instance type.")
        return cls(
            PageScope.from_request(request),
            instance_type,
            request.GET.get("software", LINUX),
            one_of("tenancy", request.GET.get("tenancy", SHARED), TENANCIES),
        )

    @cached_property
    def _priced(self) -> list[tuple[str, str, str]]:
        """Region, software and tenancy of everything that has a price of this type."""
        facts = InstancePrice.objects.filter(region__in=REGION_NAMES, instance_type=self.instance_type)
        return list(facts.order_by().values_list("region", "usage_operation", "tenancy").distinct())

    @cached_property
    def regions(self) -> list[str]:
        """The regions that have a price under the chosen software and tenancy."""
        return sorted({region for region, *rest in self._priced if rest == [self.operation, self.tenancy]})

    @property
    def regions_without(self) -> list[str]:
        """The others, as people call them."""
        return sorted(region_name(region) for region in REGION_NAMES if region not in self.regions)

    @cached_property
    def compared(self) -> dict[str, tuple[Option, ...]]:
        """By region, every way of paying."""
        skus = [self._sku(region) for region in self.regions]
        book = PriceBook.load(
            skus=[one for sku in skus for one in skus_compared(sku)], units=map(dedicated_fee, self.regions)
        )
        return {sku.region: compare_ways(sku, book) for sku in skus}

    @cached_property
    def rows(self) -> list[Row]:
        """The regions, the cheapest on-demand price first."""
        rows = [self._row(region, options) for region, options in self.compared.items()]
        return sorted(rows, key=lambda row: (row.on_demand.monthly_usd or Decimal("Infinity"), row.region))

    def _row(self, region: str, options: Sequence[Option]) -> Row:
        def reserved(years: int) -> Option | None:
            return cheapest(one for one in options if isinstance(one.way, Reserved) and one.way.term_years == years)

        return Row(
            region=region,
            on_demand=next(one for one in options if one.way == ON_DEMAND),
            reserved_year=reserved(1),
            reserved_three_years=reserved(3),
            plan=cheapest(one for one in options if isinstance(one.way, SavingsPlan)),
            spot=cheapest(one for one in options if one.way == SPOT),
            running=self.running[region],
        )

    @cached_property
    def running(self) -> Counter[str]:
        """How many instances of the type the accounts of the page run in each region, whatever their software."""
        return _running(self.scope, instance_type=self.instance_type)

    @property
    def is_priced(self) -> bool:
        """Whether any list has any price of the type."""
        return bool(self._priced)

    @property
    def software_words(self) -> str:
        """The chosen software."""
        return label_of(self.operation)

    @property
    def tenancy_words(self) -> str:
        """The chosen hardware."""
        return TENANCIES[self.tenancy]

    @property
    def software(self) -> list[Choice]:
        """The software that the type has a price with."""
        known = {operation for _, operation, _ in self._priced if operation} | {self.operation}
        return [
            Choice(label=label_of(one), url=self.address(software=one), is_current=one == self.operation)
            for one in sorted(known, key=label_of)
        ]

    @property
    def tenancies(self) -> list[Choice]:
        """The hardware it can stand on."""
        return [
            Choice(label=words, url=self.address(tenancy=one), is_current=one == self.tenancy)
            for one, words in TENANCIES.items()
        ]

    @cached_property
    def provenances(self) -> set[Provenance]:
        """The documents behind the figures."""
        options = [one for row in self.rows for one in (row.on_demand, *row.options) if one]
        return {price.provenance for one in options for price in (one.listed, one.compared) if price}

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The same, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self.provenances]))

    @property
    def behind(self) -> Looks:
        """The looks behind the number of instances."""
        return behind_types(self.scope, (EC2_INSTANCE.slug,), [])

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats."""
        return [(one.upper(), self.address(format=one)) for one in FORMATS]

    def address(self, **changes: str) -> str:
        """The same page with other parameters; the usual ones fall away."""
        parameters = {"software": self.operation, "tenancy": self.tenancy} | changes
        usual = {"software": LINUX, "tenancy": SHARED}
        kept = {key: value for key, value in parameters.items() if usual.get(key) != value}
        return address(self.scope, "costs-type", self.instance_type, **kept)

    def records(self) -> Iterator[dict[str, Any]]:
        """Every way of paying in every region that has a price, and why there is none."""
        for region, options in self.compared.items():
            for option in options:
                yield {
                    "region": region,
                    "instance_type": self.instance_type,
                    "usage_operation": self.operation,
                    "tenancy": self.tenancy,
                    **terms(option.way),
                    "effective_hourly_usd": written(option.effective_hourly_usd),
                    "monthly_usd": written(option.monthly_usd),
                    "upfront_usd": option.listed.charge.upfront_usd if option.listed else None,
                    "saving_percent": written(option.saving_percent),
                    "break_even_hours": written(option.break_even_hours),
                    "price_date": option.listed.provenance.month_text if option.listed else None,
                    "compared_date": option.compared.provenance.month_text if option.compared else None,
                    "source": option.listed.provenance.source if option.listed else None,
                    "unpriced_reason": option.unpriced_reason or None,
                }

    def _sku(self, region: str) -> Sku:
        return Sku(region, self.instance_type, self.operation, self.tenancy)
