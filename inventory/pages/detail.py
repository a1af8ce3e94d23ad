"""The page of one resource: what it is, was, is related to, and what other packages say of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from inventory.findings.counts import judged
from inventory.findings.rule import Rule, rules_about
from inventory.history import ResourceRevision
from inventory.models import Resource
from inventory.pages import formats
from inventory.pages.cells import Cell, Cells
from inventory.pages.compare_query import Chosen, compare_url
from inventory.pages.extensions import extensions
from inventory.pages.finding_rows import Row, rows_about
from inventory.pages.frame import address, here
from inventory.pages.freshness import ScopeState
from inventory.pages.neighbourhood import Neighbourhood, neighbourhood_of
from inventory.pages.provenance import ScopeFilter
from inventory.pages.records import TAGS, Doubt, Record, gather, row
from inventory.pages.relations import Related, relations_of
from inventory.pages.scope import BadAddress, PageScope
from inventory.pages.timeline import Entry, Event, Life, life_of
from inventory.pages.unread import Unread, unread
from inventory.registry import GLOBAL, Column, ResourceType, resource_type


def resource_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The page of one resource; 404 for one that does not exist or whose account the user may not see."""
    try:
        kind = resource_type(slug)
    except KeyError:
        raise Http404(f"There is no resource type {slug}.") from None
    scope = PageScope.from_request(request)
    visible = Resource.objects.visible_to(request.user).select_related("account")
    resource = get_object_or_404(visible, pk=pk, type=slug)
    if scope.must_name(resource.account):
        return redirect(here(request, account=resource.account.name))
    life = life_of(scope, kind, resource)
    if life is None:
        raise Http404(f"Nothing is known of {resource.native_id} yet.")
    page = ResourcePage(scope=scope, type=kind, resource=resource, life=life)
    match request.GET.get("format", "html"):
        case "html":
            return render(request, "inventory/detail.html", {"page": page})
        case "json":
            return JsonResponse(page.as_json())
        case other:
            raise BadAddress(f"A resource is shown as html or json, not as “{other}”.")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of the facts."""

    column: Column
    cell: Cell


@dataclass(frozen=True, kw_only=True)
class ResourcePage:
    """What the page of one resource shows at its moment."""

    scope: PageScope
    type: ResourceType
    resource: Resource
    life: Life

    # --- which period -----------------------------------------------------------------------------------------

    @cached_property
    def revision(self) -> ResourceRevision | None:
        """The period of the page's moment; of a resource that is gone now its last one. None: it was not there."""
        if self.scope.as_of is None:
            return self.life.periods[-1]
        there = self.type.model.revisions.as_of(self.scope.as_of).filter(resource=self.resource)
        found: ResourceRevision | None = there.light().select_related("resource").first()
        return found

    @property
    def is_gone(self) -> bool:
        """Whether the page is about now and the resource is there no more."""
        return self.scope.as_of is None and self.life.ended is not None

    @property
    def was_never_looked_for(self) -> bool:
        """Whether nobody had looked here by the page's moment, so that it may have been there."""
        return self.revision is None and (self.state is None or self.state.read_at is None)

    @property
    def name(self) -> str:
        """Its name at the moment, else its id."""
        name = self.revision.name if self.revision else self.resource.current_name
        return name or self.resource.native_id

    @property
    def region(self) -> str | None:
        """Its own region; None if it was never read."""
        if self.revision:
            return self.revision.region
        return None if self.resource.scope_region == GLOBAL else self.resource.scope_region

    @property
    def arn(self) -> str:
        """Its ARN; empty for what has none."""
        return self.type.arn_of(
            native_id=self.resource.native_id,
            region=self.region,
            account_id=self.resource.account.account_id or "",
        )

    @property
    def console_url(self) -> str:
        """Its page in AWS's console; empty where that cannot be known, and for what is gone there."""
        if self.revision is None or self.life.ended is not None:
            return ""
        columns = {column.field: getattr(self.revision, column.field, None) for column in self.type.columns}
        return self.type.console_url_of({**columns, "region": self.region, "native_id": self.resource.native_id})

    # --- how fresh --------------------------------------------------------------------------------------------

    @cached_property
    def state(self) -> ScopeState | None:
        """How the place it is listed in stands at the moment."""
        looks = self.scope.states_of((), {self.resource.scope_region, GLOBAL})
        return next((state for state in looks if self._is_here(state)), None)

    @cached_property
    def unread(self) -> list[Unread]:
        """Why its place could not be read, or not entirely."""
        return unread(self.scope, [self.state]) if self.state and self.resource.account in self.scope.chosen else []

    @property
    def last_seen(self) -> datetime | None:
        """The last look that saw it: its end, else the last complete look at its place."""
        if self.revision is not None and self.revision.valid_to is not None and self.scope.as_of is None:
            return self.revision.valid_to
        return self.state.read_at if self.state else None

    @property
    def coverage_url(self) -> str:
        """Where the looks at its place are listed."""
        return self._place.url(self.scope, self.resource.account.name)

    @property
    def looks_url(self) -> str:
        """The look that the page shows, else where the looks at its place are listed."""
        if self.state is None or self.state.read_visit_id is None:
            return self.coverage_url
        return address(self.scope, "visit", self.state.read_visit_id)

    @property
    def _place(self) -> ScopeFilter:
        return ScopeFilter(types=(self.type.slug,), regions=(self.resource.scope_region,))

    def _is_here(self, state: ScopeState) -> bool:
        here = (self.resource.account_id, self.resource.scope_region, self.type.slug)
        return (state.account_id, state.region, state.type) == here

    # --- what it looked like ----------------------------------------------------------------------------------

    @property
    def parts_moment(self) -> datetime | None:
        """The moment at which its tags, links and relations are read; None = now."""
        if self.scope.as_of is None and self.revision is not None and self.revision.valid_to is not None:
            return self.revision.valid_from
        return self.scope.as_of

    @cached_property
    def record(self) -> Record | None:
        """The period with its tags, links and counts."""
        if self.revision is None:
            return None
        self.revision.resource = self.resource
        accounts = {self.resource.account_id: self.resource.account}
        (found,) = gather(
            self.type,
            [self.revision],
            self.parts_moment,
            accounts=accounts,
            columns=self.type.columns,
            with_targets=True,
        )
        return found

    @cached_property
    def facts(self) -> list[Fact]:
        """Every column, also those that lists leave out."""
        if self.record is None:
            return []
        cells = Cells(self.scope, shown_items=None, shortens=False)
        return [Fact(column=column, cell=cells.cell(self.record, column)) for column in self.type.columns]

    @property
    def state_cell(self) -> Cell | None:
        """The state, for the head."""
        return next((fact.cell for fact in self.facts if fact.column.field == "state"), None)

    @property
    def tags_were_never_read(self) -> bool:
        """Whether it is unknown which tags it has."""
        return self.record is not None and self.record.doubt(TAGS) is Doubt.NEVER_READ

    @cached_property
    def relations(self) -> list[Related]:
        """Its relations, both ways."""
        return relations_of(self.scope, self.record, self.parts_moment) if self.record else []

    @property
    def neighbourhood(self) -> Neighbourhood | None:
        """The same as a drawing; None where there is none."""
        return neighbourhood_of(self.name, self.relations)

    @cached_property
    def panels(self) -> list[tuple[str, Any]]:
        """The sections of other packages: a template and what fills it. What is gone costs nothing."""
        if self.revision is None or self.is_gone:
            return []
        gathered = (
            (panel.template, panel.gather(self.resource, self.revision, self.scope.as_of))
            for panel in extensions.panels_of(self.type.slug)
        )
        return [(template, content) for template, content in gathered if content is not None]

    # --- what rules say of it ---------------------------------------------------------------------------------

    @property
    def rules(self) -> list[Rule]:
        """The rules about its type that are asked in its account."""
        return [rule for rule in rules_about(self.type.slug) if rule.can_be_asked(self.resource.account)]

    @cached_property
    def findings(self) -> list[Row]:
        """What they say of it at the moment, the most severe first; muted ones last."""
        return rows_about(self.scope, self.resource) if self.rules and not self.is_gone else []

    @property
    def was_judged(self) -> bool:
        """Whether any rule had looked at its account by the moment."""
        return bool(judged([self.resource.account_id], self.scope.as_of))

    @property
    def timeline(self) -> list[tuple[Entry, str]]:
        """What happened, each with the page that lays its moment beside the page's own, where the two can differ."""
        return [(entry, self._comparison(entry)) for entry in self.life.entries]

    def _comparison(self, entry: Entry) -> str:
        shown = self.revision
        if shown is None or entry.event is Event.GONE:
            return ""
        if shown.began <= entry.at and (shown.valid_to is None or entry.at < shown.valid_to):
            return ""
        then = Chosen(slug=self.type.slug, pk=self.resource.pk, moment=entry.at)
        return compare_url(self.scope, [then, replace(then, moment=self.scope.as_of)])

    @cached_property
    def raw(self) -> str:
        """AWS's answers that the period was read from, as indented JSON."""
        if self.revision is None:
            return ""
        kept = self.type.model.revisions.only("raw").get(pk=self.revision.pk)
        return json.dumps(kept.raw_document, indent=2, ensure_ascii=False, sort_keys=True)

    def as_json(self) -> Mapping[str, Any]:
        """The resource as an exported object (null if it was not there), with its periods."""
        found: dict[str, Any] = formats.plain(
            {
                "type": self.type.slug,
                "arn": self.arn,
                "last_seen": self.last_seen,
                "resource": row(self.record, self.type.columns) if self.record and not self.is_gone else None,
                "periods": [
                    {"valid_from": period.valid_from, "valid_to": period.valid_to} for period in self.life.periods
                ],
            }
        )
        return found
