"""The page of findings, the page of one, and what other pages say of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import FindingComment, Judgement, Mute
from inventory.pages.finding_rows import PAGE
from inventory.pages.moments import spell_moment
from tests.findings.cast import DAY, FIRST, Ledger

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme() -> Ledger:
    ledger = Ledger()
    with ledger.look("ebs-volume", "ec2-instance"):
        ledger.volume = ledger.add("ebs-volume", native_id="vol-1", name="data", encrypted=False, state="in-use")
        ledger.unread = ledger.add("ebs-volume", native_id="vol-2", unknown={"encrypted": None}, state="in-use")
    return ledger


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def page_of(ledger: Ledger, form: str = "") -> str:
    return f"/findings/volume-unencrypted/{ledger.volume.resource_id}/{form}"


def ids(client: Client, query: str) -> set[str]:
    answer = client.get(f"/findings/?{query}&format=json")
    return {one["native_id"] for one in json.loads(answer.getvalue())}


def test_the_sentence_counts_by_severity_and_says_what_rules_cannot_tell(acme, browser):
    page = text(browser, "/findings/")

    assert "1 medium</a> thing." in page
    assert "Of <a href" in page
    assert ">1 more</a> they cannot tell" in page


def test_an_account_that_no_rule_has_judged_is_unknown_and_not_clean(acme, browser):
    Judgement.objects.all().delete()

    page = text(browser, "/findings/")

    assert "Nobody knows of <b>acme</b>" in page
    assert "No rule objects to anything" not in page
    assert "rules have not judged everything yet" in text(browser, "/")
    assert "not judged" in text(browser, "/regions/eu-west-1/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"vol-1", "vol-2"}),
        ("state=open", {"vol-1"}),
        ("state=unsure", {"vol-2"}),
        ("state=muted", set()),
        ("state=closed", set()),
        ("severity=medium", {"vol-1", "vol-2"}),
        ("severity=critical", set()),
        ("rule=volume-unencrypted&state=open", {"vol-1"}),
        ("type=s3-bucket", set()),
        ("region=eu-west-1", {"vol-1", "vol-2"}),
        ("region=us-east-1", set()),
    ],
)
def test_the_list_holds_what_meets_the_conditions(acme, browser, query, expected):
    assert ids(browser, query) == expected


@pytest.mark.parametrize("query", ["state=odd", "severity=awful", "rule=nonsense", "cursor=nowhere", "format=pdf"])
def test_a_condition_that_cannot_be_read_gets_a_clear_message(acme, browser, query):
    assert "Write" in text(browser, f"/findings/?{query}", 400) or "leads nowhere" in text(
        browser, f"/findings/?{query}", 400
    )


def test_pages_by_cursor_hold_each_finding_once_in_one_order(acme, browser):
    with acme.look("ebs-volume"):
        for number in range(PAGE + 3):
            acme.add("ebs-volume", native_id=f"vol-x{number}", encrypted=False, state="in-use")

    found, path = [], "/api/v1/findings?state=open"
    cursor = ""
    while cursor is not None:
        answer = browser.get(f"{path}&cursor={cursor}").json()
        found += [one["native_id"] for one in answer["items"]]
        cursor = answer["next_cursor"]

    assert len(found) == len(set(found)) == PAGE + 4
    assert found[-1] == "vol-1"  # the newest first
    assert 'rel="next"' in text(browser, "/findings/?state=open")


def test_the_number_of_queries_does_not_depend_on_how_many_findings_there_are(acme, browser):
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            text(browser, path)
        return len(asked)

    paths = ("/findings/", "/", "/regions/eu-west-1/", f"/findings/?as_of={spell_moment(NOW)}")
    for path in paths:
        text(browser, path)
    few = [queries(path) for path in paths]
    with acme.look("ebs-volume", "security-group"):
        for number in range(20):
            acme.add("ebs-volume", native_id=f"vol-x{number}", encrypted=False, state="in-use")

    assert [queries(path) for path in paths] == few


def test_the_page_of_a_finding_says_why_how_since_when_and_what_was_said(acme, browser):
    with acme.look("ebs-volume"):
        acme.change(acme.volume, encrypted=True)

    page = text(browser, page_of(acme))

    assert "That is over since" in page
    assert "snapshots of it" in page
    assert "copy it with encryption" in page
    then = text(browser, f"{page_of(acme)}?as_of={spell_moment(FIRST + DAY)}")
    assert "That is over since" not in then
    assert "its page of now" in then


def test_what_was_never_found_has_no_page(acme, browser):
    text(browser, f"/findings/volume-unattached/{acme.volume.resource_id}/", 404)
    text(browser, f"/findings/nonsense/{acme.volume.resource_id}/", 404)
    text(browser, "/findings/volume-unencrypted/999999/", 404)


def test_muting_by_form_takes_it_off_the_list_and_counts(acme, browser):
    answer = browser.post(page_of(acme, "mute/"), {"reason": "accepted", "comment": "it moves", "until": "2026-03-01"})

    assert answer["Location"] == page_of(acme)
    page = text(browser, page_of(acme))
    assert "Muted by ada until <time" in page
    assert ">1 Mar 2026, 23:59</time>" in page
    assert "risk accepted, “it moves”" in page
    assert ids(browser, "state=open") == set()
    assert ids(browser, "state=muted") == {"vol-1"}
    assert ">1 is muted</a>" in text(browser, "/findings/")

    browser.post(page_of(acme, "unmute/"))
    assert ids(browser, "state=open") == {"vol-1"}


def test_a_mute_without_a_day_is_refused_with_what_to_write(acme, browser):
    answer = browser.post(page_of(acme, "mute/"), {"reason": "accepted", "until": "soon"}, follow=True)

    assert "Say until which day" in answer.content.decode()
    assert not Mute.objects.exists()


def test_a_comment_stands_below_the_finding(acme, browser):
    answer = browser.post(page_of(acme, "comment/"), {"text": "asked <b>the</b> owner"}, follow=True)

    assert "asked &lt;b&gt;the&lt;/b&gt; owner" in answer.content.decode()
    assert FindingComment.objects.get().written_by == "ada"


def test_the_page_of_a_resource_says_what_rules_object_to(acme, browser):
    page = text(browser, f"/types/ebs-volume/{acme.volume.resource_id}/")
    unsure = text(browser, f"/types/ebs-volume/{acme.unread.resource_id}/")
    before = text(browser, f"/types/ebs-volume/{acme.volume.resource_id}/?as_of={spell_moment(FIRST)}")

    assert "Volume is not encrypted" in page
    assert page_of(acme) in page
    assert "Whether it is encrypted was never read." in unsure
    assert "Volume is not encrypted" not in before


def test_home_and_regions_count_findings_by_severity_and_lead_to_them(acme, browser):
    home, region = text(browser, "/"), text(browser, "/regions/eu-west-1/")

    assert "1 finding is open</a>" in home
    for page in (home, region):
        assert "/findings/?region=eu-west-1&amp;severity=medium&amp;state=open" in page
    assert 'of <a class="c" href="/findings/?region=eu-west-1&amp;state=open">1</a>' in home
