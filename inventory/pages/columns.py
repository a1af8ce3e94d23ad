"""What a list can show, filter by and sort by: columns that every type has, the type's own, and those of extensions."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.registry import Column, Kind, ResourceType

NAME = Column(field="name", label="Name", sortable=True)
NATIVE_ID = Column(field="native_id", label="Id", kind=Kind.IDENTIFIER, default=False)
ACCOUNT = Column(field="account", label="Account", kind=Kind.CHOICE)
REGION = Column(field="region", label="Region", kind=Kind.CHOICE, facet=True, sortable=True)

BASE = (NAME, NATIVE_ID, ACCOUNT, REGION)

WORD = Column(field="word", label="Name or id")
"""What a bare word of a query is compared with; it can only be filtered by."""

PROPER = ("Auto Scaling", "Dedicated Host", "Elastic IP", "Reserved Instance", "Savings Plan", "Spot Instance")
"""How AWS's names of things begin that are no common words."""

TEXTS = frozenset({Kind.TEXT, Kind.CHOICE, Kind.IDENTIFIER})
"""Kinds whose values are single texts."""


def columns_of(resource_type: ResourceType) -> Mapping[str, Column]:
    """Every column of a type by its field, the ones that all types have first."""
    return {column.field: column for column in (*BASE, *resource_type.columns)}


def facet_columns(resource_type: ResourceType) -> tuple[Column, ...]:
    """The columns whose values are counted beside a list."""
    return tuple(column for column in (REGION, *resource_type.columns) if column.facet)


def path_of(column: Column) -> str:
    """Where a revision holds the column's value, as a lookup path."""
    return "resource__native_id" if column is NATIVE_ID else column.field


def label_words(column: Column) -> str:
    """The label inside a sentence: `Type` becomes `type`, while `IMDSv2` and `vCPU` stay."""
    return in_sentence(column.label)


def in_sentence(label: str) -> str:
    """The same for any label; AWS's own names keep their capitals: `Savings Plans`, but `route tables`."""
    is_word = label[1:2].islower() and not label.startswith(PROPER)
    return label[:1].lower() + label[1:] if is_word else label
