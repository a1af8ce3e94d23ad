"""One instance under every way of paying: a page of its own, and a panel on its detail page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from costs.comparison import Option, compare_ways
from costs.models import PriceDocument
from costs.operations import label_of
from costs.pages.course import Courses
from costs.pages.course_chart import Chart, chart_of
from costs.pages.drawn_ways import DrawnWays, WayForm
from costs.pages.falling_use import FallingUse
from costs.pages.spot import SpotPage
from costs.pages.ways import Group, WayRow, grouped, option_rows, spell_months
from costs.price_book import Provenance, Sku, Unpriced
from costs.rows import KEYS, comparison_record
from costs.time_run import time_run
from costs.usage.ec2_instance import InstanceUsage, comparison_book, is_charged, sku_of
from inventory.models import Resource
from inventory.pages.extensions import Panel
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.frame import here as same_page
from inventory.pages.scope import PageScope
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance

HARDWARE = {"default": "on shared hardware", "dedicated": "on dedicated hardware", "host": "on a dedicated host"}


def instance_costs(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The comparison of one instance, as a page or as CSV or JSON."""
    scope = PageScope.from_request(request)
    resource = get_object_or_404(
        Resource.objects.visible_to(request.user).select_related("account"), pk=pk, type=EC2_INSTANCE.slug
    )
    if scope.must_name(resource.account):
        return redirect(same_page(request, account=resource.account.name))
    prices = InstancePrices(
        resource,
        _revision(resource, scope.as_of),
        FallingUse.from_request(request),
        DrawnWays.from_request(request),
    )
    if found := file_of(
        request, prices.records, keys=KEYS, name=resource.native_id, what=f"Costs of {resource.native_id}"
    ):
        return found
    revision = prices.revision
    is_gone = revision.valid_to is not None and (scope.as_of is None or revision.valid_to <= scope.as_of)
    falls = prices.falls
    context = {
        "prices": prices,
        "links": [(name, address(scope, "instance-costs", pk, format=name)) for name in FORMATS],
        "uses": falls.choices(lambda one: address(scope, "instance-costs", pk, **one.parameters)),
        "choose_ways": WayForm(
            reverse("instance-costs", args=[pk]), [*falls.parameters.items(), *scope.url_parameters.items()]
        ),
        "time_run": time_run(resource, scope.as_of),
        "spot": SpotPage.of(prices.sku, prices.options),
        "is_gone": is_gone,
        "as_of": scope.as_of,
    }
    return render(request, "costs/instance.html", context)


def instance_panel() -> Panel:
    """The panel on an instance's detail page."""
    return Panel(type=EC2_INSTANCE.slug, template="costs/_panel.html", gather=gather_instance)


def gather_instance(resource: Resource, revision: Any, when: datetime | None) -> InstancePrices:
    """Today's prices for the instance as it was at the moment."""
    return InstancePrices(resource, revision)


@dataclass(frozen=True)
class InstancePrices:
    """One instance as it looked in one period, under every way of paying."""

    resource: Resource
    revision: Ec2Instance
    falls: FallingUse = field(default_factory=FallingUse)
    drawn: DrawnWays = field(default_factory=DrawnWays)

    @cached_property
    def usage(self) -> InstanceUsage:
        """What its price depends on."""
        return InstanceUsage(*(getattr(self.revision, field) for field in InstanceUsage._fields))

    @property
    def sku(self) -> Sku | Unpriced:
        """What it is billed under."""
        return sku_of(self.usage)

    @cached_property
    def options(self) -> Sequence[Option]:
        """Every way of paying, priced or with the reason why not."""
        return compare_ways(self.sku, comparison_book([self.usage]))

    @cached_property
    def courses(self) -> Courses:
        """What is paid month after month."""
        return Courses(self.options, self.drawn.slugs)

    @cached_property
    def chart(self) -> Chart | None:
        """The same as a drawing; None where fewer than two ways have a price."""
        return chart_of(self.courses)

    @cached_property
    def rows(self) -> list[WayRow]:
        """The same, ready to be shown."""
        return option_rows(self.options, self.falls.used_percent)

    @property
    def groups(self) -> list[Group]:
        """The rows below their headings."""
        return grouped(self.rows)

    @property
    def priced_rows(self) -> list[WayRow]:
        """The rows that have a price."""
        return [row for row in self.rows if not row.reason]

    @property
    def unpriced_count(self) -> int:
        """How many ways have none."""
        return len(self.rows) - len(self.priced_rows)

    @property
    def on_demand(self) -> WayRow:
        """The baseline."""
        return self.rows[0]

    @property
    def runs_on_spot(self) -> bool:
        """Whether it was started on spot capacity."""
        return self.revision.lifecycle == "spot"

    @property
    def hardware(self) -> str:
        """Whose hardware it runs on, in words."""
        return HARDWARE.get(self.usage.tenancy or "", "of unread tenancy")

    @property
    def software(self) -> str | None:
        """What it is billed as: `Windows with SQL Server Standard`; None if that is not known."""
        return None if isinstance(self.sku, Unpriced) else label_of(self.sku.usage_operation)

    @property
    def is_derived(self) -> bool:
        """Whether only `Platform` told its system, which knows Windows and nothing else."""
        return self.usage.operating_system_source == "Platform"

    @property
    def is_charged(self) -> bool:
        """Whether it costs compute in its state."""
        return is_charged(self.usage)

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The lists that the figures rest on, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self._provenances]))

    @property
    def months(self) -> str:
        """Of which months the prices are."""
        return spell_months(self._provenances)

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows that `compare_costs` writes for this instance."""
        for option in self.options:
            yield comparison_record(str(self.resource.account.account_id), self.resource.native_id, self.usage, option)

    @property
    def _provenances(self) -> set[Provenance]:
        prices = [price for option in self.options for price in (option.listed, option.compared) if price]
        return {price.provenance for price in prices}


def _revision(resource: Resource, when: datetime | None) -> Ec2Instance:
    """How it looked at the moment, or last before it was gone; Http404 at a moment before it was first seen."""
    known = Ec2Instance.revisions.light().filter(resource=resource, valid_from__isnull=False)
    if when is not None:
        known = known.filter(valid_from__lte=when)
    revision: Ec2Instance | None = known.order_by("-valid_from").first()
    if revision is None:
        raise Http404(f"{resource.native_id} had not been seen at that moment.")
    return revision
