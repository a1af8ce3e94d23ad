"""Money never passes through binary floating point."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import costs
from tests.support.parsing import parsed

MODULES = sorted(Path(costs.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(MODULES[0].parent)))
def test_no_module_of_costs_writes_or_names_a_float(path):
    nodes = list(ast.walk(parsed(path)))

    written = [node.lineno for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    named = [node.lineno for node in nodes if isinstance(node, ast.Name) and "float" in node.id.lower()]
    reached = [node.lineno for node in nodes if isinstance(node, ast.Attribute) and "float" in node.attr.lower()]

    assert (written, named, reached) == ([], [], [])
