"""Resources, or moments of one, side by side."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from inventory.models import Account, Resource
from inventory.templatetags.cells import DASH
from tests.costs import cast
from tests.pages.ledgers import NOW, Refused, account, bucket, instance, look, operator, reader
from tests.pages.reading import Reading

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HERE = "eu-central-1"
INSTANCES = (HERE, "ec2-instance")
BUCKETS = ("global", "s3-bucket")
FIRST, SECOND, THIRD = (NOW - timedelta(days=days) for days in (30, 20, 10))
CAPTION = "Side by side"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def of(native_id: str, moment: str = "") -> str:
    """What the address calls a resource, or a moment of it."""
    resource = Resource.objects.get(native_id=native_id)
    return f"{resource.type}:{resource.pk}{'@' if moment else ''}{moment}"


def number(place: int) -> str:
    return f"i-{place:017x}"


def ask(user: User, *chosen: str, **parameters: str):
    client = Client()
    client.force_login(user)
    return client.get(f"/compare/?{urlencode([*(('of', one) for one in chosen), *parameters.items()])}")


def rows(user: User, *chosen: str, **parameters: str) -> dict[str, list[str]]:
    """The rows by their label: whether the sides agree, and the cells."""
    return Reading(ask(user, *chosen, **parameters)).table(CAPTION)


def resized(acme: Account) -> None:
    """An instance that got another type, a tag and a group."""
    tags = [{"Key": "Name", "Value": "web-1"}]
    look(acme, FIRST, {INSTANCES: [instance(1)]})
    changed = instance(
        1,
        InstanceType="m5.xlarge",
        Tags=[*tags, {"Key": "env", "Value": "p"}],
        SecurityGroups=[{"GroupId": "sg-1"}],
    )
    look(acme, SECOND, {INSTANCES: [changed]})


def test_two_moments_of_one_resource_differ_in_fields_tags_and_links():
    resized(account())

    compared = rows(operator(), of(number(1), FIRST.isoformat()), of(number(1)))

    assert compared["Type"] == ["≠ differs", "m5.large", "m5.xlarge"]
    assert compared["env"] == ["≠ differs", DASH, "p"]
    assert compared["Security groups"] == ["≠ differs", DASH, "sg-1 not collected"]
    assert compared["State"] == ["same", "running", "running"]


def test_four_resources_are_laid_side_by_side():
    look(account(), FIRST, {INSTANCES: [instance(place) for place in range(1, 5)]})

    compared = rows(operator(), *(of(number(place)) for place in range(1, 5)))

    assert compared["Id"] == ["≠ differs", *(number(place) for place in range(1, 5))]
    assert compared["Type"] == ["same", *["m5.large"] * 4]


def test_rows_that_are_the_same_are_left_out_when_only_differences_are_asked_for():
    resized(account())
    user, chosen = operator(), (of(number(1), FIRST.isoformat()), of(number(1)))
    answer = Reading(ask(user, *chosen))

    compared = rows(user, *chosen, only="differences")

    assert {"Type", "env"} <= compared.keys()
    assert "State" not in compared
    assert all(cells[0] != "same" for cells in compared.values() if cells)
    assert any("only=differences" in url for url in answer.links.values())


def test_what_was_not_read_is_neither_the_same_nor_different_and_is_not_left_out():
    acme = account()
    look(acme, FIRST, {BUCKETS: [bucket("logs"), bucket("media")]})

    compared = rows(operator(), of("logs"), of("media"), only="differences")

    assert compared["Blocks public ACLs"] == ["? cannot be told", "unknown", "unknown"]


def test_known_sides_that_differ_decide_whatever_another_one_is():
    acme = account()
    look(acme, FIRST, {INSTANCES: [instance(1), instance(2, InstanceType="c5.large")]})
    before = (FIRST - timedelta(days=1)).isoformat()

    compared = rows(operator(), of(number(1)), of(number(2)), of(number(1), before))

    assert compared["Type"] == ["≠ differs", "m5.large", "c5.large", "unknown"]
    assert compared["State"] == ["? cannot be told", "running", "running", "unknown"]


def test_a_moment_before_the_first_look_is_told_from_one_at_which_it_was_not_there():
    acme = account()
    look(acme, FIRST, {})
    look(acme, SECOND, {INSTANCES: [instance(1)]})
    before, between = FIRST - timedelta(days=1), FIRST + timedelta(days=1)

    page = Reading(ask(operator(), of(number(1), before.isoformat()), of(number(1), between.isoformat())))

    assert "nobody had looked there by then" in page.words
    assert "it was not there" in page.words
    assert page.table(CAPTION)["Type"] == ["? cannot be told", "unknown", DASH]


def test_a_resource_that_is_gone_shows_how_it_last_was_and_costs_nothing():
    acme = account()
    look(acme, FIRST, {INSTANCES: [instance(1)]})
    look(acme, SECOND, {})

    page = Reading(ask(operator(), of(number(1), FIRST.isoformat()), of(number(1))))

    assert "gone since 31 Oct 07:42" in page.words
    assert page.table(CAPTION)["Type"] == ["same", "m5.large", "m5.large"]
    assert page.table(CAPTION)["On-demand $ a month"][-1] == DASH


def test_a_moment_whose_history_was_pruned_is_unknown():
    acme = account(history_from=SECOND)
    look(acme, SECOND, {INSTANCES: [instance(1)]})

    page = Reading(ask(operator(), of(number(1), FIRST.isoformat()), of(number(1))))

    assert "its history of that moment was pruned" in page.words


def test_prices_stand_below_the_fields(tmp_path):
    cast.load_m5_large(tmp_path)
    acme = cast.account()
    small, far = cast.instance(acme), cast.instance(acme, region="sa-east-1")
    chosen = [f"ec2-instance:{one.resource_id}" for one in (small, far)]

    compared = rows(operator(), *chosen, as_of=NOW.isoformat())

    assert compared["On-demand $ a month"] == ["? cannot be told", "70.08", "unpriced"]


def test_the_moment_of_the_page_counts_where_a_side_names_none():
    resized(account())
    user = operator()

    compared = rows(user, of(number(1)), of(number(1), SECOND.isoformat()), as_of=FIRST.isoformat())

    assert compared["Type"] == ["≠ differs", "m5.large", "m5.xlarge"]


def test_a_column_can_be_taken_out_while_two_are_left():
    look(account(), FIRST, {INSTANCES: [instance(place) for place in range(1, 4)]})
    user, chosen = operator(), [of(number(place)) for place in range(1, 4)]

    page = ask(user, *chosen).content.decode()

    assert page.count('aria-label="Without ') == 3
    assert 'aria-label="Without ' not in ask(user, *chosen[:2]).content.decode()


def test_the_timeline_of_a_resource_leads_to_each_of_its_moments_beside_now():
    resized(account())
    client = Client()
    client.force_login(operator())

    page = Reading(client.get(f"/types/ec2-instance/{Resource.objects.get().pk}/"))
    compared = Reading(client.get(page.links["compare with now"])).table(CAPTION)

    assert compared["Type"] == ["≠ differs", "m5.large", "m5.xlarge"]


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ([], "2 to 4 different things"),
        (["ec2-instance:1"], "2 to 4 different things"),
        (["ec2-instance:1", "ec2-instance:1"], "2 to 4 different things"),
        ([f"ec2-instance:{place}" for place in range(1, 6)], "2 to 4 different things"),
        (["ec2-instance:1", "ebs-volume:1"], "one type"),
        (["ec2-instance:1", "no-such-type:1"], "known are"),
        (["ec2-instance:1", "ec2-instance"], "Write of=ec2-instance:12"),
        (["ec2-instance:1", "ec2-instance:x"], "Write of=ec2-instance:12"),
        (["ec2-instance:1", f"ec2-instance:{'9' * 30}"], "Write of=ec2-instance:12"),
        (["ec2-instance:1", "ec2-instance:1@yesterday"], "is not a moment"),
        (["ec2-instance:1", "ec2-instance:1@2031-01-01"], "has not come yet"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_to_write(chosen: list[str], told: str):
    answer = ask(operator(), *chosen)

    assert answer.status_code == 400
    assert told in Reading(answer).words


def test_an_unknown_switch_says_what_to_write():
    look(account(), FIRST, {INSTANCES: [instance(1), instance(2)]})

    answer = ask(operator(), of(number(1)), of(number(2)), only="x")

    assert (answer.status_code, "only=differences" in Reading(answer).words) == (400, True)


def test_a_resource_of_another_account_looks_as_if_it_did_not_exist():
    acme, other = account(), account("other", "444455556666")
    look(acme, FIRST, {INSTANCES: [instance(1)]})
    look(other, FIRST, {INSTANCES: [instance(2)]})
    user, mine = reader(acme), of(number(1))
    invented = "ec2-instance:999999"

    foreign, missing = ask(user, mine, of(number(2))), ask(user, mine, invented)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content == missing.content


def test_a_resource_under_another_type_is_not_found():
    look(account(), FIRST, {INSTANCES: [instance(1), instance(2)]})

    answer = ask(operator(), of(number(1)).replace("ec2-instance", "ebs-volume"), "ebs-volume:1")

    assert answer.status_code in (400, 404)


def test_each_column_costs_the_same_few_queries():
    acme = account()
    look(acme, FIRST, {INSTANCES: [instance(place) for place in range(1, 5)], BUCKETS: Refused()})
    user, chosen = operator(), [of(number(place)) for place in range(1, 5)]

    two, three, four = (queries(user, *chosen[:size]) for size in (2, 3, 4))

    assert (three - two, four - three) == (6, 6)
    assert two <= 24


def queries(user: User, *chosen: str) -> int:
    client = Client()
    client.force_login(user)
    address = f"/compare/?{urlencode([('of', one) for one in chosen])}"
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
