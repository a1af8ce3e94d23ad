"""A bucket whose own settings let the public in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.s3_bucket import S3_BUCKET

GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "everybody",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "everybody with an AWS account",
}
NO_ACLS = "BucketOwnerEnforced"
NEEDED = ("policy_status", "restrict_public_buckets", "ignore_public_acls", "ownership", "acl_grants")


def judge(look: Look) -> Iterator[Verdict]:
    """Buckets with a public policy or ACL that neither the bucket's block nor its ownership makes void."""
    granted = defaultdict(list)
    for link in look.links(S3_BUCKET, "acl_grants").filter(value__in=list(GROUPS)):
        granted[link.resource_id].append(f"{link.detail.get('permission') or 'something'} to {GROUPS[link.value]}")
    for bucket in look.revisions(S3_BUCKET):
        ways = []
        if bucket.policy_status == "public" and bucket.restrict_public_buckets is False:
            ways.append("its policy is public")
        if granted[bucket.resource_id] and bucket.ignore_public_acls is False and bucket.ownership != NO_ACLS:
            ways.append(f"its ACL grants {' and '.join(sorted(granted[bucket.resource_id]))}")
        unread = [part for part in NEEDED if bucket.was_never_read(part)]
        if ways:
            words = f"By the bucket's own settings {' and '.join(ways)}"
            yield objection(bucket, f"{words}. Whether the account blocks public access as a whole is not read.")
        elif unread and _could_be_public(bucket.policy_status, unread):
            yield doubt(bucket, f"Whether it is public is unknown: {', '.join(unread)} could not be read.")


def _could_be_public(policy_status: str | None, unread: list[str]) -> bool:
    """Whether what was not read could make it public; a policy that is not public needs no block."""
    return "policy_status" in unread or "acl_grants" in unread or policy_status == "public"


register(
    Rule(
        slug="bucket-public",
        title="Bucket is public by its own settings",
        severity=Severity.HIGH,
        type=S3_BUCKET.slug,
        why="Whatever is in it can be listed or read by anybody, and is copied within hours of being found.",
        fix=(
            "Switch on all four settings of Block Public Access for the bucket and for the account. What has to be "
            "public is better served by CloudFront with origin access control."
        ),
        judge=judge,
    )
)
