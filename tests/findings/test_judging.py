"""Findings over time: when they open, when they close, and what twice or late news does to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.exposure.services import Severity
from inventory.findings import rule as known_rules
from inventory.findings.counts import count
from inventory.findings.rule import Rule, objection
from inventory.models import Finding, FindingCount, Judgement, Outcome, Visit
from inventory.registry import resource_type
from tests.findings.cast import DAY, FIRST, Ledger, open_findings

pytestmark = pytest.mark.django_db

VOLUME = "ebs-volume"
RULE = "volume-unencrypted"


@pytest.fixture
def acme() -> Ledger:
    return Ledger()


def add_volume(ledger: Ledger, **fields):
    known: dict[str, Any] = {"encrypted": False, "state": "in-use"} | fields
    return ledger.add(VOLUME, **known)


def periods(rule: str = RULE):
    rows = Finding.objects.filter(rule=rule).order_by("valid_from", "pk")
    return [(one.valid_from, one.valid_to, one.is_unsure) for one in rows]


def writes_of(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_finding_opens_in_the_look_that_first_saw_it(acme):
    with acme.look(VOLUME):
        volume = add_volume(acme)

    (found,) = open_findings(RULE)

    assert (found.resource_id, found.region) == (volume.resource_id, "eu-west-1")
    assert (found.valid_from, found.first_seen_at, found.severity) == (FIRST + DAY, FIRST + DAY, "medium")


def test_it_closes_in_the_look_that_saw_it_mended_and_opens_anew_when_it_comes_back(acme):
    with acme.look(VOLUME):
        volume = add_volume(acme)
    with acme.look(VOLUME):
        volume = acme.change(volume, encrypted=True)
    with acme.look(VOLUME):
        acme.change(volume, encrypted=False)

    assert periods() == [(FIRST + DAY, FIRST + 2 * DAY, False), (FIRST + 3 * DAY, None, False)]
    assert open_findings(RULE)[0].first_seen_at == FIRST + 3 * DAY


def test_it_closes_with_its_resource(acme):
    with acme.look(VOLUME):
        volume = add_volume(acme)
    with acme.look(VOLUME):
        acme.end(volume)

    assert periods() == [(FIRST + DAY, FIRST + 2 * DAY, False)]


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.FAILED, Outcome.UNREACHABLE, Outcome.UNCONFIRMED])
def test_a_look_that_could_not_read_closes_nothing(acme, outcome):
    with acme.look(VOLUME):
        add_volume(acme)
    with acme.look(VOLUME, outcome=outcome):
        pass

    assert periods() == [(FIRST + DAY, None, False)]


def test_what_was_never_read_is_unsure_and_becomes_sure_without_a_new_beginning(acme):
    with acme.look(VOLUME):
        volume = add_volume(acme, encrypted=None, unknown={"encrypted": None})
    assert [one.is_unsure for one in open_findings(RULE)] == [True]

    with acme.look(VOLUME):
        type(volume).revisions.filter(pk=volume.pk).update(encrypted=False, unknown={})

    (found,) = open_findings(RULE)
    assert (found.is_unsure, found.valid_from, found.first_seen_at) == (False, FIRST + 2 * DAY, FIRST + DAY)
    assert periods()[0] == (FIRST + DAY, FIRST + 2 * DAY, True)


def test_a_value_that_is_only_kept_goes_on_being_found(acme):
    with acme.look(VOLUME):
        volume = add_volume(acme)
    with acme.look(VOLUME):
        type(volume).revisions.filter(pk=volume.pk).update(unknown={"encrypted": FIRST.isoformat()})

    assert periods() == [(FIRST + DAY, None, False)]


def test_hearing_of_a_snapshot_twice_writes_nothing(acme):
    with acme.look(VOLUME) as snapshot:
        add_volume(acme)

    assert writes_of(lambda: acme.judge(snapshot)) == []


def test_snapshots_that_are_heard_of_late_and_together_are_judged_in_their_order(acme):
    acme.judge()
    looks = []
    judged, acme.judge = acme.judge, lambda snapshot=None: None
    with acme.look(VOLUME) as first:
        volume = add_volume(acme)
        looks.append(first)
    with acme.look(VOLUME) as second:
        acme.change(volume, encrypted=True)
        looks.append(second)

    judged(looks[1])
    judged(looks[0])

    assert periods() == [(FIRST + DAY, FIRST + 2 * DAY, False)]


def test_a_snapshot_that_ends_after_a_later_one_is_judged_at_the_moment_of_the_later_one(acme):
    acme.judge()
    with acme.look() as early:
        pass
    with acme.look():
        pass
    late = add_volume(acme)
    type(late).revisions.filter(pk=late.pk).update(valid_from=early.taken_at)
    Visit.objects.filter(snapshot=early, type=VOLUME).update(added=1)

    acme.judge(early)

    assert periods() == [(FIRST + 2 * DAY, None, False)]


def test_a_rule_is_not_asked_where_nothing_is_news(acme):
    acme.judge()
    with acme.look("security-group"):
        add_volume(acme)  # by no look that says so

    assert open_findings(RULE) == []


def test_what_became_known_without_a_change_is_news_too(acme):
    with acme.look(VOLUME):
        volume = add_volume(acme, encrypted=None, unknown={"encrypted": None})
    with acme.look() as snapshot:
        type(volume).revisions.filter(pk=volume.pk).update(encrypted=True, unknown={})
    assert [one.is_unsure for one in open_findings(RULE)] == [True]

    Visit.objects.filter(snapshot=snapshot, type=VOLUME).update(amended=1)
    acme.judge(snapshot)

    assert open_findings(RULE) == []


def test_a_rule_of_a_later_release_judges_what_has_long_been_there_from_its_first_look_on(acme, monkeypatch):
    with acme.look(VOLUME):
        add_volume(acme, size_gib=1)
    kind = resource_type(VOLUME)
    new = Rule(
        slug="volume-small",
        title="Volume is small",
        severity=Severity.LOW,
        type=VOLUME,
        why="-",
        fix="-",
        judge=lambda look: (objection(row, "1 GiB.") for row in look.revisions(kind).filter(size_gib=1)),
    )
    monkeypatch.setattr(known_rules, "_rules", {**known_rules._rules, new.slug: new})

    with acme.look():
        pass

    assert periods(new.slug) == [(FIRST + 2 * DAY, None, False)]
    assert Judgement.objects.get(rule=new.slug).judged_from == FIRST + 2 * DAY


def test_the_findings_of_a_rule_that_a_release_took_away_close(acme, monkeypatch):
    with acme.look(VOLUME):
        add_volume(acme)
    monkeypatch.setattr(known_rules, "_rules", {k: v for k, v in known_rules._rules.items() if k != RULE})

    with acme.look():
        pass

    assert periods() == [(FIRST + DAY, FIRST + 2 * DAY, False)]


def test_one_account_leaves_the_others_alone(acme):
    other = Ledger("other", "444455556666")
    for ledger in (acme, other):
        with ledger.look(VOLUME):
            add_volume(ledger)
    with acme.look(VOLUME):
        for row in resource_type(VOLUME).model.revisions.current().filter(account=acme.account):
            acme.end(row)

    assert [one.account_id for one in open_findings(RULE)] == [other.account.pk]


def test_counts_are_kept_and_are_those_of_the_ledger(acme):
    with acme.look(VOLUME):
        gone = add_volume(acme)
        add_volume(acme)
        add_volume(acme, encrypted=None, unknown={"encrypted": None})
    assert {(one.rule, one.is_unsure): one.number for one in FindingCount.objects.all()} == {
        (RULE, False): 2,
        (RULE, True): 1,
    }

    with acme.look(VOLUME):
        acme.end(gone)

    now, before = count([acme.account], None), count([acme.account], FIRST + DAY)
    assert (now.total.total, now.total.unsure, now.of("eu-west-1").numbers[Severity.MEDIUM]) == (1, 1, 1)
    assert (before.total.total, before.total.unsure) == (2, 1)


def test_before_the_first_judgement_nobody_knows(acme):
    with acme.look(VOLUME):
        add_volume(acme)

    assert count([acme.account], FIRST).unjudged == {acme.account.pk}
    assert count([acme.account], FIRST + DAY).unjudged == frozenset()


def test_an_account_that_was_never_judged_asks_three_queries_like_any_other(acme, django_assert_num_queries):
    with django_assert_num_queries(3):
        count([acme.account], None)
