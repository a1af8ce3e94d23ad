"""An endpoint of AWS over real HTTP: a few resources of every type, page by page, and every way in which it can fail.

It answers in a few milliseconds and from one dictionary, so that whole installations with worker processes can be
tested against it. An account is the one whose access key signs; a region is the one that the signature names.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from inventory.registry import GROUPED, Call, ResourceType, resource_types
from tests.aws_pages import reading
from tests.proof.answers import refused, rendered
from tests.support.http_server import listening

ACCOUNT = "111122223333"
HOME = "us-east-1"
REGION = "eu-west-1"
PAGE = 2
SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
TOKENS = {
    "ListBuckets": "ContinuationToken",
    "DescribeSavingsPlans": "nextToken",
    **dict.fromkeys(("DescribeLoadBalancers", "DescribeTargetGroups", "elb:DescribeLoadBalancers"), "NextMarker"),
}
BALANCERS = {"2012-06-01": "elb", "2015-12-01": "elbv2"}
"""Both services of load balancers sign as one; the version that a request names tells them apart."""
WRAPPED = {"DescribeInstances": ("Reservations", "Instances")}
SETTINGS = {
    "acl": "GetBucketAcl",
    "encryption": "GetBucketEncryption",
    "ownershipControls": "GetBucketOwnershipControls",
    "policyStatus": "GetBucketPolicyStatus",
    "publicAccessBlock": "GetPublicAccessBlock",
    "tagging": "GetBucketTagging",
    "versioning": "GetBucketVersioning",
}
ABSENT = {
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketPolicyStatus": "NoSuchBucketPolicy",
    "GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "GetBucketTagging": "NoSuchTagSet",
}
STATUS = {"InternalServerErrorException": 500, "RequestLimitExceeded": 503, "UnauthorizedOperation": 403}

Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """How an operation fails from the given page on: an error code of AWS, or a way in which a connection breaks."""

    what: str
    from_page: int = 0


@dataclass
class Endpoint:
    """What is there, by (region, operation); the counters may be read at any time."""

    things: dict[tuple[str, str], list[Item]] = field(default_factory=dict)
    regions: tuple[str, ...] = (HOME, REGION)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    latency: float = 0.0
    address: str = ""
    asked: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def listening(self) -> Iterator[Endpoint]:
        """Listen on a port of the loopback interface for the length of a with-block."""
        with listening(type("Handler", (_Handler,), {"endpoint": self})) as self.address:
            try:
                yield self
            finally:
                self._over.set()

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which boto3 asks here."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "AKIAPROOF",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": HOME,
        }

    def items(self, region: str, operation: str) -> list[Item]:
        """What an operation lists in a region."""
        return self.things.setdefault((region, operation), [])

    def trickle(self, send: Any) -> None:
        """Send a byte now and then, for as long as anybody listens."""
        while not self._over.wait(0.05):
            send(b" ")

    def be_silent(self) -> None:
        """Say nothing for a while."""
        self._over.wait(2)

    def answer(self, service: str, operation: str, region: str, asked: Item) -> tuple[int, str]:
        """The status and the body of an answer."""
        self.asked += 1
        if self.latency:
            time.sleep(self.latency)
        match operation:
            case "GetCallerIdentity":
                found: Item = {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/proof", "UserId": "AIDA"}
            case "DescribeRegions":
                usable = [{"RegionName": one, "OptInStatus": "opt-in-not-required"} for one in self.regions]
                found = {"Regions": self.things.get((HOME, operation)) or usable}
            case "GetMetricData":
                found = {"MetricDataResults": []}
            case "DescribeInstanceTypes":
                names = [value for name, value in asked.items() if name.startswith("InstanceType.")]
                size = {"VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8192}}
                found = {"InstanceTypes": [{"InstanceType": name, **size} for name in names]}
            case _ if operation in SETTINGS.values():
                return self._setting(operation, asked)
            case _ if operation in LISTED:
                found = self._page(region, operation, asked)
            case _:
                found = {}  # What is asked about each thing, and not told above.
        return 200, rendered(service, operation.rpartition(":")[2], found)

    def _setting(self, operation: str, asked: Item) -> tuple[int, str]:
        if operation in ABSENT:
            return 404, refused("s3", ABSENT[operation])
        return 200, rendered("s3", operation, {"Grants": []} if operation == "GetBucketAcl" else {"Status": "Enabled"})

    def _page(self, region: str, operation: str, asked: Item) -> Item:
        items = self.items(region, operation)
        if operation not in PAGED:
            return {LISTED[operation].partition("[")[0]: items}
        start = page_of(asked) * PAGE
        outer, *inner = WRAPPED.get(operation, (LISTED[operation].partition("[")[0],))
        page = items[start : start + PAGE]
        token = {TOKENS.get(operation, "NextToken"): str(start // PAGE + 1)}
        more = token if len(items) > start + PAGE else {}
        return {outer: [{inner[0]: page}] if inner else page} | more


def asked_as(service: str, operation: str) -> str:
    """By which name an operation is known here: two services have one that is called DescribeLoadBalancers."""
    return f"{service}:{operation}" if service == "elb" else operation


def listing_of(call: Call) -> str:
    """By which name a listing is known here."""
    return asked_as(call.service, call.operation)


LISTED = {listing_of(call): call.items for kind in resource_types() for call in kind.listings}
PAGED = {listing_of(call) for kind in resource_types() for call in kind.listings if call.page_size}


def page_of(asked: Item) -> int:
    """Which page a request asks for, from 0."""
    tokens = (asked.get(name) for name in ("NextToken", "continuation-token", "nextToken", "Marker"))
    return int(next(filter(None, tokens), 0))


def examples(kind: ResourceType, number: int) -> list[Item]:
    """So many small resources of a type, as its listing has them."""
    created = datetime(2026, 1, 1, tzinfo=UTC)
    more: dict[str, Item] = {
        "DescribeInstances": {
            "InstanceType": "m5.large",
            "State": {"Name": "running", "Code": 16},
            "UsageOperation": "RunInstances",
        },
        "DescribeAvailabilityZones": {"ZoneName": "eu-west-1a", "ZoneType": "availability-zone", "State": "available"},
        "DescribeVolumes": {"Size": 8, "State": "available", "VolumeType": "gp3"},
        "DescribeSecurityGroups": {"GroupName": "web", "Description": "web", "VpcId": "vpc-1"},
        "DescribeSecurityGroupRules": {
            "GroupId": "sg-1",
            "IsEgress": False,
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "CidrIpv4": "10.0.0.0/8",
        },
        "ListBuckets": {"CreationDate": created, "BucketRegion": REGION},
        "DescribeReservedInstances": {"InstanceType": "m5.large", "InstanceCount": 1, "State": "active"},
        "DescribeSavingsPlans": {"savingsPlanType": "Compute", "commitment": "1.0", "state": "active"},
        "DescribeHosts": {"HostProperties": {"InstanceFamily": "m5"}, "State": "available"},
        "DescribeHostReservations": {"InstanceFamily": "m5", "Count": 1, "State": "active"},
    }
    told = more.get(kind.call.operation) or _first_example(kind)
    return [{**told, kind.id_key: f"{kind.slug}-{one:04}"} for one in range(number)]


def _first_example(kind: ResourceType) -> Item:
    """What the page of answers of a type tells of its first thing."""
    item: Item = reading.listed(kind.call, reading.page_of(kind, kind.call))[0]
    # Over the wire the first thing that was listed travels, and elsewhere what the collector makes of it.
    return {**item[GROUPED][0], GROUPED: item[GROUPED][:1]} if kind.call.grouped_by else item


class _Handler(BaseHTTPRequestHandler):
    """Reads a request as far as it must, and answers it or fails."""

    endpoint: Endpoint
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if target := self.headers.get("X-Amz-Target"):
            self._answer(target.rpartition(".")[2], {})
            return
        if operation := self.path.strip("/"):
            self._answer(operation, json.loads(sent))
            return
        body = dict(parse_qsl(sent))
        self._answer(body["Action"], body)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query, keep_blank_values=True))
        setting = next((SETTINGS[name] for name in asked if name in SETTINGS), "ListBuckets")
        self._answer(setting, {**asked, "Bucket": address.path.strip("/")})

    def _answer(self, operation: str, asked: Item) -> None:
        signed = SCOPE.search(self.headers.get("Authorization", ""))
        assert signed, f"{operation} is not signed"
        service = BALANCERS.get(asked.get("Version", ""), signed["service"])
        operation = asked_as(service, operation)
        trouble = self.endpoint.troubles.get(operation)
        try:
            if trouble and page_of(asked) >= trouble.from_page:
                self._fail(trouble.what, service)
            else:
                self._send(*self.endpoint.answer(service, operation, signed["region"], asked))
        except ConnectionError:
            self.close_connection = True  # whoever asked has given up

    def _fail(self, what: str, service: str) -> None:
        self.endpoint.asked += 1
        match what:
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
            case "read timeout":
                self.endpoint.be_silent()
                self.close_connection = True
            case "half a body":
                self._send(200, "<DescribeSomethingResponse><items><item><id>one</id></item>", cut=20)
            case "trickle":
                self._start(200, 1_000_000)
                self._trickle()
            case code:
                self._send(STATUS.get(code, 400), refused(service, code))

    def _trickle(self) -> None:
        def send(byte: bytes) -> None:
            self.wfile.write(byte)
            self.wfile.flush()

        self.endpoint.trickle(send)

    def _send(self, status: int, text: str, cut: int = 0) -> None:
        body = text.encode()
        self._start(status, len(body))
        self.wfile.write(body[: len(body) - cut])
        self.wfile.flush()
        self.close_connection = bool(cut)

    def _start(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
