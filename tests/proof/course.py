"""One course of events: a ledger, AWS, a queue and a clock, and the model that checks every step.

A course runs in one transaction of the database that is rolled back at its end, in one thread, and with both clocks
turned by hand, so the same events always end in the same rows. Workers are calls of the product's own tasks. A worker
that dies is a `Dies` raised at one of its statements: it passes every handler of errors, nothing more of that worker
reaches the database, and what it had committed by then stays. A worker that is slow is one in the middle of which other
things happen, between two statements and outside its transactions, as with a process of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from inventory import registry, tasks
from inventory.models import Account, Snapshot, Visit
from inventory.signals import snapshot_completed
from inventory.snapshots import access, carry_out, circuit, control, draft, plan
from inventory.snapshots.prune import prune_history
from tests.proof.clock import Clock, turned_by_hand
from tests.proof.cloud import Cloud, Door, Fault, bucket, volume
from tests.proof.ledger import MODELS, every_row
from tests.proof.witness import BEGIN, INTERVAL, Witness
from tests.proof.writes import Writes

ACCOUNTS = ("111111111111", "222222222222")
PLACES = ("eu-west-1", "us-east-2")
FLEET = 25
TICK = timedelta(seconds=15)
LEASE = timedelta(seconds=46)
RECOVERY = timedelta(seconds=90)


Event = tuple[Any, ...]
"""The name of a method of `Course`, and its arguments."""


class Dies(BaseException):
    """A process that ends between two statements; no handler of errors runs."""


class Interruption:
    """What happens to a worker at one of its statements: it dies, or other things happen meanwhile."""

    def __init__(self, statement: int, meanwhile: Callable[[], None] | None) -> None:
        self._left = statement
        self._meanwhile = meanwhile
        self._depth = len(connection.savepoint_ids)
        self._has_happened = False
        self.is_dead = False

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Stand between the worker and its database."""
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self._count()
        elif self.is_dead and sql.startswith("SAVEPOINT"):
            raise Dies
        return execute(sql, *rest)

    def _count(self) -> None:
        if self.is_dead:
            raise Dies
        self._left -= 1
        if self._left >= 0 or self._has_happened:
            return
        if self._meanwhile is None:
            self.is_dead = True
            raise Dies
        if len(connection.savepoint_ids) == self._depth:
            self._has_happened = True
            self._meanwhile()


