"""Pages by keyset: every row is on exactly one page, whatever the order, in both directions."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import Account
from inventory.pages.extensions import extensions
from inventory.pages.filter_faults import FilterError
from inventory.pages.orders import Order, read_order
from inventory.pages.paging import Cursor, Slice, every_resource, page_of
from inventory.registry import ResourceType, resource_type, resource_types
from tests.pages import ledgers
from tests.support import left_out, rows

SORTABLE = [
    (kind.slug, field)
    for kind in resource_types()
    for field in ("name", "region", *(column.field for column in kind.columns if column.sortable))
]
ADDED = [(column.type, column.key) for column in extensions.list_columns]
MOMENT = datetime(2026, 2, 1, tzinfo=UTC)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def order_by(kind: ResourceType, text: str, as_of: datetime | None = None) -> Order:
    return read_order(kind, text, as_of, None)


def walk(rows: QuerySet[Any], order: Order, size: int) -> list[Slice]:
    """Every page from the first to the last, by the cursors that an address would carry."""
    pages = [page_of(rows, order, None, size)]
    while pages[-1].next is not None:
        pages.append(page_of(rows, order, Cursor.read(str(pages[-1].next), order), size))
    return pages


def walk_back(rows: QuerySet[Any], order: Order, size: int, last: Slice) -> list[Slice]:
    """The pages before the last one, nearest first."""
    pages = [last]
    while pages[-1].back is not None:
        pages.append(page_of(rows, order, Cursor.read(str(pages[-1].back), order), size))
    return pages[1:]


def assert_pages(rows: QuerySet[Any], order: Order, size: int, wanted: list[int]) -> None:
    """Forward, back, forward again from the first page and all at once: each row once, in the same order."""
    pages = walk(rows, order, size)
    back = walk_back(rows, order, size, pages[-1])
    before_last = wanted[: len(wanted) - len(pages[-1].resource_ids)]

    assert [pk for page in pages for pk in page.resource_ids] == wanted
    assert [page.rows_before for page in pages] == [number * size for number in range(len(pages))]
    assert [pk for page in reversed(back) for pk in page.resource_ids] == before_last
    assert [page.rows_before for page in reversed(back)] == [page.rows_before for page in pages[:-1]]
    assert all(page.next is not None for page in back)
    assert pages[0].back is None
    assert list(every_resource(rows, order, chunk=2)) == wanted


def add_mixture(kind: ResourceType, field: str, numbers: list[int | None]) -> Account:
    """Rows whose field holds the value of a number, and none for None; the same number twice is a tie."""
    account = ledgers.account()
    values = []
    for number in numbers:
        none = "" if field == "name" else None
        value = none if number is None else rows.example_fields(kind, number).get(field, f"region-{number}")
        values.append({field: value})
    rows.add_rows(kind, account, values)
    return account


def expected(kind: ResourceType, order: Order, as_of: datetime | None = None) -> list[int]:
    """The resources in their order, as Python sorts them."""
    return in_order(list(kind.model.revisions.as_of(as_of).values_list(order.key, "resource_id")), order)


def add_figures(
    kind: ResourceType, account: Account, key: str, figures: list[str | None]
) -> list[tuple[Decimal | None, int]]:
    """Rows with these figures; of those without one, each second has no row in the table of figures at all."""
    column = next(one for one in extensions.columns_of(kind.slug) if one.key == key)
    pairs = []
    added = rows.add_rows(kind, account, [{}] * len(figures))
    for place, (revision, figure) in enumerate(zip(added, figures, strict=True)):
        value = None if figure is None else Decimal(figure)
        pairs.append((value, revision.resource_id))
        if value is not None or place % 2:
            column.table._default_manager.create(
                account=account, type=kind.slug, resource=revision.resource, **{column.sort_field: value}
            )
    return pairs


def in_order(pairs: list[tuple[Any, int]], order: Order) -> list[int]:
    """Resources by value and then by id, those without a value last."""
    present = [pair for pair in pairs if pair[0] not in (None, "")]
    absent = [pair for pair in pairs if pair[0] in (None, "")]
    ranks = {value: rank for rank, value in enumerate(sorted({value for value, _ in present}))}
    present.sort(key=lambda pair: (ranks[pair[0]], pair[1]), reverse=order.is_descending)
    absent.sort(key=lambda pair: pair[1], reverse=order.is_descending)
    return [resource_id for _, resource_id in (*present, *absent)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "field"),
    [left_out.param(slug, slug, field, name=f"{slug}-{field}") for slug, field in SORTABLE],
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=14),
    size=st.integers(1, 5),
    sign=st.sampled_from(["", "-"]),
)
def test_pages_see_each_row_exactly_once(slug: str, field: str, numbers: list[int | None], size: int, sign: str):
    kind = resource_type(slug)
    with undone():
        add_mixture(kind, field, numbers)
        order = order_by(kind, sign + field)
        wanted = expected(kind, order)

        assert_pages(kind.model.revisions.current(), order, size, wanted)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sorted_by=st.sampled_from(SORTABLE),
    numbers=st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=14),
    size=st.integers(1, 5),
    sign=st.sampled_from(["", "-"]),
)
def test_pages_of_a_past_moment_see_each_row_exactly_once(
    sorted_by: tuple[str, str], numbers: list[int | None], size: int, sign: str
):
    slug, field = sorted_by
    kind = resource_type(slug)
    with undone():
        account = add_mixture(kind, field, numbers)
        kind.model.revisions.all().update(valid_to=MOMENT + timedelta(days=1))
        rows.add_rows(kind, account, [{"name": "later"}], valid_from=MOMENT + timedelta(days=1))
        order = order_by(kind, sign + field, MOMENT)
        wanted = expected(kind, order, MOMENT)

        assert len(wanted) == len(numbers)
        assert_pages(kind.model.revisions.as_of(MOMENT), order, size, wanted)


@pytest.mark.django_db
@pytest.mark.parametrize(("slug", "key"), ADDED)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    figures=st.lists(st.one_of(st.none(), st.sampled_from(["0", "0.000001", "4.5", "1106.39"])), max_size=14),
    size=st.integers(1, 5),
    sign=st.sampled_from(["", "-"]),
    names_accounts=st.booleans(),
)
def test_pages_sorted_by_a_figure_of_another_package_see_each_row_exactly_once(
    slug: str, key: str, figures: list[str | None], size: int, sign: str, names_accounts: bool
):
    kind = resource_type(slug)
    with undone():
        account = ledgers.account()
        pairs = add_figures(kind, account, key, figures)
        order = read_order(kind, sign + key, None, [account.pk] if names_accounts else None)

        assert_pages(kind.model.revisions.current(), order, size, in_order(pairs, order))


@pytest.mark.django_db
def test_a_past_moment_pages_through_the_rows_of_that_moment():
    kind = resource_type("ebs-volume")
    account = ledgers.account()
    gone = rows.add_rows(kind, account, [{"size_gib": n} for n in (3, 1, 2)], valid_to=datetime(2026, 3, 1, tzinfo=UTC))
    rows.add_rows(kind, account, [{"size_gib": 9}], valid_from=datetime(2026, 3, 1, tzinfo=UTC))

    pages = walk(kind.model.revisions.as_of(MOMENT), order_by(kind, "size_gib", MOMENT), 2)

    three, one, two = (revision.resource_id for revision in gone)
    assert [page.resource_ids for page in pages] == [[one, two], [three]]


@pytest.mark.django_db
def test_rows_that_come_and_go_while_somebody_pages_hide_no_other_row():
    kind = resource_type("ebs-volume")
    account = ledgers.account()
    four = rows.add_rows(kind, account, [{"size_gib": n} for n in (1, 2, 3, 4)])
    order = order_by(kind, "size_gib")
    first = page_of(kind.model.revisions.current(), order, None, 2)

    four[1].delete()
    rows.add_rows(kind, account, [{"size_gib": 0}])
    second = page_of(kind.model.revisions.current(), order, first.next, 2)

    assert second.resource_ids == [four[2].resource_id, four[3].resource_id]


def spelled(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        "bm90IGpzb24",
        spelled("size_gib"),
        spelled("-size_gib", False, 2, "5", 7),
        spelled("size_gib", "no", 2, "5", 7),
        spelled("size_gib", False, -1, "5", 7),
        spelled("size_gib", False, True, "5", 7),
        spelled("size_gib", False, 2, "5", 2**63),
        spelled("size_gib", False, 2, "five", 7),
        spelled("size_gib", False, 2, 5, 7),
        spelled("size_gib", False, 2, "9" * 40, 7),
        spelled("size_gib", False, 2, "1\0", 7),
        spelled({"a": 1}, False, 2, "5", 7),
    ],
)
def test_a_damaged_cursor_is_refused_in_words(text: str):
    with pytest.raises(FilterError, match="first page"):
        Cursor.read(text, order_by(resource_type("ebs-volume"), "size_gib"))


def test_half_a_character_in_a_cursor_is_refused_too():
    with pytest.raises(FilterError, match="first page"):
        Cursor.read(spelled("name", False, 2, "\ud800", 7), order_by(resource_type("ebs-volume"), "name"))


@pytest.mark.parametrize("text", ["throughput_mibps", "attachments", "account", "", "-", "nonsense"])
def test_only_declared_columns_sort(text: str):
    with pytest.raises(FilterError, match="size_gib"):
        order_by(resource_type("ebs-volume"), text)
