"""Launch templates, with all of their versions: each may start instances, also an old one.

A version may hold a boot script, and a boot script a password: it is dropped before anything else sees the version.
Why versions are read nevertheless is in docs/decisions/0026-versions-without-their-boot-scripts.md.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

VERSIONS = "LaunchTemplateVersions"


class LaunchTemplate(ResourceRevision):
    """One period during which a launch template and its versions looked the same."""

    default_version = models.PositiveBigIntegerField(null=True)
    latest_version = models.PositiveBigIntegerField(null=True)
    created = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=2048, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("launchtemplate", field) for field in ("default_version", "latest_version", "created")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A template as DescribeLaunchTemplates lists it, with what DescribeLaunchTemplateVersions says of its versions."""
    template = answers["DescribeLaunchTemplates"]
    versions = answers.get("DescribeLaunchTemplateVersions")
    return Reading(
        native_id=template["LaunchTemplateId"],
        name=template.get("LaunchTemplateName", ""),
        region=scope.region,
        tags=tags_from(template.get("Tags")),
        fields={
            "default_version": template.get("DefaultVersionNumber"),
            "latest_version": template.get("LatestVersionNumber"),
            "created": template.get("CreateTime"),
            "created_by": template.get("CreatedBy"),
        },
        links=(*_versions(versions[VERSIONS]), *_images(versions[VERSIONS])) if versions else (),
        unknown=frozenset() if versions else frozenset({"versions", "images"}),
    )


def without_boot_scripts(answer: dict[str, Any]) -> dict[str, Any]:
    """The versions without their user data, which may hold secrets."""
    return {VERSIONS: [_without_boot_script(version) for version in answer[VERSIONS]]}


def _without_boot_script(version: Mapping[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in version.get("LaunchTemplateData", {}).items() if name != "UserData"}
    return {**version, "LaunchTemplateData": data}


def _versions(versions: list[dict[str, Any]]) -> list[LinkTo]:
    return [
        LinkTo(
            role="versions",
            value=str(version["VersionNumber"]),
            detail={
                "is_default": version.get("DefaultVersion", False),
                "image_id": version["LaunchTemplateData"].get("ImageId"),
                "instance_type": version["LaunchTemplateData"].get("InstanceType"),
                "description": version.get("VersionDescription"),
            },
        )
        for version in versions
    ]


def _images(versions: list[dict[str, Any]]) -> list[LinkTo]:
    """Each image once, with the versions that name it; a parameter that stands for an image is no image."""
    by_image: dict[str, list[int]] = {}
    for version in versions:
        if image := version["LaunchTemplateData"].get("ImageId"):
            by_image.setdefault(image, []).append(version["VersionNumber"])
    return [
        LinkTo(
            role="images",
            **({"target_type": "image", "target": image} if image.startswith("ami-") else {"value": image}),
            detail={"versions": ", ".join(str(number) for number in sorted(numbers))},
        )
        for image, numbers in by_image.items()
    ]


LAUNCH_TEMPLATE = register(
    ResourceType(
        slug="launch-template",
        label="Launch template",
        plural="Launch templates",
        icon="template",
        category=Category.COMPUTE,
        model=LaunchTemplate,
        call=Call(
            service="ec2",
            operation="DescribeLaunchTemplates",
            items="LaunchTemplates",
            page_size=("MaxResults", 200),
        ),
        reach=Reach.REGIONAL,
        id_key="LaunchTemplateId",
        arn="arn:{partition}:ec2:{region}:{account_id}:launch-template/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#LaunchTemplateDetails:launchTemplateId={native_id}",
        read=read,
        columns=(
            Column(field="default_version", label="Default version", kind=Kind.NUMBER, is_measure=False, sortable=True),
            Column(field="latest_version", label="Latest version", kind=Kind.NUMBER, is_measure=False, sortable=True),
            Column(
                field="images",
                label="Images",
                kind=Kind.MANY,
                target="image",
                detail=("versions",),
                help="Of all versions: an old one starts instances, too",
            ),
            Column(
                field="versions",
                label="Versions",
                kind=Kind.MANY,
                default=False,
                detail=("is_default", "image_id", "instance_type", "description"),
            ),
            Column(field="created", label="Created", kind=Kind.MOMENT, sortable=True),
            Column(field="created_by", label="Created by", kind=Kind.IDENTIFIER, default=False),
        ),
        relations=(Relation(field="images", target="image", label="Images", inverse="Launch templates"),),
        enrich=(
            Ask(
                call=Call(service="ec2", operation="DescribeLaunchTemplateVersions", items=VERSIONS),
                arguments=lambda answers: {
                    "LaunchTemplateId": answers["DescribeLaunchTemplates"]["LaunchTemplateId"],
                    "MaxResults": 200,
                },
                keep=without_boot_scripts,
            ),
        ),
    )
)
