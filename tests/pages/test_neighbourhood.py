"""The drawing of what is related to a resource, on its page."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from inventory.models import Resource
from tests.pages.ledgers import NOW, Refused, account, bucket, group, instance, look, operator, rule, volume

pytestmark = pytest.mark.django_db

HERE = "eu-central-1"
INSTANCES, VOLUMES, GROUPS, RULES = (
    (HERE, slug) for slug in ("ec2-instance", "ebs-volume", "security-group", "security-group-rule")
)
BUCKETS = ("global", "s3-bucket")
THEN = NOW - timedelta(days=3)
KNOWN = {"GroupId": f"sg-{3:017x}"}


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(slug: str, name: str) -> str:
    resource = Resource.objects.get(type=slug, current_name=name)
    client = Client()
    client.force_login(operator())
    return client.get(f"/types/{slug}/{resource.pk}/").content.decode()


def drawing_of(slug: str, name: str) -> ElementTree.Element | None:
    """The drawing as a tree, None if the page has none."""
    page = page_of(slug, name)
    if 'class="hood"' not in page:
        return None
    start = page.rindex("<svg", 0, page.index('class="hood"'))
    # The icons stand in the drawing as drawings of their own.
    end, depth = start, 0
    while True:
        opened, closed = page.find("<svg", end), page.index("</svg>", end)
        is_opened = 0 <= opened < closed
        depth += 1 if is_opened else -1
        end = (opened if is_opened else closed) + 6
        if not depth:
            return ElementTree.fromstring(page[start:end].replace("&nbsp;", " "))


def branches(slug: str, name: str) -> dict[str, list[tuple[str, str]]]:
    """The words and addresses of each branch of a drawing by its head."""
    found: dict[str, list[tuple[str, str]]] = {}
    drawing = drawing_of(slug, name)
    assert drawing is not None
    for branch in drawing.findall("g[@role]"):
        lines = [line for line in branch if line.tag in ("a", "g")]
        head = branch.findtext("text", "")
        found[head] = [(line.findtext("text", ""), line.get("href", "")) for line in lines]
    return found


def address(slug: str, native_id: str) -> str:
    return f"/types/{slug}/{Resource.objects.get(type=slug, native_id=native_id).pk}/"


def test_what_it_names_and_what_names_it_stand_around_it_with_their_numbers():
    attached = volume(7, Attachments=[{"InstanceId": f"i-{1:017x}", "Device": "/dev/sdf"}])
    here = {INSTANCES: [instance(1, SecurityGroups=[KNOWN])], VOLUMES: [attached], GROUPS: [group(3)]}
    look(account(), THEN, here)

    drawn = branches("ec2-instance", "web-1")

    assert drawn == {
        "Security groups 1": [("web", address("security-group", f"sg-{3:017x}"))],
        "Attached volumes 1": [(f"vol-{7:017x}"[:17] + "…", address("ebs-volume", f"vol-{7:017x}"))],
    }


def test_many_are_cut_to_a_few_and_a_link_to_the_list_of_all():
    rules = [rule(number, 3, number) for number in range(1, 17)]
    look(account(), THEN, {GROUPS: [group(3)], RULES: rules})

    (lines,) = (lines for head, lines in branches("security-group", "web").items() if head.endswith(" 16"))

    assert len(lines) == 5
    assert lines[-1] == ("and 12 more", f"/types/security-group-rule/?group_id=sg-{3:017x}")


def test_more_of_what_it_names_lead_to_its_facts_which_name_each():
    groups = [{"GroupId": f"sg-{number:017x}"} for number in range(1, 9)]
    here = {INSTANCES: [instance(1, SecurityGroups=groups)], GROUPS: [group(number) for number in range(1, 9)]}
    look(account(), THEN, here)

    lines = branches("ec2-instance", "web-1")["Security groups 8"]

    assert lines[-1] == ("and 4 more", "#facts")


def test_what_was_never_collected_is_named_without_a_link():
    look(account(), THEN, {INSTANCES: [instance(1, SecurityGroups=[{"GroupId": f"sg-{9:017x}"}])]})

    (lines,) = branches("ec2-instance", "web-1").values()

    assert lines == [(f"sg-{9:017x}", "")]


def test_what_nobody_could_look_for_is_drawn_as_unknown():
    look(account(), THEN, {GROUPS: [group(3)], INSTANCES: Refused()})

    drawn = branches("security-group", "web")

    assert [words for words, _ in drawn["Attached to"]] == ["unknown"]


def test_without_relations_there_is_no_drawing():
    look(account(), THEN, {BUCKETS: [bucket("logs")]})

    assert drawing_of("s3-bucket", "logs") is None


def test_names_are_drawn_as_text_whatever_they_hold():
    here = {INSTANCES: [instance(1, SecurityGroups=[KNOWN])], GROUPS: [group(3, "<a>&'\"")]}
    look(account(), THEN, here)

    drawn = branches("ec2-instance", "web-1")

    assert drawn["Security groups 1"][0][0] == "<a>&'\""
