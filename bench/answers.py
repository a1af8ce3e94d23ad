"""AWS's answers about a fleet, rendered before anybody asks: EC2 pages, S3's list and settings, and an identity.

Listings are cut into pages of the sizes that `PAGE_SIZES` names. A request that asks for another size is refused, so
that nobody measures something else than they believe.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from urllib.parse import parse_qs, unquote

from bench.empty import empty_answers
from bench.fleet import ACCOUNT_ID, TYPE_SIZES, ZONES_FOR_EACH_REGION, Fleet, bucket_name, type_document

# As the product asks; AWS's own limits are 1,000 for each, and 500 for volumes read with a page size.
PAGE_SIZES = {
    "DescribeInstances": 1000,
    "DescribeVolumes": 500,
    "DescribeSecurityGroups": 1000,
    "DescribeSecurityGroupRules": 1000,
}
LISTINGS = {
    "DescribeInstances": ("ec2-instance", "reservationSet"),
    "DescribeVolumes": ("ebs-volume", "volumeSet"),
    "DescribeSecurityGroups": ("security-group", "securityGroupInfo"),
    "DescribeSecurityGroupRules": ("security-group-rule", "securityGroupRuleSet"),
}
EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
MOST_BUCKETS = 1000
OWNER = "<Owner><ID>79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be</ID></Owner>"
SERVICES = json.dumps(
    {"Parameters": [{"Name": f"/aws/{name}", "Value": name} for name in ("ec2", "rds", "s3")]}
).encode()
"""The services of any region; AWS tells some 200, ten at a time, which a snapshot asks for once in 30 days."""
SIGNED_FOR = re.compile(rb"Credential=[^/]+/\d+/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent: the target of its request line, the service and region that it signed for, and its body."""

    target: str
    service: str
    region: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The body of an answer and its HTTP status."""

    body: bytes
    status: int = 200


class Answers:
    """Every answer that one fleet can give. Listings are rendered here; nothing of them is left for the request."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._pages = {
            (operation, region): _pages(operation, fleet.items(slug, region))
            for operation, (slug, _) in LISTINGS.items()
            for region in fleet.regions
        }
        self._regions = Answer(body=_ec2("DescribeRegions", _region_documents(fleet)))
        self._zones = {region: Answer(body=_zones(region)) for region in fleet.regions}
        self._offerings = {region: Answer(body=_offerings(region)) for region in fleet.regions}
        self._empty = {asked: Answer(body=body) for asked, body in empty_answers().items()}
        self._identity = Answer(body=_identity())
        self._buckets = Answer(body=_bucket_list(fleet))
        self._settings = {name: Answer(body=body.encode(), status=status) for name, (status, body) in SETTINGS.items()}

    def to(self, request: Request) -> Answer:
        """The answer to one request; 400 for one that no part of the benchmark sends."""
        match request.service:
            case "s3":
                return self._s3(request.target)
            case "sts":
                return self._identity
            case "savingsplans":
                return Answer(body=b'{"savingsPlans": []}')
            case "ssm":
                return Answer(body=SERVICES)
            case _:
                return self._query(request)

    def _query(self, request: Request) -> Answer:
        """The answer of EC2, Auto Scaling or a load balancer's service: what is asked for stands in the body."""
        asked = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        operation = asked.get("Action", "")
        if empty := self._empty.get((operation, asked.get("Version", ""))):
            return empty
        if operation in LISTINGS:
            if asked.get("MaxResults") != str(PAGE_SIZES[operation]):
                return _refused("InvalidParameterValue", f"MaxResults is not {PAGE_SIZES[operation]}")
            pages = self._pages.get((operation, request.region), [])
            place = int(asked.get("NextToken", "0"))
            return pages[place] if place < len(pages) else _refused("InvalidNextToken", request.region)
        if operation == "DescribeRegions":
            return self._regions
        if operation == "DescribeAvailabilityZones":
            return self._zones[request.region]
        if operation == "DescribeInstanceTypeOfferings":
            return self._offerings[request.region]
        if operation == "DescribeInstanceTypes":
            names = [value for name, value in asked.items() if name.startswith("InstanceType.")]
            found = "".join(type_document(name) for name in names if name in TYPE_SIZES)
            return Answer(body=_ec2(operation, f"<instanceTypeSet>{found}</instanceTypeSet>"))
        return _refused("InvalidAction", operation)

    def _s3(self, target: str) -> Answer:
        path, _, query = target.partition("?")
        if path == "/":
            return self._buckets
        setting = unquote(query.partition("&")[0].partition("=")[0])
        return self._settings.get(setting, _refused("NotImplemented", target))


