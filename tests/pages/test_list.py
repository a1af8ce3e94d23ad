"""The list of a type: what it shows, to whom, in which formats, and what it says where something is missing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from time_machine import TimeMachineFixture

from inventory.models import Account
from inventory.pages.budget import OverBudget
from inventory.registry import resource_type
from tests.pages import ledgers
from tests.support import rows

MARCH = datetime(2026, 3, 1, 6, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, 6, tzinfo=UTC)
VOLUMES = ("eu-central-1", "ebs-volume")
GROUPS = ("eu-central-1", "security-group")
RULES = ("eu-central-1", "security-group-rule")
HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>\"'\n\u202etxt" + "x" * 200

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(APRIL + timedelta(minutes=4), tick=False)


@pytest.fixture
def acme() -> Account:
    return ledgers.account()


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(ledgers.operator())
    return client


def html(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def data(client: Client, address: str) -> list[dict[str, Any]]:
    answer = client.get(f"{address}{'&' if '?' in address else '?'}format=json")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    return found


def names(page: str) -> list[str]:
    """The names of the rows of a page, in their order."""
    return re.findall(r'<th scope="row" class="p1"><a href="[^"]+"><bdi>(.*?)</bdi>', page)


def words(page: str) -> str:
    """The page's main part as text."""
    main = page[page.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def volume(number: int, name: str = "", **answer: Any) -> dict[str, Any]:
    tags = [{"Key": "Name", "Value": name}] if name else []
    return ledgers.volume(number, **{"Tags": tags, **answer})


def test_the_page_json_and_csv_show_the_same_rows_in_the_same_order(acme: Account, operator: Client):
    volumes = [volume(1, "b", Size=1), volume(2, "a", Size=3), volume(3, "c", Size=2), volume(4, "d", VolumeType="io1")]
    ledgers.look(acme, APRIL, {VOLUMES: volumes})
    address = "/types/ebs-volume/?volume_type=gp2&sort=-size_gib"

    shown = names(html(operator, address))
    as_json = [row["name"] for row in data(operator, address)]
    as_csv = operator.get(f"{address}&format=csv")
    text = b"".join(as_csv.streaming_content).decode()  # type: ignore[attr-defined]

    assert shown == as_json == [row["name"] for row in csv.DictReader(io.StringIO(text))] == ["a", "c", "b"]
    assert as_csv["Content-Disposition"] == 'attachment; filename="ebs-volume-2026-04-01T060400Z.csv"'


def test_an_export_has_every_row_and_the_chosen_columns_in_their_order(acme: Account, operator: Client):
    kind = resource_type("ebs-volume")
    rows.read_everything(acme)
    rows.add_rows(kind, acme, [{"name": f"v{number:02}", "size_gib": number} for number in range(70)])

    found = data(operator, "/types/ebs-volume/?columns=size_gib,state")

    assert [row["size_gib"] for row in found] == list(range(70))
    assert list(found[0]) == ["native_id", "name", "size_gib", "state", "unknown"]


def test_pages_follow_each_other_and_lead_back(acme: Account, operator: Client):
    rows.read_everything(acme)
    rows.add_rows(resource_type("ebs-volume"), acme, [{"name": f"v{number:02}"} for number in range(70)])

    seen, address = [], "/types/ebs-volume/?sort=-name"
    while address:
        page = html(operator, address)
        seen.append(names(page))
        following = re.search(r'href="([^"]+)"\s+rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    back = re.search(r'href="([^"]+)"\s+rel="prev"', page)

    assert [name for shown in seen for name in shown] == [f"v{number:02}" for number in reversed(range(70))]
    assert "Rows 61\N{EN DASH}70 of 70" in words(page)
    assert back is not None
    assert names(html(operator, back[1].replace("&amp;", "&"))) == seen[-2]


def test_the_filter_is_a_sentence_and_each_condition_can_be_taken_back(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "web", Size=600, Tags=[{"Key": "team", "Value": "a b"}])]})
    address = "/types/ebs-volume/?tag:team=a%20b&volume_type=gp2&size_gib__gte=500&region=eu-central-1"

    page = html(operator, address)

    said = words(page)
    assert "EBS volumes with tag team = a b" in said
    assert "where type is gp2" in said
    assert "and size is at least 500 GiB" in said
    assert "and region is Frankfurt" in said
    assert escape("/types/ebs-volume/?tag:team=a%20b&volume_type=gp2&region=eu-central-1") in page


