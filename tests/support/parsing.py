"""Reading the product's own sources."""

from __future__ import annotations

import ast
from pathlib import Path


def parsed(file: Path) -> ast.Module:
    """A module's syntax tree.

    CPython 3.11 counts how deep it is in one place for the whole process (its issue 106905): whatever builds a tree
    meanwhile, like a finalizer, lets this fail with SystemError, and the next attempt begins to count anew.
    """
    source = file.read_text(encoding="utf-8")
    try:
        return ast.parse(source)
    except SystemError:
        return ast.parse(source)
