"""Which statements wrote: whoever compares every row of the ledger need not do so again while no row is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE")
COUNTED = ("UPDATE", "DELETE")


class Writes:
    """Stands between everybody and the database, and counts the statements that may have changed a row."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Execute a statement, and count it unless it only read, or found no row to change."""
        answer = execute(sql, params, many, context)
        if not sql.startswith(HARMLESS) and not (sql.startswith(COUNTED) and context["cursor"].rowcount == 0):
            self.number += 1
        return answer