def pages_of(count: int, size: int) -> int:
    """How many pages so many items take; an empty listing is one page."""
    return max(1, math.ceil(count / size))


def _pages(operation: str, items: list[str]) -> list[Answer]:
    """A listing cut into pages; the token of a page is its number, from 0."""
    size, element = PAGE_SIZES[operation], LISTINGS[operation][1]
    pages = []
    for number in range(count := pages_of(len(items), size)):
        token = f"<nextToken>{number + 1}</nextToken>" if number + 1 < count else ""
        content = "".join(items[number * size : (number + 1) * size])
        pages.append(Answer(body=_ec2(operation, f"<{element}>{content}</{element}>{token}")))
    return pages


def _ec2(operation: str, content: str) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{operation}Response xmlns="{EC2_NAMESPACE}">'
    return f"{head}<requestId>bench</requestId>{content}</{operation}Response>".encode()


def _region_documents(fleet: Fleet) -> str:
    regions = "".join(
        f"<item><regionName>{region}</regionName><regionEndpoint>ec2.{region}.amazonaws.com</regionEndpoint>"
        "<optInStatus>opt-in-not-required</optInStatus></item>"
        for region in fleet.regions
    )
    return f"<regionInfo>{regions}</regionInfo>"


def _zones(region: str) -> bytes:
    """The zones of a region, of the one kind that every region has."""
    zones = "".join(
        f"<item><regionName>{region}</regionName><zoneName>{region}{letter}</zoneName><zoneState>available</zoneState>"
        f"<zoneId>{region}-az{number}</zoneId><zoneType>availability-zone</zoneType><groupName>{region}-zg-1</groupName>"
        "<optInStatus>opt-in-not-required</optInStatus><messageSet/></item>"
        for number, letter in enumerate(ascii_lowercase[:ZONES_FOR_EACH_REGION], start=1)
    )
    return _ec2("DescribeAvailabilityZones", f"<availabilityZoneInfo>{zones}</availabilityZoneInfo>")


def _offerings(region: str) -> bytes:
    """Every type that instances are of, in every zone of a region."""
    offerings = "".join(
        f"<item><instanceType>{name}</instanceType><locationType>availability-zone-id</locationType>"
        f"<location>{region}-az{number}</location></item>"
        for name in TYPE_SIZES
        for number in range(1, ZONES_FOR_EACH_REGION + 1)
    )
    return _ec2("DescribeInstanceTypeOfferings", f"<instanceTypeOfferingSet>{offerings}</instanceTypeOfferingSet>")


def _identity() -> bytes:
    return (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>arn:aws:iam::{ACCOUNT_ID}:user/bench</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT_ID}</Account>"
        "</GetCallerIdentityResult><ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    ).encode()


def _bucket_list(fleet: Fleet) -> bytes:
    count = fleet.counts["s3-bucket"]
    if count > MOST_BUCKETS:
        raise ValueError(f"The list of buckets is one page: no more than {MOST_BUCKETS}, not {count}.")
    buckets = "".join(
        f"<Bucket><Name>{bucket_name(number)}</Name><CreationDate>2024-01-02T03:04:05.000Z</CreationDate>"
        f"<BucketRegion>{fleet.bucket_region(number)}</BucketRegion></Bucket>"
        for number in range(count)
    )
    return (
        f'<ListAllMyBucketsResult xmlns="{S3_NAMESPACE}">{OWNER}<Buckets>{buckets}</Buckets></ListAllMyBucketsResult>'
    ).encode()


def _setting(element: str, content: str) -> tuple[int, str]:
    return 200, f'<{element} xmlns="{S3_NAMESPACE}">{content}</{element}>'


SETTINGS: Mapping[str, tuple[int, str]] = {
    "publicAccessBlock": _setting(
        "PublicAccessBlockConfiguration",
        "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
        "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>",
    ),
    "policyStatus": (404, "<Error><Code>NoSuchBucketPolicy</Code><Message>There is none.</Message></Error>"),
    "acl": _setting(
        "AccessControlPolicy",
        f'{OWNER}<AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:type="CanonicalUser"><ID>79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be</ID></Grantee>'
        "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList>",
    ),
    "ownershipControls": _setting(
        "OwnershipControls", "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
    ),
    "encryption": _setting(
        "ServerSideEncryptionConfiguration",
        "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>",
    ),
    "versioning": _setting("VersioningConfiguration", "<Status>Enabled</Status>"),
    "tagging": _setting(
        "Tagging",
        "<TagSet><Tag><Key>team</Key><Value>data</Value></Tag><Tag><Key>env</Key><Value>prod</Value></Tag></TagSet>",
    ),
}


def _refused(code: str, message: str) -> Answer:
    body = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
    return Answer(body=body.encode(), status=400)
