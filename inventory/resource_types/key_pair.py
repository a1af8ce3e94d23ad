"""Key pairs: by whose private half people log in to instances.

Instances name their key pair by its name, so the name is what identifies one here; AWS's id tells a pair from a later
one of the same name.
"""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    CountOf,
    Kind,
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
    tags_from,
)


class KeyPair(ResourceRevision):
    """One period during which a key pair looked the same."""

    key_pair_id = models.CharField(max_length=64, null=True)
    key_type = models.CharField(max_length=16, null=True)
    fingerprint_of_key = models.CharField(max_length=128, null=True)
    create_time = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("keypair", field) for field in ("key_type", "create_time")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A pair as DescribeKeyPairs lists it; neither half is asked for."""
    pair = answers["DescribeKeyPairs"]
    return Reading(
        native_id=pair["KeyName"],
        name=pair["KeyName"],
        region=scope.region,
        tags=tags_from(pair.get("Tags")),
        fields={
            "key_pair_id": pair.get("KeyPairId"),
            "key_type": pair.get("KeyType"),
            "fingerprint_of_key": pair.get("KeyFingerprint"),
            "create_time": pair.get("CreateTime"),
        },
        incarnation=pair.get("KeyPairId", ""),
    )


KEY_PAIR = register(
    ResourceType(
        slug="key-pair",
        label="Key pair",
        plural="Key pairs",
        category=Category.SECURITY,
        icon="key",
        model=KeyPair,
        call=Call(service="ec2", operation="DescribeKeyPairs", items="KeyPairs"),
        reach=Reach.REGIONAL,
        id_key="KeyName",
        arn="arn:{partition}:ec2:{region}:{account_id}:key-pair/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#KeyPairs:keyName={native_id}",
        read=read,
        columns=(
            Column(field="key_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.COUNT,
                counts=CountOf(type="ec2-instance", field="key_name"),
                help="Instances that were launched with it",
            ),
            Column(field="key_pair_id", label="Key pair id", kind=Kind.IDENTIFIER, default=False),
            Column(field="fingerprint_of_key", label="Fingerprint", kind=Kind.IDENTIFIER),
            Column(field="create_time", label="Created", kind=Kind.MOMENT, sortable=True),
        ),
    )
)
