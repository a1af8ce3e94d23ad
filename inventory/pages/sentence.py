"""A list's filter as a sentence to be read aloud: "EBS volumes where type is gp2 and size is at least 500 GiB"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from inventory.models import Account
from inventory.pages.columns import REGION, WORD, label_words
from inventory.pages.filters import Condition, Operator, Span, Special, Value
from inventory.pages.moments import full_moment_words, zone_words
from inventory.pages.region_names import region_name
from inventory.registry import Column

COMPARED = {
    Operator.IS: "is",
    Operator.NOT: "is not",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.ABOVE: "is more than",
    Operator.BELOW: "is less than",
    Operator.CONTAINS: "contains",
    Operator.LIKE: "is like",
    Operator.UNLIKE: "is not like",
}
DATED = {
    Operator.IS: "on",
    Operator.NOT: "not on",
    Operator.AT_LEAST: "on or after",
    Operator.AT_MOST: "on or before",
    Operator.ABOVE: "after",
    Operator.BELOW: "before",
}
"""The label of a moment is a participle: "created on or after 1 April 2026"."""
BYTES_OF_A_GIB = 2**30
CENT = Decimal("0.01")
SPANS = ((365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"))
"""In seconds, the longest first; the terms of AWS are years of 365 days."""

BEGINNING = {Operator.IS: "begins with", Operator.NOT: "does not begin with"}


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One condition in words: what leads to it, and the part that stands out."""

    lead: str
    stress: str
    condition: Condition


def clauses(conditions: Sequence[Condition]) -> list[Clause]:
    """The conditions in words, in an order that makes a sentence: tags first, then columns after one "where"."""
    tags = [condition for condition in conditions if condition.column is None]
    columns = [condition for condition in conditions if condition.column is not None]
    said = [_tag_clause(condition, is_first=not place) for place, condition in enumerate(tags)]
    return said + [_column_clause(condition, is_first=not place) for place, condition in enumerate(columns)]


def sentence(plural: str, conditions: Sequence[Condition]) -> str:
    """The whole sentence without its order and moment."""
    return " ".join([plural, *(f"{clause.lead} {clause.stress}" for clause in clauses(conditions))])


def _tag_clause(condition: Condition, *, is_first: bool) -> Clause:
    word = "without tag" if condition.operator.is_negated else "with tag"
    equals = "like" if condition.operator.suffix else "="
    values = " or ".join(text or "“”" for text in condition.texts)
    return Clause(
        lead=word if is_first else f"and {word}",
        stress=f"{condition.tag} {equals} {values}" if condition.texts else condition.tag,
        condition=condition,
    )


def _column_clause(condition: Condition, *, is_first: bool) -> Clause:
    column = condition.column
    if column is None:
        raise ValueError("a condition on a tag has no column")
    is_dated = any(isinstance(value, Span) for value in condition.values)
    compared = (DATED if is_dated else BEGINNING if column is WORD else COMPARED)[condition.operator]
    unit = f" {column.unit}" if column.unit and any(_is_measure(value) for value in condition.values) else ""
    return Clause(
        lead=f"{'where' if is_first else 'and'} {label_words(column)} {compared}",
        stress=" or ".join(filter_value_words(column, value) for value in condition.values) + unit,
        condition=condition,
    )


def filter_value_words(column: Column, value: Value) -> str:
    """One value of a condition or of a facet in words, without its unit."""
    match value:
        case Special():
            return "none" if value is Special.NONE else "unknown"
        case bool():
            return "yes" if value else "no"
        case Account():
            return value.name
        case Span(since=since, until=until):
            is_day = until - since == timedelta(days=1)
            if is_day:  # an address means a day of UTC, wherever it is read
                return f"{since.day} {since:%B %Y}{'' if zone_words(since) == 'UTC' else ' UTC'}"
            return f"{full_moment_words(since)} {zone_words(since)}"
        case int() | Decimal():
            return number_words(column, value)
        case _ if column is REGION:
            return region_name(value)
        case _:
            return column.words.get(value, value)


def number_words(column: Column, value: int | Decimal) -> str:
    """A number with its thousands set apart, unless it is a name: `3,000` IOPS, port `3389`."""
    plain = f"{value.normalize():,f}" if isinstance(value, Decimal) else f"{value:,}"
    if words := column.words.get(plain):
        return words
    return plain if column.is_measure else plain.replace(",", "")


def measure_words(column: Column, value: int | Decimal) -> str:
    """A number in the unit that a page shows: bytes as GiB, and seconds as years, days or hours if they are whole."""
    if column.unit == "B":
        gib = Decimal(value) / BYTES_OF_A_GIB
        return f"{gib:,.2f}" if not value or gib >= CENT else f"under {CENT}"
    if column.unit == "s":
        return _span_words(int(value))
    return number_words(column, value)


def _span_words(seconds: int) -> str:
    whole = ((seconds // length, word) for length, word in SPANS if seconds and seconds % length == 0)
    number, word = next(whole, (seconds, "second"))
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _is_measure(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
