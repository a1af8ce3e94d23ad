"""The document of what is covered: of each resource type its calls, IAM actions, columns, relations and rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.findings.rule import rules_about
from inventory.registry import Ask, Column, Reach, ResourceType, resource_type, resource_types

HEAD = """# What Skyledger reads

Made by `manage.py write_coverage` from what the resource types declare; a test keeps it true. How actions are granted
is in [iam-policy.md](iam-policy.md), how a type is added in [adding-a-resource-type.md](adding-a-resource-type.md).
"""


def coverage_document() -> str:
    """The whole document, as Markdown."""
    sections = [_section(kind) for kind in resource_types()]
    return "\n".join([HEAD, *_table_of_types(), *sections])


def _table_of_types() -> Iterator[str]:
    kinds = list(resource_types())
    yield f"{len(kinds)} types.\n"
    yield "| type | slug | calls | columns | relations | rules |"
    yield "|---|---|--:|--:|--:|--:|"
    for kind in kinds:
        relations = len(kind.relations) + len(list(_named_by(kind)))
        anchor = kind.plural.lower().replace(" ", "-").replace("(", "").replace(")", "")
        counts = (len(kind.calls), len(kind.columns), relations, len(_rules_about(kind)))
        yield f"| [{kind.plural}](#{anchor}) | `{kind.slug}` | {' | '.join(str(number) for number in counts)} |"
    yield ""


def _section(kind: ResourceType) -> str:
    lines = [f"## {kind.plural}\n", _in_words(kind), ""]
    lines += ["| operation | IAM action | asked |", "|---|---|---|"]
    lines += [f"| `{operation}` | `{action}` | {asked} |" for operation, action, asked in _calls(kind)]
    lines += ["", "| column | key | kind | facet | sorts | names |", "|---|---|---|:-:|:-:|---|"]
    lines += [_column_row(column) for column in kind.columns]
    if relations := [*_names(kind), *_named_by(kind)]:
        lines += ["", "Relations:", "", *(f"- {words}" for words in relations)]
    if rules := _rules_about(kind):
        lines += ["", "Rules:", "", *(f"- {words}" for words in rules)]
    return "\n".join(lines) + "\n"


def _in_words(kind: ResourceType) -> str:
    where = "Once for an account" if kind.reach is Reach.GLOBAL else "In each region"
    often = f", at most once in {int(kind.interval.total_seconds() // 3600)} hours" if kind.interval else ""
    what = " A place, which no account owns." if kind.is_place else " A purchase." if kind.is_purchase else ""
    who = " One account of each partition reads it for all." if kind.is_public else ""
    return f"`{kind.slug}`. {where}{often}.{what}{who}"


def _calls(kind: ResourceType) -> Iterator[tuple[str, str, str]]:
    for call in kind.listings:
        yield f"{call.service}:{call.operation}", call.action, "to list"
    for question in kind.enrich:
        call = question.call
        if isinstance(question, Ask):
            most = f", of {question.most:,} at the most" if question.most else ""
            asked = f"about each{most}" if question.switch is None else f"about each, where {question.switch} is on"
            asked = "about each, to measure" if question.measures else asked
        else:
            asked = "by name, for several at once"
        yield f"{call.service}:{call.operation}", call.action, asked


def _column_row(column: Column) -> str:
    label = f"{column.label} ({column.unit})" if column.unit else column.label
    target = resource_type(column.target).plural if column.target else ""
    marks = ("x" if column.facet else "", "x" if column.sortable else "")
    return f"| {label} | `{column.field}` | {column.kind} | {marks[0]} | {marks[1]} | {target} |"


def _names(kind: ResourceType) -> Iterator[str]:
    for relation in kind.relations:
        yield f"{relation.label}: names {resource_type(relation.target).plural} (`{relation.field}`)"


def _named_by(kind: ResourceType) -> Iterator[str]:
    for other in resource_types():
        for relation in other.relations:
            if relation.target == kind.slug:
                yield f"{relation.inverse}: named by {other.plural} (`{relation.field}`)"


def _rules_about(kind: ResourceType) -> Sequence[str]:
    """The rules about a type, each with its slug and severity."""
    return [f"{rule.title} (`{rule.slug}`, {rule.severity})" for rule in rules_about(kind.slug)]
