from __future__ import annotations

from pathlib import Path

from inventory.findings.rule import rules
from inventory.registry import resource_type

DOCUMENT = Path(__file__).parents[2] / "docs" / "findings.md"


def test_the_document_lists_every_rule_with_its_severity_and_what_it_objects_to():
    told = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]

    assert told == [
        f"| `{one.slug}` | {one.severity} | {one.title} ({resource_type(one.type).plural}) |" for one in rules()
    ]