def test_hostile_tag_values_are_text_everywhere(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, HOSTILE)]})

    page = html(operator, "/types/ebs-volume/?tag:Name=%3Cscript%3Ealert(1)%3C/script%3E")
    whole = html(operator, "/types/ebs-volume/")
    as_csv = operator.get("/types/ebs-volume/?format=csv")
    [row] = csv.DictReader(io.StringIO(b"".join(as_csv.streaming_content).decode(), newline=""))  # type: ignore[attr-defined]

    assert "<script>alert" not in page + whole
    assert escape("<script>alert(1)</script>") in page
    assert data(operator, "/types/ebs-volume/")[0]["name"] == HOSTILE
    assert row["name"] == "'" + HOSTILE


def test_facets_count_what_another_choice_would_show(acme: Account, operator: Client):
    volumes = [volume(1), volume(2), volume(3, VolumeType="gp3"), volume(4, VolumeType="gp3", Encrypted=True)]
    ledgers.look(acme, APRIL, {VOLUMES: volumes})

    page = html(operator, "/types/ebs-volume/?volume_type=gp3")

    facets = re.findall(r'name="(\w+)"\s+value="([^"]*)"( checked)?.*?<span class="n">(\d+)</span>', page, re.DOTALL)
    assert ("volume_type", "gp2", "", "2") in facets
    assert ("volume_type", "gp3", " checked", "2") in facets
    assert ("encrypted", "true", "", "1") in facets
    assert ("encrypted", "false", "", "1") in facets


def test_a_field_that_was_never_read_is_a_chip_and_a_facet_value(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {("global", "s3-bucket"): [ledgers.bucket("logs")]})

    page = html(operator, "/types/s3-bucket/")

    assert re.search(r'<a class="unk" href="/coverage/[^"]*" title="never read"><span>unknown</span></a>', page)
    assert re.search(r'name="versioning"\s+value="unknown"', page)
    assert names(html(operator, "/types/s3-bucket/?versioning=unknown")) == ["logs"]


def test_a_kept_value_is_shown_with_dots_and_since_when(acme: Account, operator: Client):
    place = ("eu-central-1", "ec2-instance")
    unsized = ledgers.instance(1)
    del unsized["DescribeInstanceTypes"]
    ledgers.look(acme, MARCH, {place: [ledgers.instance(1)]})
    ledgers.look(acme, APRIL, {place: [unsized]})

    page = html(operator, "/types/ec2-instance/?columns=vcpu")

    assert re.search(r'class="c keep" href="/coverage/[^"]+" title="unknown since 06:00"><bdi>2</bdi>', page)


def test_the_number_of_rules_is_counted_and_leads_to_them(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {GROUPS: [ledgers.group(1)], RULES: [ledgers.rule(1, 1, 22), ledgers.rule(2, 1, 80)]})

    page = html(operator, "/types/security-group/")

    leads_to = re.search(r'<a class="c" href="([^"]+)" title="[^"]*"><bdi>2</bdi>', page)
    assert leads_to is not None
    assert len(data(operator, leads_to[1].replace("&amp;", "&"))) == 2


def test_an_attached_instance_is_named_and_one_that_was_never_seen_keeps_its_id(acme: Account, operator: Client):
    seen, unseen = f"i-{1:017x}", f"i-{2:017x}"
    volumes = [volume(1, Attachments=[{"InstanceId": seen}]), volume(2, Attachments=[{"InstanceId": unseen}])]
    ledgers.look(acme, APRIL, {VOLUMES: volumes, ("eu-central-1", "ec2-instance"): [ledgers.instance(1, name="web")]})

    page = html(operator, "/types/ebs-volume/?columns=attachments")

    assert re.search(r'<a class="c" href="/types/ec2-instance/\d+/" title="[^"]+"><bdi>web</bdi></a>', page)
    assert f'title="{unseen}: not collected"><bdi>i-…{unseen[-4:]}</bdi>' in page


def test_a_past_moment_shows_the_rows_of_that_moment_and_keeps_it_in_links(acme: Account, operator: Client):
    ledgers.look(acme, MARCH, {VOLUMES: [volume(1, "old"), volume(2, "gone")]})
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "new")]})

    page = html(operator, "/types/ebs-volume/?as_of=2026-03-15")

    assert names(page) == ["gone", "old"]
    assert 'href="/types/ebs-volume/?as_of=2026-03-15T00:00:00Z&amp;sort=-name"' in page


