"""Every setting that the product reads is explained for its operator, with its default."""

from __future__ import annotations

import ast
import re
from itertools import chain

import pytest

import config.settings
from tests.support.environment import ROOT, product_variables
from tests.support.parsing import parsed

PACKAGES = ("config", "inventory", "costs", "sign_in")
DOCUMENT = ROOT / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z_0-9]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """The rows of the document: default and meaning by name."""
    return {name: (default, meaning) for name, default, meaning in ROW.findall(DOCUMENT.read_text())}


def names_read() -> set[str]:
    """What settings read, and what the source asks os.environ for by name."""
    found = set(config.settings.environment.names)
    for file in chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.environ.get", "os.getenv"}:
                found.add(ast.literal_eval(node.args[0]))
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                found.add(ast.literal_eval(node.slice))
    return found


def test_every_setting_is_in_the_document_and_no_other() -> None:
    assert documented().keys() == names_read()


def test_the_example_file_names_every_setting() -> None:
    assert product_variables() == names_read()


@pytest.mark.parametrize("name", sorted(documented()))
def test_a_default_that_is_a_plain_value_is_the_real_one(name: str) -> None:
    default = documented()[name][0]
    plain = re.fullmatch(r"`([\w.]+)`", default)
    example = re.search(rf"^# {name}=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert example

    if plain and hasattr(config.settings, name):
        real = getattr(config.settings, name)
        assert plain[1] == (str(real).lower() if isinstance(real, bool) else str(real))
        assert example[1] == plain[1]
