"""The witness of a course: it knows what every visit could see, and says what the ledger must hold after each step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from inventory.models import ATTEMPTS, Account, Outcome, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL
from tests.proof.clock import Clock
from tests.proof.cloud import FAULTS, Cloud, Door
from tests.proof.ledger import ScopeKey, read_all_as_of, read_counts, read_freshness, read_history
from tests.proof.model import PARTS, Listing, ScopeModel
from tests.proof.writes import Writes

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(hours=1)
EXPIRY = timedelta(minutes=10)
LEFT_ALONE = timedelta(minutes=1)
SETTING_PARTS = {"GetBucketVersioning": "versioning", "GetBucketTagging": "tags", "GetBucketPolicyStatus": "public"}
OUTAGES = frozenset({Outcome.UNREACHABLE, Outcome.THROTTLED, Outcome.FAILED})


class Witness:
    """What follows, by the model, of what was seen and decided."""

    def __init__(self, cloud: Cloud, clock: Clock, writes: Writes, accounts: tuple[str, ...]) -> None:
        self.cloud = cloud
        self.clock = clock
        self.scopes: dict[ScopeKey, ScopeModel] = {}
        self.pruned_until = BEGIN
        self.due = dict.fromkeys(accounts, BEGIN)
        self.doors: dict[tuple[int, int], Door] = {}
        self.by_hand: set[int] = set()
        self.cancelled: set[int] = set()
        self._folded: set[int] = set()
        self._newest = 0
        self._outages: dict[str, datetime] = {}
        # How many statements had written when the witness last looked: as long as no row is another, neither is what
        # follows of them.
        self._writes = writes
        self._followed = self._checked = -1

    def check(self) -> None:
        """After every step: the ledger says what the model says, row by row, and nothing stands still for ever."""
        self.follow()
        if self._checked != self._writes.number:
            self._check_rows()
            self._checked = self._writes.number

    def _check_rows(self) -> None:
        told, meant = read_history(), {key: scope.periods for key, scope in self.scopes.items()}
        for key in told.keys() | meant.keys():
            mine = {name: periods for name, periods in meant.get(key, {}).items() if periods}
            assert told.get(key, {}) == mine, f"{key} differs from what its complete listings said"
        for key, (first, last, failing) in read_freshness().items():
            scope = self.scopes.get(key, ScopeModel(()))
            assert (first, last) == (next(iter(scope.published), None), scope.last), f"{key} is not as fresh as it says"
            assert failing == scope.failing_since, f"{key} does not say since when it fails"
        for key, number in read_counts().items():
            there = self.scopes[key].open() if key in self.scopes else {}
            assert number == len(there), f"{key} keeps a wrong count"
        stuck = Visit.objects.filter(state=VisitState.RUNNING, lease_until__isnull=True) | Visit.objects.filter(
            state=VisitState.WAITING, attempts__gte=ATTEMPTS
        )
        assert not stuck.exists(), f"nobody will ever finish {stuck[0]}"

    def follow(self) -> None:
        """Learn of what happened; to be called after each task, because an expired visit makes its account due."""
        if self._followed != self._writes.number:
            self._follow_visits()
            self._follow_plans()
            self._followed = self._writes.number

    def prune(self, account: str, cutoff: datetime) -> None:
        """Forget what an account's history no longer tells."""
        self.pruned_until = max(self.pruned_until, cutoff)
        for (owner, _, _), scope in self.scopes.items():
            if owner == account:
                scope.prune(cutoff)
        self._checked = -1

    def check_every_moment(self) -> None:
        """Every past moment is told as its last complete listing saw it, by the querysets that all pages use."""
        moments = sorted({moment for scope in self.scopes.values() for moment in scope.published})
        kept = [moment for moment in moments if moment >= self.pruned_until]
        for moment in [*kept, *(moment - timedelta(microseconds=1) for moment in kept[1:]), self.clock.now]:
            meant = {key: scope.as_of(moment) for key, scope in self.scopes.items()}
            assert read_all_as_of(moment) == {key: there for key, there in meant.items() if there}

    def last(self, key: ScopeKey) -> datetime:
        """The moment of the last complete listing of a scope; the beginning of the course without one."""
        scope = self.scopes.get(key)
        return (scope.last if scope else None) or BEGIN

    def reachable(self) -> list[ScopeKey]:
        """The scopes that can be read: the buckets, and every region that is enabled and known to be."""
        return [
            *((account, GLOBAL, "s3-bucket") for account in self.due),
            *(
                (account, region, "ebs-volume")
                for account in self.due
                for region in Account.objects.get(account_id=account).enabled_regions
                if region in self.cloud.opted_in[account]
            ),
        ]

    def really_there(self, key: ScopeKey) -> Listing:
        """What a complete listing of a scope would show now."""
        account, region, slug = key
        things = self.cloud.buckets[account] if slug == "s3-bucket" else self.cloud.volumes[account, region]
        return {name: _content(thing) for name, thing in things.items()}

    def _follow_plans(self) -> None:
        """Every new snapshot was due, and plans one visit for each scope."""
        for snapshot in Snapshot.objects.filter(pk__gt=self._newest).select_related("account").order_by("pk"):
            self._newest = snapshot.pk
            account = str(snapshot.account.account_id)
            if snapshot.pk not in self.by_hand:
                early = snapshot.planned_at + timedelta(seconds=1) < self.due[account]
                assert not early, f"{account} has a snapshot that was not due"
            self.due[account] = snapshot.planned_at + INTERVAL
            planned = sorted(snapshot.visits.values_list("scope_region", "type"))
            regions = snapshot.account.enabled_regions
            # A list that was read by a worker which died before it wrote it down is not yet known.
            assert regions in [[], *self.cloud.told_regions.get(account, [])]
            assert planned == sorted([(GLOBAL, "s3-bucket"), *((region, "ebs-volume") for region in regions)])

    def _follow_visits(self) -> None:
        """Every visit that ended by now ended for a reason, and the model learns of it."""
        ended = set(Visit.objects.filter(state=VisitState.FINISHED).values_list("pk", flat=True)) - self._folded
        if not ended:
            return
        self._folded |= ended
        for visit in Visit.objects.filter(pk__in=ended).select_related("account").order_by("finished_at", "pk"):
            key = (str(visit.account.account_id), visit.scope_region, visit.type)
            scope = self.scopes.setdefault(key, ScopeModel(PARTS[visit.type]))
            self._follow(visit, scope, self.doors.get((visit.pk, visit.fence)))

    def _follow(self, visit: Visit, scope: ScopeModel, door: Door | None) -> None:
        match visit.outcome:
            case Outcome.COMPLETE:
                listed = _complete_listing(visit, door)
                assert scope.last is None or scope.last < visit.taken_at, f"{visit} was recorded after a later one"
                assert scope.must_be_held(listed) is not True, f"{visit} wiped its scope after one look"
                counts = scope.publish(visit.taken_at, listed)
                assert counts == {name: getattr(visit, name) for name in counts}
            case Outcome.UNCONFIRMED:
                listed = _complete_listing(visit, door)
                assert scope.must_be_held(listed) is not False, f"{visit} waits without a reason"
                scope.hold(visit.taken_at, listed)
            case Outcome.EXPIRED:
                is_late = scope.last is not None and scope.last >= visit.taken_at
                waited = visit.attempts == 0 and self.clock.now - visit.planned_at > EXPIRY
                assert is_late or waited, f"{visit} expired for no reason"
                if waited:
                    self.due[str(visit.account.account_id)] = min(
                        self.due[str(visit.account.account_id)], visit.finished_at or self.clock.now
                    )
            case Outcome.CANCELLED:
                assert visit.snapshot_id in self.cancelled, f"nobody cancelled {visit}"
            case Outcome.FAILED if visit.attempts == ATTEMPTS and visit.reason.startswith("poison"):
                scope.fail(visit.taken_at)
            case outcome if door is not None and door.failed_with:
                assert outcome == FAULTS[door.failed_with], f"{visit} met {door.failed_with}"
                if outcome in OUTAGES:
                    self._outages[door.account_id] = visit.finished_at or self.clock.now
                scope.fail(visit.taken_at)
            case outcome:
                # A service that failed is left alone for a while, and then nothing was asked.
                assert door is not None, f"{visit} ended without a look"
                assert door.calls == 0, f"{visit} met no fault"
                since = (visit.finished_at or self.clock.now) - self._outages.get(door.account_id, BEGIN)
                assert outcome in OUTAGES, f"{visit} asked nothing"
                assert since <= LEFT_ALONE + timedelta(seconds=1), f"{visit} asked nothing, although all has been well"
                scope.fail(visit.taken_at)


def _complete_listing(visit: Visit, door: Door | None) -> Listing:
    """What the visit saw, if it saw all of it."""
    assert door is not None, f"{visit} ended without a look"
    assert door.is_complete, f"{visit} says that it saw everything, and did not"
    return {
        name: {
            part: value
            for part, value in _content(thing).items()
            if part not in {SETTING_PARTS.get(operation) for operation in door.unread.get(name, ())}
        }
        for name, thing in door.listed.items()
    }


def _content(thing: dict[str, Any]) -> dict[str, Any]:
    return {part: sorted(value) if part == "attached" else value for part, value in thing.items()}
