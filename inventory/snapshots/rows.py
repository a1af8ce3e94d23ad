"""Rows that are to be inserted, as plain values by column.

A first visit opens about six rows for each thing it finds: one revision, tags and links. As instances of Django's
models they took longer to make and to write than AWS's answer took to parse; here a row is a dictionary, and all rows
of a table are written by one prepared statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Values = dict[str, Any]
"""The values of a row, by column (`resource_id`); a column that is left out has its field's default."""

Row = tuple[type[models.Model], Values]

LIKELY = {
    **dict.fromkeys(("CharField", "TextField"), ""),
    **dict.fromkeys(("BigAutoField", "BigIntegerField", "IntegerField"), 0),
    **dict.fromkeys(("PositiveIntegerField", "PositiveSmallIntegerField"), 0),
    "BooleanField": False,
}
"""A value of each kind of column that some databases take as Python has it."""


@dataclass(frozen=True, kw_only=True)
class _Column:
    """How one column is written: which type of value the database takes as it is, and which field prepares others."""

    name: str
    default: Any
    field: models.Field[Any, Any]
    taken_as_it_is: type | None

    @classmethod
    def of(cls, field: models.Field[Any, Any], database: BaseDatabaseWrapper, shared: Mapping[str, Any]) -> _Column:
        """The column of a field; a shared value takes the place of its default."""
        kind = field.target_field if isinstance(field, models.ForeignKey) else field
        sample = LIKELY.get(kind.get_internal_type())
        is_taken = sample is not None and type(field.get_db_prep_save(sample, connection=database)) is type(sample)
        return cls(
            name=field.attname,
            default=shared.get(field.attname, field.get_default()),
            field=field,
            taken_as_it_is=type(sample) if is_taken else None,
        )


class Insert:
    """The statement that inserts rows of one table, each with the shared values, too; `values` are its parameters."""

    def __init__(self, model: type[models.Model], *, ignore_conflicts: bool = False, **shared: Any) -> None:
        self._database = connections[DEFAULT_DB_ALIAS]
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        self._columns = [_Column.of(field, self._database, shared) for field in fields]
        quote = self._database.ops.quote_name
        names, places = ", ".join(quote(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
        self.statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
        if ignore_conflicts:
            self.statement += " ON CONFLICT DO NOTHING"

    def values(self, rows: Iterable[Values]) -> Iterator[list[Any]]:
        """What the database takes for each row."""
        # Tuples, and one look at each value: this runs for millions of them.
        columns = [(one.name, one.default, one.taken_as_it_is, one.field.get_db_prep_save) for one in self._columns]
        database = self._database
        for row in rows:
            yield [
                value
                if (value := row.get(name, default)) is None or type(value) is taken_as_it_is
                else prepare(value, connection=database)
                for name, default, taken_as_it_is, prepare in columns
            ]
