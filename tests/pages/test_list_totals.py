"""What all rows of a list come to, and what is said where they were too many, or the time too short, to be counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from inventory.models import Account
from inventory.pages import facets
from inventory.pages.budget import OverBudget
from inventory.registry import Column, resource_type
from tests.pages.reading import Reading
from tests.support import rows

LIST = "/types/ebs-volume/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 4, 1, 6, 4, tzinfo=UTC), tick=False)


def add_volumes(account: Account, *values: dict[str, Any]) -> None:
    rows.add_rows(resource_type("ebs-volume"), account, values)


def words(client: Client, query: str = "") -> str:
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return Reading(answer).words


@contextmanager
def used_up(seconds: float) -> Iterator[None]:
    """A time budget that is over at once."""
    raise OverBudget
    yield


def test_a_sum_is_of_every_row_that_meets_the_filter_and_of_no_other(acme: Account, operator: Client):
    add_volumes(acme, *({"size_gib": 100, "volume_type": "gp3"} for _ in range(40)), {"size_gib": 7})

    assert "4,000 GiB" in words(operator, "?volume_type=gp3")
    assert "4,007 GiB" in words(operator)


def test_a_sum_says_how_many_rows_it_leaves_out_because_they_were_never_read(acme: Account, operator: Client):
    add_volumes(acme, {"size_gib": 8}, {"unknown": {"size_gib": None}}, {"size_gib": None})

    page = words(operator)

    assert "8 GiB 1 unknown" in page


def test_a_sum_of_nothing_that_was_read_is_unknown_and_not_0(acme: Account, operator: Client):
    add_volumes(acme, {"unknown": {"size_gib": None}})

    page = words(operator)

    assert "1 unknown" in page
    assert "0 GiB" not in page


def test_only_shown_columns_are_summed(acme: Account, operator: Client):
    add_volumes(acme, {"size_gib": 8})

    assert "8 GiB" not in words(operator, "?columns=state")


def test_a_sum_of_a_past_moment_is_of_the_rows_of_that_moment(acme: Account, operator: Client):
    march = datetime(2026, 3, 1, tzinfo=UTC)
    kind = resource_type("ebs-volume")
    rows.add_rows(kind, acme, [{"size_gib": 5}], valid_to=march)
    rows.add_rows(kind, acme, [{"size_gib": 9}], valid_from=march)

    assert "5 GiB" in words(operator, "?as_of=2026-02-01")
    assert "9 GiB" in words(operator)


def test_a_cost_of_which_nothing_has_a_price_is_unpriced_and_not_0(acme: Account, operator: Client):
    add_volumes(acme, {"size_gib": 8, "volume_type": "gp9"})

    page = words(operator)

    assert "unpriced a month" in page
    assert "$0.00" not in page


def test_too_many_rows_are_not_added_up_unless_it_is_asked_for(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inventory.pages.facets.COUNTED", 3)
    add_volumes(acme, *({"size_gib": 8} for _ in range(5)))

    at_once = words(operator)
    on_demand = words(operator, "?facets=all")

    assert "too much to add up at once; add it up all the same" in at_once
    assert "40 GiB" not in at_once
    assert "Rows 1\N{EN DASH}5 of 3+" in at_once
    assert "40 GiB" in on_demand
    assert "Rows 1\N{EN DASH}5 of 5" in on_demand


def test_a_list_that_was_not_counted_in_time_claims_no_number(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inventory.pages.facets.time_budget", used_up)
    add_volumes(acme, {"size_gib": 8}, {"size_gib": 9})

    page = words(operator, "?as_of=2026-03-01")

    assert "Rows 1\N{EN DASH}2 " in page
    assert "10,000+" not in page
    assert "Count them all the same" in page
    assert "There was not enough time to count them" in words(operator, "?as_of=2026-03-01&facets=all")


def test_sums_that_take_too_long_are_left_out_in_words(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inventory.pages.list_totals.time_budget", used_up)
    add_volumes(acme, {"size_gib": 8})

    assert "too much to add up" in words(operator)


def test_what_was_counted_when_the_time_is_up_is_shown_and_the_rest_is_named(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    grouped = facets._grouped

    def until_the_state(query: Any, column: Column) -> facets.Tally:
        if column.field == "encrypted":
            raise OverBudget
        return grouped(query, column)

    monkeypatch.setattr(facets, "COUNTED", 1)
    monkeypatch.setattr(facets, "_grouped", until_the_state)
    add_volumes(acme, {"volume_type": "gp3"}, {"volume_type": "gp2"})

    page = words(operator, "?facets=all")

    assert "Rows 1\N{EN DASH}2 of 2" in page
    assert "Not counted in time: Encrypted, " in page
    assert "gp3 1" in page


def test_one_slow_facet_does_not_take_the_others_and_the_total_with_it(
    acme: Account, operator: Client, monkeypatch: pytest.MonkeyPatch
):
    few = facets._few

    def all_but_the_chosen(query: Any, but_for: Column | None = None) -> Any:
        if but_for is not None:
            raise OverBudget
        return few(query, but_for)

    monkeypatch.setattr(facets, "_few", all_but_the_chosen)
    add_volumes(acme, {"volume_type": "gp3", "state": "in-use"}, {"volume_type": "gp2"})

    page = words(operator, "?volume_type=gp3")

    assert "Rows 1\N{EN DASH}1 of 1" in page
    assert "in-use 1" in page
    assert "Not counted in time: Type." in page
