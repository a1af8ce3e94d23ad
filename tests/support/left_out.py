"""Leaving most types out, where a test starts real processes and is about something else than types."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.registry import resource_types

FEW = ("ebs-volume", "ec2-instance", "s3-bucket", "savings-plan", "security-group", "security-group-rule")
LEFT_OUT = frozenset(kind.slug for kind in resource_types()) - set(FEW)
VARIABLES = {"LEFT_OUT_TYPES": ",".join(sorted(LEFT_OUT))}


def param(slug: str, *values: Any, name: str = "") -> Any:
    """One case of a test for each type: that of the few on both databases, the others', which are alike, on SQLite."""
    return pytest.param(*values, id=name or slug, marks=() if slug in FEW else pytest.mark.any_database)
