"""What botocore knows of AWS's services: the layer reads the names of operations, lists and tokens from there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel

# An IAM action has the name of its operation, except here (Service Authorization Reference, Amazon S3, read 2026-11).
S3_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
# Two services to botocore, and one to IAM.
BALANCERS = frozenset({"elb", "elbv2"})
# What AWS answers once for an account, wherever it is asked.
GLOBAL_SERVICES = frozenset({"iam", "cloudfront", "route53", "organizations", "savingsplans"})


@cache
def service_model(service: str) -> ServiceModel:
    """The model of a service; raises botocore's UnknownServiceError for a name it does not know."""
    return botocore.session.get_session().get_service_model(service)


@cache
def paginators(service: str) -> Mapping[str, Any]:
    """How each paged operation of a service pages: the names of its token, its limit and its list."""
    loader = botocore.session.get_session().get_component("data_loader")
    pagination: Mapping[str, Any] = loader.load_service_model(service, "paginators-1")["pagination"]
    return pagination


@cache
def regions() -> tuple[str, ...]:
    """The regions of AWS's standard partition."""
    return tuple(sorted(botocore.session.get_session().get_available_regions("ec2", "aws")))


@cache
def region_names() -> Mapping[str, str]:
    """AWS's words for the regions of its standard partition, such as Europe (London)."""
    loader = botocore.session.get_session().get_component("data_loader")
    known = loader.load_data("endpoints")["partitions"][0]["regions"]
    return {region: facts["description"] for region, facts in known.items()}


def iam_action(service: str, operation: str) -> str:
    """The IAM action that allows an operation, such as ec2:DescribeInstances."""
    if service in BALANCERS:
        return f"elasticloadbalancing:{operation}"
    return f"{service}:{S3_ACTIONS.get(operation, operation) if service == 's3' else operation}"


def is_global(service: str, operation: str) -> bool:
    """Whether an operation answers for the whole account instead of one region."""
    return service in GLOBAL_SERVICES or (service, operation) == ("s3", "ListBuckets")
