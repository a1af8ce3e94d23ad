"""What a query means: for each type that it can be asked of, conditions as its list knows them.

A query selects exactly the rows of these conditions, so that a list shows the same rows for the same words. A type that
lacks one of the fields is left out; a query that no type is left for is an error at the word that excluded the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from inventory.models import Account
from inventory.pages.columns import ACCOUNT, WORD
from inventory.pages.filter_faults import FilterError
from inventory.pages.filters import POSSIBLE, Condition, Operator, Special, from_expressions
from inventory.pages.nearest import hint, nearest
from inventory.pages.patterns import is_met
from inventory.pages.query.fields import TYPE, field_names, field_of, holders
from inventory.pages.query.language import TAG, Comparison, Fault, QueryError, Term, Value, parse
from inventory.registry import Column, Kind, ResourceType, resource_types

COMPARED = {
    Comparison.IS: Operator.IS,
    Comparison.AT_LEAST: Operator.AT_LEAST,
    Comparison.AT_MOST: Operator.AT_MOST,
    Comparison.ABOVE: Operator.ABOVE,
    Comparison.BELOW: Operator.BELOW,
}
OPPOSITE = {
    Operator.IS: Operator.NOT,
    Operator.LIKE: Operator.UNLIKE,
    Operator.AT_LEAST: Operator.BELOW,
    Operator.BELOW: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.ABOVE,
    Operator.ABOVE: Operator.AT_MOST,
}
SPECIAL = frozenset(one.value for one in Special)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a query asks of one type."""

    kind: ResourceType
    conditions: tuple[Condition, ...]


def read_query(text: str, accounts: Sequence[Account], as_of: datetime | None) -> tuple[Part, ...]:
    """What a query asks of each type that it can be asked of, at a moment (None = now).

    `accounts` are those that may be named; any other one looks as if it did not exist. QueryError for a query that
    cannot be answered.
    """
    return _parts(parse(text), None, accounts, as_of)


def read_query_of(
    kind: ResourceType, text: str, accounts: Sequence[Account], as_of: datetime | None
) -> tuple[tuple[Term, Condition], ...]:
    """What a query asks of one type, term by term; QueryError also for one that is about other types only."""
    terms = parse(text)
    [part] = _parts(terms, [kind], accounts, as_of)
    return tuple(zip((term for term in terms if term.field != TYPE), part.conditions, strict=True))


def _parts(
    terms: Sequence[Term], among: Sequence[ResourceType] | None, accounts: Sequence[Account], as_of: datetime | None
) -> tuple[Part, ...]:
    kinds = chosen_types(terms, among)
    found: dict[str, list[Condition]] = {kind.slug: [] for kind in kinds}
    for term in terms:
        if term.field == TYPE:
            continue
        refusals: list[QueryError] = []
        left = []
        for kind in kinds:
            try:
                condition = _condition(kind, term, accounts, as_of)
                _refuse_twice(term, condition, found[kind.slug])
            except QueryError as error:
                refusals.append(error)
                continue
            found[kind.slug].append(condition)
            left.append(kind)
        if not left:
            raise _best(refusals, term, kinds)
        kinds = left
    return tuple(Part(kind=kind, conditions=tuple(found[kind.slug])) for kind in kinds)


def chosen_types(terms: Sequence[Term], among: Sequence[ResourceType] | None = None) -> list[ResourceType]:
    """Those of these types that the terms `type:` leave; QueryError for one that there is not, or if none is left."""
    kinds = list(resource_types() if among is None else among)
    slugs = [kind.slug for kind in resource_types()]
    for term in terms:
        if term.field != TYPE:
            continue
        if term.comparison is not Comparison.IS:
            raise term.error("A type is not larger or smaller: write type:ec2-instance.", Fault.COMPARISON)
        named = {slug for value in term.values for slug in _named(value, slugs, "type")}
        kinds = [kind for kind in kinds if (kind.slug in named) is not term.is_negated]
        if not kinds:
            raise term.error(_none_left(among), Fault.TOGETHER)
    return kinds


def _none_left(among: Sequence[ResourceType] | None) -> str:
    if among is None:
        return "No type is left: nothing is of two types at once."
    return f"This list is about {_listed(among)}: the page Query asks for other types."


def _named(value: Value, possible: Sequence[str], what: str) -> list[str]:
    """Those of a few names that the value means."""
    found = [one for one in possible if is_met(value.pattern, one)]
    if not found:
        near = nearest(value.text, possible)
        message = f"There is no {what} “{value.text}”.{hint(near)}"
        raise QueryError(message, fault=Fault.VALUE, start=value.start, end=value.end, suggestion=near)
    return found


def _best(refusals: Sequence[QueryError], term: Term, kinds: Sequence[ResourceType]) -> QueryError:
    """What to say when no type can be asked: why a type that has the field refused, else who has the field."""
    better = [error for error in refusals if error.fault is not Fault.FIELD]
    if better:
        return better[0]
    start, end = term.field_start, term.field_end
    if owners := holders(term.field):
        message = f"Only {_listed(owners)} have a field {term.field}, and this query is about {_listed(kinds)}."
        return QueryError(message, fault=Fault.TOGETHER, start=start, end=end)
    near = nearest(term.field, field_names(kinds) or field_names(resource_types()))
    otherwise = hint(near) or " To search for this text, write it in quotes."
    message = f"There is no field “{term.field}”.{otherwise}"
    return QueryError(message, fault=Fault.FIELD, start=start, end=end, suggestion=near)


