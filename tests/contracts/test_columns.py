"""What every registered type declares of its columns and relations, so that pages can do without knowing any type."""

from __future__ import annotations

import re

import pytest
from django.db import models

from inventory.history.period import PUBLISHED_AND_OPEN
from inventory.history.terms import Term
from inventory.pages.columns import BASE, TEXTS
from inventory.pages.extensions import ListColumn, extensions
from inventory.pages.list_query import RESERVED
from inventory.registry import Kind, ResourceType, resource_type, resource_types

TYPES = [pytest.param(kind, id=kind.slug) for kind in resource_types()]
ADDED = [pytest.param(column, id=f"{column.type}-{column.key}") for column in extensions.list_columns]
FIELDS: dict[Kind, tuple[type[models.Field], ...]] = {  # type: ignore[type-arg]
    **dict.fromkeys(TEXTS, (models.CharField, models.TextField)),
    Kind.NUMBER: (models.IntegerField, models.DecimalField),
    Kind.BOOLEAN: (models.BooleanField,),
    Kind.MOMENT: (models.DateTimeField,),
}
LONGEST_INDEX_NAME = 30


def open_indexes(model: type[models.Model]) -> set[str]:
    """The fields that have an index over open revisions of their own."""
    indexes = model._meta.indexes
    return {
        index.fields[0]
        for index in indexes
        if index.condition == PUBLISHED_AND_OPEN and index.fields[1:] == ["resource"]
    }


@pytest.mark.parametrize("kind", TYPES)
def test_a_slug_and_an_icon_fit_into_an_address(kind: ResourceType):
    assert re.fullmatch(r"[a-z][a-z0-9-]{1,62}", kind.slug)
    assert re.fullmatch(r"[a-z0-9-]+", kind.icon)
    assert kind.label != kind.plural


@pytest.mark.parametrize("kind", TYPES)
def test_no_two_columns_share_a_name(kind: ResourceType):
    names = [column.field for column in (*BASE, *kind.columns)] + [
        column.key for column in extensions.columns_of(kind.slug)
    ]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", TYPES)
def test_a_searched_column_has_an_index_of_its_terms(kind: ResourceType):
    indexes = {expression for index in kind.model._meta.indexes for expression in index.expressions}

    for column in kind.columns:
        assert not column.searched or Term(column.field) in indexes, column.field


@pytest.mark.parametrize("kind", TYPES)
def test_the_names_of_indexes_are_short_enough_for_every_database(kind: ResourceType):
    assert [index.name for index in kind.model._meta.indexes if len(index.name) > LONGEST_INDEX_NAME] == []


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_can_be_a_word_of_a_filter(kind: ResourceType):
    for column in kind.columns:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column.field)
        assert column.field not in RESERVED
        assert column.label


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_holds_what_its_kind_says(kind: ResourceType):
    names = {field.name for field in kind.model._meta.get_fields()}

    for column in kind.columns:
        if column.kind is Kind.COUNT:
            assert column.counts is not None
            counted = resource_type(column.counts.type).model._meta
            assert {column.counts.field, *column.counts.where} <= {field.name for field in counted.get_fields()}
        elif column.kind is Kind.MANY:
            assert column.field not in names
        else:
            field = kind.model._meta.get_field(column.field)
            assert isinstance(field, FIELDS[column.kind])
            assert field.null, "NULL must be able to say that there is none"


@pytest.mark.parametrize("kind", TYPES)
def test_a_facet_and_a_sortable_column_have_an_index_over_open_revisions(kind: ResourceType):
    for column in kind.columns:
        if column.facet or column.sortable:
            assert column.field in open_indexes(kind.model), column.field


@pytest.mark.parametrize("kind", TYPES)
def test_a_cell_leads_to_a_type_that_exists(kind: ResourceType):
    for column in kind.columns:
        assert not column.target or resource_type(column.target)


@pytest.mark.parametrize("kind", TYPES)
def test_a_relation_is_held_by_a_column_that_leads_to_its_target(kind: ResourceType):
    for relation in kind.relations:
        column = kind.column(relation.field)

        assert column is not None
        assert column.target == relation.target


@pytest.mark.parametrize("kind", TYPES)
def test_what_names_a_resource_is_found_by_an_index(kind: ResourceType):
    for relation in kind.relations:
        column = kind.column(relation.field)

        assert column is not None
        assert column.kind is Kind.MANY or relation.field in open_indexes(kind.model)


@pytest.mark.parametrize("column", ADDED)
def test_an_added_column_walks_an_index_of_its_own(column: ListColumn):
    fields = {field.name: field for field in column.table._meta.get_fields()}

    assert {"account", "type", "resource", "is_open", column.sort_field} <= fields.keys()
    assert fields[column.sort_field].null
    assert ["type", column.sort_field, "resource"] in [index.fields for index in column.table._meta.indexes]
    assert resource_type(column.type)
    assert column.key not in RESERVED
    assert column.past_refusal