def test_a_moment_before_the_first_look_answers_never_seen(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1)]})

    page = html(operator, "/types/ebs-volume/?as_of=2026-03-01")

    assert "Never seen." in words(page)
    assert 'href="/types/ebs-volume/?as_of=2026-04-01T06:00:00Z"' in page


def test_a_type_that_nobody_looked_at_says_how_to_look(operator: Client):
    assert "take_snapshot" in words(html(operator, "/types/ebs-volume/"))


def test_a_denied_region_keeps_its_rows_and_says_since_when_and_which_action(acme: Account, operator: Client):
    ledgers.look(acme, MARCH, {VOLUMES: [volume(1, "kept")]})
    ledgers.look(acme, APRIL, {VOLUMES: ledgers.Refused(action="ec2:DescribeVolumes")})

    page = html(operator, "/types/ebs-volume/")

    assert names(page) == ["kept"]
    assert re.search(r"Frankfurt, acme denied since 06:00 ec2:DescribeVolumes", words(page))


def test_what_could_not_be_read_elsewhere_is_no_news_for_the_chosen_region(acme: Account, operator: Client):
    elsewhere = ("us-east-1", "ebs-volume")
    both = ["eu-central-1", "us-east-1"]
    ledgers.look(acme, MARCH, {VOLUMES: [volume(1)], elsewhere: [volume(2)]}, both)
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1)], elsewhere: ledgers.Refused()}, both)

    here = words(html(operator, "/types/ebs-volume/?region=eu-central-1"))
    everywhere = words(html(operator, "/types/ebs-volume/"))

    assert "denied" not in here
    assert "N. Virginia, acme denied" in everywhere


def test_a_region_that_was_never_read_has_no_empty_list(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "data")], ("global", "s3-bucket"): [ledgers.bucket("logs", None)]})

    never = words(html(operator, "/types/ebs-volume/?region=eu-west-9"))
    buckets = html(operator, "/types/s3-bucket/?region=unknown")

    assert "EBS volumes in eu-west-9 were never read" in never
    assert names(buckets) == ["logs"]


def test_a_past_moment_names_the_regions_that_were_first_read_later(acme: Account, operator: Client):
    ledgers.look(acme, MARCH, {VOLUMES: [volume(1, "data")]})
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "data")]}, ["eu-central-1", "us-east-1"])

    page = words(html(operator, "/types/ebs-volume/?as_of=2026-03-02"))

    assert "N. Virginia was first read later" in page


def test_an_empty_list_says_what_to_do_next(acme: Account, operator: Client):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1)]})

    filtered, empty = html(operator, "/types/ebs-volume/?state=flying"), html(operator, "/types/s3-bucket/")

    assert "No EBS volumes meet all of these conditions" in words(filtered)
    assert 'href="/types/ebs-volume/">show all 1</a>' in filtered
    assert "There are no S3 buckets here" in words(empty)


@pytest.mark.parametrize(
    ("query", "part", "says"),
    [
        ("colour=red", "colour=red", "volume_type"),
        ("size_gib__gte=big", "size_gib__gte=big", "whole number"),
        ("sort=weight", "sort=weight", "size_gib"),
        ("columns=weight", "columns=weight", "size_gib"),
        ("cursor=nonsense", "cursor=nonsense", "first page"),
        ("sort=-on_demand_monthly_usd&as_of=2026-04-01T06:00:00Z", "sort=-on_demand_monthly_usd", "past moment"),
    ],
)
def test_what_cannot_be_met_is_named_and_the_rest_is_kept(
    acme: Account, operator: Client, query: str, part: str, says: str
):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "data")]})

    page = html(operator, f"/types/ebs-volume/?state=available&{query}", status=400)

    # The wrong word in it is marked, and stands apart.
    assert part in words(page).replace(" ", "")
    assert says in words(page)
    assert "where state is available" in words(page)
    assert names(page) == []
    assert re.search(r'href="/types/ebs-volume/\?state=available[^"]*">Without it', page)


