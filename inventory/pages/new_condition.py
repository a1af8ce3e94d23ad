"""The form that adds a condition to a list, for everything that has no facet.

A form cannot spell `size_gib__gte=500` without script, so it sends the three parts and is sent on to the address that
has them together. Whether the condition can be met is for that address to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from inventory.pages.columns import ACCOUNT, columns_of
from inventory.pages.filters import TAG, Operator, Special
from inventory.pages.list_query import ADD_COLUMN, ADD_OPERATOR, ADD_VALUE
from inventory.registry import ResourceType

OPERATORS = {
    "is": Operator.IS,
    "is-not": Operator.NOT,
    "at-least": Operator.AT_LEAST,
    "at-most": Operator.AT_MOST,
    "contains": Operator.CONTAINS,
}
VALUES = {"is-none": Special.NONE.value, "is-unknown": Special.UNKNOWN.value}
WORDS = {
    "is": "is",
    "is-not": "is not",
    "at-least": "is at least",
    "at-most": "is at most",
    "contains": "contains",
    "is-none": "is none",
    "is-unknown": "is unknown",
}
"""How the form names what can be asked."""


def condition_columns(kind: ResourceType) -> list[tuple[str, str]]:
    """What a condition can be about, as (value, label) of the form's choice; the account has a picker of its own."""
    columns = [(column.field, column.label) for column in columns_of(kind).values() if column is not ACCOUNT]
    return [*columns, (TAG, "Tag")]


def added_condition(given: Mapping[str, str]) -> str:
    """The expression that the form asks to add, percent-encoded; empty if the form was not sent."""
    subject, how, text = (given.get(key, "") for key in (ADD_COLUMN, ADD_OPERATOR, ADD_VALUE))
    if not subject:
        return ""
    if subject == TAG:
        return _tag_expression(how, text.strip())
    if how in VALUES:
        return f"{quote(subject)}={VALUES[how]}"
    operator = OPERATORS.get(how, Operator.IS)
    key = f"-{subject}" if operator is Operator.NOT else subject + operator
    return f"{quote(key)}={quote(text.strip())}"


def _tag_expression(how: str, text: str) -> str:
    """`key=value` or `key` of a tag; the form's "is none" asks for those without it."""
    key, equals, value = text.partition("=")
    sign = "-" if how in ("is-not", "is-none") else ""
    expression = f"{sign}{TAG}{quote(key.strip(), safe='')}"
    return f"{expression}={quote(value.strip())}" if equals else expression
