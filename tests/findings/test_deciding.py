"""Muting and commenting: what counts then, until when, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from audit.models import Decision, Kind
from inventory.findings import decide
from inventory.findings.counts import count
from inventory.findings.decide import BadDecision
from inventory.models import Finding, FindingComment, Mute
from tests.findings.cast import DAY, Ledger, known_rule, open_findings

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
RULE = known_rule("volume-unencrypted")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def acme() -> Ledger:
    ledger = Ledger()
    with ledger.look("ebs-volume"):
        ledger.volume = ledger.add("ebs-volume", native_id="vol-1", encrypted=False)
    return ledger


def mute(ledger: Ledger, days: float = 30, **said) -> None:
    known: dict[str, Any] = {
        "reason": "accepted",
        "comment": "until the move",
        "until": NOW + days * DAY,
        "by": "rita",
    } | said
    decide.mute(RULE, ledger.volume.resource, **known)


def counted(ledger: Ledger, when=None):
    found = count([ledger.account], when).total
    return found.total, found.muted


def test_a_muted_finding_does_not_count_until_its_mute_ends_by_itself(acme, clock):
    mute(acme)
    muted = counted(acme)
    clock.move_to(NOW + 31 * DAY)

    assert (muted, counted(acme)) == ((0, 1), (1, 0))


def test_a_mute_is_taken_back(acme):
    mute(acme)

    assert decide.unmute(RULE, acme.volume.resource, "max")
    assert counted(acme) == (1, 0)
    assert not decide.unmute(RULE, acme.volume.resource, "max")


def test_at_a_past_moment_what_was_muted_then_is(acme, clock):
    mute(acme)
    clock.move_to(NOW + 2 * DAY)
    decide.unmute(RULE, acme.volume.resource, "max")
    clock.move_to(NOW + 3 * DAY)

    assert counted(acme, NOW - DAY) == (1, 0)
    assert counted(acme, NOW + DAY) == (0, 1)
    assert counted(acme) == (1, 0)


def test_what_comes_back_while_its_mute_lasts_is_muted_still(acme):
    mute(acme)
    with acme.look("ebs-volume"):
        volume = acme.change(acme.volume, encrypted=True)
    with acme.look("ebs-volume"):
        acme.change(volume, encrypted=False)

    assert Finding.objects.count() == 2
    assert counted(acme) == (0, 1)


def test_a_second_mute_replaces_the_first(acme):
    mute(acme)
    mute(acme, days=5, reason="planned")

    assert [one.ended_at for one in Mute.objects.order_by("pk")] == [NOW, None]
    assert open_findings()[0].muted_until == NOW + 5 * DAY


def test_each_is_kept_as_a_decision_with_who_and_why(acme):
    mute(acme)
    decide.unmute(RULE, acme.volume.resource, "max")

    kept = [(one.by, one.kind, one.account) for one in Decision.objects.order_by("pk")]

    assert kept == [("rita", Kind.FINDING_MUTED, "acme"), ("max", Kind.FINDING_UNMUTED, "acme")]
    words = Decision.objects.order_by("pk")[0].words
    assert words == "muted “Volume is not encrypted” of vol-1 until 2026-02-09 (risk accepted, until the move)"


@pytest.mark.parametrize("text", ["", "soon", "2026-01-09", "2027-02-01", "9999-12-31"])
def test_a_day_that_is_none_or_past_or_too_far_is_refused(text):
    with pytest.raises(BadDecision):
        decide.last_moment(text)


def test_a_day_lasts_to_its_end():
    assert decide.last_moment("2026-01-10") == datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC)


def test_an_invented_reason_and_a_comment_without_end_are_refused_and_change_nothing(acme):
    with pytest.raises(BadDecision):
        mute(acme, reason="because")
    with pytest.raises(BadDecision):
        mute(acme, comment="x" * 501)

    assert not Mute.objects.exists()
    assert counted(acme) == (1, 0)


def test_a_comment_is_kept_with_who_wrote_it_and_when(acme):
    decide.comment(RULE, acme.volume.resource, "  asked \n the owner ", "rita")

    (kept,) = FindingComment.objects.all()

    assert (kept.text, kept.written_by, kept.written_at) == ("asked the owner", "rita", NOW)
    with pytest.raises(BadDecision):
        decide.comment(RULE, acme.volume.resource, " ", "rita")


def test_a_mute_lasts_a_year_at_most():
    assert timedelta(days=366) >= decide.LONGEST_MUTE
