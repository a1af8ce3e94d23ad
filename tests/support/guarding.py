"""Operations that no resource type declares, for tests of how AWS is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from inventory.aws import guard


@contextmanager
def also_allowed(*operations: guard.Operation) -> Iterator[None]:
    """Let these (service, operation) pass the guard too, for the length of a with-block."""
    before = guard.allowed()
    guard.allow(before | set(operations))
    try:
        yield
    finally:
        guard.allow(before)
