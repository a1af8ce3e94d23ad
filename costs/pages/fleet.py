"""The costs page: what the fleet costs, and would cost under every other way of paying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from costs.fleet import Fleet, fleet_of
from costs.hosts import Unpackable
from costs.models import PriceDocument
from costs.pages.course import Courses
from costs.pages.course_chart import Chart, chart_of
from costs.pages.drawn_ways import DrawnWays, WayForm
from costs.pages.fleet_query import STOPPED, FleetQuery
from costs.pages.ways import Group, WayRow, fleet_rows, grouped, spell_months
from costs.priceable import priceable
from costs.pricing_models import Reserved
from costs.rows import terms, written
from costs.totals import Total, total_of
from costs.usage.ec2_instance import InstanceUsage, comparison_book
from costs.usage_counts import usage_counts
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.freshness import Mark, Summary
from inventory.pages.list_query import QUERY
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.scope import PageScope
from inventory.resource_types.ec2_instance import EC2_INSTANCE

KEYS = (
    "group",
    "model",
    "term_years",
    "payment",
    "offering_class",
    "effective_hourly_usd",
    "monthly_usd",
    "saving_percent",
    "upfront_usd",
    "payback_months",
    "break_even_hours",
    "fits",
    "priced",
    "unpriced",
    "price_dates",
    "compared_dates",
    "sources",
    "unpriced_reason",
    "break_even_percent",
    "term_total_usd",
    "recurring_monthly_usd",
    "use_falls_percent",
    "saving_percent_if_use_falls",
    "regret_monthly_usd",
    "hosts",
)


def costs(request: HttpRequest) -> HttpResponseBase:
    """The comparison of the fleet, as a page or as CSV, JSON or XLSX."""
    page = FleetPage.from_request(request)
    found = file_of(request, page.records, keys=KEYS, name="costs", what="Costs of the fleet")
    return found or render(request, "costs/fleet.html", {"page": page})


@dataclass(frozen=True)
class FleetPage:
    """What the address asks for, and the answer."""

    asked: FleetQuery
    drawn: DrawnWays

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The page of this address."""
        return cls(FleetQuery.from_request(request, "costs"), DrawnWays.from_request(request))

    @property
    def scope(self) -> PageScope:
        """Whose accounts, and at which moment."""
        return self.asked.scope

    @property
    def region(self) -> str:
        """The chosen region; empty: all."""
        return self.asked.region

    @cached_property
    def read(self) -> Summary | None:
        """How fresh the instances are; None if nobody has looked for any."""
        standings, slug = self.scope.standings, EC2_INSTANCE.slug
        return standings.of_place(slug, self.region) if self.region else standings.of_type(slug)

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures: at instances, and at the volumes beside them."""
        return behind_types(self.scope, (EC2_INSTANCE.slug, "ebs-volume"), filter(None, [self.region]))

    @property
    def is_doubtful(self) -> bool:
        """Whether some instances were not read lately, or never."""
        return self.read is not None and self.read.mark is not Mark.FRESH

    @cached_property
    def counts(self) -> Counter[InstanceUsage]:
        """How many of the chosen instances there are of each usage."""
        counts: Counter[InstanceUsage] = Counter()
        for (usage, _), number in self.asked.chosen.items():
            counts[usage] += number
        return counts

    @cached_property
    def fleet(self) -> Fleet:
        """The comparison of the chosen instances."""
        return fleet_of(self.counts, comparison_book(self.counts), self.asked.chosen)

    @cached_property
    def rows(self) -> list[WayRow]:
        """One row for each way of paying."""
        return fleet_rows(self.fleet, self.asked.falls.used_percent)

    @property
    def groups(self) -> list[Group]:
        """The rows below their headings."""
        return grouped(self.rows)

    @cached_property
    def courses(self) -> Courses:
        """What is paid month after month."""
        return Courses([option for total in self.fleet.ways if (option := total.as_option())], self.drawn.slugs)

    @cached_property
    def chart(self) -> Chart | None:
        """The same as a drawing; None where fewer than two ways have a price."""
        return chart_of(self.courses)

    @property
    def choose_ways(self) -> WayForm:
        """The form that chooses what is drawn."""
        text = [(QUERY, self.asked.text)] if self.asked.text else []
        return WayForm(reverse(self.asked.url_name), [*self.asked.form_parameters, *text])

    @property
    def months(self) -> str:
        """Of which months the prices are."""
        return spell_months(self.fleet.documents)

    @property
    def best_reserved(self) -> WayRow | None:
        """The lowest total among the ways of reserving that the newest list has, if any saves money."""
        reserved = [row for row in self.rows if isinstance(row.way, Reserved) and row.documents]
        newest = max((row.documents[-1] for row in reserved), default=None)
        cheaper = [row for row in reserved if row.documents[-1] == newest and (row.saving_percent or 0) > 0]
        return min(cheaper, key=lambda row: row.monthly_usd or 0, default=None)

    @property
    def spot(self) -> WayRow:
        """Spot where it fits."""
        return next(row for row in self.rows if row.way.model == "spot")

    @cached_property
    def volumes(self) -> Total:
        """What the volumes cost beside the instances."""
        volumes = priceable("ebs-volume")
        counts = usage_counts(volumes, self.scope.accounts, self.scope.as_of)
        return total_of(volumes, {one: number for one, number in counts.items() if self.region in ("", one.region)})

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The lists that the figures of this page rest on, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self.fleet.documents]))

    @property
    def priced_percent(self) -> str:
        """The share of the instances that has a price, for a bar."""
        return f"{Decimal(100 * self.fleet.priced) / (self.fleet.instances or 1):.1f}"

    @property
    def unpriced_words(self) -> str:
        """How many instances have no price."""
        return f"{self.fleet.unpriced.total():,} unpriced"

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why instances have no price, and how many; a template that asked the Counter itself would get a zero."""
        return self.fleet.unpriced.most_common()

    @property
    def unpriced_volumes_words(self) -> str:
        """How many volumes have no price."""
        return f"{self.volumes.unpriced:,} unpriced"

    @property
    def derived(self) -> int:
        """Chosen instances whose system only `Platform` told, which knows Windows and nothing else."""
        return sum(number for usage, number in self.counts.items() if usage.operating_system_source == "Platform")

    @cached_property
    def stopped(self) -> int:
        """Stopped instances of the same accounts and region: priced, and free of charge as long as they stand still."""
        return self.asked.number_in(STOPPED)

    @property
    def stopped_url(self) -> str:
        """This page for the stopped instances."""
        return self.asked.address(state=STOPPED)

    @property
    def volumes_url(self) -> str:
        """The list of the volumes beside them."""
        return address(self.scope, "resource-list", "ebs-volume", **({"region": self.region} if self.region else {}))

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats."""
        return [(one.upper(), self.asked.address(format=one)) for one in FORMATS]

    @property
    def hosts_words(self) -> str:
        """How many dedicated hosts hold those whose number is known; an interval where the bound is lower."""
        packings = self.fleet.hosts_needed
        most, least = sum(one.hosts for one in packings), sum(one.at_least for one in packings)
        return f"{most:,}" if most == least else f"{least:,} to {most:,}"

    @property
    def hosts_are_uncertain(self) -> bool:
        """Whether sockets of some hosts are not known."""
        return not all(one.are_sockets_known for one in self.fleet.hosts_needed)

    @property
    def unpackable(self) -> list[tuple[str, str, int]]:
        """Families of which it is not known how many fit on a host, why, and how many instances of them there are."""
        found: Counter[tuple[str, str]] = Counter()
        for need in self.fleet.hosts:
            if isinstance(need.packing, Unpackable):
                found[need.family, need.packing.reason] += need.instances
        return [(family, reason, number) for (family, reason), number in found.items()]

    @property
    def fees_usd(self) -> Decimal:
        """What AWS takes by the hour for regions with dedicated instances."""
        return sum(self.fleet.fees.values(), Decimal(0))

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows as data; figures with ten decimals at most."""
        for row in self.rows:
            yield {
                "group": row.way.group,
                **terms(row.way),
                "effective_hourly_usd": written(row.hourly_usd),
                "monthly_usd": written(row.monthly_usd),
                "saving_percent": written(row.saving_percent),
                "upfront_usd": row.upfront_usd,
                "payback_months": written(row.payback_months),
                "break_even_hours": written(row.break_even_hours),
                "fits": row.fits,
                "priced": self.fleet.priced,
                "unpriced": self.fleet.unpriced.total(),
                "price_dates": [document.month_text for document in row.documents],
                "compared_dates": [document.month_text for document in row.compared],
                "sources": [document.source for document in row.documents],
                "unpriced_reason": row.reason or None,
                "break_even_percent": written(row.break_even_percent),
                "term_total_usd": written(row.term_total_usd),
                "recurring_monthly_usd": written(row.recurring_monthly_usd),
                "use_falls_percent": self.asked.falls.percent,
                "saving_percent_if_use_falls": written(row.saving_percent_if_used),
                "regret_monthly_usd": written(row.regret_monthly_usd),
                "hosts": row.hosts,
            }
