"""What a query can ask about: the columns of each type, figures of other packages, and the words that are no column."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.pages.columns import NATIVE_ID, columns_of
from inventory.pages.extensions import extensions
from inventory.pages.filters import figure_columns
from inventory.pages.query.language import TAG
from inventory.registry import Column, ResourceType, resource_types

TYPE, ID = "type", "id"
"""`id` is short for `native_id`."""


def field_of(kind: ResourceType, name: str) -> Column | None:
    """The column of a type that a query calls so; None if it has none."""
    figures = figure_columns(kind)
    short = {one.short_name: one.key for one in extensions.columns_of(kind.slug) if one.short_name}
    if short.get(name, name) in figures:
        return figures[short.get(name, name)][0]
    return columns_of(kind).get(NATIVE_ID.field if name == ID else name)


def field_names(kinds: Iterable[ResourceType]) -> list[str]:
    """Every name that a query about these types can use, the words that are no column first."""
    names = [TYPE, TAG, ID]
    for kind in kinds:
        figures = extensions.columns_of(kind.slug)
        names += [*columns_of(kind), *(one.short_name for one in figures if one.short_name)]
        names += [one.key for one in figures]
    return list(dict.fromkeys(names))


def holders(name: str) -> list[ResourceType]:
    """The types that have this field."""
    return [kind for kind in resource_types() if field_of(kind, name) is not None]
