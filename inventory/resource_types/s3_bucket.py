"""S3 buckets: listed once for an account, each with a region of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Ask,
    Call,
    Category,
    Column,
    Kind,
    LinkTo,
    Measurement,
    Measures,
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
    tags_from,
)

PUBLIC_ACCESS_BLOCKS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


class S3Bucket(ResourceRevision):
    """One period during which an S3 bucket looked the same."""

    created = models.DateTimeField(null=True)
    block_public_acls = models.BooleanField(null=True)
    ignore_public_acls = models.BooleanField(null=True)
    block_public_policy = models.BooleanField(null=True)
    restrict_public_buckets = models.BooleanField(null=True)
    policy_status = models.CharField(max_length=16, null=True)
    ownership = models.CharField(max_length=32, null=True)
    encryption = models.CharField(max_length=32, null=True)
    kms_key = models.CharField(max_length=2048, null=True)
    versioning = models.CharField(max_length=16, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(
                open_index("s3bucket", field)
                for field in (
                    "created",
                    *PUBLIC_ACCESS_BLOCKS,
                    "policy_status",
                    "ownership",
                    "encryption",
                    "versioning",
                )
            ),
        ]


def region_of(answers: Answers) -> str | None:
    """The bucket's own region: from the list, else from GetBucketLocation; None if both are unread."""
    if listed := answers["ListBuckets"].get("BucketRegion"):
        return str(listed)
    if "GetBucketLocation" in answers:
        # An empty answer is the oldest region, and EU the oldest name of Ireland.
        constraint = answers["GetBucketLocation"].get("LocationConstraint") or "us-east-1"
        return "eu-west-1" if constraint == "EU" else str(constraint)
    return None


def read(answers: Answers, scope: Scope) -> Reading:
    """A bucket from its list item and the answers about its settings; a missing answer leaves its fields unknown."""
    bucket = answers["ListBuckets"]
    fields: dict[str, Any] = {"created": bucket.get("CreationDate")}
    unknown: set[str] = set()
    region = region_of(answers)
    if region is None:
        unknown.add("region")
    for operation, read_part in _PARTS.items():
        try:
            fields |= read_part(answers[operation])
        except KeyError:  # no answer, or one without what was asked for
            unread = read_part(None).keys()
            fields |= dict.fromkeys(unread)
            unknown |= unread
    for operation, role in (("GetBucketAcl", "acl_grants"), ("GetBucketTagging", "tags")):
        if operation not in answers:
            unknown.add(role)
    created = bucket.get("CreationDate")
    return Reading(
        native_id=bucket["Name"],
        name=bucket["Name"],
        region=region,
        tags=tags_from((answers.get("GetBucketTagging") or {}).get("TagSet")),
        fields=fields,
        links=_grants(answers.get("GetBucketAcl") or {}),
        unknown=frozenset(unknown),
        incarnation=created if isinstance(created, str) else created.isoformat() if created else "",
    )


