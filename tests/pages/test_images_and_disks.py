"""The answers on the pages of images, snapshots and volumes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from inventory.models import Account, Resource
from inventory.registry import Answers
from tests.pages.ledgers import NOW, Refused, account, instance, look, operator, volume
from tests.pages.reading import Reading
from tests.pages.test_detail import ask

pytestmark = pytest.mark.django_db

HERE = "eu-central-1"
ELSEWHERE = "us-west-2"
IMAGES, SNAPSHOTS, INSTANCES, VOLUMES, TEMPLATES, GROUPS = (
    (HERE, slug)
    for slug in ("image", "ebs-snapshot", "ec2-instance", "ebs-volume", "launch-template", "auto-scaling-group")
)
FIRST, SECOND, THIRD = (NOW - timedelta(days=days) for days in (30, 20, 10))
BASE = "ami-0000000000000000a"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme() -> Account:
    return account()


def image(image_id: str = BASE, permissions: list[dict[str, str]] | None = None, **told: Any) -> Answers:
    """An own image, shared with nobody unless its permissions are given."""
    listed = {
        "ImageId": image_id,
        "Name": f"image {image_id}",
        "OwnerId": "111122223333",
        "State": "available",
        "Public": False,
        **told,
    }
    return {"DescribeImages": listed, "DescribeImageAttribute": {"LaunchPermissions": permissions or []}}


def snapshot(number: int, permissions: list[dict[str, str]] | None = None, **told: Any) -> Answers:
    listed = {"SnapshotId": f"snap-{number:017x}", "State": "completed", "VolumeSize": 8, "Encrypted": True, **told}
    return {
        "DescribeSnapshots": listed,
        "DescribeSnapshotAttribute": {"CreateVolumePermissions": permissions or []},
    }


def template(number: int, *images: str, default: int = 1) -> Answers:
    """A template whose versions name these images, in their order."""
    listed = {
        "LaunchTemplateId": f"lt-{number:017x}",
        "LaunchTemplateName": f"template-{number}",
        "DefaultVersionNumber": default,
        "LatestVersionNumber": len(images),
    }
    versions = [
        {"VersionNumber": place, "DefaultVersion": place == default, "LaunchTemplateData": {"ImageId": one}}
        for place, one in enumerate(images, start=1)
    ]
    return {
        "DescribeLaunchTemplates": listed,
        "DescribeLaunchTemplateVersions": {"LaunchTemplateVersions": versions},
    }


def group(name: str, **told: Any) -> Answers:
    return {"DescribeAutoScalingGroups": {"AutoScalingGroupName": name, "AutoScalingGroupARN": "", **told}}


def attached(number: int, to: int, **told: Any) -> Answers:
    """A volume on an instance."""
    attachment = {"InstanceId": f"i-{to:017x}", "Device": "/dev/sdf", "DeleteOnTermination": False, **told}
    return volume(number, State="in-use", Attachments=[attachment])


def words(native_id: str, **parameters: str) -> str:
    """The text of a resource's page."""
    resource = Resource.objects.get(native_id=native_id)
    user = User.objects.filter(is_superuser=True).first() or operator()
    return Reading(ask(user, f"/types/{resource.type}/{resource.pk}/", **parameters)).words


def test_an_image_that_nothing_names_may_be_deregistered(acme: Account) -> None:
    look(acme, FIRST, {IMAGES: [image()], INSTANCES: [instance(1, ImageId="ami-0b")]})

    found = words(BASE)

    assert "Safe to deregister? Yes: unused." in found
    assert "Shared with nobody else" in found
    assert "Copies none in the regions of its account" in found


def test_an_image_is_used_by_instances_also_by_those_that_are_stopped(acme: Account) -> None:
    stopped = instance(1, ImageId=BASE, State={"Name": "stopped"})
    ended = instance(2, ImageId=BASE, State={"Name": "terminated"})
    look(acme, FIRST, {IMAGES: [image()], INSTANCES: [stopped, ended]})

    found = words(BASE)

    assert "No: used by Instances, see below." in found
    assert "Instances web-1 stopped" in found


def test_an_old_version_of_a_template_uses_its_image_too(acme: Account) -> None:
    look(acme, FIRST, {IMAGES: [image()], TEMPLATES: [template(1, BASE, "ami-0b", default=2)]})

    assert "Launch templates template-1 version 1, not the default" in words(BASE)


