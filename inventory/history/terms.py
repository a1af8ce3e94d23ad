"""Texts as they are searched: in lower case and byte by byte, so that a prefix is one stretch of an index.

PostgreSQL orders texts by the rules of a language unless it is told not to, and SQLite makes only the letters A to Z
lower; docs/decisions/0016-search.md says what follows from that.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

LAST_LETTER = "\U0010ffff"
"""Nothing that begins with a prefix stands after the prefix and this letter."""


class Term(Func):
    """One text, or several glued together, as an expression that is indexed and searched."""

    function = "LOWER"
    arg_joiner = " || "
    output_field = models.TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[Any]]:
        """As the other databases have it, ordered by bytes."""
        sql, parameters = self.as_sql(compiler, connection, **context)
        return f'({sql} COLLATE "C")', list(parameters)


def term_index(model_name: str, field: str) -> models.Index:
    """An index that serves the search for the beginning of one column's values, over open and closed revisions."""
    return models.Index(Term(field), name=f"{model_name}_{field}_term"[:30])


def beginning_with(rows: QuerySet[Any], prefix: str, *fields: str) -> QuerySet[Any]:
    """The rows whose term of these fields begins with the prefix, in the order of their terms; the index is walked."""
    found: QuerySet[Any] = (
        rows.alias(term=Term(*fields))
        .filter(term__gte=Term(Value(prefix)), term__lt=Term(Value(prefix), Value(LAST_LETTER)))
        .order_by("term")
    )
    return found
