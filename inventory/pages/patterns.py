"""Texts with `*`, which stands for any letters or none, as the database's LIKE. Capitals make no difference.

`\\*` is an asterisk and `\\\\` a backslash. SQLite makes only the letters A to Z equal to their capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup, Q, Value
from django.db.models.sql.compiler import SQLCompiler

MOST_WILDCARDS = 5
"""Each further one multiplies the ways in which LIKE tries a text."""

ANY = "*"
_PIECE = re.compile(r"\\.|\*|[^\\*]+|\\", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def pieces(pattern: str) -> Iterator[str | None]:
    """The stretches of plain text in a pattern, and None for each run of wildcards."""
    for is_wild, some in groupby(_PIECE.findall(pattern), key=ANY.__eq__):
        yield None if is_wild else "".join(_ESCAPED.sub(r"\1", piece) for piece in some)


def escaped(text: str) -> str:
    """The pattern that only this text meets."""
    return re.sub(r"([\\*])", r"\\\1", text)


def wildcards(pattern: str) -> int:
    """How many wildcards a pattern has."""
    return sum(piece is None for piece in pieces(pattern))


def is_met(pattern: str, text: str) -> bool:
    """Whether a text meets the pattern, for what is no row of the database."""
    expression = "".join(".*" if piece is None else re.escape(piece) for piece in pieces(pattern))
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


def matches(path: str, pattern: str) -> Q:
    """Rows whose text at this path meets the pattern."""
    like = "".join("%" if piece is None else re.sub(r"([\\%_])", r"\\\1", piece) for piece in pieces(pattern))
    return Q(_Like(F(path), Value(like)))


class _Like(Lookup):
    """LIKE with a pattern of ours, which Django's own lookups would escape."""

    lookup_name = "like"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = self.process_rhs(compiler, connection)
        word = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        return f"{left} {word} {right} ESCAPE '\\'", (*left_parameters, *right_parameters)
