"""Pruning forgets what ended before a moment, and no answer about a later one changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import Account, Freshness, Link, Resource, ResourceTag, Snapshot, Visit, VisitState
from inventory.pages.freshness import scope_states
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.snapshots.plan import plan_snapshot
from inventory.snapshots.prune import prune_history
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Take, attached, denied, history, ids, volume
from tests.support import left_out

HOUR = timedelta(hours=1)


def ledger_at(when: datetime | None) -> dict[str, Any]:
    """All that the ledger says of the volumes at a moment."""
    return {
        revision.resource.native_id: (
            revision.size_gib,
            sorted(ResourceTag.objects.as_of(when).filter(resource=revision.resource).values_list("key", "value")),
            sorted(Link.objects.as_of(when).filter(resource=revision.resource).values_list("role", "target")),
        )
        for revision in EbsVolume.revisions.as_of(when).select_related("resource")
    }


def freshness_at(account: Account, when: datetime) -> set[tuple[Any, ...]]:
    """How fresh each scope was at a moment."""
    states = scope_states([account], when)
    return {(one.region, one.type, one.read_at, one.failing_since, one.outcome) for one in states}


def test_only_what_ended_before_the_window_is_forgotten(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-gone"), volume("vol-grown", Size=1), volume("vol-same")]})
    take_snapshot(acme, {IRELAND: [volume("vol-grown", Size=2), volume("vol-same")]})
    take_snapshot(acme, {IRELAND: [volume("vol-grown", Size=2), volume("vol-same")]})

    pruned = prune_history(acme, BEGIN + DAY + HOUR)

    assert (pruned.revisions, pruned.resources) == (2, 1)
    assert history(EBS_VOLUME, "vol-gone") == []
    assert history(EBS_VOLUME, "vol-grown") == [(BEGIN + DAY, None)]
    assert history(EBS_VOLUME, "vol-same") == [(BEGIN, None)]
    assert not Resource.objects.filter(native_id="vol-gone").exists()


def test_the_account_says_since_when_its_history_is_kept(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})

    prune_history(acme, BEGIN + 2 * DAY)
    prune_history(acme, BEGIN + DAY)

    assert Account.objects.get(pk=acme.pk).history_from == BEGIN + 2 * DAY


def test_tags_and_links_that_ended_are_forgotten_too(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(tags={"a": "1", "b": "1"}, Attachments=attached("i-1"))]})
    take_snapshot(acme, {IRELAND: [volume(tags={"a": "2", "b": "1"}, Attachments=attached("i-2"))]})

    pruned = prune_history(acme, BEGIN + DAY)

    assert (pruned.tags, pruned.links) == (1, 1)
    assert set(ResourceTag.objects.values_list("key", "value")) == {("a", "2"), ("b", "1")}
    assert set(Link.objects.values_list("target", flat=True)) == {"i-2"}


def test_another_account_keeps_its_past(acme: Account, take_snapshot: Take) -> None:
    zephyr = Account.objects.create(name="zephyr", account_id="444455556666", only_regions=[IRELAND])
    for account in (acme, zephyr):
        take_snapshot(account, {IRELAND: [volume("vol-1")]}, account_id=account.account_id)
        take_snapshot(account, {IRELAND: []}, account_id=account.account_id)

    prune_history(acme, BEGIN + 3 * DAY)

    assert set(EbsVolume.revisions.values_list("account__name", flat=True)) == {"zephyr"}


def test_identities_stay_while_a_visit_of_their_scope_runs(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})
    take_snapshot(acme, {IRELAND: []})
    running = plan_snapshot(acme, BEGIN + 2 * DAY, hint_workers=False)
    running.visits.filter(type=EBS_VOLUME.slug).update(state=VisitState.RUNNING)

    pruned = prune_history(acme, BEGIN + 3 * DAY)

    assert pruned.revisions == 1
    assert Resource.objects.filter(native_id="vol-1").exists()


worlds = st.dictionaries(st.sampled_from(["vol-1", "vol-2", "vol-3"]), st.sampled_from([8, 16]))
looks = st.lists(st.tuples(worlds, st.booleans()), min_size=2, max_size=7)


@override_settings(LEFT_OUT_TYPES=left_out.LEFT_OUT)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks, st.integers(min_value=0, max_value=8))
@pytest.mark.long
def test_every_answer_about_the_kept_window_stays_the_same(
    acme: Account, take_snapshot: Take, course: Sequence[tuple[dict[str, int], bool]], pruned_days: int
) -> None:
    start = timezone.now() - timedelta(days=20)
    forget_everything()
    for day, (world, fails) in enumerate(course):
        listed = [volume(name, Size=size, tags={"size": str(size)}) for name, size in world.items()]
        take_snapshot(acme, {IRELAND: [*listed, *([denied()] if fails else [])]}, at=start + day * DAY)
    before = start + pruned_days * DAY + HOUR
    kept = [before + number * HOUR * 12 for number in range(20)]
    answers = [(ledger_at(when), freshness_at(acme, when)) for when in kept]

    prune_history(acme, before)

    assert [(ledger_at(when), freshness_at(acme, when)) for when in kept] == answers


def forget_everything() -> None:
    Freshness.objects.all().delete()
    for model in (EbsVolume.revisions, ResourceTag.objects, Link.objects, Resource.objects, Visit.objects):
        model.all().delete()
    Snapshot.objects.all().delete()
    Account.objects.update(history_from=None)


def test_the_command_forgets_and_says_what(
    acme: Account, take_snapshot: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    old = timezone.now() - timedelta(days=100)
    take_snapshot(acme, {IRELAND: [volume("vol-1")]}, at=old)
    take_snapshot(acme, {IRELAND: [volume("vol-2")]}, at=old + DAY)

    call_command("prune_history", "--older-than", "30", "--dry-run")
    after_a_dry_run = ids(EBS_VOLUME, old)
    call_command("prune_history", "--older-than", "30", "--account", "acme")

    said = capsys.readouterr().out
    assert "1 revisions ended before" in said
    assert "forgot 1 revisions" in said
    assert after_a_dry_run == {"vol-1"}
    assert ids(EBS_VOLUME) == {"vol-2"}


@pytest.mark.parametrize("days", ["0", "-5", "999999"])
def test_a_window_that_makes_no_sense_is_refused(db: None, days: str) -> None:
    with pytest.raises(CommandError, match="takes 1 to") as refusal:
        call_command("prune_history", f"--older-than={days}")

    assert refusal.value.returncode == 2


def test_what_is_kept_passes_verification(
    acme: Account, take_snapshot: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2", tags={"a": "1"})]})
    take_snapshot(acme, {IRELAND: [volume("vol-2", Size=7)]})
    take_snapshot(acme, {IRELAND: [volume("vol-2", Size=9), volume("vol-3")]})
    prune_history(acme, BEGIN + DAY + HOUR)

    call_command("verify_history")

    assert "keeps its rules" in capsys.readouterr().out
