"""Managed prefix lists, with their entries: ranges under one name, for rules and routes.

AWS's own lists, like that of CloudFront, are the same in every account and belong to none; they are left out.
"""

from __future__ import annotations

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
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
    tags_from,
)

AWS = "AWS"
INDEXED = ("state", "address_family", "max_entries", "owner_id")


class PrefixList(ResourceRevision):
    """One period during which a managed prefix list and its entries looked the same."""

    state = models.CharField(max_length=32, null=True)
    address_family = models.CharField(max_length=8, null=True)
    max_entries = models.PositiveIntegerField(null=True)
    version = models.PositiveBigIntegerField(null=True)
    owner_id = models.CharField(max_length=12, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("prefixlist", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A list as DescribeManagedPrefixLists tells it, its entries from GetManagedPrefixListEntries."""
    prefix_list = answers["DescribeManagedPrefixLists"]
    entries = answers.get("GetManagedPrefixListEntries")
    return Reading(
        native_id=prefix_list["PrefixListId"],
        name=prefix_list.get("PrefixListName", ""),
        region=scope.region,
        tags=tags_from(prefix_list.get("Tags")),
        fields={
            "state": prefix_list.get("State"),
            "address_family": prefix_list.get("AddressFamily"),
            "max_entries": prefix_list.get("MaxEntries"),
            "version": prefix_list.get("Version"),
            "owner_id": prefix_list.get("OwnerId"),
        },
        links=tuple(
            LinkTo(role="entries", value=entry["Cidr"], detail={"description": entry.get("Description")})
            for entry in (entries or {}).get("Entries", [])
        ),
        unknown=frozenset(() if entries is not None else ("entries",)),
    )


def of_an_account(prefix_list: dict[str, Any], _: Scope) -> dict[str, Any] | None:
    """The list, unless it is one of AWS's own."""
    return None if prefix_list.get("OwnerId") == AWS else prefix_list


PREFIX_LIST = register(
    ResourceType(
        slug="prefix-list",
        label="Managed prefix list",
        plural="Managed prefix lists",
        category=Category.NETWORKING,
        icon="shield",
        model=PrefixList,
        call=Call(
            service="ec2",
            operation="DescribeManagedPrefixLists",
            items="PrefixLists",
            page_size=("MaxResults", 100),
            keep=of_an_account,
        ),
        reach=Reach.REGIONAL,
        id_key="PrefixListId",
        arn="arn:{partition}:ec2:{region}:{account_id}:prefix-list/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#PrefixListDetails:prefixListId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="address_family", label="Family", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="entries", label="Entries", kind=Kind.MANY, detail=("description",)),
            Column(
                field="max_entries",
                label="Most entries",
                kind=Kind.NUMBER,
                sortable=True,
                help="A rule that names the list counts as that many rules.",
            ),
            Column(field="version", label="Version", kind=Kind.NUMBER, is_measure=False, default=False),
            Column(
                field="owner_id",
                label="Owner",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
                help="The account that the list belongs to; another one where it is shared.",
            ),
        ),
        enrich=(
            Ask(
                call=Call(service="ec2", operation="GetManagedPrefixListEntries", items="Entries"),
                arguments=lambda answers: {"PrefixListId": answers["DescribeManagedPrefixLists"]["PrefixListId"]},
            ),
        ),
    )
)
