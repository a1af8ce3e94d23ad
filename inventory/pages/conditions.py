"""Conditions as SQL, all under the moment of the list.

Three answers are kept apart: a value, none, and unknown: never read (named in `unknown`, without a moment since when).
"Not this value" means known to be another one or none, so an unread field is on neither side. A value kept from an
earlier reading counts as that value.

A revision looks the same for as long as it holds, tags and links included. So conditions can also be asked of whole
revisions (`THROUGHOUT`), whatever the moment, of which there may be many in one list.

Multi-valued columns and tags have rows and periods of their own. Few of them are looked up at once by their own index;
many are asked by EXISTS for each revision, because a list that stops after one page then meets enough of them soon.
JSON is only ever asked for a key, which SQLite can answer too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any, TypeVar, cast

from django.db import models
from django.db.models import Case, Exists, Manager, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from inventory.history import PeriodQuerySet
from inventory.history.terms import beginning_with
from inventory.models import Account, Link, Resource, ResourceTag
from inventory.pages.columns import ACCOUNT, TEXTS, WORD, path_of
from inventory.pages.extensions import ListColumn
from inventory.pages.filters import Condition, Operator, Span, Special
from inventory.pages.filters import Value as Meaning
from inventory.pages.patterns import ANY, matches, pieces
from inventory.pages.tallies import is_tally_known, tally_expression
from inventory.registry import Column, CountOf, Kind

TAGS = "tags"
COMPARISONS = {
    Operator.AT_LEAST: GreaterThanOrEqual,
    Operator.AT_MOST: LessThanOrEqual,
    Operator.ABOVE: GreaterThan,
    Operator.BELOW: LessThan,
}


class Throughout(Enum):
    """Instead of a moment: for as long as the revision holds."""

    THROUGHOUT = "throughout"


THROUGHOUT = Throughout.THROUGHOUT
When = datetime | None | Throughout
"""A moment (None = now), or the life of each revision."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
FEW = 1000
"""Tags or links up to which their resources are looked up beforehand."""


Rows = TypeVar("Rows", bound=QuerySet[Any])


def matching(rows: Rows, conditions: Iterable[Condition], as_of: When) -> Rows:
    """The revisions that meet every condition at the moment (None = now), or throughout.

    A condition on a tag or a multi-valued column asks one query beforehand.
    """
    for condition in conditions:
        rows = rows.filter(predicate(condition, as_of))
    return rows


def never_read(field: str) -> Q:
    """Rows whose field, link role or tags were never read, so that no value is kept from an earlier reading."""
    return Q(**{f"unknown__{field}": None})


def _not(predicate: Q) -> Q:
    """Rows for which the predicate is false, or NULL in SQL's third logic: a missing key of JSON compares as NULL."""
    return Q(Exact(Case(models.When(predicate, then=Value(True)), default=Value(False)), Value(False)))


def predicate(condition: Condition, as_of: When) -> Q:
    """The condition as SQL. A figure or a tally holds at a moment only: ValueError for one that is asked throughout."""
    column = condition.column
    if column is None:
        return _tag(condition, as_of)
    if column.kind is Kind.MANY:
        return _many(column, condition, as_of)
    if as_of is THROUGHOUT and (column.counts is not None or condition.figure is not None):
        raise ValueError(f"{column.label} is known at a moment only.")
    if column.counts is not None and not isinstance(as_of, Throughout):
        return _tally(column.counts, condition, as_of)
    if condition.figure is not None:
        return _figure(condition.figure, condition)
    if column is ACCOUNT:
        return _account(condition)
    if column is WORD:
        return _word(condition, as_of)
    return _scalar(column, condition)


def _parts(of: Manager[Any], as_of: When) -> PeriodQuerySet:
    """The tags or links of the moment, or those that held while the revision did."""
    parts = cast("PeriodQuerySet", of.all())
    if not isinstance(as_of, Throughout):
        return parts.as_of(as_of)
    return parts.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=OuterRef("valid_from")),
        valid_from__lt=Coalesce(OuterRef("valid_to"), Value(NEVER), output_field=models.DateTimeField()),
    )


