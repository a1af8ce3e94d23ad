"""The buckets of a place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .words import pairs

ALL_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


class Buckets:
    """What is done to buckets in one region of one account."""

    def __init__(self, s3: Any, region: str) -> None:
        self._s3 = s3
        self._region = region

    def create(
        self,
        name: str,
        *,
        tags: Mapping[str, str] | None = None,
        blocked: bool = True,
        versioned: bool = False,
        key: str = "",
    ) -> None:
        """A bucket here; since April 2023 AWS blocks public access to a new one and switches its ACLs off."""
        place = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        self._s3.create_bucket(Bucket=name, **({} if self._region == "us-east-1" else place))
        if tags:
            self._s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(tags)})
        if blocked:
            self._s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)
            self._s3.put_bucket_ownership_controls(
                Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
            )
        if versioned:
            self._s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if key:
            self.encrypt(name, key)

    def encrypt(self, name: str, key: str) -> None:
        """Let a bucket encrypt with this KMS key."""
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        self._s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})

    def publish(self, name: str, *, by_acl: bool = False) -> None:
        """Let the world read a bucket, by a policy, or by the old way of an ACL."""
        self._s3.delete_public_access_block(Bucket=name)
        if by_acl:
            rules = [{"ObjectOwnership": "ObjectWriter"}]
            self._s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": rules})
            self._s3.put_bucket_acl(Bucket=name, ACL="public-read")
            return
        resource = f"arn:aws:s3:::{name}/*"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._s3.put_bucket_policy(Bucket=name, Policy=policy)

    def block(self, name: str) -> None:
        """Block every public access to a bucket."""
        self._s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)

    def delete(self, name: str) -> None:
        """Delete an empty bucket."""
        self._s3.delete_bucket(Bucket=name)
