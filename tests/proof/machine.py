"""The machine that makes up courses of events, for hypothesis to run, to vary and to shorten when one goes wrong."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from django.test import override_settings
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.proof.cloud import BUCKETS, FAULTS, IDENTITY, REGIONS, SETTINGS, VOLUMES
from tests.proof.course import ACCOUNTS, PLACES, Course, Event
from tests.support import left_out

accounts = st.sampled_from(ACCOUNTS)
places = st.sampled_from(PLACES)
volume_ids = st.sampled_from(("vol-1", "vol-2", "vol-3"))
bucket_names = st.sampled_from(("logs", "site"))
words = st.sampled_from(("", "a", "b"))
faults = st.sampled_from(sorted(FAULTS))
waits = st.sampled_from((1, 31, 46, 301, 601, 3601, 6 * 3600 + 1))

volumes_put = st.tuples(
    st.just("put_volume"),
    accounts,
    places,
    volume_ids,
    st.sampled_from((8, 16)),
    words,
    st.sampled_from(((), ("i-1",), ("i-1", "i-2"))),
)
buckets_put = st.tuples(
    st.just("put_bucket"),
    accounts,
    bucket_names,
    st.sampled_from((1, 2)),
    st.sampled_from((None, "Enabled")),
    st.sampled_from((None, True, False)),
    words,
)
changes: st.SearchStrategy[Event] = st.one_of(
    volumes_put,
    buckets_put,
    st.tuples(st.just("delete_volume"), accounts, places, volume_ids),
    st.tuples(st.just("delete_bucket"), accounts, bucket_names),
    st.tuples(st.just("wipe"), accounts, places),
)
troubles: st.SearchStrategy[Event] = st.one_of(
    st.tuples(
        st.just("break_calls"),
        accounts,
        st.sampled_from((VOLUMES, VOLUMES, BUCKETS, REGIONS, IDENTITY)),
        faults,
        st.sampled_from((0, 0, 1, 3)),
        st.sampled_from((1, 2, None)),
    ),
    st.tuples(st.just("close_setting"), accounts, bucket_names, st.sampled_from(SETTINGS)),
    st.tuples(st.just("opt"), accounts, places, st.booleans()),
)
decisions: st.SearchStrategy[Event] = st.one_of(
    st.tuples(st.sampled_from(("pause", "resume", "archive", "unarchive", "cancel")), accounts),
    st.tuples(st.just("prune"), accounts, st.sampled_from((0, 3))),
)
meanwhile: st.SearchStrategy[Event] = st.one_of(
    st.just(("rival",)),
    st.just(("rival",)),
    changes,
    st.tuples(st.just("deliver"), st.integers(0, 3)),
    st.tuples(st.just("cancel"), accounts),
    st.tuples(st.just("archive"), accounts),
    st.just(("tick",)),
    st.tuples(st.just("pass_time"), waits),
)
interruptions = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 45), st.none()),
    st.tuples(st.integers(0, 45), st.lists(meanwhile, min_size=1, max_size=2)),
)


class AnyCourse(RuleBasedStateMachine):
    """Any course of events; `tally` counts the schedules and steps that were run."""

    tally: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.course = Course()
        self.course.begin()
        self.tally["schedules"] += 1
        self.is_sound = True

    @rule(events=st.lists(changes, min_size=1, max_size=3))
    def change_the_world(self, events: list[Event]) -> None:
        self._do(*events)

    @rule(account=accounts, region=places)
    def start_a_fleet(self, account: str, region: str) -> None:
        self._do(("grow", account, region))

    @rule(event=troubles)
    def make_trouble(self, event: Event) -> None:
        self._do(event)

    @rule()
    def mend(self) -> None:
        self._do(("mend",))

    @rule(interruption=interruptions)
    def tick(self, interruption: Event | None) -> None:
        self._do(("tick", interruption))

    @rule(position=st.integers(0, 5), copies=st.sampled_from((1, 1, 2)), interruption=interruptions)
    def deliver(self, position: int, copies: int, interruption: Event | None) -> None:
        self._do(("deliver", position, copies, interruption))

    @rule(messages=st.sampled_from((2, 4, 8)))
    def work(self, messages: int) -> None:
        self._do(("work", messages))

    @rule()
    def go_on_for_an_hour(self) -> None:
        self._do(("tick",), ("work", 12), ("pass_time", 3601))

    @rule()
    def lose_the_queue(self) -> None:
        self._do(("lose_queue",))

    @rule(seconds=waits)
    def pass_time(self, seconds: int) -> None:
        self._do(("pass_time", seconds))

    @rule(account=accounts)
    def plan_by_hand(self, account: str) -> None:
        self._do(("plan_by_hand", account))

    @rule(event=decisions)
    def decide(self, event: Event) -> None:
        self._do(event)

    @invariant()
    def the_ledger_tells_the_truth(self) -> None:
        self._do(("check",))
        self.is_sound = True
        self.tally["steps"] += 1

    def teardown(self) -> None:
        """However it went: once the trouble is over everything is read, and the whole past is as it was."""
        try:
            if self.is_sound:
                self._do(("recover",), ("check_every_moment",), ("deliver_everything_again",))
        finally:
            self.course.end()

    def _do(self, *events: Event) -> None:
        self.is_sound = False
        for event in events:
            self.course.do(event)


def run(number: int, schedules: int, steps: int = 40, *, shrink: bool = True) -> Counter[str]:
    """Run so many schedules that follow from a number, always the same ones; gives how many there were, and steps.

    Raises AssertionError with the shortest course that goes wrong.
    """

    @seed(number)
    class Numbered(AnyCourse):
        tally: ClassVar[Counter[str]] = Counter()

    how = settings(
        max_examples=schedules,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    # With every type, nearly all messages of a course would be about places where nothing is.
    with override_settings(LEFT_OUT_TYPES=left_out.LEFT_OUT):
        run_state_machine_as_test(Numbered, settings=how)
    return Numbered.tally
