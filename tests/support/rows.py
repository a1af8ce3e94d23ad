"""Rows of any registered type, filled by what its columns hold, for tests that walk every type.

They go through the models and not through a visit, so that any mixture of values, NULLs and unknown fields can stand
side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from inventory.history import ResourceRevision
from inventory.history.revision import pack_raw
from inventory.models import Account, Freshness, Link, Outcome, Resource, ResourceTag, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL, Column, Kind, Reach, ResourceType, resource_types
from inventory.snapshots.counts import count_scope

FIRST_LOOK = datetime(2026, 1, 1, 6, tzinfo=UTC)
REGION = "eu-central-1"


def scope_region(kind: ResourceType, region: str = REGION) -> str:
    """Where a type is listed."""
    return GLOBAL if kind.reach is Reach.GLOBAL else region


def read_everything(account: Account, taken_at: datetime = FIRST_LOOK, region: str = REGION) -> None:
    """Every type was read completely at this moment."""
    snapshot = Snapshot.objects.create(account=account, taken_at=taken_at, finished_at=taken_at)
    for kind in resource_types():
        place = {"account": account, "scope_region": scope_region(kind, region), "type": kind.slug}
        visit = Visit.objects.create(
            snapshot=snapshot, taken_at=taken_at, state=VisitState.FINISHED, outcome=Outcome.COMPLETE, **place
        )
        freshness, _ = Freshness.objects.get_or_create(**place, defaults={"first_complete_at": taken_at})
        freshness.last_complete_at = taken_at
        freshness.last_complete_visit = freshness.latest_visit = visit
        freshness.save()


def enabled(*regions: str) -> dict[str, str]:
    """The states of regions that an account can use."""
    return dict.fromkeys(regions, "opt-in-not-required")


def add_rows(
    kind: ResourceType,
    account: Account,
    values: Sequence[Mapping[str, Any]],
    *,
    valid_from: datetime = FIRST_LOOK,
    valid_to: datetime | None = None,
    region: str = REGION,
) -> list[ResourceRevision]:
    """One resource for each mapping of fields; `native_id`, `name`, `region` and `unknown` may be among them."""
    start = Resource.objects.count()
    resources = Resource.objects.bulk_create(
        Resource(
            account=account,
            scope_region=scope_region(kind, region),
            type=kind.slug,
            native_id=one.get("native_id", f"{kind.slug}-{start + number:05d}"),
            current_name=one.get("name", ""),
        )
        for number, one in enumerate(values)
    )
    kind.model.revisions.bulk_create(
        kind.model(
            account=account,
            resource=resource,
            valid_from=valid_from,
            valid_to=valid_to,
            fingerprint=b"",
            raw=pack_raw({}),
            **{"region": region, "reading_version": kind.reading_version}
            | {k: v for k, v in one.items() if k != "native_id"},
        )
        for resource, one in zip(resources, values, strict=True)
    )
    count(kind, account, region)
    return list(kind.model.revisions.filter(resource__in=resources).select_related("resource").order_by("resource"))


def count(kind: ResourceType, account: Account, region: str = REGION) -> None:
    """Keep how many are open, as the visit that recorded them would have."""
    place = scope_region(kind, region)
    freshness, _ = Freshness.objects.get_or_create(account=account, type=kind.slug, scope_region=place)
    freshness.counts = count_scope(kind, account, place)
    freshness.save(update_fields=["counts"])


def example_fields(kind: ResourceType, number: int) -> dict[str, Any]:
    """Values for every column that the model holds, different for different numbers."""
    fields = {column.field: kind.model._meta.get_field(column.field) for column in kind.columns if is_stored(column)}
    return {"name": f"name {number}", **{name: _example(field, number) for name, field in fields.items()}}


def add_parts(kind: ResourceType, revision: ResourceRevision) -> None:
    """A tag, and two links for each multi-valued column, over the revision's own period."""
    period = {
        "account": revision.account,
        "resource": revision.resource,
        "valid_from": revision.valid_from,
        "valid_to": revision.valid_to,
    }
    ResourceTag.objects.create(key="env", value="prod", **period)
    for column in kind.columns:
        if column.kind is Kind.MANY:
            for number in range(2):
                detail = dict.fromkeys(column.detail, "x")
                what = {"target": f"{column.field}-{number}", "target_type": column.target} if column.target else {}
                Link.objects.create(role=column.field, detail=detail, **(what or {"value": f"v{number}"}), **period)


def is_stored(column: Column) -> bool:
    """Whether the column is a field of the revision."""
    return column.kind not in (Kind.MANY, Kind.COUNT)


def _example(field: Any, number: int) -> Any:
    match field:
        case models.BooleanField():
            return number % 2 == 0
        case models.DateTimeField():
            return FIRST_LOOK + timedelta(days=number)
        case models.DecimalField():
            return Decimal(number) / 2
        case models.IntegerField():
            return number
        case _:
            return f"{field.name} {number}"[: field.max_length]
