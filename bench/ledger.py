"""A ledger of many revisions, written in bulk: EC2 instances of some accounts, one tenth of their periods closed.

One block of resources is made row by row; the others are copies of it by one statement each, with names and prices of
their own. Indexes are dropped before and made again after. The tables are the product's own, so that its pages cannot
tell the difference.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from bench.fleet import ACCOUNTS, REGIONS, TYPE_SIZES
from costs.models import Quote
from costs.usage_counts import keep_counts
from inventory.history.revision import pack_raw
from inventory.models import Account, Freshness, Outcome, Resource, ResourceTag, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL, Reach, ResourceType, resource_type, resource_types
from inventory.snapshots.counts import count_scope

SLUG = "ec2-instance"
BLOCK = 10_000
"""Revisions in a block: nine tenths of them open."""

RESOURCES = BLOCK * 9 // 10
FIRST_LOOK = datetime(2026, 1, 1, 6, tzinfo=UTC)
SEED = 3
RAW = pack_raw({"DescribeInstances": {"InstanceId": "i-0"}})
"""A list never reads the documents, so that theirs may be short."""

NAME = "printf('host-%%07d', ({id} + %(shift)s) * 7919 %% 10000000)"
COPIED: dict[type[models.Model], dict[str, str]] = {
    Resource: {
        "id": "id + %(shift)s",
        "native_id": "printf('i-%%017x', id + %(shift)s)",
        "current_name": NAME.format(id="id"),
    },
    resource_type(SLUG).model: {"resource_id": "resource_id + %(shift)s", "name": NAME.format(id="resource_id")},
    ResourceTag: {"resource_id": "resource_id + %(shift)s"},
    Quote: {
        "resource_id": "resource_id + %(shift)s",
        "on_demand_monthly_usd": "(resource_id + %(shift)s) * 7919 %% 400000 / 100.0",
    },
}
"""What differs in a copy, by table and column."""

Row = dict[str, Any]


def fill(revisions: int, number_of_accounts: int = ACCOUNTS) -> None:
    """Write so many revisions, rounded up to whole blocks; each open one has a tag and a quote."""
    accounts = [
        Account.objects.create(name=f"account-{number:02}", account_id=f"{number:012}", only_regions=list(REGIONS))
        for number in range(1, number_of_accounts + 1)
    ]
    for account in accounts:
        _read_everything(account)
    kind = resource_type(SLUG)
    indexes = _drop_indexes(COPIED)
    things = [_thing(kind, accounts[number % len(accounts)], number) for number in range(1, RESOURCES + 1)]
    with transaction.atomic():
        _insert(Resource, [resource for resource, _ in things])
        _insert(kind.model, [row for _, revision in things for row in _periods(revision)])
        _insert(ResourceTag, [_tag(revision) for _, revision in things])
        _insert(Quote, [_quote(revision) for _, revision in things])
    for block in range(1, -(-revisions // BLOCK)):
        with transaction.atomic():
            for model, changes in COPIED.items():
                _copy(model, changes, block * RESOURCES)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in indexes:
            cursor.execute(statement)
    for scope in Freshness.objects.filter(type=SLUG):
        scope.counts = count_scope(kind, scope.account, scope.scope_region)
        scope.save(update_fields=["counts"])
    keep_counts(Account.objects.all())


def _read_everything(account: Account) -> None:
    """Every scope was read completely, just now."""
    now = timezone.now()
    snapshot = Snapshot.objects.create(account=account, taken_at=now, finished_at=now, announced_at=now)
    for kind in resource_types():
        for region in [GLOBAL] if kind.reach is Reach.GLOBAL else REGIONS:
            place = {"account": account, "scope_region": region, "type": kind.slug}
            visit = Visit.objects.create(
                snapshot=snapshot, taken_at=now, state=VisitState.FINISHED, outcome=Outcome.COMPLETE, **place
            )
            looks = {"first_complete_at": FIRST_LOOK, "last_complete_at": now}
            Freshness.objects.create(**place, **looks, last_complete_visit=visit, latest_visit=visit)


def _thing(kind: ResourceType, account: Account, number: int) -> tuple[Row, Row]:
    """One resource and its open revision."""
    draw = random.Random(SEED * number)  # noqa: S311 - figures, not secrets
    region, type_name = draw.choice(REGIONS), draw.choice(list(TYPE_SIZES))
    vcpu, memory_mib = TYPE_SIZES[type_name]
    name = f"host-{draw.randrange(10**7):07d}"
    resource = {
        "id": number,
        "account_id": account.pk,
        "scope_region": region,
        "type": SLUG,
        "native_id": f"i-{number:017x}",
        "current_name": name,
    }
    revision = {
        "account_id": account.pk,
        "resource_id": number,
        "region": region,
        "name": name,
        "fingerprint": number.to_bytes(16, "big"),
        "raw": RAW,
        "reading_version": kind.reading_version,
        "valid_from": FIRST_LOOK + timedelta(seconds=draw.randrange(180 * 24 * 3600)),
        "state": draw.choices(("running", "stopped"), (9, 1))[0],
        "instance_type": type_name,
        "family": type_name[:2],
        "generation": int(type_name[1]),
        "size": type_name.partition(".")[2],
        "architecture": "x86_64",
        "operating_system": draw.choices(("linux", "windows", "rhel"), (8, 1, 1))[0],
        "vcpu": vcpu,
        "memory_gib": memory_mib // 1024,
        "lifecycle": draw.choices(("on-demand", "spot"), (9, 1))[0],
        "tenancy": "default",
        "availability_zone": region + draw.choice("abc"),
        "vpc_id": f"vpc-{draw.randrange(400):017x}",
        "private_ipv4": f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}",
        "public_ipv4": f"198.18.{number // 256 % 256}.{number % 256}" if number % 3 == 0 else None,
        "image_id": f"ami-{draw.randrange(200):017x}",
        "key_name": f"ops-{draw.randrange(7)}",
        "imdsv2": draw.choice(("required", "optional")),
        "monitoring": "disabled",
        "launch_time": FIRST_LOOK - timedelta(seconds=draw.randrange(10**8)),
    }
    return resource, revision


def _periods(revision: Row) -> Iterator[Row]:
    """The open revision, and for the first resources a closed one before it."""
    if revision["resource_id"] <= BLOCK - RESOURCES:
        yield revision | {"valid_from": FIRST_LOOK - timedelta(days=30), "valid_to": revision["valid_from"]}
    yield revision


def _tag(revision: Row) -> Row:
    owner = {name: revision[name] for name in ("account_id", "resource_id", "valid_from")}
    return {**owner, "key": "team", "value": f"team-{revision['resource_id'] % 12}"}


def _quote(revision: Row) -> Row:
    owner = {name: revision[name] for name in ("account_id", "resource_id")}
    cents = 3_000 + revision["resource_id"] * 7_919 % 400_000
    prices = {"on_demand_monthly_usd": cents / 100, "reserved_monthly_usd": cents / 160}
    months = {"on_demand_month": FIRST_LOOK.date(), "reserved_month": FIRST_LOOK.date()}
    ways = {"reserved_way": "reserved-standard-1y-no-upfront", "spot_reason": "no spot price is known"}
    return {**owner, "type": SLUG, **prices, **months, **ways}


def _insert(model: type[models.Model], rows: Iterable[Row]) -> None:
    model._default_manager.bulk_create((model(**row) for row in rows), batch_size=500)


def _copy(model: type[models.Model], changes: Mapping[str, str], shift: int) -> None:
    """Copy the rows of the first block, shifted by so many resources."""
    columns = [field.attname for field in model._meta.concrete_fields if not field.primary_key or "id" in changes]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    values = ", ".join(changes.get(column, connection.ops.quote_name(column)) for column in columns)
    owner = "id" if model is Resource else "resource_id"
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {owner} <= %(block)s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, {"shift": shift, "block": RESOURCES})


def _drop_indexes(tables: Iterable[type[models.Model]]) -> list[str]:
    """Drop every index of the tables, and give the statements that make them again."""
    statements = []
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
                [model._meta.db_table],
            )
            for name, statement in cursor.fetchall():
                cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
                statements.append(statement)
    return statements
