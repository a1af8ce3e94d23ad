"""The grammar of filters, the same in an address and in `--filter`.

    column=value            the value is this one; several values mean any of them
    -column=value           it is known, and is none of these
    column__gte=value       at least;  column__lte=value  at most (numbers and moments; a date is a whole day)
    column__gt=value        more than;  column__lt=value  less than (after the day, before the day)
    column__contains=text   contains, in capitals or not
    column__like=web-*      meets the pattern, in capitals or not (* is anything);  -column__like=web-*  does not
    column=                 AWS says there is none;  column=unknown  it was never read
    tag:key=value           is tagged so;  -tag:key=value  is not
    tag__like:key=prod*     is tagged so that it meets the pattern;  -tag__like:key=prod*  is not
    tag:key                 has the tag;  -tag:key  has not
    word=web                its name or id begins so, and holds patterns;  several have to be met together

Both sides are percent-encoded; in an address + is a space, as browsers write it. A condition that cannot be met
(`FilterError`) is named with what would be possible, never ignored: a list that silently shows too much is a lie.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from urllib.parse import quote, unquote, unquote_plus

from django.db import models

from inventory.models import Account
from inventory.pages.columns import ACCOUNT, TEXTS, WORD, columns_of, path_of
from inventory.pages.extensions import ListColumn, extensions
from inventory.pages.filter_faults import FilterError, no_column
from inventory.pages.moments import parse_moment
from inventory.pages.nearest import hint, nearest
from inventory.pages.patterns import MOST_WILDCARDS, wildcards
from inventory.registry import Column, Kind, ResourceType

TAG, TAG_LIKE = "tag:", "tag__like:"
LARGEST_WHOLE_NUMBER = 2**63 - 1
MOST_EXPRESSIONS = 100
"""More than anyone can read aloud, and fewer than would make SQLite refuse the statement."""


class Operator(StrEnum):
    """How a column and a value are compared, as it is spelled after the column's name; `-` stands before it."""

    IS = ""
    NOT = "-"
    AT_LEAST = "__gte"
    AT_MOST = "__lte"
    ABOVE = "__gt"
    BELOW = "__lt"
    CONTAINS = "__contains"
    LIKE = "__like"
    UNLIKE = "-__like"

    @property
    def is_negated(self) -> bool:
        """Whether it asks for what is known to be something else."""
        return self in (Operator.NOT, Operator.UNLIKE)

    @property
    def suffix(self) -> str:
        """What stands after the column's name."""
        return self.removeprefix("-")

    def spelled(self, subject: str) -> str:
        """The left side of an expression about a column."""
        return f"{'-' if self.is_negated else ''}{subject}{self.suffix}"


class Special(Enum):
    """Values that no field holds."""

    UNKNOWN = "unknown"
    NONE = ""


@dataclass(frozen=True)
class Span:
    """A stretch of time: a day for a date, an instant for a moment. `until` is no longer part of it."""

    since: datetime
    until: datetime


Value = str | int | Decimal | bool | Span | Account | Special

EQUAL = (Operator.IS, Operator.NOT)
MEASURED = (*EQUAL, Operator.AT_LEAST, Operator.AT_MOST, Operator.ABOVE, Operator.BELOW)
WRITTEN = (*EQUAL, Operator.CONTAINS, Operator.LIKE, Operator.UNLIKE)
POSSIBLE = {
    **dict.fromkeys((*TEXTS, Kind.MANY), WRITTEN),
    Kind.BOOLEAN: EQUAL,
    **dict.fromkeys((Kind.NUMBER, Kind.COUNT, Kind.MOMENT), MEASURED),
}
"""What can be asked of each kind of column."""

BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition on a column or a tag; several values mean any of them.

    `texts` are the values as they were written. A tag without texts asks whether the tag is there at all. `figure` is
    set where the column is one that another package added.
    """

    operator: Operator
    column: Column | None = None
    figure: ListColumn | None = None
    tag: str = ""
    texts: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()

    @property
    def key(self) -> str:
        """The left side of the expression, before percent-encoding."""
        if self.column is not None:
            return self.operator.spelled(self.column.field)
        return f"{self.operator.spelled(TAG.removesuffix(':'))}:{self.tag}"

    @property
    def expressions(self) -> tuple[str, ...]:
        """The condition as it is written in an address."""
        key = quote(self.key, safe=":")
        return tuple(f"{key}={quote(text, safe=':')}" for text in self.texts) or (key,)


def from_address(
    resource_type: ResourceType,
    query: str,
    accounts: Sequence[Account],
    as_of: datetime | None = None,
    *,
    beside: Container[str] = (),
) -> tuple[Condition, ...]:
    """The conditions in the query part of an address; the names in `beside` mean something else and are left out.

    `accounts` are those that may be named. FilterError for a condition that cannot be met at the moment (None = now).
    """
    pairs = (_split(part, unquote_plus) for part in query.split("&") if part)
    return _Reader(resource_type, accounts, as_of).conditions(pair for pair in pairs if pair[0] not in beside)


def tags_from_address(query: str) -> tuple[Condition, ...]:
    """The conditions on tags in the query part of an address, for pages that show several types; nothing else is read.

    FilterError for one that cannot be met.
    """
    pairs = (_split(part, unquote_plus) for part in query.split("&") if part)
    together = _together(pair for pair in pairs if pair[0].removeprefix("-").startswith(TAG))
    return tuple(_tag_condition(key, tuple(texts)) for (key, _), texts in together.items())


def from_expressions(
    resource_type: ResourceType,
    expressions: Iterable[str],
    accounts: Sequence[Account],
    as_of: datetime | None = None,
) -> tuple[Condition, ...]:
    """The conditions of a command's `--filter` options, where + stands for itself."""
    pairs = [_split(expression, unquote) for expression in expressions]
    return _Reader(resource_type, accounts, as_of).conditions(pairs)


def figure_columns(resource_type: ResourceType) -> dict[str, tuple[Column, ListColumn]]:
    """The columns of other packages as numbers to filter by, by their key, each with what was registered."""
    return {
        figure.key: (Column(field=figure.key, label=figure.label, unit=figure.unit, kind=Kind.NUMBER), figure)
        for figure in extensions.columns_of(resource_type.slug)
    }


def _split(expression: str, decoded: Callable[[str], str]) -> tuple[str, str | None]:
    key, equals, text = expression.partition("=")
    return decoded(key), decoded(text) if equals else None


def _together(pairs: Iterable[tuple[str, str | None]]) -> dict[tuple[str, object], list[str]]:
    """The texts of each key, those of a key with and without a value apart, and each bare word by itself."""
    pairs = list(pairs)
    if len(pairs) > MOST_EXPRESSIONS:
        raise FilterError(f"{len(pairs)} conditions are too many: write at most {MOST_EXPRESSIONS}.")
    together: dict[tuple[str, object], list[str]] = {}
    for key, text in pairs:
        if "\0" in key or "\0" in (text or ""):
            raise FilterError("A condition cannot hold the character NUL (%00).")
        is_word = key.removeprefix("-") == WORD.field
        texts = together.setdefault((key, text if is_word else text is None), [])
        if text is not None and text not in texts:
            texts.append(text)
    return together


@dataclass(frozen=True)
class _Reader:
    """Reads the conditions on one type."""

    kind: ResourceType
    accounts: Sequence[Account]
    as_of: datetime | None

    def conditions(self, pairs: Iterable[tuple[str, str | None]]) -> tuple[Condition, ...]:
        """The conditions of these expressions, those of one key together."""
        return tuple(self._condition(key, tuple(texts)) for (key, _), texts in _together(pairs).items())

    def _condition(self, key: str, texts: tuple[str, ...]) -> Condition:
        subject = key.removeprefix("-")
        if subject.startswith((TAG, TAG_LIKE)):
            return _tag_condition(key, texts)
        field, operator = _column_and_operator(subject)
        column, figure = self._column(field, key, texts)
        if subject != key:
            operator = _negated(key, field, operator)
        possible = EQUAL if column in (ACCOUNT, WORD) else POSSIBLE[column.kind]
        if operator not in possible:
            raise FilterError(f"“{key}” cannot be asked. Possible are {', '.join(_spelled(field, possible))}.")
        if not texts:
            raise FilterError(f"“{key}” has no value. Write {key}=value, or {key}= for those that have none.")
        values = tuple(self._value(column, figure, operator, text) for text in texts)
        return Condition(operator=operator, column=column, figure=figure, texts=texts, values=values)

    def _column(self, field: str, key: str, texts: tuple[str, ...]) -> tuple[Column, ListColumn | None]:
        figures = figure_columns(self.kind)
        if field in figures:
            if self.as_of is not None:
                raise FilterError(figures[field][1].past_refusal)
            return figures[field]
        columns = {**columns_of(self.kind), WORD.field: WORD}
        if field not in columns:
            raise no_column(self.kind, field, "=".join((key, *texts[:1])), [*columns, *figures])
        return columns[field], None

    def _value(self, column: Column, figure: ListColumn | None, operator: Operator, text: str) -> Value:
        """What a text means for this column and operator."""
        if column is WORD or operator in (Operator.LIKE, Operator.UNLIKE):
            return _pattern(text)
        if operator in EQUAL and text in (Special.UNKNOWN.value, Special.NONE.value):
            if figure is not None and text != Special.UNKNOWN.value:
                raise FilterError(f"{column.field} is known or unknown, never none: write {column.field}=unknown.")
            return Special(text)
        match column.kind:
            case _ if column is ACCOUNT:
                return _account(text, self.accounts)
            case Kind.NUMBER if figure is not None:
                return _number(figure.table._meta.get_field(figure.sort_field), column, text)
            case Kind.NUMBER:
                return _number(self.kind.model._meta.get_field(path_of(column)), column, text)
            case Kind.COUNT:
                return _whole_number(column, text)
            case Kind.BOOLEAN:
                return _boolean(column, text)
            case Kind.MOMENT:
                return _span(column, text)
            case _:
                return text


