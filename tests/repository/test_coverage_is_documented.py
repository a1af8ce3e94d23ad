"""docs/coverage.md says what the resource types declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from inventory.management.coverage_document import coverage_document
from inventory.registry import resource_types
from tests.support.environment import ROOT


def test_the_document_is_as_the_types_declare_themselves() -> None:
    kept = (ROOT / "docs" / "coverage.md").read_text()

    assert kept == coverage_document(), "run: python manage.py write_coverage"


def test_the_command_writes_it(settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()

    call_command("write_coverage")

    assert (tmp_path / "docs" / "coverage.md").read_text() == coverage_document()
    assert "coverage.md is written" in capsys.readouterr().err


def test_every_call_action_column_and_relation_stands_in_it() -> None:
    document = coverage_document()

    for kind in resource_types():
        section = document.split(f"\n## {kind.plural}\n")[1].split("\n## ")[0]
        for call in kind.calls:
            assert f"| `{call.service}:{call.operation}` | `{call.action}` |" in section
        for column in kind.columns:
            assert f"| `{column.field}` |" in section
        for relation in kind.relations:
            assert f"- {relation.label}: names " in section
