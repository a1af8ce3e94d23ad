"""The page of what was committed to: what of it is used, what is wasted, what it covers, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.commitments.bought import Bought
from costs.commitments.coverage import PoolCoverage, coverage
from costs.commitments.ledger import Standing, standing_of
from costs.commitments.outcome import Outcome
from costs.commitments.owned import ReservedInstances, SavingsPlan, exact
from costs.commitments.rows import KEYS, commitment_rows, unit_of
from costs.commitments.totals import Totals, totals_of
from costs.models import PriceDocument
from costs.operations import label_of
from costs.pages.expiry import Calendar, calendar_of
from costs.pricing_models import PlanType
from inventory.models import Account
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.scope import PageScope
from inventory.pages.unread import Unread, unread

COMMITTED = ("reserved-instance", "savings-plan", "host-reservation")
TYPES = (*COMMITTED, "dedicated-host", "ec2-instance")
"""What the page is made of."""
HUNDRED = Decimal(100)
PLAIN = re.compile(r"[a-z0-9-]+", re.ASCII).fullmatch
"""Whether a family can stand in a query as it is."""


def commitments(request: HttpRequest) -> HttpResponseBase:
    """What was committed to, as a page or as CSV, JSON or XLSX."""
    page = CommitmentsPage.from_request(request)
    found = file_of(request, page.records, keys=KEYS, name="commitments", what="Commitments")
    return found or render(request, "costs/commitments.html", {"page": page})


@dataclass(frozen=True, kw_only=True)
class OwnedRow:
    """One commitment in force, ready to be shown."""

    bought: Bought
    outcome: Outcome
    account: Account
    url: str

    @property
    def unit(self) -> str:
        """What it counts in: `instances`."""
        return unit_of(self.bought.commitment)

    @property
    def size(self) -> Decimal | None:
        """How much there is of it."""
        size = self.bought.commitment.size
        return None if size is None else exact(size)

    @property
    def used(self) -> Decimal | None:
        """How much of it is used."""
        return None if self.outcome.used is None else exact(self.outcome.used)

    @property
    def bar(self) -> str:
        """The used share, for a bar."""
        return f"{self.outcome.utilisation_percent or 0:.1f}"

    @property
    def why(self) -> str:
        """Why some of it is not known."""
        return "; ".join(self.outcome.unknown)


@dataclass(frozen=True, kw_only=True)
class PoolRow:
    """One pool, ready to be shown."""

    coverage: PoolCoverage
    url: str

    @property
    def software(self) -> str:
        """What its software is billed as; nothing for a host, which is billed whatever runs on it."""
        operation = self.coverage.pool.operation
        return label_of(operation) if operation else ""

    @property
    def running(self) -> Decimal:
        """Units that run."""
        return exact(self.coverage.running)

    @property
    def by_reservations(self) -> Decimal:
        """Units that reservations cover."""
        return exact(self.coverage.covered_by_reservations)

    @property
    def by_plans(self) -> Decimal:
        """Units that plans cover."""
        return exact(self.coverage.covered_by_plans)

    @property
    def reserved(self) -> Decimal:
        """Units that are reserved."""
        return exact(self.coverage.reserved)

    @property
    def why(self) -> str:
        """Why its coverage is not known."""
        if self.coverage.unrated:
            return "a plan may cover it, and no loaded list has the plan's rate"
        return f"AWS tells no units for {', '.join(sorted(self.coverage.unsized))}" if self.coverage.unsized else ""

    @property
    def bars(self) -> tuple[str, str]:
        """The shares of reservations and of plans, for a bar."""
        whole = self.running or Decimal(1)
        return f"{self.by_reservations * HUNDRED / whole:.1f}", f"{self.by_plans * HUNDRED / whole:.1f}"


@dataclass(frozen=True)
class CommitmentsPage:
    """What the address asks for, and the answer."""

    scope: PageScope

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The page of this address."""
        return cls(PageScope.from_request(request))

    @cached_property
    def standing(self) -> Standing:
        """What was bought and what became of it, in the organizations of these accounts."""
        return standing_of(self.scope.chosen, self.scope.as_of)

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """The accounts of the page by their 12 digits."""
        return {one.account_id: one for one in self.scope.chosen if one.account_id}

    @cached_property
    def rows(self) -> list[OwnedRow]:
        """What is in force, the next end first."""
        known = {one.commitment.id: one for one in self.standing.outcomes}
        return [
            OwnedRow(
                bought=one,
                outcome=known[one.commitment.id],
                account=self.accounts[one.commitment.account],
                url=self._detail(one),
            )
            for one in self.standing.bought
            if one.commitment.id in known and one.commitment.account in self.accounts
        ]

    @property
    def totals(self) -> Totals:
        """The sums over what is in force."""
        return totals_of(row.outcome for row in self.rows)

    @cached_property
    def over(self) -> list[tuple[Bought, str, Account]]:
        """What AWS lists and is not in force, with its address: run out, queued, failed; the last end first."""
        in_force = {row.bought.commitment.id for row in self.rows}
        return [
            (one, self._detail(one), self.accounts[one.commitment.account])
            for one in reversed(self.standing.bought)
            if one.commitment.account in self.accounts and one.commitment.id not in in_force
        ]

    @cached_property
    def pools(self) -> list[PoolRow]:
        """The pools of what runs and of what is reserved."""
        return [
            PoolRow(coverage=one, url=self._instances(one))
            for one in coverage(self.standing.application, self.accounts)
        ]

    @cached_property
    def calendar(self) -> Calendar | None:
        """When what is in force ends."""
        return calendar_of([row.bought for row in self.rows], self.standing.moment)

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures."""
        return behind_types(self.scope, TYPES)

    @property
    def behind_owned(self) -> Provenance:
        """The looks behind what is owned."""
        return behind_types(self.scope, COMMITTED)

    @property
    def behind_running(self) -> Provenance:
        """The looks behind what runs."""
        return behind_types(self.scope, ("ec2-instance", "dedicated-host"))

    @cached_property
    def unread(self) -> list[Unread]:
        """What could not be read of all this, since when and why."""
        return unread(self.scope, self.scope.states_of(TYPES))

    @property
    def was_read(self) -> bool:
        """Whether anybody ever read what is owned."""
        return self.scope.standings.was_read(COMMITTED)

    @property
    def unmatched(self) -> list[tuple[str, int]]:
        """Running instances that nothing is applied to, because it is not known what they are billed as."""
        found: dict[str, int] = {}
        for (account_id, reason), number in self.standing.unmatched.items():
            if account_id in self.accounts:
                found[reason] = found.get(reason, 0) + number
        return sorted(found.items())

    @property
    def has_compute_plans(self) -> bool:
        """Whether a plan may be used by what is not read: Fargate and Lambda."""
        owned = [row.bought.commitment for row in self.rows]
        return any(isinstance(one, SavingsPlan) and one.type is PlanType.COMPUTE for one in owned)

    @property
    def is_shared(self) -> bool:
        """Whether accounts share: then figures rest on what accounts run that the reader may not see."""
        return any(row.bought.commitment.billing_family != row.bought.commitment.account for row in self.rows)

    @property
    def has_reserved(self) -> bool:
        """Whether any Reserved Instance is in force."""
        return any(isinstance(row.bought.commitment, ReservedInstances) for row in self.rows)

    @cached_property
    def documents(self) -> Sequence[PriceDocument]:
        """The price lists that the savings rest on, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self.standing.documents]))

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats."""
        return [(one.upper(), address(self.scope, "commitments", format=one)) for one in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows that `manage.py commitments` writes."""
        return commitment_rows(self.standing, self.accounts)

    def _detail(self, one: Bought) -> str:
        return address(self.scope, "resource-detail", one.slug, one.resource_id)

    def _instances(self, one: PoolCoverage) -> str:
        """The list of what the pool counts."""
        if not one.pool.operation:
            return address(
                self.scope, "resource-list", "dedicated-host", region=one.pool.region, instance_family=one.pool.family
            )
        narrowed = {"q": f"instance_type:{one.pool.family}.* lifecycle:on-demand"} if PLAIN(one.pool.family) else {}
        return address(
            self.scope,
            "resource-list",
            "ec2-instance",
            state="running",
            region=one.pool.region,
            tenancy=one.pool.tenancy,
            **narrowed,
        )
