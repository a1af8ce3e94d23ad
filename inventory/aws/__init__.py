"""AWS, read-only. The only runtime package that imports boto3; it knows none of our models."""

from __future__ import annotations

from inventory.aws.clients import Clients, clients_of
from inventory.aws.failures import AwsFailure, FailureKind, ListingBroken
from inventory.aws.guard import OperationForbidden
from inventory.aws.regions import known_regions, region_states
from inventory.aws.sessions import Access

__all__ = [
    "Access",
    "AwsFailure",
    "Clients",
    "FailureKind",
    "ListingBroken",
    "OperationForbidden",
    "clients_of",
    "known_regions",
    "region_states",
]
