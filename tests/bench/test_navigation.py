"""The pages that the benchmark asks for are those of the navigation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bench.navigation import pages_of
from inventory.registry import resource_types
from tests.pages.ledgers import account, instance, look, operator


@pytest.mark.django_db
def test_every_page_of_the_navigation_is_asked_for_once_and_one_region_for_all():
    regions = ("eu-central-1", "us-east-1")
    listings = {(region, "ec2-instance"): [instance(number)] for number, region in enumerate(regions, start=1)}
    look(account(), timezone.now() - timedelta(minutes=4), listings, regions)
    client = Client()
    client.force_login(operator())

    pages = list(pages_of(client.get("/").content.decode()))

    lists = {f"/types/{one.slug}/" for one in resource_types()}
    assert len(pages) == len(set(pages))
    assert set(pages) >= {"/", "/changes/", "/ports/", "/query/", "/costs/", "/coverage/", "/regions/", *lists}
    assert sum(page.startswith("/regions/") and page != "/regions/" for page in pages) == 1
    assert {client.get(page).status_code for page in pages} == {200}


def test_a_page_without_navigation_is_refused():
    with pytest.raises(ValueError, match="no navigation"):
        list(pages_of("<main></main>"))
