"""AWS as a few dictionaries: what is really there, and what it answers in place of `inventory.aws.Clients`.

Nothing here knows what the product makes of the answers. Each door that a visit opens notes what it answered, so that
the model can say what that visit was able to see.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore import exceptions
from botocore.parsers import ResponseParserError

from inventory.aws import Access
from inventory.aws.failures import typed_failures

PAGE = 4
VOLUMES = "DescribeVolumes"
BUCKETS = "ListBuckets"
REGIONS = "DescribeRegions"
MEASURED = "GetMetricData"
IDENTITY = "GetCallerIdentity"
SETTINGS = ("GetBucketVersioning", "GetBucketTagging", "GetBucketPolicyStatus")
ABSENT = {
    "GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "GetBucketPolicyStatus": "NoSuchBucketPolicy",
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetBucketTagging": "NoSuchTagSet",
}

CODES = {
    "AccessDenied": "denied",
    "AccessDeniedException": "denied",
    "AuthFailure": "denied",
    "AuthorizationError": "denied",
    "ExpiredToken": "denied",
    "InternalServerErrorException": "failed",
    "InvalidClientTokenId": "denied",
    "OptInRequired": "disabled",
    "RegionDisabledException": "disabled",
    "RequestLimitExceeded": "throttled",
    "SubscriptionRequiredException": "disabled",
    "UnauthorizedOperation": "denied",
    "UnrecognizedClientException": "denied",
}
"""The twelve codes of the fault matrix, and throttling: how a visit that meets one of them must end."""

TRANSPORT = {
    "connect timeout": "unreachable",
    "read timeout": "unreachable",
    "reset": "unreachable",
    "no such host": "unreachable",
    "TLS": "unreachable",
    "half a body": "failed",
    "the same token twice": "failed",
}
FAULTS = {**CODES, **TRANSPORT}


def _raised(fault: str, operation: str) -> Exception:
    """What botocore raises of a fault."""
    where = {"endpoint_url": "https://aws.example"}
    match fault:
        case "connect timeout":
            return exceptions.ConnectTimeoutError(**where)
        case "read timeout":
            return exceptions.ReadTimeoutError(**where)
        case "reset":
            return exceptions.ConnectionClosedError(**where)
        case "no such host":
            return exceptions.EndpointConnectionError(**where)
        case "TLS":
            return exceptions.SSLError(**where, error=OSError("certificate verify failed"))
        case "half a body":
            return ResponseParserError("unable to parse response")
        case "the same token twice":
            return exceptions.PaginationError(message="The same next token was received twice")
        case code:
            answer: Any = {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            return exceptions.ClientError(answer, operation)


@dataclass
class Fault:
    """A call of an account that fails: the one after so many good ones, and then so many more (None: all)."""

    account_id: str
    operation: str
    what: str
    after: int = 0
    times: int | None = None

    def strikes(self, account_id: str, operation: str) -> bool:
        """Whether this call fails; the fault counts it."""
        if (account_id, operation) != (self.account_id, self.operation) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


Things = dict[str, dict[str, Any]]


@dataclass
class Cloud:
    """What is really there, by account and region: volumes and buckets as AWS would tell them, and which regions."""

    volumes: dict[tuple[str, str], Things]
    buckets: dict[str, Things]
    opted_in: dict[str, list[str]]
    faults: list[Fault] = field(default_factory=list)
    # Settings of buckets that cannot be read: account, bucket and operation.
    closed_settings: set[tuple[str, str, str]] = field(default_factory=set)
    told_regions: dict[str, list[list[str]]] = field(default_factory=dict)


class Door:
    """The clients of one visit; `listed` is what the listing showed, `is_complete` whether it came to its end."""

    def __init__(self, cloud: Cloud, account_id: str) -> None:
        self.cloud = cloud
        self.account_id = account_id
        self.access = Access()
        self.home_region = "us-east-1"
        self.calls = 0
        self.listed: Things = {}
        self.unread: dict[str, set[str]] = {}
        self.is_complete = False
        self.failed_with = ""
        self._asking = threading.Lock()

    def identity(self) -> str:
        """The account that the credentials lead to."""
        self._call(IDENTITY, "us-east-1")
        return self.account_id

    def pages(
        self, service: str, operation: str, region: str, action: str, items: str, **arguments: Any
    ) -> Iterator[list[Any]]:
        """A listing of the things as they are when it begins, a few to a page."""
        self.is_complete = False
        self.unread = {}
        if operation == VOLUMES:
            self.listed = deepcopy(self.cloud.volumes.get((self.account_id, region), {}))
        else:
            self.listed = deepcopy(self.cloud.buckets[self.account_id])
        self._call(operation, region)
        told = [_as_aws_tells(operation, name, thing) for name, thing in sorted(self.listed.items())]
        for start in range(0, max(len(told), 1), PAGE):
            if start:
                self._call(operation, region)
            # The first item of a page was the last one of the page before: pages overlap at AWS too.
            yield told[max(start - 1, 0) : start + PAGE]
        self.is_complete = True

    def ask(self, service: str, operation: str, region: str, action: str, **arguments: Any) -> dict[str, Any]:
        """The regions of the account, or one setting of a bucket; several may be asked at once."""
        if operation == REGIONS:
            self._call(operation, region)
            regions = self.cloud.opted_in[self.account_id]
            self.cloud.told_regions.setdefault(self.account_id, []).append(sorted(regions))
            return {"Regions": [{"RegionName": name, "OptInStatus": "opted-in"} for name in regions]}
        if operation == MEASURED:
            return {"MetricDataResults": []}
        name = arguments["Bucket"]
        with self._asking:
            self.calls += 1
            if (self.account_id, name, operation) in self.cloud.closed_settings:
                self.unread.setdefault(name, set()).add(operation)
                with typed_failures(action, region):
                    raise _raised("AccessDenied", operation)
            return _setting(self.listed[name], operation, action, region)

    def _call(self, operation: str, region: str) -> None:
        self.calls += 1
        fault = next((one for one in self.cloud.faults if one.strikes(self.account_id, operation)), None)
        if operation == VOLUMES and region not in self.cloud.opted_in[self.account_id]:
            fault = Fault(self.account_id, operation, "OptInRequired")
        if fault:
            self.failed_with = fault.what
            with typed_failures(f"aws:{operation}", region):
                raise _raised(fault.what, operation)


def _as_aws_tells(operation: str, name: str, thing: dict[str, Any]) -> dict[str, Any]:
    if operation == BUCKETS:
        return {"Name": name, "CreationDate": thing["created"], "BucketRegion": thing["region"]}
    return {
        "VolumeId": name,
        "State": "available",
        "Size": thing["size"],
        "Tags": [{"Key": key, "Value": value} for key, value in thing["tags"].items()],
        "Attachments": [{"InstanceId": one, "Device": "/dev/sdf"} for one in thing["attached"]],
    }


def _setting(bucket: dict[str, Any], operation: str, action: str, region: str) -> dict[str, Any]:
    match operation:
        case "GetBucketVersioning":
            return {"Status": bucket["versioning"]} if bucket["versioning"] else {}
        case "GetBucketTagging" if bucket["tags"]:
            return {"TagSet": [{"Key": key, "Value": value} for key, value in bucket["tags"].items()]}
        case "GetBucketPolicyStatus" if bucket["public"] is not None:
            return {"PolicyStatus": {"IsPublic": bucket["public"]}}
        case "GetBucketAcl":
            return {"Grants": []}
    with typed_failures(action, region):
        raise _raised(ABSENT[operation], operation)
    raise AssertionError("unreachable")


def volume(size: int = 8, tags: dict[str, str] | None = None, attached: tuple[str, ...] = ()) -> dict[str, Any]:
    """A volume as it really is."""
    return {"size": size, "tags": tags or {}, "attached": list(attached)}


def bucket(
    created: datetime,
    region: str = "eu-west-1",
    *,
    versioning: str | None = None,
    public: bool | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A bucket as it really is."""
    return {"created": created, "region": region, "versioning": versioning, "public": public, "tags": tags or {}}
