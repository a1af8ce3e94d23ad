"""The page of one resource: what it is, was, and is related to."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Account, Resource
from tests.pages.ledgers import NOW, Refused, account, bucket, group, instance, look, operator, reader, rule, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE = "eu-central-1"
INSTANCES, VOLUMES, GROUPS, RULES = (
    (HERE, slug) for slug in ("ec2-instance", "ebs-volume", "security-group", "security-group-rule")
)
BUCKETS = ("global", "s3-bucket")
FIRST, SECOND, THIRD = (NOW - timedelta(days=days) for days in (30, 20, 10))


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def address_of(name: str) -> str:
    resource = Resource.objects.get(current_name=name)
    return f"/types/{resource.type}/{resource.pk}/"


def ask(user: User, address: str, **parameters: str):
    client = Client()
    client.force_login(user)
    return client.get(address, parameters)


def resized(acme: Account) -> None:
    """An instance that changes its type and a tag, and then goes."""
    tags = [{"Key": "Name", "Value": "web-1"}]
    look(acme, FIRST, {INSTANCES: [instance(1)]})
    look(acme, SECOND, {INSTANCES: [instance(1, InstanceType="m5.xlarge", Tags=[*tags, {"Key": "env", "Value": "p"}])]})
    look(acme, THIRD, {})


def test_the_timeline_tells_each_change_field_by_field_and_the_end():
    resized(account())

    page = Reading(ask(operator(), address_of("web-1")))

    assert "gone since 10 Nov 07:42" in page.words
    assert re.search(r"fields changed between [^~]* type m5.large to m5.xlarge", page.words)
    assert "size large to xlarge" in page.words
    assert "no longer listed" in page.words
    assert "first seen" in page.words
    assert "tag env p" in page.words


def test_a_past_moment_shows_the_period_of_that_moment():
    resized(account())
    url = address_of("web-1")
    user = operator()

    then = ask(user, url, as_of=FIRST.isoformat(), format="json").json()["resource"]
    later = ask(user, url, as_of=(SECOND + timedelta(hours=1)).isoformat(), format="json").json()["resource"]

    assert (then["instance_type"], then["tags"]) == ("m5.large", {"Name": "web-1"})
    assert (later["instance_type"], later["tags"]) == ("m5.xlarge", {"Name": "web-1", "env": "p"})


def test_the_band_says_what_changed_where_there_is_room_and_marks_the_moment_of_the_page():
    acme = account()
    look(acme, FIRST, {INSTANCES: [instance(1)]})
    look(acme, SECOND, {INSTANCES: [instance(1, InstanceType="m5.xlarge")]})
    look(acme, THIRD, {INSTANCES: [instance(1, InstanceType="m5.xlarge", State={"Name": "stopped"})]})
    user = operator()

    now = ask(user, address_of("web-1")).content.decode()
    past = ask(user, address_of("web-1"), as_of=(NOW - timedelta(days=15)).isoformat()).content.decode()

    assert '<text x="392.0" y="52">31 Oct, type m5.xlarge +1</text>' in now
    assert '<text x="784.0" y="14">10 Nov, state stopped</text>' in now
    assert 'class="then"' not in now
    assert '<path class="then" d="M588.0 17V41" />' in past


def test_the_words_of_a_restless_band_never_overlap():
    acme = account()
    for days in range(40, 0, -1):
        look(acme, NOW - timedelta(days=days), {INSTANCES: [instance(1, InstanceType=f"m5.{days}xlarge-and-long")]})

    html = ask(operator(), address_of("web-1")).content.decode()

    found = re.findall(r'<text x="([\d.]+)" y="(\d+)">([^<]+)</text>', html)
    for height in ("14", "52"):
        ends = [(float(x), float(x) + 5.5 * len(words)) for x, y, words in found if y == height]
        assert ends
        assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(ends)))


def test_a_moment_before_the_first_look_is_told_from_one_at_which_it_was_not_there():
    acme = account()
    look(acme, FIRST, {})
    look(acme, SECOND, {INSTANCES: [instance(1)]})
    url, user = address_of("web-1"), operator()

    before = Reading(ask(user, url, as_of=(FIRST - timedelta(days=1)).isoformat()))
    between = Reading(ask(user, url, as_of=(FIRST + timedelta(days=1)).isoformat()))

    assert "Nobody had looked here by then" in before.words
    assert "It was not there yet" in between.words


def test_a_bucket_made_again_under_its_name_was_deleted_and_recreated():
    acme = account()
    look(acme, FIRST, {BUCKETS: [bucket("logs")]})
    again = bucket("logs")
    again["ListBuckets"]["CreationDate"] += timedelta(days=40)
    look(acme, SECOND, {BUCKETS: [again]})

    page = Reading(ask(operator(), address_of("logs")))

    assert "deleted and recreated" in page.words


def test_relations_work_both_ways_and_an_unseen_target_is_not_collected():
    acme = account()
    attached = volume(7, Attachments=[{"InstanceId": f"i-{1:017x}", "Device": "/dev/sdf"}])
    known = {"GroupId": f"sg-{3:017x}"}
    unseen = {"GroupId": f"sg-{9:017x}"}
    look(
        acme,
        FIRST,
        {
            INSTANCES: [instance(1, SecurityGroups=[known, unseen])],
            VOLUMES: [attached],
            GROUPS: [group(3)],
            RULES: [rule(1, 3, 22)],
        },
    )
    user = operator()

    of_instance = Reading(ask(user, address_of("web-1"))).table("Relations")
    of_group = Reading(ask(user, address_of("web"))).table("Relations")

    assert of_instance["Security groups"][0] == "2"
    assert "web" in of_instance["Security groups"][1]
    assert "not collected" in of_instance["Security groups"][1]
    assert of_instance["Attached volumes"] == ["1", f"vol-{7:017x}"]
    assert of_group["Attached to"] == ["1", "web-1"]
    assert of_group["Rules"] == ["1", f"sgr-{1:017x}"]


def test_relations_of_the_past_are_those_of_the_past():
    acme = account()
    known = {"GroupId": f"sg-{3:017x}"}
    look(acme, FIRST, {INSTANCES: [instance(1, SecurityGroups=[known])], GROUPS: [group(3)]})
    look(acme, SECOND, {INSTANCES: [instance(1)], GROUPS: [group(3)]})
    url, user = address_of("web"), operator()

    now = Reading(ask(user, url)).table("Relations")
    then = Reading(ask(user, url, as_of=FIRST.isoformat())).table("Relations")

    assert now["Attached to"][0] == "0"
    assert then["Attached to"] == ["1", "web-1"]


def test_a_relation_that_nobody_could_look_for_is_unknown_and_not_none():
    acme = account()
    look(acme, FIRST, {GROUPS: [group(3)], INSTANCES: Refused()})

    relations = Reading(ask(operator(), address_of("web"))).table("Relations")

    assert relations["Attached to"][0] == "unknown"


def test_a_refused_place_says_since_when_and_shows_what_was_known():
    acme = account()
    look(acme, FIRST, {INSTANCES: [instance(1)]})
    look(acme, SECOND, {INSTANCES: Refused()})

    page = Reading(ask(operator(), address_of("web-1")))

    assert "m5.large" in page.words
    assert "ec2:DescribeInstances" in page.words
    assert "since 31 Oct" in page.words
    assert "gone" not in page.words


def test_the_id_and_the_arn_stand_there_as_plain_text_for_the_buttons_that_copy_them():
    look(account(), FIRST, {INSTANCES: [instance(1)]})

    page = ask(operator(), address_of("web-1")).content.decode()

    copied = re.findall(r'data-copy="([a-z-]+)"\s+hidden', page)
    texts = [text for name in copied for text in re.findall(rf'id="{name}">([^<]*)<', page)]
    assert texts == [f"i-{1:017x}", f"arn:aws:ec2:{HERE}:111122223333:instance/i-{1:017x}"]


def test_a_link_leads_to_the_thing_in_the_console_of_its_region():
    look(account(), FIRST, {INSTANCES: [instance(1)]})

    page = ask(operator(), address_of("web-1"))

    url = Reading(page).links["AWS console, opens in a new tab"]
    assert url == f"https://{HERE}.console.aws.amazon.com/ec2/home?region={HERE}#InstanceDetails:instanceId=i-{1:017x}"
    assert 'rel="noopener noreferrer"' in page.content.decode()


def test_a_rule_which_has_no_page_of_its_own_leads_to_its_group_in_the_console():
    look(account(), FIRST, {GROUPS: [group(3)], RULES: [rule(1, 3, 22)]})
    of_rule = Resource.objects.get(type="security-group-rule")

    page = Reading(ask(operator(), f"/types/{of_rule.type}/{of_rule.pk}/"))

    assert page.links["AWS console, opens in a new tab"].endswith(f"#SecurityGroup:groupId=sg-{3:017x}")


@pytest.mark.parametrize("why", ["gone", "region unread"])
def test_what_is_gone_or_of_an_unread_region_has_no_link_to_the_console(why: str):
    acme = account()
    look(acme, FIRST, {BUCKETS: [bucket("logs", None if why == "region unread" else HERE)]})
    if why == "gone":
        look(acme, SECOND, {})

    page = ask(operator(), address_of("logs")).content.decode()

    assert "console.aws" not in page


def test_an_unread_setting_is_unknown_and_not_off():
    look(account(), FIRST, {BUCKETS: [bucket("logs")]})

    answer = ask(operator(), address_of("logs"), format="json").json()["resource"]

    assert answer["block_public_acls"] is None
    assert "block_public_acls" in answer["unknown"]
    assert answer["tags"] is None


def test_the_document_that_it_was_read_from_can_be_read_as_text():
    look(account(), FIRST, {INSTANCES: [instance(1, name="<script>alert(1)</script>")]})

    page = Reading(ask(operator(), address_of("<script>alert(1)</script>")))

    assert json.dumps("<script>alert(1)</script>") in page.words


def test_somebody_without_a_grant_gets_404():
    acme, other = account(), account("other", "444455556666")
    look(acme, FIRST, {INSTANCES: [instance(1)]})

    answer = ask(reader(other), address_of("web-1"))

    assert answer.status_code == 404
    assert b"web-1" not in answer.content


@pytest.mark.parametrize("tail", ["999999/", "abc/"])
def test_what_does_not_exist_is_404(tail: str):
    assert ask(operator(), f"/types/ec2-instance/{tail}").status_code == 404


def test_a_resource_asked_for_under_another_type_is_404():
    look(account(), FIRST, {INSTANCES: [instance(1)]})
    url = address_of("web-1").replace("ec2-instance", "ebs-volume")

    assert ask(operator(), url).status_code == 404


def test_an_unknown_format_is_refused_with_what_to_write():
    look(account(), FIRST, {INSTANCES: [instance(1)]})

    answer = ask(operator(), address_of("web-1"), format="xml")

    assert answer.status_code == 400
    assert "html or json" in Reading(answer).words


def test_the_number_of_queries_does_not_grow_with_history_and_relations():
    acme = account()
    look(acme, FIRST, {INSTANCES: [instance(1)], GROUPS: [group(3)]})
    user, url = operator(), address_of("web-1")
    few = queries(user, url)
    groups = [{"GroupId": f"sg-{number:017x}"} for number in range(1, 9)]
    for days in range(25, 5, -1):
        here = {
            INSTANCES: [instance(1, SecurityGroups=groups[: days % 8 + 1])],
            GROUPS: [group(n) for n in range(1, 9)],
        }
        look(acme, NOW - timedelta(days=days), here)

    many = queries(user, url)

    assert many <= few + 2
    assert few <= 55


def queries(user: User, url: str) -> int:
    client = Client()
    client.force_login(user)
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
