"""The columns of a comparison: one resource at one moment each, with all that is known of it then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404

from inventory.history import ResourceRevision
from inventory.models import Resource
from inventory.pages.columns import BASE
from inventory.pages.compare_query import MOST, Chosen, Comparison, compare_url
from inventory.pages.extensions import extensions
from inventory.pages.frame import address
from inventory.pages.records import Record, gather
from inventory.pages.scope import PageScope, is_archived, is_pruned

NOT_THERE = "it was not there"
NEVER_LOOKED = "nobody had looked there by then"
PRUNED = "its history of that moment was pruned"
UNPUBLISHED = "nothing is known of it yet"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One column; `record` is None where the resource was not there, or nobody knows, and `absence` says which."""

    scope: PageScope
    """Of this column's moment, for its links."""
    resource: Resource
    record: Record | None
    absence: str = ""
    gone_since: datetime | None = None
    """Since when it is gone, if the column is about now and shows how it last was."""
    without_url: str = ""
    """The comparison without this column; empty where too few would be left."""

    @property
    def name(self) -> str:
        """Its name at the moment, else its newest, else its id."""
        named = self.record.revision.name if self.record else self.resource.current_name
        return named or self.resource.native_id

    @property
    def url(self) -> str:
        """Its own page at the moment."""
        return address(self.scope, "resource-detail", self.resource.type, self.resource.pk)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows if it was there."""
        return self.record is None and self.absence != NOT_THERE

    @property
    def is_archived(self) -> bool:
        """Whether its account counts as gone, so that nothing in the column is live."""
        return is_archived(self.resource.account, self.scope.as_of)


def sides_of(scope: PageScope, comparison: Comparison) -> list[Side]:
    """The columns in the order of the address. Http404 for a resource that the user may not see or that is none."""
    visible = Resource.objects.visible_to(scope.user).filter(type=comparison.type.slug).select_related("account")
    known = visible.in_bulk([one.pk for one in comparison.chosen])
    for one in comparison.chosen:
        if one.pk not in known:
            raise Http404(f"There is no {comparison.type.label} {one.pk} that this user may see.")
    return [
        replace(
            _side(replace(scope, as_of=one.moment or scope.as_of), comparison, known[one.pk]),
            without_url=_without(scope, comparison, one),
        )
        for one in comparison.chosen
    ]


def moments_of(sides: Sequence[Side]) -> set[datetime | None]:
    """The moments that the columns are about."""
    return {side.scope.as_of for side in sides}


def _side(scope: PageScope, comparison: Comparison, resource: Resource) -> Side:
    if is_pruned(resource.account, scope.as_of):
        return Side(scope=scope, resource=resource, record=None, absence=PRUNED)
    revision = _revision(scope.as_of, comparison, resource)
    if revision is None:
        return Side(scope=scope, resource=resource, record=None, absence=_absence(scope, resource))
    revision.resource = resource
    is_gone = scope.as_of is None and revision.valid_to is not None
    (record,) = gather(
        comparison.type,
        [revision],
        revision.began if is_gone else scope.as_of,
        accounts={resource.account_id: resource.account},
        columns=[*BASE, *comparison.type.columns],
        # What is gone costs nothing.
        added=[] if is_gone else extensions.columns_of(comparison.type.slug),
        with_targets=True,
    )
    return Side(scope=scope, resource=resource, record=record, gone_since=revision.valid_to if is_gone else None)


def _revision(when: datetime | None, comparison: Comparison, resource: Resource) -> ResourceRevision | None:
    """The period of the moment; of a resource that is gone now its last one."""
    revisions = comparison.type.model.revisions.filter(resource=resource, valid_from__isnull=False).light()
    if when is not None:
        revisions = revisions.as_of(when)
    found: ResourceRevision | None = revisions.order_by("-valid_from").first()
    return found


def _absence(scope: PageScope, resource: Resource) -> str:
    """Why there is nothing to show; one query."""
    if scope.as_of is None:
        return UNPUBLISHED
    of_account = replace(scope, account=resource.account)
    here = (resource.scope_region, resource.type)
    was_read = any(state.read_at for state in of_account.states if (state.region, state.type) == here)
    return NOT_THERE if was_read else NEVER_LOOKED


def _without(scope: PageScope, comparison: Comparison, one: Chosen) -> str:
    rest = [other for other in comparison.chosen if other != one]
    if len(rest) < 2 or len(rest) >= MOST:
        return ""
    return compare_url(scope, rest, only_differences=comparison.only_differences)
