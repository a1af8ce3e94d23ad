"""S3: the region and the paging of the bucket list, and the encryption that every bucket has."""

from __future__ import annotations

import base64
from binascii import Error as NotBase64
from xml.etree import ElementTree as ET

from werkzeug import Response

from .backend import Moto
from .calls import Call
from .documents import answer, drop, parse, put, text
from .errors import error

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
MOST_BUCKETS = 10_000
PAGED_BY = ("max-buckets", "continuation-token", "prefix", "bucket-region")


def respond(call: Call, moto: Moto) -> Response:
    """The answer to an S3 call."""
    if call.operation == "ListBuckets":
        return _list_buckets(call, moto)
    response = moto.forward(call)
    if call.operation == "GetBucketEncryption" and b"<Code>ServerSideEncryptionConfigurationNotFound" in response.data:
        return _default_encryption()
    return response


def _list_buckets(call: Call, moto: Moto) -> Response:
    """One page of buckets in the order of their names; regions are told to those who asked for a page, as AWS does."""
    asked = call.request.args
    size, after = asked.get("max-buckets", str(MOST_BUCKETS)), _after(asked.get("continuation-token", ""))
    if not size.isdigit() or not 1 <= int(size) <= MOST_BUCKETS or after is None:
        return error(call, 400, "InvalidArgument", "Argument max-buckets or continuation-token is invalid")
    root = parse(moto.forward(call, parameters={}).data)
    buckets = root.find("Buckets")
    if buckets is None:
        buckets = ET.SubElement(root, "Buckets")
    found = []
    for bucket in sorted(buckets, key=lambda bucket: text(bucket, "Name")):
        name = text(bucket, "Name")
        region = moto.region_of_bucket(call.account, name)
        if name.startswith(asked.get("prefix", "")) and asked.get("bucket-region", region) == region and name > after:
            put(bucket, "BucketRegion", region)
            found.append(bucket)
    page = found[: int(size)]
    if not any(name in asked for name in PAGED_BY):
        for bucket in page:
            drop(bucket, "BucketRegion")
    buckets[:] = page
    drop(root, "ContinuationToken", "Prefix")
    if len(found) > len(page):
        put(root, "ContinuationToken", base64.b64encode(text(page[-1], "Name").encode()).decode())
    if "prefix" in asked:
        put(root, "Prefix", asked["prefix"])
    return answer(root)


def _after(token: str) -> str | None:
    """The last bucket of the page before, or None for a token that we never gave."""
    try:
        return base64.b64decode(token, validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        return None


def _default_encryption() -> Response:
    """What AWS answers for a bucket that nobody configured, since January 2023."""
    root = ET.Element("ServerSideEncryptionConfiguration", xmlns=NAMESPACE)
    rule = ET.SubElement(root, "Rule")
    ET.SubElement(ET.SubElement(rule, "ApplyServerSideEncryptionByDefault"), "SSEAlgorithm").text = "AES256"
    ET.SubElement(rule, "BucketKeyEnabled").text = "false"
    return answer(root)
