"""A ledger to judge: an account that is looked at again and again, and what its looks find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from inventory.findings.judge import judge
from inventory.findings.rule import Look, Rule, Verdict, find_rule
from inventory.history import ResourceRevision
from inventory.models import Account, Finding, Freshness, Link, Outcome, Resource, Snapshot, Visit, VisitState
from inventory.registry import resource_type
from tests.support.rows import add_rows, read_everything, scope_region

FIRST = datetime(2026, 1, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
IRELAND = "eu-west-1"


class Ledger:
    """One account in one region; `volume` and `unread` are for what a test wants to keep at hand."""

    volume: ResourceRevision
    unread: ResourceRevision

    def __init__(self, name: str = "acme", account_id: str = "111122223333") -> None:
        self.account = Account.objects.create(name=name, account_id=account_id)
        self.at = FIRST
        read_everything(self.account, FIRST, IRELAND)

    # --- what is there ----------------------------------------------------------------------------------------

    def add(self, slug: str, *, links: dict[str, list[str]] | None = None, **fields: Any) -> ResourceRevision:
        """A resource from now on; `links` are targets, or values where a role names none, by role."""
        kind = resource_type(slug)
        (row,) = add_rows(kind, self.account, [{"region": IRELAND} | fields], valid_from=self.at, region=IRELAND)
        for role, targets in (links or {}).items():
            column = kind.column(role)
            key = "target" if column and column.target else "value"
            for one in targets:
                Link.objects.create(
                    account=self.account,
                    resource=row.resource,
                    role=role,
                    valid_from=self.at,
                    target_type=column.target if column else "",
                    **{key: one},
                )
        return row

    def change(self, row: ResourceRevision, **fields: Any) -> ResourceRevision:
        """The resource looks different from now on."""
        self.end(row)
        row.pk, row.valid_from, row.valid_to = None, self.at, None
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        return row

    def end(self, row: ResourceRevision) -> None:
        """The resource, or what was known of it, is no more from now on."""
        type(row).revisions.filter(pk=row.pk).update(valid_to=self.at)

    # --- looking ----------------------------------------------------------------------------------------------

    @contextmanager
    def look(self, *news: str, days: float = 1, outcome: Outcome = Outcome.COMPLETE) -> Iterator[Snapshot]:
        """A later look: what is done inside is what it finds; of the types in `news` it says that something changed."""
        self.at += days * DAY
        snapshot = Snapshot.objects.create(account=self.account, taken_at=self.at, finished_at=self.at)
        yield snapshot
        for slug in {one.type for one in Freshness.objects.filter(account=self.account)}:
            place = scope_region(resource_type(slug), IRELAND)
            of = {"account": self.account, "scope_region": place, "type": slug}
            ended = outcome if slug in news else Outcome.COMPLETE
            changed = int(slug in news and ended == Outcome.COMPLETE)
            Visit.objects.create(
                snapshot=snapshot,
                taken_at=self.at,
                state=VisitState.FINISHED,
                outcome=ended,
                changed=changed,
                **of,
            )
            if ended == Outcome.COMPLETE:
                Freshness.objects.filter(**of).update(last_complete_at=self.at)
        self.judge(snapshot)

    def judge(self, snapshot: Snapshot | None = None) -> None:
        """What follows a snapshot, the newest one unless told."""
        one = snapshot or Snapshot.objects.filter(account=self.account).latest()
        judge(account_id=self.account.pk, snapshot_id=one.pk)

    def verdicts(self, rule: str) -> dict[str, Verdict]:
        """What a rule says now, by AWS's id of the resource."""
        regions = frozenset({IRELAND, "global"})
        said = known_rule(rule).judge(Look(account=self.account, at=self.at, regions=regions))
        ids = dict(Resource.objects.values_list("pk", "native_id"))
        return {ids[one.resource_id]: one for one in said}


def known_rule(slug: str) -> Rule:
    """The rule of that slug."""
    found = find_rule(slug)
    assert found is not None
    return found


def open_findings(rule: str = "") -> list[Finding]:
    """Those of now, of one rule or of all."""
    rows = Finding.objects.current().order_by("pk")
    return list(rows.filter(rule=rule) if rule else rows)
