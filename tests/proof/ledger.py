"""What the ledger says, read row by row into the model's words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any

from inventory.history import ResourceRevision
from inventory.models import Freshness, Link, Resource, ResourceTag
from inventory.resource_types.ebs_volume import EbsVolume
from inventory.resource_types.s3_bucket import S3Bucket
from tests.proof.model import Content, Period

ScopeKey = tuple[str, str, str]
"""12-digit account id, region or `global`, slug."""

Parts = dict[int, list[ResourceTag | Link]]
"""Tags and links by the key of their resource."""

History = dict[ScopeKey, dict[str, list[Period]]]
MODELS: dict[str, type[ResourceRevision]] = {"ebs-volume": EbsVolume, "s3-bucket": S3Bucket}
IS_PUBLIC = {"no policy": None, "public": True, "not public": False, None: None}


def read_history() -> History:
    """Every period that a reader can see, oldest first, with the tags and links that hold all through it."""
    parts = _parts()
    found: History = {}
    for slug, model in MODELS.items():
        rows = model.revisions.filter(valid_from__isnull=False).select_related("resource", "account")
        for row in rows.light().order_by("valid_from", "pk"):
            period = Period(row.began, row.valid_to, _content(row, parts.get(row.resource_id, [])), _unknown(row))
            found.setdefault(_key(row, slug), {}).setdefault(row.resource.native_id, []).append(period)
    return found


def read_as_of(slug: str, moment: datetime | None) -> dict[ScopeKey, dict[str, Content]]:
    """What the querysets of the product give for a moment; None means now."""
    return _read_as_of(slug, moment, _parts_as_of(moment))


def read_all_as_of(moment: datetime) -> dict[ScopeKey, dict[str, Content]]:
    """What they give of every type."""
    parts = _parts_as_of(moment)
    return {key: there for slug in MODELS for key, there in _read_as_of(slug, moment, parts).items()}


def _read_as_of(slug: str, moment: datetime | None, parts: Parts) -> dict[ScopeKey, dict[str, Content]]:
    found: dict[ScopeKey, dict[str, Content]] = {}
    for row in MODELS[slug].revisions.as_of(moment).light().select_related("resource", "account"):
        there = found.setdefault(_key(row, slug), {})
        assert row.resource.native_id not in there, f"{row.resource} is there twice at {moment}"
        there[row.resource.native_id] = _content(row, parts.get(row.resource_id, []))
    return found


def read_freshness() -> dict[ScopeKey, tuple[datetime | None, datetime | None, datetime | None]]:
    """First and last complete listing of each scope, and since when it fails."""
    rows = Freshness.objects.select_related("account")
    return {
        (str(row.account.account_id), row.scope_region, row.type): (
            row.first_complete_at,
            row.last_complete_at,
            row.failing_since,
        )
        for row in rows
    }


def read_counts() -> dict[ScopeKey, int]:
    """How many resources each scope keeps to be open, for pages that do not count."""
    rows = Freshness.objects.values_list("account__account_id", "scope_region", "type", "counts")
    return {(str(account), region, slug): sum(counts.values()) for account, region, slug, counts in rows}


def every_row() -> list[tuple[Any, ...]]:
    """Every row of history and identity with all its columns, byte for byte."""
    models: list[Any] = [*MODELS.values(), ResourceTag, Link, Resource, Freshness]
    return [
        (model._meta.label, *(bytes(value) if isinstance(value, memoryview) else value for value in row))
        for model in models
        for row in model._default_manager.order_by("pk").values_list()
    ]


def _parts() -> Parts:
    return _by_resource(model.objects.filter(valid_from__isnull=False) for model in (ResourceTag, Link))


def _parts_as_of(moment: datetime | None) -> Parts:
    return _by_resource(model.objects.as_of(moment) for model in (ResourceTag, Link))


def _by_resource(parts: Iterable[Iterable[ResourceTag | Link]]) -> Parts:
    found: Parts = {}
    for part in chain.from_iterable(parts):
        found.setdefault(part.resource_id, []).append(part)
    return found


def _key(row: ResourceRevision, slug: str) -> ScopeKey:
    assert row.resource.type == slug
    assert row.resource.account_id == row.account_id
    return str(row.account.account_id), row.resource.scope_region, slug


def _content(row: ResourceRevision, parts: Iterable[ResourceTag | Link]) -> Content:
    """The revision's content; of its parts only those that hold at any time of it, and then all the time."""
    tags: dict[str, str] = {}
    attached: list[str] = []
    for part in parts:
        if (part.valid_to is not None and part.valid_to <= row.began) or (
            row.valid_to is not None and part.began >= row.valid_to
        ):
            continue
        assert part.began <= row.began, f"{part} begins in the middle of a period of {row.resource}"
        assert part.valid_to is None or (row.valid_to is not None and part.valid_to >= row.valid_to), (
            f"{part} ends in the middle of a period of {row.resource}"
        )
        if isinstance(part, Link):
            attached.append(part.target)
        else:
            assert part.key not in tags, f"{row.resource} has the tag {part.key} twice"
            tags[part.key] = part.value
    match row:
        case EbsVolume():
            return {"size": row.size_gib, "tags": tags, "attached": sorted(attached)}
        case S3Bucket():
            return {
                "created": row.created,
                "region": row.region,
                "versioning": row.versioning,
                "public": IS_PUBLIC[row.policy_status],
                "tags": _unless_never_read(row, "tags", tags),
            }
    raise AssertionError(f"{row} is of no type that the model knows")


def _unless_never_read(row: ResourceRevision, part: str, value: Any) -> Any:
    return value if value or not row.was_never_read(part) else None


def _unknown(row: ResourceRevision) -> dict[str, datetime | None]:
    names = {"policy_status": "public"}
    return {
        names.get(part, part): None if since is None else datetime.fromisoformat(since)
        for part, since in row.unknown.items()
    }