def test_a_format_cannot_hide_what_cannot_be_met(acme: Account, operator: Client):
    answer = operator.get("/types/ebs-volume/?colour=red&format=json")

    assert answer.status_code == 400
    assert "colour" in answer.content.decode()


@pytest.mark.parametrize("query", ["format=xml", "as_of=soon", "as_of=2199-01-01"])
def test_an_address_that_cannot_be_read_at_all_is_a_400_with_words(operator: Client, query: str):
    answer = operator.get(f"/types/ebs-volume/?{query}")

    assert answer.status_code == 400
    assert escape(query.partition("=")[2]) in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [
        ("add=size_gib&how=at-least&what=500", "size_gib__gte=500"),
        ("add=state&how=is-not&what=in-use", "-state=in-use"),
        ("add=kms_key&how=is-none&what=", "kms_key="),
        ("add=tag:&how=is&what=team=a%26b", "tag:team=a%26b"),
        ("add=tag:&how=is-none&what=owner", "-tag:owner"),
        ("add=name&how=contains&what=caf%C3%A9+x", "name__contains=caf%C3%A9%20x"),
    ],
)
def test_the_form_for_a_new_condition_leads_to_its_address(operator: Client, sent: str, becomes: str):
    answer = operator.get(f"/types/ebs-volume/?volume_type=gp2&{sent}")

    assert answer.status_code == 302
    assert answer["Location"] == f"/types/ebs-volume/?volume_type=gp2&{becomes}"


def test_a_user_sees_the_rows_counts_and_names_of_granted_accounts_only(acme: Account, client: Client):
    other = ledgers.account("other", "222233334444")
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "mine")]})
    ledgers.look(other, APRIL, {VOLUMES: [volume(2, "theirs", VolumeType="io2")]})
    client.force_login(ledgers.reader(acme))

    page = html(client, "/types/ebs-volume/")

    assert names(page) == ["mine"]
    assert "theirs" not in page
    assert "io2" not in page
    assert [row["name"] for row in data(client, "/types/ebs-volume/")] == ["mine"]
    assert data(client, "/types/ebs-volume/?volume_type=io2") == []
    assert client.get("/types/ebs-volume/?account=other").status_code == 404
    assert client.get("/types/ebs-volume/?-account=other").status_code == 400


def test_a_user_without_grants_sees_no_rows(acme: Account, client: Client):
    ledgers.look(acme, APRIL, {VOLUMES: [volume(1, "theirs")]})
    client.force_login(ledgers.reader())

    assert names(html(client, "/types/ebs-volume/")) == []
    assert data(client, "/types/ebs-volume/") == []


def test_an_unknown_type_is_not_found(operator: Client):
    assert operator.get("/types/flying-carpet/").status_code == 404


def test_nobody_sees_a_list_without_signing_in(client: Client):
    assert client.get("/types/ebs-volume/").status_code == 302


def test_more_rows_than_are_counted_say_so_and_are_counted_on_demand(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inventory.pages.facets.COUNTED", 3)
    rows.read_everything(acme)
    kinds = ["gp2", "gp2", "gp3", None]
    unread = {"unknown": {"volume_type": None}}
    values = [{"volume_type": kind, "state": "available"} for kind in kinds]
    rows.add_rows(resource_type("ebs-volume"), acme, [*values, {"state": "available", **unread}])

    page = html(operator, "/types/ebs-volume/?state=available")
    counted = html(operator, "/types/ebs-volume/?state=available&facets=all")

    assert "3+ of" in words(page)
    assert "Too many rows to count at once" in words(page)
    facets = re.findall(r'name="volume_type"\s+value="(\w*)".*?<span class="n">(\d+)</span>', counted, re.DOTALL)
    assert sorted(facets) == [("", "1"), ("gp2", "2"), ("gp3", "1"), ("unknown", "1")]


def test_a_past_moment_with_too_many_rows_asks_for_a_condition(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    @contextmanager
    def used_up(seconds: float) -> Iterator[None]:
        raise OverBudget
        yield

    monkeypatch.setattr("inventory.pages.list_page.time_budget", used_up)
    rows.read_everything(acme)
    rows.add_rows(resource_type("ebs-volume"), acme, [{}])

    page = html(operator, f"/types/ebs-volume/?as_of={(APRIL - timedelta(days=1)).isoformat().replace('+00:00', 'Z')}")

    assert "too many rows to look through in time" in words(page)
