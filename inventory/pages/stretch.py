"""What changed in a stretch of time: the revisions that began or ended in it, as added, changed and gone.

The stretch begins after its first moment and includes its last. A revision that follows another one of the same thing
is a change; one that nothing follows is gone. The first look at a place is no change: whatever it found may have been
there for years. Neither is anything up to the moment before which an account's history was pruned, because what is
left of that time would look like all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from inventory.models import Account, Freshness
from inventory.pages.conditions import tagged_around
from inventory.pages.counts import union
from inventory.pages.filters import Condition
from inventory.registry import ResourceType, resource_types
from inventory.snapshots.counts import UNREAD

BEGAN, ENDED = "valid_from", "valid_to"


class Kind(StrEnum):
    """How a resource changed."""

    ADDED = "added"
    CHANGED = "changed"
    GONE = "gone"


MOMENTS = {Kind.ADDED: BEGAN, Kind.CHANGED: BEGAN, Kind.GONE: ENDED}
"""Where a revision holds the moment at which its change was seen."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The changes of one type between two moments; `regions` may hold None for an unread one, and empty means all."""

    type: ResourceType
    account_ids: Sequence[int]
    since: datetime
    until: datetime
    kept_since: Mapping[int, datetime] = field(default_factory=dict)
    """By account, the moment before which its history was pruned."""
    regions: Sequence[str | None] = ()
    tags: Sequence[Condition] = ()

    def changes(self, kind: Kind) -> QuerySet[Any]:
        """The revisions that came, that replaced another one, or that went."""
        match kind:
            case Kind.ADDED:
                return self._meeting(
                    self._began().filter(~self._follows_another(), self._is_after_the_first_look()), BEGAN
                )
            case Kind.CHANGED:
                return self._meeting(self._began().filter(self._follows_another()), BEGAN)
            case Kind.GONE:
                return self._meeting(self._ended().filter(~self._is_followed_by_another()), ENDED)

    def replaced(self) -> QuerySet[Any]:
        """The revisions before those that changed, whatever their region and tags."""
        return self._ended().filter(self._is_followed_by_another())

    def groups(self, kinds: Iterable[Kind] = tuple(Kind)) -> Iterator[QuerySet[Any]]:
        """Rows of kind, slug, region, moment, number, and the id of one resource."""
        for kind in kinds:
            words = (Value(text, output_field=CharField()) for text in (kind.value, self.type.slug))
            yield (
                self.changes(kind)
                .order_by()
                .values_list(*words, "region", F(MOMENTS[kind]))
                .annotate(number=Count("pk"), one_of_them=Min("resource"))
            )

    def _all(self) -> QuerySet[Any]:
        return self.type.model.revisions.filter(account__in=self.account_ids, valid_from__isnull=False)

    def _began(self) -> QuerySet[Any]:
        # What began in it either holds still or ended in it or later; said so, the index of moments serves both.
        return self._all().filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=self.since), valid_from__gt=self.since, valid_from__lte=self.until
        )

    def _ended(self) -> QuerySet[Any]:
        return self._all().filter(valid_to__gt=self.since, valid_to__lte=self.until)

    def _meeting(self, rows: QuerySet[Any], moment: str) -> QuerySet[Any]:
        """Those of the rows that are kept as they were, in one of the regions and with the tags."""
        for account_id, kept_since in self.kept_since.items():
            if kept_since > self.since and account_id in self.account_ids:
                rows = rows.exclude(**{"account": account_id, f"{moment}__lte": kept_since})
        if self.regions:
            # Said of an expression, so that no index of regions draws SQLite away from that of moments.
            rows = rows.alias(place=Coalesce("region", Value(UNREAD)))
            rows = rows.filter(place__in=[UNREAD if region is None else region for region in self.regions])
        for condition in self.tags:
            rows = rows.filter(tagged_around(condition, moment))
        return rows

    def _follows_another(self) -> Exists:
        return Exists(
            self.type.model.revisions.filter(
                resource=OuterRef("resource"), incarnation=OuterRef("incarnation"), valid_to=OuterRef("valid_from")
            )
        )

    def _is_followed_by_another(self) -> Exists:
        return Exists(
            self.type.model.revisions.filter(
                resource=OuterRef("resource"), incarnation=OuterRef("incarnation"), valid_from=OuterRef("valid_to")
            )
        )

    def _is_after_the_first_look(self) -> Exists:
        return Exists(
            Freshness.objects.filter(
                account=OuterRef("account"),
                type=self.type.slug,
                scope_region=OuterRef("resource__scope_region"),
                first_complete_at__lt=OuterRef("valid_from"),
            )
        )


def stretches(
    accounts: Sequence[Account],
    since: datetime,
    until: datetime,
    *,
    types: Iterable[ResourceType] | None = None,
    regions: Sequence[str | None] = (),
    tags: Sequence[Condition] = (),
) -> list[Stretch]:
    """The changes of these types (None: of all) after `since`, until `until`."""
    return [
        Stretch(
            type=one,
            account_ids=[account.pk for account in accounts],
            since=since,
            until=until,
            kept_since={account.pk: account.history_from for account in accounts if account.history_from is not None},
            regions=regions,
            tags=tags,
        )
        for one in (resource_types() if types is None else types)
    ]


Group = tuple[str, str, str | None, datetime, int, int]
"""Kind, slug, region, moment, number, and the id of one resource."""


def groups_of(asked: Iterable[Stretch], kinds: Iterable[Kind] = tuple(Kind)) -> list[Group]:
    """The groups of all these stretches; a second query, and only for the types in which something happened."""
    parts = [part for one in _eventful(list(asked)) for part in one.groups(kinds)]
    return list(union(parts)) if parts else []


def _eventful(asked: Sequence[Stretch]) -> list[Stretch]:
    """Those in which any revision began or ended, whatever else is asked of it.

    Written by hand: the three questions about each type take Django longer to put together than the database takes to
    answer them, and mostly little happens.
    """
    if not asked or not asked[0].account_ids:
        return []
    questions, moments = [], []
    for one in asked:
        table, accounts = connection.ops.quote_name(one.type.model._meta.db_table), ", ".join(map(str, one.account_ids))
        rows = f"SELECT 1 FROM {table} WHERE account_id IN ({accounts})"  # noqa: S608
        began = f"{rows} AND valid_to IS NULL AND valid_from > %s AND valid_from <= %s"
        ended = f"{rows} AND valid_to > %s AND valid_from <= %s"
        questions.append(f"EXISTS ({began}) OR EXISTS ({ended})")
        moments += 2 * [connection.ops.adapt_datetimefield_value(moment) for moment in (one.since, one.until)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(questions)}", moments)
        return [one for one, happened in zip(asked, cursor.fetchone(), strict=True) if happened]
