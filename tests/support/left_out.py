"""Leaving most types out, where a test starts real processes and is about something else than types."""

from __future__ import annotations

from inventory.registry import resource_types

FEW = ("ebs-volume", "ec2-instance", "s3-bucket", "savings-plan", "security-group", "security-group-rule")
LEFT_OUT = frozenset(kind.slug for kind in resource_types()) - set(FEW)
VARIABLES = {"LEFT_OUT_TYPES": ",".join(sorted(LEFT_OUT))}
