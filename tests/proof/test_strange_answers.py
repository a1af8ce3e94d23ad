"""Answers that nobody expects: nulls, new words, wrong types, a megabyte of text, half a character; things that lag."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import Visit
from inventory.registry import Reach, ResourceType, resource_types
from tests.pages import ledgers
from tests.proof.answers import operation_model
from tests.proof.course import ACCOUNTS, PLACES, Course, rolled_back
from tests.proof.endpoint import examples
from tests.proof.ledger import read_history

# What AWS answers strangely is read, and refused, before any database is asked.
pytestmark = pytest.mark.any_database

KINDS = list(resource_types())
STRANGE = st.sampled_from(["\x00", "\ud800", "a" * 1_000_000, "a-new-word", "", "\u202e<b>", "☃"])
texts = st.one_of(STRANGE, st.text(string.ascii_letters, max_size=8))


def documents(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a shape of botocore's service model, or something else in its place now and then."""
    match shape:
        case StructureShape() if depth < 5:
            members = {name: documents(member, depth + 1) for name, member in shape.members.items()}
            usual: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional=members)
        case ListShape() if depth < 5:
            usual = st.lists(documents(shape.member, depth + 1), max_size=2)
        case MapShape() if depth < 5:
            usual = st.dictionaries(texts, documents(shape.value, depth + 1), max_size=2)
        case _:
            usual = _scalars(shape.type_name)
    return st.one_of(usual, usual, usual, st.sampled_from([None, [], {}, -1, "a-new-word"]))


def _scalars(type_name: str) -> st.SearchStrategy[Any]:
    match type_name:
        case "boolean":
            return st.booleans()
        case "integer" | "long":
            return st.integers(-(2**63), 2**63)
        case "float" | "double":
            return st.floats()
        case "timestamp":
            return st.datetimes(timezones=st.just(UTC))
    return texts


def items_of(kind: ResourceType) -> st.SearchStrategy[Any]:
    """Listed items of a type, each with an id of its own."""
    shape: Any = operation_model(kind.call.service, kind.call.operation).output_shape
    for name in re.sub(r"\[.*?\]", "", kind.call.items).split("."):
        shape = shape.members[name]
        shape = shape.member if isinstance(shape, ListShape) else shape
    return st.tuples(documents(shape), st.sampled_from(["strange-1", "strange-2", None, "\x00", 7])).map(
        lambda pair: {**pair[0], kind.id_key: pair[1]} if isinstance(pair[0], dict) else {kind.id_key: pair[1]}
    )


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_an_item_that_nobody_expects_concerns_nobody_but_itself(kind: ResourceType) -> None:
    """Fault matrix row 15: it is stored safely or counted as unreadable, and every other item is recorded."""

    @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(items_of(kind), min_size=1, max_size=3))
    def look(strange: list[Any]) -> None:
        with rolled_back():
            account = ledgers.account()
            region = "global" if kind.reach is Reach.GLOBAL else "eu-central-1"
            listed = [{kind.call.operation: item} for item in [*strange, *examples(kind, 2)]]

            ledgers.look(account, datetime(2026, 1, 1, tzinfo=UTC), {(region, kind.slug): listed})

            sound = kind.model.revisions.current().filter(resource__native_id__startswith=f"{kind.slug}-")
            visit = Visit.objects.get(type=kind.slug)
            assert sound.count() == 2
            assert visit.outcome == "complete"
            named = kind.model.revisions.current().count() - 2
            assert named <= len(strange)
            assert (visit.quarantined > 0) >= (named == 0)

    look()


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.frozensets(st.sampled_from(["vol-1", "vol-2", "vol-3"])), min_size=2, max_size=5))
def test_things_that_lag_and_come_back_have_periods_that_never_overlap(listings: list[frozenset[str]]) -> None:
    """Fault matrix row 18: a listing that is behind lacks the new and shows the old; what comes back begins anew."""
    course = Course()
    course.begin()
    try:
        for listed in listings:
            course.wipe(ACCOUNTS[0], PLACES[0])
            for name in sorted(listed):
                course.put_volume(ACCOUNTS[0], PLACES[0], name, 8, "", ())
            course.tick()
            course.work(20)
            course.check()
            course.pass_time(int(timedelta(hours=1, seconds=1).total_seconds()))

        for periods in read_history().get((ACCOUNTS[0], PLACES[0], "ebs-volume"), {}).values():
            for before, after in pairwise(periods):
                assert before.end is not None
                assert before.begin < before.end <= after.begin
    finally:
        course.end()