def _listed(kinds: Sequence[ResourceType]) -> str:
    return " and ".join(kind.plural for kind in kinds)


def _condition(kind: ResourceType, term: Term, accounts: Sequence[Account], as_of: datetime | None) -> Condition:
    """The one condition that a term is for a type."""
    if not term.field:
        return _read(kind, term, WORD.field, Operator.IS, term.values, accounts, as_of)
    if term.field == TAG:
        return _tag(kind, term, accounts, as_of)
    column = field_of(kind, term.field)
    if column is None:
        raise term.error(f"{kind.plural} have no field {term.field}.", Fault.FIELD)
    if column is ACCOUNT:
        return _account(kind, term, accounts)
    operator = COMPARED[term.comparison]
    if term.comparison is Comparison.IS and any(value.is_pattern for value in term.values):
        operator = Operator.LIKE
    _refuse_impossible(column, operator, term)
    return _read(kind, term, column.field, operator, term.values, accounts, as_of)


def _tag(kind: ResourceType, term: Term, accounts: Sequence[Account], as_of: datetime | None) -> Condition:
    if term.comparison is not Comparison.IS:
        raise term.error("Tags are texts: write tag:key, tag:key=value or tag:key=val*.", Fault.COMPARISON)
    is_like = any(value.is_pattern for value in term.values)
    operator = Operator.LIKE if is_like else Operator.IS
    operator = OPPOSITE[operator] if term.is_negated else operator
    left = f"{operator.spelled(TAG)}:{quote(term.tag, safe='')}"
    texts = [value.pattern if is_like else value.text for value in term.values]
    expressions = [f"{left}={quote(text, safe='')}" for text in texts] or [left]
    return _only(kind, expressions, term, accounts, as_of)


def _account(kind: ResourceType, term: Term, accounts: Sequence[Account]) -> Condition:
    """Accounts by name or id; a pattern means all those that may be seen and meet it."""
    if term.comparison is not Comparison.IS:
        raise term.error("An account is not larger or smaller: write account:name.", Fault.COMPARISON)
    by_word = {word: one for one in accounts for word in (one.account_id or "", one.name) if word}
    names = [by_word[word].name for value in term.values for word in _named(value, list(by_word), "account")]
    operator = Operator.NOT if term.is_negated else Operator.IS
    left = operator.spelled(ACCOUNT.field)
    expressions = [f"{left}={quote(name, safe='')}" for name in dict.fromkeys(names)]
    return _only(kind, expressions, term, accounts, None)


def _refuse_impossible(column: Column, operator: Operator, term: Term) -> None:
    if operator is Operator.LIKE and any(value.text in SPECIAL and not value.is_pattern for value in term.values):
        raise term.error("“unknown” and none stand beside no pattern: write them as a query of their own.", Fault.VALUE)
    if operator in POSSIBLE[column.kind]:
        return
    if operator is Operator.LIKE:
        raise term.error(f"{term.field} holds no text: a * means nothing in it.", Fault.COMPARISON)
    example = "true" if column.kind is Kind.BOOLEAN else "value"
    raise term.error(
        f"{term.field} is not larger or smaller than anything: write {term.field}:{example}.", Fault.COMPARISON
    )


def _refuse_twice(term: Term, condition: Condition, earlier: Sequence[Condition]) -> None:
    """In an address a condition that is written twice means any of the values; in a query, both."""
    is_once = condition.operator.is_negated or condition.column is WORD
    if not is_once and any(one.key == condition.key for one in earlier):
        what = f"tag:{term.tag}=" if term.field == TAG else f"{term.field}{term.comparison}"
        other = f"for any of several values write {what}a,b" if term.comparison is Comparison.IS else "keep one"
        raise term.error(f"{what} is asked for twice in the same way: {other}.", Fault.TOGETHER)


def _read(
    kind: ResourceType,
    term: Term,
    field: str,
    operator: Operator,
    values: Sequence[Value],
    accounts: Sequence[Account],
    as_of: datetime | None,
) -> Condition:
    if len(values) > 1 and term.comparison is not Comparison.IS:
        raise term.error(f"{term.comparison} takes one value.", Fault.VALUE)
    is_pattern = operator is Operator.LIKE or field == WORD.field
    left = (OPPOSITE[operator] if term.is_negated else operator).spelled(field)
    texts = [value.pattern if is_pattern else value.text for value in values]
    return _only(kind, [f"{left}={quote(text, safe='')}" for text in texts], term, accounts, as_of)


def _only(
    kind: ResourceType, expressions: Sequence[str], term: Term, accounts: Sequence[Account], as_of: datetime | None
) -> Condition:
    try:
        [condition] = from_expressions(kind, expressions, accounts, as_of)
    except FilterError as error:
        is_one = len(term.values) == 1
        start, near = (term.values[0].start, error.suggestion) if is_one else (term.start, "")
        raise QueryError(str(error), fault=Fault.VALUE, start=start, end=term.end, suggestion=near) from None
    return condition
