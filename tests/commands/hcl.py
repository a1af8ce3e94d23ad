"""Terraform modules, read with a parser of HCL."""

from __future__ import annotations

from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

PLAIN = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)


def blocks(text: str, kind: str) -> dict[str, Any]:
    """The blocks of a kind by name: `aws_iam_role.skyledger` for a resource, `external_id` for a variable."""
    found: dict[str, Any] = {}
    for block in hcl2.loads(text, serialization_options=PLAIN)[kind]:
        for name, body in block.items():
            found |= {f"{name}.{inner}": of for inner, of in body.items()} if kind == "resource" else {name: body}
    return found


def encoded(expression: str) -> Any:
    """What stands in jsonencode()."""
    assert expression.startswith("${jsonencode(")
    assert expression.endswith(")}")
    inside = expression.removeprefix("${jsonencode(").removesuffix(")}")
    return hcl2.loads(f"value = {inside}\n", serialization_options=PLAIN)["value"]