def _has(parts: QuerySet[Any], as_of: When = None) -> Q:
    """Revisions whose resource has one of these tags or links."""
    if as_of is THROUGHOUT:
        return Q(Exists(parts.filter(resource=OuterRef("resource"))))
    few = list(parts.order_by().values_list("resource_id", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return Q(resource__in=few)
    return Q(Exists(parts.filter(resource=OuterRef("resource"))))


def _any(predicates: Iterable[Q]) -> Q:
    return reduce(or_, predicates)


def _scalar(column: Column, condition: Condition) -> Q:
    path = path_of(column)
    any_of = _any(_one_value(column, path, condition.operator, value) for value in condition.values)
    if not condition.operator.is_negated:
        return any_of
    return _not(any_of | never_read(column.field))


def _one_value(column: Column, path: str, operator: Operator, value: Meaning) -> Q:
    match operator, value:
        case _, Special.UNKNOWN:
            # AWS has states called "unknown" too.
            word = Q(**{path: Special.UNKNOWN.value}) if column.kind in TEXTS else Q()
            # NULL stands first, because the index finds it.
            return Q(**{f"{path}__isnull": True}) & never_read(column.field) | word
        case _, Special.NONE:
            blank = Q(**{path: ""}) if column.kind in TEXTS else Q()
            return Q(**{f"{path}__isnull": True}) & _not(never_read(column.field)) | blank
        case Operator.CONTAINS, text:
            return Q(**{f"{path}__icontains": text})
        case ((Operator.LIKE | Operator.UNLIKE), str(pattern)):
            return matches(path, pattern)
        case _, Span() as span:
            return _in_time(path, operator, span)
        case _:
            return Q(**{f"{path}{operator.suffix}": value})


def _in_time(path: str, operator: Operator, span: Span) -> Q:
    """A day, or an instant, compared as a whole: after it means not on it."""
    match operator:
        case Operator.AT_LEAST:
            return Q(**{f"{path}__gte": span.since})
        case Operator.AT_MOST:
            return Q(**{f"{path}__lt": span.until})
        case Operator.ABOVE:
            return Q(**{f"{path}__gte": span.until})
        case Operator.BELOW:
            return Q(**{f"{path}__lt": span.since})
        case _:
            return Q(**{f"{path}__gte": span.since, f"{path}__lt": span.until})


def _figure(figure: ListColumn, condition: Condition) -> Q:
    """A figure that another package keeps for each resource; what has none is unknown, and on neither side."""
    known = figure.table._default_manager.filter(
        **{"type": figure.type, "is_open": True, f"{figure.sort_field}__isnull": False}
    )

    def holds(value: Meaning) -> Q:
        if isinstance(value, Special):
            return _not(_has(known))
        return _has(known.filter(**{f"{figure.sort_field}{condition.operator.suffix}": value}))

    any_of = _any(holds(value) for value in condition.values)
    return _has(known) & _not(any_of) if condition.operator.is_negated else any_of


def _word(condition: Condition, as_of: When) -> Q:
    """Names and ids that begin so. Few of now are found by the index of search; else each row is compared."""
    [pattern] = condition.values
    begins = str(pattern) + ANY
    found = matches("name", begins) | matches("resource__native_id", begins)
    plain = [*pieces(begins)]
    if as_of is None and len(plain) == 2 and plain[0] is not None:
        ids = set[int]()
        for field in ("native_id", "current_name"):
            named = beginning_with(Resource.objects.all(), plain[0], field)
            ids.update(named.values_list("pk", flat=True)[: FEW + 1])
        found = Q(resource__in=ids) if len(ids) <= FEW else found
    return _not(found) if condition.operator.is_negated else found


def _account(condition: Condition) -> Q:
    any_of = Q(account__in=[account.pk for account in condition.values if isinstance(account, Account)])
    return _not(any_of) if condition.operator.is_negated else any_of


def _many(column: Column, condition: Condition, as_of: When) -> Q:
    links = _parts(Link.objects, as_of).filter(role=column.field)

    def holds(value: Meaning) -> Q:
        match condition.operator, value:
            case _, Special.UNKNOWN:
                return never_read(column.field)
            case _, Special.NONE:
                return _not(Q(Exists(links.filter(resource=OuterRef("resource")))) | never_read(column.field))
            case Operator.CONTAINS, text:
                return _has(links.filter(Q(target__icontains=text) | Q(value__icontains=text)), as_of)
            case ((Operator.LIKE | Operator.UNLIKE), str(pattern)):
                return _has(links.filter(matches("target", pattern) | matches("value", pattern)), as_of)
            case _, text:
                return _has(links.filter(Q(target=text) | Q(value=text)), as_of)

    any_of = _any(holds(value) for value in condition.values)
    return _not(any_of | never_read(column.field)) if condition.operator.is_negated else any_of


def _tag(condition: Condition, as_of: When) -> Q:
    tags = _parts(ResourceTag.objects, as_of).filter(key=condition.tag)
    if condition.operator.suffix:
        tags = tags.filter(_any(matches("value", pattern) for pattern in condition.texts))
    elif condition.values:
        tags = tags.filter(value__in=condition.values)
    is_tagged = _has(tags, as_of)
    return _not(is_tagged | never_read(TAGS)) if condition.operator.is_negated else is_tagged


def tagged_around(condition: Condition, moment: str) -> Q:
    """Revisions whose resource had the tag right before or right after the moment in their column `moment`."""
    tags = ResourceTag.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef(moment)),
        resource=OuterRef("resource"),
        key=condition.tag,
        valid_from__lte=OuterRef(moment),
    )
    if condition.values:
        tags = tags.filter(value__in=condition.values)
    is_tagged = Q(Exists(tags))
    return _not(is_tagged | never_read(TAGS)) if condition.operator is Operator.NOT else is_tagged


def _tally(counts: CountOf, condition: Condition, as_of: datetime | None) -> Q:
    is_known = Q(is_tally_known(counts, as_of))
    number = tally_expression(counts, as_of)
    compare = COMPARISONS.get(condition.operator, Exact)

    def holds(value: Meaning) -> Q:
        match value:
            case Special.UNKNOWN:
                return _not(is_known)
            case Special.NONE:
                return is_known & Q(Exact(number, 0))
            case _:
                return is_known & Q(compare(number, value))

    any_of = _any(holds(value) for value in condition.values)
    return _not(any_of) & is_known if condition.operator.is_negated else any_of