@pytest.mark.parametrize(("version", "is_used"), [("$Default", False), ("$Latest", True), ("2", True), ("1", False)])
def test_a_group_uses_what_its_version_of_the_template_names(acme: Account, version: str, is_used: bool) -> None:
    started = {"LaunchTemplate": {"LaunchTemplateId": f"lt-{1:017x}", "Version": version}}
    look(
        acme,
        FIRST,
        {IMAGES: [image()], TEMPLATES: [template(1, "ami-0b", BASE)], GROUPS: [group("fleet", **started)]},
    )

    assert ("Auto Scaling groups fleet" in words(BASE)) is is_used


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (INSTANCES, "EC2 instances of this region were never read"),
        (TEMPLATES, "Launch templates of this region were never read"),
        (GROUPS, "Auto Scaling groups of this region were never read"),
    ],
)
def test_what_could_not_be_read_makes_an_unused_image_unsure(
    acme: Account, place: tuple[str, str], reason: str
) -> None:
    look(acme, FIRST, {IMAGES: [image()], place: Refused()})

    found = words(BASE)

    assert "Safe to deregister? unsure" in found
    assert reason in found


def test_what_failed_lately_makes_it_unsure_and_a_use_that_is_known_stays_one(acme: Account) -> None:
    look(acme, FIRST, {IMAGES: [image(), image("ami-0c")], INSTANCES: [instance(1, ImageId="ami-0c")]})
    look(acme, SECOND, {IMAGES: [image(), image("ami-0c")], INSTANCES: Refused()})

    assert f"EC2 instances of this region could not be read since {SECOND:%Y-%m-%d}" in words(BASE)
    assert "No: used by Instances" in words("ami-0c")


@pytest.mark.parametrize(
    ("listings", "reason"),
    [
        ({TEMPLATES: [template(1, "resolve:ssm:/base")]}, "template-1 takes its image from a parameter"),
        ({GROUPS: [group("old", LaunchConfigurationName="old-1")]}, "old has a launch configuration"),
        ({TEMPLATES: [template(1)]}, ""),
    ],
)
def test_what_is_never_read_makes_it_unsure(acme: Account, listings: dict[Any, Any], reason: str) -> None:
    look(acme, FIRST, {IMAGES: [image()], **listings})

    found = words(BASE)

    assert ("Safe to deregister? unsure" in found) is bool(reason)
    assert reason in found


def test_versions_that_could_not_be_read_make_it_unsure(acme: Account) -> None:
    unread = {"DescribeLaunchTemplates": template(1, BASE)["DescribeLaunchTemplates"]}
    look(acme, FIRST, {IMAGES: [image()], TEMPLATES: [unread]})

    assert "the versions of template-1 could not be read" in words(BASE)


def test_an_image_that_others_may_start_is_never_called_unused(acme: Account) -> None:
    shared = image("ami-0c", [{"UserId": "444455556666"}])
    public = image("ami-0d", [{"Group": "all"}], Public=True)
    look(acme, FIRST, {IMAGES: [shared, public]})

    assert "it is shared with 444455556666, and may be used there" in words("ami-0c")
    assert "Everybody: the image is public." in words("ami-0d")


def test_copies_in_other_regions_are_named_from_both_sides(acme: Account) -> None:
    copy = image("ami-0c", SourceImageId=BASE, SourceImageRegion=HERE)
    look(acme, FIRST, {IMAGES: [image()], (ELSEWHERE, "image"): [copy]}, regions=(HERE, ELSEWHERE))

    assert f"Copies image ami-0c {ELSEWHERE}, ami-0c" in words(BASE)
    assert f"Copy of image {BASE} {HERE}" in words("ami-0c")


def test_a_deprecated_image_says_since_when(acme: Account) -> None:
    old = image("ami-0c", DeprecationTime="2026-01-01T00:00:00.000Z")
    look(acme, FIRST, {IMAGES: [old, image("ami-0d", DeprecationTime="2028-01-01T00:00:00.000Z")]})

    assert "Deprecated Yes: others do not find it any more" in words("ami-0c")
    assert "others do not find it any more" not in words("ami-0d")


def test_a_volume_tells_since_when_nothing_uses_it(acme: Account) -> None:
    look(acme, FIRST, {VOLUMES: [attached(1, 1)], INSTANCES: [instance(1)]})
    look(acme, SECOND, {VOLUMES: [volume(1)], INSTANCES: [instance(1)]})
    look(acme, THIRD, {VOLUMES: [volume(1), volume(2)], INSTANCES: [instance(1)]})
    ours = f"vol-{1:017x}"

    assert f"Nothing. Last on i-{1:017x}, which the look of this moment no longer saw: 31 Oct" in words(ours)
    assert "it never was since the first look at it: 10 Nov" in words(f"vol-{2:017x}")
    assert "Attached to web-1 /dev/sdf" in words(ours, as_of=FIRST.isoformat())


