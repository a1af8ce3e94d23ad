"""Whatever happens at AWS and to the visits, the ledger says of every moment what the last complete look saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import Account, Link, Outcome, ResourceTag, Visit
from inventory.registry import Answers
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.snapshots.carry_out import carry_out
from inventory.snapshots.plan import plan_snapshot
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Aws, Fails, attached, broken, denied, unreachable, volume

IDS = ("vol-1", "vol-2", "vol-3")
AwsAnswers = Callable[..., Aws]


@dataclass(frozen=True)
class Thing:
    """How a volume looks: its size, its tags and what it is attached to."""

    size: int
    tags: tuple[tuple[str, str], ...]
    attached: frozenset[str]

    def listed(self, native_id: str) -> Answers:
        return volume(native_id, Size=self.size, tags=dict(self.tags), Attachments=attached(*self.attached))


World = dict[str, Thing]

things = st.builds(
    Thing,
    size=st.sampled_from([8, 16]),
    tags=st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["", "1"])), max_size=2, unique_by=lambda tag: tag[0]
    ).map(lambda tags: tuple(sorted(tags))),
    attached=st.frozensets(st.sampled_from(["i-1", "i-2"])),
)
worlds = st.dictionaries(st.sampled_from(IDS), things)
faults = st.one_of(
    st.none(),
    st.none(),
    st.sampled_from([denied(), unreachable(), broken(), denied(after=1), denied(after=2), broken(after=1)]),
)
courses = st.lists(st.tuples(worlds, faults), min_size=1, max_size=6)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(courses)
def test_the_ledger_tells_every_moment_as_it_was_last_seen(
    aws_answers: AwsAnswers, course: Sequence[tuple[World, Fails | None]]
) -> None:
    with transaction.atomic():
        account = Account.objects.create(name="acme", account_id="111122223333", only_regions=[IRELAND])
        seen: World = {}
        truth: dict[datetime, World] = {BEGIN - DAY: {}}
        rows = 0
        for day, (world, fault) in enumerate(course):
            moment = BEGIN + day * DAY
            outcome = look(aws_answers, account, moment, world, fault)
            if fault is None:
                assert outcome == Outcome.COMPLETE
                rows += sum(1 for native_id, thing in world.items() if seen.get(native_id) != thing)
                seen = world
            else:
                assert outcome == Outcome(fault.kind.value)
            truth[moment] = seen

        for moment, world in truth.items():
            assert as_told(moment) == world
            assert as_told(moment + DAY / 2) == world
        assert as_told(None) == seen
        assert EbsVolume.revisions.count() == rows
        assert_that_no_periods_overlap()
        transaction.set_rollback(True)


def look(
    aws_answers: AwsAnswers, account: Account, moment: datetime, world: World, fault: Fails | None
) -> Outcome | None:
    """Visit the volumes as they are, page by page."""
    listed: list[Any] = [thing.listed(native_id) for native_id, thing in world.items()]
    aws_answers({IRELAND: [*listed, *([fault] if fault else [])]}, page_size=1)
    snapshot = plan_snapshot(account, moment, hint_workers=False)
    visit = Visit.objects.claim(snapshot.visits.get(type=EBS_VOLUME.slug).pk)
    assert visit is not None
    carry_out(visit)
    outcome = Visit.objects.get(pk=visit.pk).outcome
    return Outcome(outcome) if outcome else None


def as_told(moment: datetime | None) -> World:
    """The volumes of a moment as the ledger tells them."""
    told: World = {}
    for row in EbsVolume.revisions.as_of(moment).select_related("resource"):
        tags = ResourceTag.objects.as_of(moment).filter(resource=row.resource).values_list("key", "value")
        targets = Link.objects.as_of(moment).filter(resource=row.resource).values_list("target", flat=True)
        assert row.resource.native_id not in told
        assert len(set(targets)) == len(targets)
        told[row.resource.native_id] = Thing(row.size_gib or 0, tuple(sorted(tags)), frozenset(targets))
    return told


def assert_that_no_periods_overlap() -> None:
    for native_id in IDS:
        periods = EbsVolume.revisions.filter(resource__native_id=native_id).order_by("valid_from")
        ends = [BEGIN - timedelta(days=1)]
        for begin, end in periods.values_list("valid_from", "valid_to"):
            assert begin is not None
            assert ends[-1] <= begin
            assert end is None or begin < end
            ends.append(end or BEGIN + 1000 * DAY)


class Dies(BaseException):
    """A process that ends between two statements; no handler of errors runs."""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_any_statement_leaves_all_or_nothing(aws_answers: AwsAnswers) -> None:
    account = Account.objects.create(name="acme", account_id="111122223333", only_regions=[IRELAND])
    before = {name: Thing(8, (("a", "1"),), frozenset({"i-1"})) for name in IDS[:2]}
    after = {name: Thing(16, (("b", "1"),), frozenset({"i-2"})) for name in IDS[1:]}
    look(aws_answers, account, BEGIN, before, None)
    told, died = before, 0

    while told == before:
        # Each round dies one statement later than the one before, until the visit gets through.
        moment = BEGIN + (died + 1) * DAY
        visit_died = dies_at(died, partial(look, aws_answers, account, moment, after, None))
        told = as_told(None)
        assert told in (before, after)
        assert as_told(BEGIN) == before
        assert_that_no_periods_overlap()
        if not visit_died:
            break
        died += 1

    assert told == after
    assert died > 20


def dies_at(statement: int, work: Callable[[], object]) -> bool:
    """Do some work until so many statements were carried out; whether it died of it."""
    done = 0

    def count(execute: Callable[..., Any], *call: Any) -> Any:
        nonlocal done
        if done == statement:
            raise Dies
        done += 1
        return execute(*call)

    try:
        with connection.execute_wrapper(count):
            work()
    except Dies:
        return True
    return False
