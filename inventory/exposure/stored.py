"""The open ports that are kept for counting, worked out anew for an account when a snapshot of it is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count

from inventory.exposure.ledger import OpenGroup, Place, open_groups
from inventory.exposure.rules import INBOUND, Source
from inventory.exposure.services import Severity
from inventory.models import Account, OpenPort

KEY = ("region", "group_id", "direction", "protocol", "from_port", "to_port", "family")
REST = ("sources", "rule_ids", "service", "severity", "is_world")


def refresh(*, account_id: int, **news: object) -> None:
    """Make an account's stored open ports equal to what its ledger says; listens to `snapshot_completed`.

    Only rows that differ are written. The lock on the account makes a second, simultaneous call wait, so that the
    older of two answers never comes last.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        wanted = {_key(row): row for row in map(_row, open_groups([account]))}
        stored = {_key(row): row for row in OpenPort.objects.filter(account=account)}
        changed = [key for key in wanted.keys() & stored.keys() if _rest(wanted[key]) != _rest(stored[key])]
        for key in changed:
            wanted[key].pk = stored[key].pk
        gone = [stored[key].pk for key in stored.keys() - wanted.keys()]
        OpenPort.objects.filter(pk__in=gone).delete()
        OpenPort.objects.bulk_update([wanted[key] for key in changed], REST, batch_size=500)
        OpenPort.objects.bulk_create([wanted[key] for key in wanted.keys() - stored.keys()], batch_size=500)


def world_counts(accounts: Iterable[Account]) -> dict[Place, Counter[Severity]]:
    """How many inbound openings let in the whole world now, by account key and region and by severity."""
    found: dict[Place, Counter[Severity]] = {}
    rows = OpenPort.objects.filter(account__in=accounts, direction=INBOUND, is_world=True)
    for row in rows.values("account_id", "region", "severity").annotate(number=Count("pk")):
        place = row["account_id"], row["region"]
        found.setdefault(place, Counter())[Severity(row["severity"])] = row["number"]
    return found


def _row(row: OpenGroup) -> OpenPort:
    opening = row.opening
    return OpenPort(
        account=row.account,
        region=row.region,
        group_id=opening.group_id,
        direction=opening.direction,
        protocol=opening.protocol,
        from_port=opening.from_port,
        to_port=opening.to_port,
        family=opening.family,
        sources=list(opening.sources),
        rule_ids=list(opening.rule_ids),
        service=opening.service,
        severity=opening.severity,
        is_world=Source.WORLD in opening.kinds,
    )


def _key(row: OpenPort) -> tuple[Any, ...]:
    return tuple(getattr(row, field) for field in KEY)


def _rest(row: OpenPort) -> tuple[Any, ...]:
    return tuple(getattr(row, field) for field in REST)
