"""The ruler: what it shows of all the ledger's time, and where its handle leads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Account, LedgerDay, Preferences, Visit
from inventory.pages.ruler import MOST_BARS, Ruler, ruler_of
from inventory.snapshots.prune import prune_history
from tests.pages.ledgers import NOW, Refused, account, instance, look, operator, reader
from tests.pages.reading import Reading

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HERE = "eu-central-1"
DAY = timedelta(days=1)
TODAY = NOW.date().toordinal()


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme():
    """An account that was read ten days ago and yesterday, this once without its instances."""
    acme = account()
    look(acme, NOW - 10 * DAY, {(HERE, "ec2-instance"): [instance(1)]})
    look(acme, NOW - DAY, {(HERE, "ec2-instance"): Refused()})
    return acme


def note(one: Account, days_ago: int, snapshots: int = 24, incomplete: int = 0, unread: int = 0) -> None:
    day = NOW.date() - days_ago * DAY
    sums = {"snapshots": snapshots, "incomplete": incomplete, "unread": unread}
    LedgerDay.objects.create(account=one, day=day, added=1, changed=0, gone=0, **sums)


def ruler_now(*accounts: Account) -> Ruler:
    found = ruler_of(accounts, None)
    assert found is not None
    return found


def boxes(path: str) -> int:
    return path.count("z")


def open_list(user, address="", **options):
    client = Client()
    client.force_login(user)
    return client.get(f"/types/ec2-instance/{address}", **options)


def test_it_ends_with_today_and_begins_before_the_first_snapshot(acme):
    ruler = ruler_now(acme)

    assert ruler.bars[-1].last == TODAY
    assert ruler.bars[0].first < TODAY - 10
    assert (ruler.value, ruler.now) == (TODAY + 1, TODAY + 1)
    assert [bar.words for bar in ruler.bars if bar.sums.snapshots] == [
        "10 Nov: 1 snapshot, 0 changes",
        "19 Nov: 1 snapshot, incomplete, 0 changes",
    ]


def test_there_is_none_before_the_first_snapshot():
    assert ruler_of([account()], None) is None
    assert '<input type="range"' not in open_list(operator()).content.decode()


@pytest.mark.parametrize("years", [0.1, 1, 3, 30])
def test_however_long_the_ledger_there_are_few_bars_and_none_is_left_out(years):
    acme = account()
    ages = range(0, int(365 * years), 7)
    for days_ago in ages:
        note(acme, days_ago)

    ruler = ruler_now(acme)

    assert len(ruler.bars) <= MOST_BARS
    assert sum(bar.sums.snapshots for bar in ruler.bars) == 24 * len(ages)
    assert all(after.first == before.last + 1 for before, after in zip(ruler.bars, ruler.bars[1:], strict=False))


def test_a_broken_line_says_incomplete_and_hatching_says_that_nobody_looked():
    acme = account()
    for days_ago in range(20):
        note(acme, days_ago, incomplete=days_ago == 3, unread=24 * (days_ago == 6))
    LedgerDay.objects.filter(day=NOW.date() - 9 * DAY).delete()

    drawing = ruler_now(acme).drawing

    assert boxes(drawing.complete) == 17
    assert boxes(drawing.incomplete) == 2  # the two ends of one line
    assert boxes(drawing.unread) == 3  # before the first snapshot, without one, and with none that read anything


def test_days_between_rare_snapshots_are_not_hatched_and_neither_is_a_day_that_has_just_begun():
    weekly = account(interval_seconds=7 * 24 * 3600)
    for days_ago in range(1, 60, 7):
        note(weekly, days_ago, snapshots=1)

    assert boxes(ruler_now(weekly).drawing.unread) == 1  # before the first


def test_a_large_change_leaves_small_ones_to_be_seen():
    acme = account()
    note(acme, 2)
    note(acme, 1)
    LedgerDay.objects.filter(day=NOW.date() - DAY).update(added=400)

    heights = [float(one) for one in re.findall(r"v([\d.]+)", ruler_now(acme).drawing.changes["add"])]

    assert heights[0] >= heights[1] / 25 > 0


def test_what_was_pruned_is_no_longer_known(acme):
    prune_history(acme, NOW - 5 * DAY)

    assert [bar.sums.snapshots for bar in ruler_now(acme).bars if bar.sums.snapshots] == [1]
    assert "or what was seen is forgotten" in Reading(open_list(operator())).words


def test_the_handle_leads_to_the_last_snapshot_of_its_day_and_keeps_the_rest_of_the_address(acme):
    look(acme, NOW - 10 * DAY + timedelta(hours=3), {})

    answer = open_list(operator(), f"?state=running&sort=-name&cursor=&as_of=2026-11-19T00:00:00Z&ruler={TODAY - 10}")

    assert answer.status_code == 302
    assert answer.url == "/types/ec2-instance/?state=running&sort=-name&cursor=&as_of=2026-11-10T10%3A42%3A00Z"


@pytest.mark.parametrize(
    ("place", "moment"),
    [
        (TODAY + 1, ""),
        (TODAY, ""),
        (TODAY - 4, "?as_of=2026-11-10T07%3A42%3A00Z"),
        (TODAY - 12, "?as_of=2026-11-08T23%3A59%3A59.999999Z"),
    ],
)
def test_the_handle_at_now_at_a_day_without_snapshots_and_before_the_first(acme, place, moment):
    assert open_list(operator(), f"?ruler={place}").url == f"/types/ec2-instance/{moment}"


@pytest.mark.parametrize("place", ["", "x", "-3", "0", "99999999999999999999"])
def test_a_place_that_is_none_is_refused_in_words(acme, place):
    answer = open_list(operator(), f"?ruler={place}")

    assert answer.status_code == 400
    assert "is no day of the ruler" in answer.content.decode()


def test_the_handle_says_which_moment_is_read_in_the_zone_of_the_reader(acme):
    user = operator()
    Preferences.objects.create(user=user, time_zone="Europe/Berlin")

    html = open_list(user, "?as_of=2026-11-10T12:00:00Z").content.decode()

    assert 'aria-valuetext="10 Nov 2026, 13:00 CET (12:00 UTC)"' in html
    assert f'step="1"\n             value="{TODAY - 10}"' in html


def test_snapshots_are_those_of_accounts_that_the_reader_may_see(acme):
    zephyr = account("zephyr", "444455556666")
    look(zephyr, NOW - 3 * DAY, {})

    page = Reading(open_list(reader(acme)))

    assert "17 Nov" not in page.links
    assert ruler_now(acme).bars[-4].sums.snapshots == 0
    assert any(words.startswith("10 Nov 07:42 UTC") for words in page.links)


def test_the_snapshots_around_a_moment_say_what_they_read(acme):
    places = Visit.objects.filter(snapshot=acme.snapshots.latest()).count()

    page = Reading(open_list(operator()))

    moment = page.links[f"yesterday 07:42 UTC 1 of {places} places not read"]
    assert moment.endswith("as_of=2026-11-19T07%3A42%3A00Z")
    assert "10 Nov 07:42 UTC complete" in page.links


def test_it_asks_as_much_for_a_day_as_for_years(acme):
    client = Client()
    client.force_login(operator())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/types/ec2-instance/")
        return len(queries)

    asked()  # notes the visit
    few = asked()
    for days_ago in range(11, 1000):
        note(acme, days_ago)

    assert asked() == few
