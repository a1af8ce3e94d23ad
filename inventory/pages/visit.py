"""One visit: everything that was recorded of one look at one account, region and type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from inventory.models import ATTEMPTS, Freshness, Outcome, Resource, Visit, VisitState
from inventory.pages.freshness import Mark
from inventory.pages.provenance import ScopeFilter
from inventory.pages.scope import PageScope
from inventory.registry import ResourceType, resource_type
from inventory.snapshots.brake import unpack

NEIGHBOURS = 12
NAMED = 20

MEANINGS = {
    Outcome.COMPLETE: "Everything was listed. What is not in the listing was concluded to be gone.",
    Outcome.DENIED: "AWS refused. Nothing was concluded; what was known stays.",
    Outcome.DISABLED: "The region or service is not enabled for this account. What was known stays.",
    Outcome.THROTTLED: "AWS, or our own budget of requests, did not let it through in time. What was known stays.",
    Outcome.UNREACHABLE: "AWS did not answer. What was known stays.",
    Outcome.EXPIRED: "Nobody looked in time, so its moment passed. What was known stays.",
    Outcome.UNCONFIRMED: (
        "The listing came to its end but lacked most of what was known. It is held: nothing was recorded, and what the "
        "next complete listing lacks too is gone then."
    ),
    Outcome.PARTIAL: (
        "There was more than could be listed in its time. What it read is recorded, nothing was concluded to be gone, "
        "and the next visit goes on from there."
    ),
    Outcome.CANCELLED: "Somebody ended it before it was done. Nothing of it was recorded; what was known stays.",
    Outcome.FAILED: "It could not be carried out. What was known stays.",
}
"""What each outcome means for what the pages show."""


@dataclass(frozen=True)
class VisitPage:
    """All that the page shows."""

    scope: PageScope
    visit: Visit
    attempts_allowed: int = ATTEMPTS

    @property
    def type(self) -> ResourceType:
        """The type that it looked for."""
        return resource_type(self.visit.type)

    @property
    def mark(self) -> Mark:
        """Its mark."""
        if self.visit.outcome == Outcome.COMPLETE:
            return Mark.FRESH
        return Mark.DENIED if self.visit.outcome in (Outcome.DENIED, Outcome.DISABLED) else Mark.LATE

    @property
    def word(self) -> str:
        """How it ended, or where it stands."""
        if self.visit.outcome:
            return self.visit.outcome
        return "being read" if self.visit.state == VisitState.RUNNING else "waiting for a worker"

    @property
    def meaning(self) -> str:
        """What its outcome means for what the pages show."""
        return MEANINGS[Outcome(self.visit.outcome)] if self.visit.outcome else "It has not ended yet."

    @property
    def took(self) -> timedelta | None:
        """How long it worked; None if nobody did."""
        return None if self.visit.seconds is None else timedelta(seconds=float(self.visit.seconds))

    @cached_property
    def freshness(self) -> Freshness | None:
        """How its scope stands now."""
        return Freshness.objects.filter(
            account=self.visit.account, scope_region=self.visit.scope_region, type=self.visit.type
        ).first()

    @property
    def is_shown(self) -> bool:
        """Whether the pages of now show what this visit read."""
        return self.freshness is not None and self.freshness.last_complete_visit_id == self.visit.pk

    @cached_property
    def held(self) -> frozenset[int]:
        """The resources that it lacked and that wait for a second listing; none unless it is the one that holds."""
        holds = (
            self.visit.outcome == Outcome.UNCONFIRMED
            and self.freshness is not None
            and self.freshness.latest_visit_id == self.visit.pk
        )
        return unpack(self.freshness.held_missing) if holds and self.freshness else frozenset()

    @cached_property
    def held_resources(self) -> Sequence[Resource]:
        """Some of them by name."""
        return list(Resource.objects.filter(pk__in=sorted(self.held)[:NAMED]).order_by("current_name", "native_id"))

    @property
    def held_unnamed(self) -> int:
        """How many more there are."""
        return len(self.held) - len(self.held_resources)

    @cached_property
    def neighbours(self) -> Sequence[Visit]:
        """The visits of the same scope around it, the newest first."""
        same = Visit.objects.filter(
            account=self.visit.account, scope_region=self.visit.scope_region, type=self.visit.type
        )
        moment = self.visit.taken_at
        later = list(same.filter(taken_at__gt=moment).order_by("taken_at")[:NEIGHBOURS])
        until = same.filter(Q(taken_at__lt=moment) | Q(pk=self.visit.pk)).order_by("-taken_at")
        return [*later[::-1], *until[: NEIGHBOURS + 1]]

    @property
    def coverage_url(self) -> str:
        """Its scope on the coverage page."""
        chosen = ScopeFilter(types=(self.visit.type,), regions=(self.visit.scope_region,))
        return chosen.url(self.scope, self.visit.account.name)


def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; 404 for a visit that does not exist, or of an account that the user may not see."""
    visible = Visit.objects.visible_to(request.user).select_related("account", "snapshot")
    page = VisitPage(PageScope.from_request(request), get_object_or_404(visible, pk=pk))
    try:
        page.type  # noqa: B018 - a type that was removed has no page any more
    except KeyError:
        raise Http404(f"There is no resource type {page.visit.type} any more.") from None
    return render(request, "inventory/visit.html", {"page": page})
