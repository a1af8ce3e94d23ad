"""Finding resources by the beginning of a name, an id, an address or a tag's value, or by a whole tag key.

Each source walks along one index (`inventory/history/terms.py`), and ends after `MOST` rows or when its time is up.
What a search cannot reach in that time is said, never left out silently. Resources are found whether they are there or
gone; how they stand is asked afterwards, in one query for all types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from inventory.history import Period
from inventory.history.terms import beginning_with
from inventory.models import Link, Resource, ResourceTag
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.columns import label_words
from inventory.pages.counts import union
from inventory.registry import ResourceType, resource_type, resource_types

MOST = 200
"""Rows of one source that are looked at: more than anyone reads, and enough to know that there are more."""
SECONDS = 0.5
"""How long one source may take."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """One resource, and how well and by what it was found."""

    resource: Resource
    rank: int
    """0 for its id or name exactly, 1 for the beginning of it, 2 for a tag or a link."""
    words: str = ""
    """What was found in it, where its name and id do not show that."""
    until: datetime | None = None
    """Until when that was so; None: it still is."""

    @property
    def worth(self) -> tuple[int, bool, float]:
        """The better of two matches of one resource has the lower one."""
        return self.rank, self.until is not None, -self.until.timestamp() if self.until else 0


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found, the best match of each resource."""

    matches: Sequence[Match]
    incomplete: Sequence[str]
    """The sources that have more, or that took too long."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a resource stands at the moment of the page."""

    region: str | None
    name: str
    gone_at: datetime | None
    state: str


def find(text: str, account_ids: Sequence[int], as_of: datetime | None) -> Found:
    """The resources of these accounts that the text leads to."""
    sources = {
        "ids": _named(text, account_ids, "native_id"),
        "names": _named(text, account_ids, "current_name"),
        "tags": _tagged(text, account_ids, as_of),
        "addresses": _addressed(text, account_ids, as_of),
        "references": _linked(text, account_ids, as_of),
    }
    best: dict[int, Match] = {}
    incomplete = []
    for label, source in sources.items():
        try:
            with time_budget(SECONDS):
                matches = list(source)
        except OverBudget:
            incomplete.append(label)
            continue
        if len(matches) >= MOST:
            incomplete.append(label)
        for match in matches:
            known = best.get(match.resource.pk)
            if known is None or match.worth < known.worth:
                best[match.resource.pk] = match
    return Found(matches=list(best.values()), incomplete=incomplete)


def standings(resources: Sequence[Resource], as_of: datetime | None) -> Mapping[int, Standing]:
    """How each of them stands at the moment, by its id; one that had not been seen by then is missing."""
    by_type: dict[str, list[int]] = {}
    for one in resources:
        by_type.setdefault(one.type, []).append(one.pk)
    if not by_type:
        return {}
    rows = union(_newest(resource_type(slug), ids, as_of) for slug, ids in by_type.items())
    return {
        resource_id: Standing(
            region=region,
            name=name,
            gone_at=None if until is None or (as_of is not None and until > as_of) else until,
            state=state or "",
        )
        for resource_id, region, name, until, state in rows
    }


def _named(text: str, account_ids: Sequence[int], field: str) -> Iterator[Match]:
    for one in beginning_with(_of(Resource.objects.all(), account_ids), text, field)[:MOST]:
        is_whole = getattr(one, field).lower() == text.lower()
        yield Match(resource=one, rank=0 if is_whole else 1)


def _tagged(text: str, account_ids: Sequence[int], as_of: datetime | None) -> Iterator[Match]:
    """By the beginning of a value, by `key=beginning`, and by a whole key as it is written."""
    tags = _until(_of(ResourceTag.objects.select_related("resource"), account_ids), as_of)
    key, equals, value = text.partition("=")
    if equals and value:
        found = [*beginning_with(tags, value, "value").filter(key__iexact=key)[:MOST]]
    else:
        found = [*beginning_with(tags, text, "value")[:MOST], *tags.filter(key=key).order_by("value")[:MOST]]
    for tag in found:
        yield Match(resource=tag.resource, rank=2, words=f"tag {tag.key} = {tag.value}", until=_end(tag, as_of))


def _addressed(text: str, account_ids: Sequence[int], as_of: datetime | None) -> Iterator[Match]:
    """By columns that hold one address."""
    for kind in resource_types():
        revisions = _until(_of(kind.model.revisions.light().select_related("resource"), account_ids), as_of)
        for column in kind.columns:
            for one in beginning_with(revisions, text, column.field)[:MOST] if column.searched else ():
                words = f"{label_words(column)} {getattr(one, column.field)}"
                yield Match(resource=one.resource, rank=2, words=words, until=_end(one, as_of))


def _linked(text: str, account_ids: Sequence[int], as_of: datetime | None) -> Iterator[Match]:
    links = _until(_of(Link.objects.select_related("resource"), account_ids), as_of)
    for link in beginning_with(links, text, "target", "value")[:MOST]:
        column = resource_type(link.resource.type).column(link.role)
        label = label_words(column) if column else link.role
        words = f"{label} {link.target or link.value}"
        yield Match(resource=link.resource, rank=2, words=words, until=_end(link, as_of))


def _of(rows: QuerySet[Any], account_ids: Sequence[int]) -> QuerySet[Any]:
    # Added to 0, because SQLite, which keeps no statistics, would walk the index of accounts instead of the term's.
    owner: Combinable = F("account_id") + 0
    owned: QuerySet[Any] = rows.alias(owner=owner).filter(owner__in=account_ids)
    return owned


def _until(rows: QuerySet[Any], as_of: datetime | None) -> QuerySet[Any]:
    """What had begun by the moment."""
    return rows.filter(Q(valid_from__isnull=False) if as_of is None else Q(valid_from__lte=as_of))


def _end(period: Period, as_of: datetime | None) -> datetime | None:
    ended = period.valid_to
    return None if ended is None or (as_of is not None and ended > as_of) else ended


def _newest(kind: ResourceType, ids: Sequence[int], as_of: datetime | None) -> QuerySet[Any]:
    """The last revision of each of these resources that had begun by the moment."""
    began = _until(kind.model.revisions.all(), as_of)
    later = began.filter(resource=OuterRef("resource"), valid_from__gt=OuterRef("valid_from"))
    has_state = kind.column("state") is not None
    state = F("state") if has_state else Value("", output_field=CharField())
    return (
        began.filter(~Exists(later), resource__in=ids)
        .order_by()
        .values_list("resource_id", "region", "name", "valid_to", state)
    )