def _public_access_blocks(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    # No configuration blocks nothing: AWS documents all four as off then.
    configuration = (answer or {}).get("PublicAccessBlockConfiguration", {})
    return {field: configuration.get(key, False) for field, key in PUBLIC_ACCESS_BLOCKS.items()}


def _policy_status(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        return {"policy_status": "no policy"}
    return {"policy_status": "public" if answer["PolicyStatus"]["IsPublic"] else "not public"}


def _ownership(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    rules = (answer or {}).get("OwnershipControls", {}).get("Rules", [])
    return {"ownership": rules[0].get("ObjectOwnership") if rules else None}


def _encryption(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    rules = (answer or {}).get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    return {"encryption": default.get("SSEAlgorithm"), "kms_key": default.get("KMSMasterKeyID")}


def _versioning(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"versioning": (answer or {}).get("Status")}


def _grants(answer: Mapping[str, Any]) -> tuple[LinkTo, ...]:
    return tuple(
        LinkTo(
            role="acl_grants",
            value=grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or "",
            detail={"permission": grant.get("Permission"), "grantee_type": grantee.get("Type")},
        )
        for grant in answer.get("Grants", [])
        if (grantee := grant.get("Grantee"))
    )


_PARTS = {
    "GetPublicAccessBlock": _public_access_blocks,
    "GetBucketPolicyStatus": _policy_status,
    "GetBucketOwnershipControls": _ownership,
    "GetBucketEncryption": _encryption,
    "GetBucketVersioning": _versioning,
}


def _of_bucket(answers: Answers) -> dict[str, Any]:
    return {"Bucket": answers["ListBuckets"]["Name"]}


def _setting(operation: str, permission: str, *absent: str) -> Ask:
    return Ask(
        call=Call(service="s3", operation=operation, permission=permission),
        arguments=_of_bucket,
        absent=frozenset(absent),
        region=region_of,
    )


# CloudWatch measures buckets once a day and tells it up to two days later.
MEASURED_DAYS = 4
DAY_SECONDS = 86_400
BUCKET_SIZE, NUMBER_OF_OBJECTS = "BucketSizeBytes", "NumberOfObjects"
STORAGE_TYPE = "${PROP('Dim.StorageType')}"


def _searches(answers: Answers) -> dict[str, Any]:
    """Every storage type that a bucket was measured in; naming the types would miss those that AWS adds."""
    name = answers["ListBuckets"]["Name"]
    search = "SEARCH('{{AWS/S3,BucketName,StorageType}} MetricName=\"{0}\" BucketName=\"{1}\"', 'Average', {2})"
    return {
        "MetricDataQueries": [
            {
                "Id": metric[0].lower() + metric[1:],
                "Expression": search.format(metric, name, DAY_SECONDS),
                "Label": f"{metric} {STORAGE_TYPE}",
            }
            for metric in (BUCKET_SIZE, NUMBER_OF_OBJECTS)
        ]
    }


def _last_days(when: datetime) -> dict[str, datetime]:
    return {"StartTime": when - timedelta(days=MEASURED_DAYS), "EndTime": when}


def measurements(answer: Mapping[str, Any]) -> tuple[Measurement, ...]:
    """Bytes by storage type, and objects, of each day that CloudWatch answers; a type without a figure has none."""
    found = []
    for result in answer["MetricDataResults"]:
        metric, _, storage_type = result["Label"].partition(" ")
        if metric not in (BUCKET_SIZE, NUMBER_OF_OBJECTS) or not storage_type:
            raise ValueError("a series of another metric")
        found += [
            Measurement(metric=metric, dimension=storage_type, value=round(value), measured_at=day)
            for day, value in zip(result["Timestamps"], result["Values"], strict=True)
        ]
    return tuple(found)


S3_BUCKET = register(
    ResourceType(
        slug="s3-bucket",
        label="S3 bucket",
        plural="S3 buckets",
        category=Category.STORAGE,
        icon="bucket",
        model=S3Bucket,
        # BucketRegion is answered only when the request pages.
        call=Call(
            service="s3",
            operation="ListBuckets",
            items="Buckets",
            permission="s3:ListAllMyBuckets",
            page_size=("MaxBuckets", 1000),
        ),
        reach=Reach.GLOBAL,
        id_key="Name",
        arn="arn:{partition}:s3:::{native_id}",
        console="https://{region}.{console}/s3/buckets/{native_id}?region={region}",
        read=read,
        columns=(
            Column(field="created", label="Created", kind=Kind.MOMENT, sortable=True),
            Column(field="policy_status", label="Policy", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="block_public_acls", label="Blocks public ACLs", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(
                field="ignore_public_acls", label="Ignores public ACLs", kind=Kind.BOOLEAN, facet=True, sortable=True
            ),
            Column(
                field="block_public_policy",
                label="Blocks public policies",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
            ),
            Column(
                field="restrict_public_buckets",
                label="Restricts public policies",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
            ),
            Column(field="acl_grants", label="ACL grants", kind=Kind.MANY, detail=("permission", "grantee_type")),
            Column(
                field="ownership", label="Object ownership", kind=Kind.CHOICE, facet=True, sortable=True, default=False
            ),
            Column(field="encryption", label="Encryption", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="kms_key", label="KMS key", kind=Kind.IDENTIFIER, default=False),
            Column(field="versioning", label="Versioning", kind=Kind.CHOICE, facet=True, sortable=True),
        ),
        enrich=(
            Ask(
                call=Call(service="s3", operation="GetBucketLocation"),
                arguments=_of_bucket,
                wanted=lambda answers: region_of(answers) is None,
            ),
            _setting("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
            _setting("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "NoSuchBucketPolicy"),
            _setting("GetBucketAcl", "s3:GetBucketAcl"),
            _setting("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError"),
            _setting(
                "GetBucketEncryption",
                "s3:GetEncryptionConfiguration",
                "ServerSideEncryptionConfigurationNotFoundError",
            ),
            _setting("GetBucketVersioning", "s3:GetBucketVersioning"),
            _setting("GetBucketTagging", "s3:GetBucketTagging", "NoSuchTagSet"),
            Ask(
                call=Call(service="cloudwatch", operation="GetMetricData", items="MetricDataResults"),
                arguments=_searches,
                region=region_of,
                wanted=lambda answers: region_of(answers) is not None,
                measures=Measures(every=timedelta(hours=20), window=_last_days, read=measurements),
            ),
        ),
        is_principal=True,
    )
)