def _tag_condition(key: str, texts: tuple[str, ...]) -> Condition:
    how, _, tag = key.partition(":")
    operator = Operator(how.replace("tag", ""))
    if not tag:
        raise FilterError("A tag needs a key: write tag:<key>=<value>, tag:<key> or -tag:<key>.")
    if operator not in EQUAL:
        if not texts:
            raise FilterError(f"“{key}” has no value. Write {key}=value*.")
        for text in texts:
            _pattern(text)
    return Condition(operator=operator, tag=tag, texts=texts, values=texts)


def _negated(key: str, field: str, operator: Operator) -> Operator:
    negations = {Operator.IS: Operator.NOT, Operator.LIKE: Operator.UNLIKE}
    if operator not in negations:
        raise FilterError(f"“{key}” cannot be read: - goes with {field}=value only.")
    return negations[operator]


def _column_and_operator(subject: str) -> tuple[str, Operator]:
    for operator in Operator:
        if not operator.is_negated and operator.suffix and subject.endswith(operator.suffix):
            return subject.removesuffix(operator.suffix), operator
    return subject, Operator.IS


def _spelled(field: str, operators: Iterable[Operator]) -> list[str]:
    return [operator.spelled(field) for operator in operators]


def _pattern(text: str) -> str:
    if wildcards(text) > MOST_WILDCARDS:
        raise FilterError(f"“{text}” has too many *: write at most {MOST_WILDCARDS}.")
    return text


def _boolean(column: Column, text: str) -> bool:
    if text.lower() not in BOOLEANS:
        near = nearest(text, ["true", "false"])
        message = f"“{text}” is not possible for {column.field}: write true or false.{hint(near)}"
        raise FilterError(message, wrong=text, suggestion=near, is_value=True)
    return BOOLEANS[text.lower()]


def _account(text: str, accounts: Sequence[Account]) -> Account:
    for account in accounts:
        if text in (account.name, account.account_id):
            return account
    near = nearest(text, [account.name for account in accounts])
    message = f"There is no account “{text}”.{hint(near)} Write its name or its 12 digits."
    raise FilterError(message, wrong=text, suggestion=near, is_value=True)


def _whole_number(column: Column, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise FilterError(f"“{text}” is not possible for {column.field}: write a whole number, like 500.") from None
    if abs(number) > LARGEST_WHOLE_NUMBER:
        raise FilterError(f"“{text}” is too large for {column.field}.")
    return number


def _number(field: object, column: Column, text: str) -> int | Decimal:
    if not isinstance(field, models.DecimalField):
        return _whole_number(column, text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise FilterError(f"“{text}” is not possible for {column.field}: write a number, like 0.5.")
    # More digits than the column holds could not even be compared.
    if number.adjusted() >= field.max_digits - field.decimal_places or number.adjusted() < -field.decimal_places:
        raise FilterError(f"“{text}” is too large or too small for {column.field}.")
    return number


def _span(column: Column, text: str) -> Span:
    try:
        since = parse_moment(text)
        is_day = len(text.strip()) <= len("2026-04-01") and bool(date.fromisoformat(text.strip()))
        return Span(since, since + (timedelta(days=1) if is_day else timedelta(microseconds=1)))
    except (ValueError, OverflowError):
        example = "2026-04-01 or 2026-04-01T06:00:00Z"
        raise FilterError(f"“{text}” is not possible for {column.field}: write a moment like {example}.") from None