def test_a_volume_on_a_stopped_instance_is_paid_and_does_nothing(acme: Account) -> None:
    look(acme, FIRST, {VOLUMES: [attached(1, 1)], INSTANCES: [instance(1)]})
    stopped = instance(1, State={"Name": "stopped"})
    look(acme, SECOND, {VOLUMES: [attached(1, 1)], INSTANCES: [stopped]})
    look(acme, THIRD, {VOLUMES: [attached(1, 1)], INSTANCES: [{**stopped, "DescribeInstances": {
        **stopped["DescribeInstances"], "Tags": []}}]})  # fmt: skip

    found = words(f"vol-{1:017x}")

    assert "No: it is on what has been stopped since the look of 31 Oct" in found
    assert "It stays, and is billed on, when its instance is terminated" in found
    assert "One instance at a time" in found


def test_multi_attach_is_the_exception(acme: Account) -> None:
    shared = volume(
        1, State="in-use", VolumeType="io2", MultiAttachEnabled=True,
        Attachments=[{"InstanceId": f"i-{one:017x}", "DeleteOnTermination": True} for one in (1, 2)],
    )  # fmt: skip
    look(acme, FIRST, {VOLUMES: [shared], INSTANCES: [instance(1), instance(2)]})

    found = words(f"vol-{1:017x}")

    assert "Multi-Attach is on: up to 16 Nitro instances" in found
    assert "Deleted with its instance (DeleteOnTermination)." in found


def test_a_volume_says_whether_there_is_a_snapshot_of_it(acme: Account) -> None:
    of_one = snapshot(1, VolumeId=f"vol-{1:017x}", StartTime=FIRST - timedelta(days=1))
    look(acme, FIRST, {VOLUMES: [volume(1), volume(2)], SNAPSHOTS: [of_one]})

    assert "1 snapshot, the newest of 20 Oct" in words(f"vol-{1:017x}")
    assert "None of it is kept in this account and region." in words(f"vol-{2:017x}")


def test_a_snapshot_that_outlived_its_volume_is_orphaned(acme: Account) -> None:
    ours, lost = snapshot(1, VolumeId=f"vol-{1:017x}"), snapshot(2, VolumeId="vol-0f")
    look(acme, FIRST, {VOLUMES: [volume(1)], SNAPSHOTS: [ours, lost]})
    assert "Orphaned" not in words(f"snap-{1:017x}")
    look(acme, SECOND, {VOLUMES: [], SNAPSHOTS: [ours, lost]})

    assert "Orphaned: its volume is gone since the look of 31 Oct" in words(f"snap-{1:017x}")
    assert "Orphaned: its volume vol-0f was gone before the first look." in words(f"snap-{2:017x}")


def test_where_volumes_could_not_be_read_nothing_is_called_orphaned(acme: Account) -> None:
    look(acme, FIRST, {VOLUMES: Refused(), SNAPSHOTS: [snapshot(1, VolumeId="vol-0f")]})

    found = words(f"snap-{1:017x}")

    assert "Orphaned" not in found
    assert "EBS volumes of this region were never read" in found


def test_a_snapshot_of_a_deregistered_image_says_so_and_that_of_another_is_needed(acme: Account) -> None:
    told = "Created by CreateImage(i-0a) for {}"
    first, second = snapshot(1, Description=told.format(BASE)), snapshot(2, Description=told.format("ami-0c"))
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": f"snap-{2:017x}", "VolumeSize": 8}}
    kept = image("ami-0c", BlockDeviceMappings=[disk])
    look(acme, FIRST, {IMAGES: [image(), kept], SNAPSHOTS: [first, second]})
    look(acme, SECOND, {IMAGES: [kept], SNAPSHOTS: [first, second]})

    assert "Deregistered: its image is gone since the look of 31 Oct" in words(f"snap-{1:017x}")
    assert "AWS refuses to delete it as long as an image is made of it" in words(f"snap-{2:017x}")


def test_a_public_snapshot_and_one_of_which_nobody_knows_say_so(acme: Account) -> None:
    unread = {"DescribeSnapshots": snapshot(2)["DescribeSnapshots"]}
    look(acme, FIRST, {SNAPSHOTS: [snapshot(1, [{"Group": "all"}]), unread, snapshot(3, [{"UserId": "4" * 12}])]})

    assert "Everybody: the snapshot is public" in words(f"snap-{1:017x}")
    assert "because it could not be read" in words(f"snap-{2:017x}")
    assert f"Shared with account {'4' * 12}" in words(f"snap-{3:017x}")
