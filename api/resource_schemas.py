"""The schema of each resource type, made from its columns in the registry."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from pydantic import BaseModel, Field, create_model

from api.values import Answer, DecimalText, Moment, Money, Unread
from inventory.pages.extensions import ListColumn, extensions
from inventory.registry import Column, Kind, ResourceType, resource_type


class Unknown(Answer):
    """Why a value cannot be taken as read."""

    why: str = Field(description="`never read`, `kept from an earlier reading` or `not recorded then`.")
    since: Moment | None = Field(description="Since when a kept value could not be read again.")


class Common(Answer):
    """What every resource has."""

    id: int = Field(description="The ledger's own number, for the address of the resource.")
    native_id: str = Field(description="AWS's id.")
    name: str = Field(description="Empty if it has none.")
    account: str | None = Field(description="The 12 digits of its account.")
    account_name: str
    region: str | None = Field(description="Its own region; null if it was never read.")
    valid_from: Moment = Field(description="Since when it has looked like this.")
    valid_to: Moment | None = Field(description="Until when it looked like this; null: it still does.")
    tags: dict[str, str] | None = Field(description="Null if they were never read.")
    unknown: dict[str, Unknown] = Field(description="The fields, and `tags`, whose value could not be read.")


class Page(Answer):
    """One page of a list; each type has its own `items`."""

    as_of: Moment | None = Field(description="The moment of the list; null: now.")
    total: int | None = Field(description="Null: more than 10,000, or not counted in time.")
    previous_cursor: str | None
    next_cursor: str | None = Field(description="Null on the last page.")
    was_never_read: bool = Field(description="Nobody has looked for this type here yet: no items means nothing.")
    unread: list[Unread]


@cache
def resource_schema(slug: str) -> type[BaseModel]:
    """One resource of the type. With `columns`, only those; `costs` only with the scope read:costs."""
    kind = resource_type(slug)
    own: dict[str, Any] = {column.field: _field(kind, column) for column in kind.columns}
    if added := extensions.columns_of(kind.slug):
        own["costs"] = (_costs_schema(kind, added), Field(default=None, description="Only with the scope read:costs."))
    return create_model(
        _name(kind), __base__=Common, __doc__=f"{kind.label}: one period in which it looked the same.", **own
    )


@cache
def page_schema(slug: str) -> type[BaseModel]:
    """One page of resources of the type."""
    kind = resource_type(slug)
    item: Any = list[resource_schema(slug)]  # type: ignore[misc]
    return create_model(f"{_name(kind)}Page", __base__=Page, __doc__=f"One page of {kind.plural}.", items=(item, ...))


def column_type(kind: ResourceType, column: Column) -> Any:
    """The Python type of a column's values, without null."""
    match column.kind:
        case Kind.NUMBER:
            is_decimal = isinstance(kind.model._meta.get_field(column.field), models.DecimalField)
            return DecimalText if is_decimal else int
        case Kind.COUNT:
            return int
        case Kind.BOOLEAN:
            return bool
        case Kind.MOMENT:
            return Moment
        case Kind.MANY:
            return list[_item_schema(kind.slug, column.field)] if column.detail else list[str]  # type: ignore[misc]
        case _:
            return str


def _field(kind: ResourceType, column: Column) -> tuple[Any, Any]:
    """A column that `columns` can leave out; null where AWS says that there is none, or where it is unknown."""
    extra: dict[str, Any] = {"x-unit": column.unit} if column.unit else {}
    described = Field(default=None, title=column.label, description=column.help or None, json_schema_extra=extra)
    return column_type(kind, column) | None, described


@cache
def _item_schema(slug: str, field: str) -> type[BaseModel]:
    (column,) = (one for one in resource_type(slug).columns if one.field == field)
    details: dict[str, Any] = dict.fromkeys(column.detail, (Any, ...))
    name = f"{_name(resource_type(slug))}{field.title().replace('_', '')}"
    return create_model(name, __base__=Answer, __doc__=f"One of {column.label}.", id=(str, ...), **details)


def _costs_schema(kind: ResourceType, added: list[ListColumn]) -> type[BaseModel]:
    figures: dict[str, Any] = {
        column.key: (Money, Field(default=None, title=column.label, description=column.help)) for column in added
    }
    return create_model(f"{_name(kind)}Costs", __base__=Answer, __doc__=f"What a {kind.label} costs.", **figures)


def _name(kind: ResourceType) -> str:
    """`Ec2Instance` for ec2-instance."""
    return "".join(part.capitalize() for part in kind.slug.split("-"))
