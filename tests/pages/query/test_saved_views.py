"""Saved views: queries under a name, one's own and shared ones."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from inventory.models import AccountGrant, SavedView
from tests.pages.reading import Reading

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

QUERY = "type:ec2-instance state:running"


def saved(client: Client, name: str, query: str = QUERY, **values: str) -> SavedView:
    answer = client.post("/query/views/", {"name": name, "q": query, **values})
    assert answer.status_code == 302
    return SavedView.objects.get(name=" ".join(name.split()))


def test_a_saved_view_stands_in_the_navigation_and_on_home_until_it_is_deleted(client):
    view = saved(client, "Running  now")

    home = Reading(client.get("/"))
    assert client.get(home.links["Running now"]).status_code == 200
    assert QUERY in home.words
    client.post(f"/query/views/{view.pk}/delete/")
    assert "Running now" not in Reading(client.get("/")).links


def test_saving_under_the_same_name_asks_the_new_query(client):
    saved(client, "mine")
    view = saved(client, "mine", "type:ebs-volume")

    assert (view.query, SavedView.objects.count()) == ("type:ebs-volume", 1)


def test_a_view_is_renamed_unless_another_one_has_the_name(client):
    first, second = saved(client, "first"), saved(client, "second", "type:ebs-volume")

    client.post(f"/query/views/{first.pk}/rename/", {"name": "third"})
    client.post(f"/query/views/{second.pk}/rename/", {"name": "third"})

    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["second", "third"]


@pytest.mark.parametrize(
    "sent", [{"name": "", "q": QUERY}, {"name": "a" * 61, "q": QUERY}, {"name": "a", "q": ""}, {"name": "a", "q": "x:"}]
)
def test_a_view_without_a_name_or_a_query_that_can_be_read_is_not_saved(client, sent):
    client.post("/query/views/", sent)

    assert not SavedView.objects.exists()


def test_others_see_a_view_only_while_it_is_shared_and_cannot_change_it(client, rita):
    view = saved(client, "running")

    alone = Reading(rita.get("/query/")).links
    client.post(f"/query/views/{view.pk}/share/", {"is_shared": "yes"})
    shared = Reading(rita.get("/query/")).links
    answers = [rita.post(f"/query/views/{view.pk}/{what}/", {"name": "x"}) for what in ("rename", "share", "delete")]
    client.post(f"/query/views/{view.pk}/share/", {"is_shared": ""})

    assert ("running" in alone, "running" in shared) == (False, True)
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "running" not in Reading(rita.get("/query/")).links


def test_a_shared_view_shows_each_user_what_the_user_may_see(client, rita):
    saved(client, "web", "web", is_shared="yes")

    url = Reading(rita.get("/")).links["web"]

    assert "web-zephyr" in Reading(client.get(url)).words
    assert "Web-Front" in Reading(rita.get(url)).words
    assert "web-zephyr" not in Reading(rita.get(url)).words


def test_a_shared_view_that_names_an_account_does_not_exist_for_who_may_not_see_it(client, rita, estate):
    saved(client, "hidden", "-account:zephyr", is_shared="yes")

    before = Reading(rita.get("/")).words
    AccountGrant.objects.create(account=estate[1], user=User.objects.get(username="reader"))
    after = Reading(rita.get("/")).words

    assert ("hidden" in before, "zephyr" in before) == (False, False)
    assert "hidden" in after
