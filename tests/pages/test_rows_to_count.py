"""Rows that are counted along the indexes of several conditions are the rows of the list."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test import RequestFactory

from inventory.pages.list_reader import read_list
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from tests.pages.ledgers import NOW, account, instance, look, operator, reader

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
SIZES = ("m5.large", "c5.large")
STATES = ("running", "stopped")
NUMBERS = {
    "?state=stopped&instance_type=m5.large": 4,
    "?state=stopped&instance_type=m5.large&region=us-east-1": 2,
    "?state=stopped&state=running&instance_type=c5.large": 8,
    "?q=state:stopped+instance_type:m5.large": 4,
    "?state=stopped&-instance_type=m5.large": 4,
    "?state=stopped&-tag:owner": 8,
    "?state=stopped": 8,
}
"""What a list asks for, and how many rows it has for somebody who sees both accounts."""


def estate():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    for one, number in ((acme, 100), (zephyr, 200)):
        listings = {}
        for place, region in enumerate((HERE, THERE)):
            kinds = enumerate(product(SIZES, STATES), number + 10 * place)
            listings[region, EC2_INSTANCE.slug] = [
                instance(native, InstanceType=size, State={"Name": state}) for native, (size, state) in kinds
            ]
        look(one, NOW - timedelta(minutes=4), listings, (HERE, THERE))
    return acme


def query_of(user, address):
    request = RequestFactory().get(f"/types/ec2-instance/{address}")
    request.user = user
    query = read_list(request, EC2_INSTANCE)
    assert not query.problems
    return query


def test_they_are_the_same():
    acme = estate()
    everything, granted = operator(), reader(acme)

    for address, number in NUMBERS.items():
        for user, share in ((everything, number), (granted, number // 2)):
            query = query_of(user, address)
            assert set(query.rows_to_count()) == set(query.rows()), address
            assert query.rows_to_count().count() == share, address


def test_one_column_can_be_left_out():
    estate()
    query = query_of(operator(), "?state=stopped&instance_type=m5.large&region=us-east-1")
    size = EC2_INSTANCE.column("instance_type")

    assert set(query.rows_to_count(but_for=size)) == set(query.rows(but_for=size))
    assert query.rows_to_count(but_for=size).count() == 4


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL puts indexes together by itself")
def test_every_condition_is_asked_of_an_index():
    acme = estate()

    for user in (operator(), reader(acme)):
        plan = query_of(user, "?state=stopped&instance_type=m5.large").rows_to_count().values("pk").explain()

        assert "INDEX ec2instance_state_open (state=?)" in plan
        assert "INDEX ec2instance_instance_type_open (instance_type=? AND resource_id=?)" in plan
