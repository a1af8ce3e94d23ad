"""One finding: what a rule says of one resource, since when, why it matters, and what people said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from inventory.findings import decide
from inventory.findings.decide import BadDecision
from inventory.findings.rule import Rule, find_rule
from inventory.models import Finding, FindingComment, Mute, MuteReason, Resource
from inventory.models.finding import LONGEST_COMMENT
from inventory.pages.finding_rows import Row, rows_of
from inventory.pages.frame import address, here
from inventory.pages.operators import back
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.scope import PageScope
from inventory.registry import ResourceType, resource_type

USUAL_MUTE = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class FindingPage:
    """All that the page shows."""

    scope: PageScope
    rule: Rule
    resource: Resource
    periods: Sequence[Finding]
    """What the rule ever said of the resource, the newest first."""
    row: Row | None
    """What it said at the moment of the page; None: nothing then."""

    @property
    def type(self) -> ResourceType:
        """The type of the resource."""
        return resource_type(self.resource.type)

    @property
    def name(self) -> str:
        """The resource's newest name, else AWS's id."""
        return self.resource.current_name or self.resource.native_id

    @cached_property
    def comments(self) -> list[FindingComment]:
        """What people wrote, the oldest first."""
        return list(FindingComment.objects.filter(resource=self.resource, rule=self.rule.slug).order_by("written_at"))

    @cached_property
    def mutes(self) -> list[Mute]:
        """Every mute there was, the newest first."""
        return list(Mute.objects.filter(resource=self.resource, rule=self.rule.slug).order_by("-muted_at"))

    @property
    def can_be_muted(self) -> bool:
        """Whether the page is about now and there is something to mute."""
        return self.scope.as_of is None and self.row is not None and not self.row.is_closed

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Why it may be muted."""
        return list(MuteReason.choices)

    @property
    def usual_until(self) -> str:
        """The day that the form proposes."""
        return f"{timezone.localdate() + USUAL_MUTE:%Y-%m-%d}"

    @property
    def last_until(self) -> str:
        """The last day that may be chosen."""
        return f"{timezone.localdate() + decide.LONGEST_MUTE:%Y-%m-%d}"

    @property
    def longest_comment(self) -> int:
        """How long a comment may be."""
        return LONGEST_COMMENT

    @property
    def behind(self) -> Provenance:
        """The looks that the rule rests on."""
        return behind_types(self.scope, self.rule.types, [self.resource.scope_region])


def finding(request: HttpRequest, rule: str, pk: int) -> HttpResponse:
    """The page of a finding; 404 for what was never found, and for an account that the user may not see."""
    scope = PageScope.from_request(request)
    known, resource = _known(request, rule, pk)
    if scope.must_name(resource.account):
        return redirect(here(request, account=resource.account.name))
    said = Finding.objects.filter(resource=resource, rule=known.slug).order_by("-valid_from")
    periods = list(said.select_related("resource", "account"))
    if not periods:
        raise Http404(f"The rule {rule} never said anything of {resource.native_id}.")
    page = FindingPage(
        scope=scope, rule=known, resource=resource, periods=periods, row=_row(scope, resource, known, periods)
    )
    return render(request, "inventory/finding.html", {"page": page})


@require_POST
def mute(request: HttpRequest, rule: str, pk: int) -> HttpResponse:
    """Mute a finding for a while, or say what is missing."""
    known, resource = _known(request, rule, pk)
    sent = request.POST
    try:
        until = decide.last_moment(sent.get("until", ""))
        decide.mute(
            known,
            resource,
            reason=sent.get("reason", ""),
            comment=sent.get("comment", ""),
            until=until,
            by=request.user.get_username(),
        )
    except BadDecision as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{known.title}” of {resource} is muted until {until:%Y-%m-%d}.")
    return _to(request, known, resource)


@require_POST
def unmute(request: HttpRequest, rule: str, pk: int) -> HttpResponse:
    """Let a finding count again."""
    known, resource = _known(request, rule, pk)
    if decide.unmute(known, resource, request.user.get_username()):
        messages.success(request, f"“{known.title}” of {resource} is not muted any more.")
    else:
        messages.info(request, "It was not muted any more.")
    return _to(request, known, resource)


@require_POST
def comment(request: HttpRequest, rule: str, pk: int) -> HttpResponse:
    """Keep what somebody says of a finding."""
    known, resource = _known(request, rule, pk)
    try:
        decide.comment(known, resource, request.POST.get("text", ""), request.user.get_username())
    except BadDecision as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Your comment stands below the finding.")
    return _to(request, known, resource)


def _known(request: HttpRequest, slug: str, pk: int) -> tuple[Rule, Resource]:
    """The rule and the resource; 404 unless both exist and the user may see the account."""
    rule = find_rule(slug)
    if rule is None:
        raise Http404(f"There is no rule {slug}.")
    visible = Resource.objects.visible_to(request.user).select_related("account")
    return rule, get_object_or_404(visible, pk=pk, type=rule.type)


def _row(scope: PageScope, resource: Resource, rule: Rule, periods: Sequence[Finding]) -> Row | None:
    """What the rule said at the moment of the page; of now, also what it said last."""
    at = scope.as_of
    then = [one for one in periods if at is None or (one.began <= at and (one.valid_to is None or one.valid_to > at))]
    return next(iter(rows_of(scope, then[:1])), None)


def _to(request: HttpRequest, rule: Rule, resource: Resource) -> HttpResponse:
    scope = PageScope.from_request(request)
    return back(request, address(scope, "finding", rule.slug, resource.pk))
