"""What is kept beside machines: images, snapshots, launch templates, groups of instances and reservations.

Like everything in the story, what is wrong in it is wrong on purpose: a public image, a public snapshot, snapshots
whose volume or image is gone, an image that only an old version of a template names, and one of which nobody can say.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .holdings import EVERYBODY
from .images import DESK, INTRANET, JENKINS, TRAINING, TRAINING_OLD, UBUNTU, WEB, WEB_OLD, WINDOWS

if TYPE_CHECKING:
    from .place import Place
    from .stage import Stage

BOOT_SCRIPT = """#!/bin/bash
export DATABASE_PASSWORD=hunter2-in-a-template
/opt/storefront/start
"""
SUPPLIER = "998877665544"
FORMER_PARTNER = "112233445566"
A_YEAR = timedelta(days=365)


def first_images(virginia: Place) -> None:
    """The image that the shop's web servers start from, and one of a build server, which everybody may use since."""
    virginia.holds.image(WEB_OLD, gib=8, tags={"team": "storefront", "version": "2.13.0"})
    virginia.holds.image(JENKINS, gib=40, shared_with=EVERYBODY, deprecated_after=A_YEAR, encrypted=False)


def before_the_story(stage: Stage) -> None:
    """Snapshots, templates, groups and reservations as they stood."""
    _virginia(stage.production("us-east-1"))
    _ireland(stage.production("eu-west-1"))
    frankfurt, tokyo = stage.production("eu-central-1"), stage.production("ap-northeast-1")
    frankfurt.holds.snapshot("vault-monthly", 600, of="vault-01:/dev/sdf", tags={"policy": "monthly"})
    frankfurt.holds.placement_group("gateway-apart", "spread", SpreadLevel="rack")
    tokyo.holds.reserve_capacity("vision", "g4dn.xlarge", 2, used=1)
    stage.production("us-west-2").holds.snapshot("orders-db off site", 400, tags={"copied-from": "us-east-1"})
    lab, ohio = stage.research("us-east-1"), stage.research("us-east-2")
    lab.holds.image(TRAINING_OLD, gib=100, of="gpu-01")
    ohio.holds.placement_group("cluster", "cluster")
    ohio.holds.placement_group("scratch-spaces", "partition", PartitionCount=3)
    ohio.holds.reserve_capacity("deadline", "c5n.9xlarge", 4, used=0, zone="b")
    stage.atelier("eu-west-3").holds.snapshot(
        "film-2023 for the cutter", 2000, of="film-2023", encrypted=False, shared_with=[{"UserId": SUPPLIER}]
    )


def new_image_of_the_shop(stage: Stage) -> None:
    """A newer image for the web servers: the template's next version names it, and the second site gets a copy."""
    virginia, oregon = stage.production("us-east-1"), stage.production("us-west-2")
    organization = [{"UserId": stage.research("us-east-1").account.account_id}]
    virginia.holds.image(WEB, gib=8, shared_with=organization, tags={"team": "storefront", "version": "2.14.0"})
    oregon.holds.image(WEB, gib=8, copied_from="us-east-1", tags={"team": "storefront", "version": "2.14.0"})
    virginia.holds.new_version("storefront-web", _web(WEB.id_in("us-east-1"), "m7i.large"), script=BOOT_SCRIPT)


def new_image_for_training(lab: Place) -> None:
    """A newer driver: the old image is deregistered, its snapshot is forgotten, and a partner may use the new one."""
    lab.holds.image(TRAINING, gib=120, of="trainer-01", shared_with=[{"UserId": FORMER_PARTNER}])
    lab.holds.deregister(TRAINING_OLD)


def snapshots_of_last_week(virginia: Place) -> None:
    """The newest of the weekly snapshots of the orders."""
    virginia.holds.snapshot("orders-db weekly", 400, of="orders-db-01:/dev/sdf", tags={"policy": "weekly"})


def _virginia(place: Place) -> None:
    for number in (1, 2, 3):
        disk = f"orders-db-{number:02}:/dev/sdf"
        place.holds.snapshot(f"orders-db-{number:02}", 400, of=disk, tags={"policy": "quarterly"})
    place.holds.snapshot("before the clean-up", 500, of="restore-2024-03", encrypted=False)
    place.holds.snapshot("customers-export-2022", 120, encrypted=False, shared_with=EVERYBODY)
    place.holds.template("storefront-web", _web(WEB_OLD.id_in("us-east-1"), "m5.large"), script=BOOT_SCRIPT)
    place.holds.template("build-agent", {"ImageId": "resolve:ssm:/storefront/build-agent", "InstanceType": "c5.large"})
    place.holds.group_of_instances(
        "storefront-web", place.named("web-0"), subnets=["public-a", "public-b", "public-c"], most=16,
        template="storefront-web", target_groups=["storefront"], tags={"team": "storefront"},
    )  # fmt: skip
    place.holds.reserve_capacity("sale", "m5.large", 10, used=0)


def _ireland(place: Place) -> None:
    place.holds.image(DESK, gib=60, of="desk-01", encrypted=False)
    place.holds.image(INTRANET, gib=20)
    place.holds.template(
        "desk",
        {"ImageId": DESK.id_in("eu-west-1"), "InstanceType": "m5.xlarge"},
        {"ImageId": WINDOWS.id_in("eu-west-1"), "InstanceType": "m5.xlarge"},
    )
    place.holds.group_of_instances(
        "intranet", place.named("intranet-"), subnets=["private-a", "private-b"], most=4,
        configuration="intranet-2021", balancers=["intranet"],
    )  # fmt: skip
    place.holds.template("sap", {"ImageId": UBUNTU.id_in("eu-west-1"), "InstanceType": "r5.large"})


def _web(image_id: str, type: str) -> dict[str, Any]:  # noqa: A002 - AWS's word
    return {
        "ImageId": image_id,
        "InstanceType": type,
        "KeyName": "storefront-2024",
        "MetadataOptions": {"HttpTokens": "required"},
    }