class Course:
    """A ledger of two accounts with two regions each, and everything that can happen to it."""

    def __init__(self) -> None:
        self.cloud = Cloud(
            volumes={(account, region): {} for account in ACCOUNTS for region in PLACES},
            buckets={account: {} for account in ACCOUNTS},
            opted_in={account: list(PLACES) for account in ACCOUNTS},
        )
        self.queue: list[tuple[Any, int]] = []
        self.clock: Clock
        self.witness: Witness
        self._at_work: list[tuple[int, int]] = []
        self._stack = ExitStack()

    # --- the length of a course -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Add the accounts, and put AWS, the queue and the clock in their places."""
        enter = self._stack.enter_context
        enter(rolled_back())
        self.clock = enter(turned_by_hand(BEGIN))
        writes = Writes()
        enter(connection.execute_wrapper(writes))
        self.witness = Witness(self.cloud, self.clock, writes, ACCOUNTS)
        enter(patch.object(registry, "_types", {slug: registry.resource_type(slug) for slug in MODELS}))
        enter(patch.object(tasks, "hint", self._hint))
        enter(patch.object(tasks, "carry_out", self._carry_out))
        for module in (access, carry_out):
            enter(patch.object(module, "clients_for", self._clients_for))
        # AWS is asked between two statements and not in another thread, and a pause passes on our clock.
        enter(patch.object(carry_out, "pumped", lambda source, deadline: (batch for batch in source)))
        enter(patch.object(circuit, "time", SimpleNamespace(sleep=self.pass_time)))
        # Open ports and quotes follow a snapshot; they are no part of the ledger.
        enter(patch.object(snapshot_completed, "send_robust", return_value=[]))
        # A fleet is then a large visit, whose rows wait hidden and are published by another transaction.
        enter(patch.object(draft, "SPOOL_ROWS", 12))
        enter(patch.object(draft, "CHUNK", 5))
        enter(_quiet())
        for number, account_id in enumerate(ACCOUNTS):
            Account.objects.create(name=f"account-{number}", account_id=account_id, interval_seconds=3600)

    def end(self) -> None:
        """Forget all of it."""
        self._stack.close()

    def do(self, event: Event) -> None:
        """Let one thing happen."""
        name, *arguments = event
        getattr(self, name)(*arguments)

    # --- what happens at AWS ----------------------------------------------------------------------------------

    def put_volume(self, account: str, region: str, name: str, size: int, tag: str, attached: tuple[str, ...]) -> None:
        """Create or change a volume; `tag` is the value of its one tag, empty for none."""
        tags = {"env": tag} if tag else {}
        self.cloud.volumes[account, region][name] = volume(size, tags, attached)

    def delete_volume(self, account: str, region: str, name: str) -> None:
        """Delete a volume, if it is there."""
        self.cloud.volumes[account, region].pop(name, None)

    def put_bucket(
        self, account: str, name: str, incarnation: int, versioning: str | None, public: bool | None, tag: str
    ) -> None:
        """Create, change or create anew a bucket."""
        created = BEGIN - timedelta(days=10 - incarnation)
        tags = {"owner": tag} if tag else {}
        self.cloud.buckets[account][name] = bucket(created, versioning=versioning, public=public, tags=tags)

    def delete_bucket(self, account: str, name: str) -> None:
        """Delete a bucket, if it is there."""
        self.cloud.buckets[account].pop(name, None)

    def grow(self, account: str, region: str) -> None:
        """Start a fleet."""
        for number in range(FLEET):
            self.put_volume(account, region, f"vol-fleet-{number:02}", 8, "fleet", ())

    def wipe(self, account: str, region: str) -> None:
        """Delete everything in a region."""
        self.cloud.volumes[account, region].clear()

    def opt(self, account: str, region: str, is_in: bool) -> None:
        """Enable or disable a region for an account."""
        others = [one for one in self.cloud.opted_in[account] if one != region]
        self.cloud.opted_in[account] = sorted([*others, region] if is_in else others)

    def break_calls(self, account: str, operation: str, what: str, after: int, times: int | None) -> None:
        """Let calls fail, after so many good ones."""
        self.cloud.faults.append(Fault(account, operation, what, after, times))

    def close_setting(self, account: str, name: str, operation: str) -> None:
        """Let one setting of a bucket be refused."""
        self.cloud.closed_settings.add((account, name, operation))

    def mend(self) -> None:
        """End every fault."""
        self.cloud.faults.clear()
        self.cloud.closed_settings.clear()

    # --- what happens here ------------------------------------------------------------------------------------

    def tick(self, interruption: Event | None = None) -> None:
        """The scheduler's look."""
        self._work(tasks.tick, (), interruption)

    def deliver(self, position: int = 0, copies: int = 1, interruption: Event | None = None) -> None:
        """Deliver a message of the queue, the first or a later one, so often; its first worker may be interrupted."""
        if not self.queue:
            return
        task, one = self.queue.pop(position % len(self.queue))
        for copy in range(copies):
            self._work(task, (one,), None if copy else interruption)

    def work(self, messages: int) -> None:
        """Deliver the next messages, and what comes of them."""
        for _ in range(messages):
            self.deliver()

    def rival(self) -> None:
        """Let a lease pass and another worker take the visit over that is being carried out."""
        self.pass_time(LEASE.seconds)
        if self._at_work:
            self._work(tasks.visit, (self._at_work[-1][0],), None)

    def lose_queue(self) -> None:
        """Flush the broker."""
        self.queue.clear()

    def pass_time(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    def plan_by_hand(self, account: str) -> None:
        """Ask for a snapshot now, as the button and the command do."""
        try:
            snapshot = plan.plan_snapshot(self._account(account))
        except plan.NotCollected:
            assert not self._is_collecting(account)
            return
        self.witness.by_hand.add(snapshot.pk)
        self._run_after_commit()

    def pause(self, account: str) -> None:
        """Collect no more."""
        control.pause(self._account(account), "a test")

    def resume(self, account: str) -> None:
        """Collect again."""
        if self._account(account).paused_at:
            self.witness.due[account] = self.clock.now
        control.resume(self._account(account), "a test")

    def archive(self, account: str) -> None:
        """Let an account count as gone."""
        self.witness.cancelled |= self._unfinished(account)
        control.archive(self._account(account), "it was closed", "ada")

    def unarchive(self, account: str) -> None:
        """Let an account count as there again."""
        if self._account(account).archived_at:
            self.witness.due[account] = self.clock.now
        control.unarchive(self._account(account), "ada")

    def cancel(self, account: str) -> None:
        """End what is under way."""
        cancelled = self._unfinished(account)
        self.witness.cancelled |= cancelled
        for snapshot in Snapshot.objects.filter(pk__in=sorted(cancelled)):
            control.cancel(snapshot, "a test")

    def prune(self, account: str, hours: int) -> None:
        """Forget what ended that long ago."""
        cutoff = self.clock.now - timedelta(hours=hours)
        prune_history(self._account(account), cutoff)
        self.witness.prune(account, cutoff)

    # --- what must be so --------------------------------------------------------------------------------------

    def check(self) -> None:
        """After every step: the ledger says what the model says, and nothing stands still for ever."""
        self.witness.check()

    def check_every_moment(self) -> None:
        """Every past moment is told right."""
        self.witness.check_every_moment()

    def recover(self) -> None:
        """Faults have stopped: everything due is complete within an interval and 90 seconds, and as it is at AWS."""
        self.mend()
        for account in ACCOUNTS:
            self.resume(account)
            self.unarchive(account)
        stopped = self.clock.now
        self._let_pass(INTERVAL, longest_step=20 * TICK)
        self._let_pass(RECOVERY)
        waiting = [key for key in self.witness.reachable() if self.witness.last(key) <= stopped]
        held = [key for key in waiting if self.witness.scopes[key].held]
        assert waiting == held, f"{waiting[0]} was not read although nothing is in the way any more"
        if held:
            self._let_pass(INTERVAL, longest_step=20 * TICK)
            self._let_pass(RECOVERY)
        for key in self.witness.reachable():
            assert self.witness.last(key) > stopped, f"{key} waits for ever for a listing that agrees"
            listed = self.witness.really_there(key)
            assert {name: one.content for name, one in self.witness.scopes[key].open().items()} == listed

    def deliver_everything_again(self) -> None:
        """Every task there ever was, once more: not a byte of history changes."""
        before = every_row()
        for snapshot in Snapshot.objects.order_by("pk"):
            for pk in snapshot.visits.order_by("pk").values_list("pk", flat=True):
                self._work(tasks.visit, (pk,), None)
            self._work(tasks.announce, (snapshot.pk,), None)
        assert every_row() == before, "a message that came twice changed the ledger"

    # --- workers ----------------------------------------------------------------------------------------------

    def _work(self, task: Callable[..., Any], arguments: tuple[int, ...], interruption: Event | None) -> None:
        if interruption is None:
            task(*arguments)
        else:
            self._work_until(task, arguments, *interruption)
        self._run_after_commit()
        self.witness.follow()

    def _work_until(
        self, task: Callable[..., Any], arguments: tuple[int, ...], statement: int, events: list[Event] | None
    ) -> None:
        happens = Interruption(statement, None if events is None else lambda: self._meanwhile(events))
        at_work = list(self._at_work)
        try:
            with connection.execute_wrapper(happens):
                task(*arguments)
        except Dies:
            self._at_work = at_work
            connection.run_on_commit.clear()
            # Django takes a death between two batches of one insert for a failure of the test's own transaction.
            transaction.set_rollback(False)

    def _meanwhile(self, events: Iterable[Event]) -> None:
        for event in events:
            self.do(event)

    def _hint(self, task: Any, ids: Iterable[int]) -> None:
        self.queue.extend((task, one) for one in ids)

    def _run_after_commit(self) -> None:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for after_commit in waiting:
            after_commit[1]()

    def _carry_out(self, visit: Visit) -> None:
        self._at_work.append((visit.pk, visit.fence))
        carry_out.carry_out(visit)
        self._at_work.pop()

    def _clients_for(self, account: Account) -> Door:
        door = Door(self.cloud, str(account.account_id))
        if self._at_work:
            self.witness.doors[self._at_work[-1]] = door
        return door

    def _let_pass(self, time: timedelta, longest_step: timedelta = TICK) -> None:
        """Let time pass with a scheduler and workers that do their work, in steps that grow while nothing happens."""
        until, step = self.clock.now + time, TICK
        while self.clock.now < until:
            self.tick()
            step = TICK if self.queue else min(step * 2, longest_step)
            while self.queue:
                self.deliver()
            self.clock.advance(step)
        self.check()

    def _account(self, account_id: str) -> Account:
        return Account.objects.get(account_id=account_id)

    def _is_collecting(self, account_id: str) -> bool:
        account = self._account(account_id)
        return account.paused_at is None and account.archived_at is None

    def _unfinished(self, account_id: str) -> set[int]:
        unfinished = Snapshot.objects.filter(account__account_id=account_id, finished_at__isnull=True)
        return set(unfinished.values_list("pk", flat=True))


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo at the end of a with-block what it wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without a line in the log for each death and fault."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
