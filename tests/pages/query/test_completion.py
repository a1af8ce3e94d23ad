"""What is offered while somebody writes a query."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.pages.query.estate import HERE
from tests.pages.reading import Reading

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def offered(client: Client, query: str) -> list[str]:
    words = Reading(client.get("/query/completions/", {"q": query, "at": str(len(query))})).words
    return words.partition("go through them.")[2].split()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ty", "type"),
        ("type:ec2-", "ec2-instance"),
        ("type:ec2-instance vc", "vcpu"),
        ("-tag:ow", "owner"),
        ("tag:owner=al", "alice"),
        ("state:running,sto", "stopped"),
        ("region:eu", HERE),
        ("account:z", "zephyr"),
        ("encrypted:f", "false"),
        ("co", "cost"),
    ],
)
def test_what_can_stand_at_the_caret_is_offered(client, query, expected):
    assert expected in offered(client, query)


def test_fields_of_other_types_than_the_chosen_one_are_not_offered(client):
    assert "vcpu" not in offered(client, "type:s3-bucket v")


@pytest.mark.parametrize("query", ["account:z", "tag:hid", "tag:hidden=", "region:", "key_name:"])
def test_nothing_is_offered_that_the_user_may_not_see(rita, query):
    assert not {"zephyr", "hidden", "yes"} & set(offered(rita, query))
