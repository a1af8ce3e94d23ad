"""Images, snapshots, templates and what starts instances, as AWS's answers are read."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.registry import Ask, LinkTo, Reading, Scope, resource_type
from inventory.resource_types.ebs_snapshot import image_of
from tests.aws_pages.reading import answers_of, document

SCOPE = Scope(account_id="111122223333", region="eu-west-1")


def readings(slug: str) -> dict[str, Reading]:
    """Each item of the type's pages by its native id."""
    kind = resource_type(slug)
    found = [kind.read(answers, SCOPE) for answers in answers_of(kind)]
    return {one.native_id: one for one in found}


def links(found: Reading, role: str) -> list[LinkTo]:
    return [link for link in found.links if link.role == role]


def test_an_own_image_tells_its_snapshots_and_with_whom_it_is_shared() -> None:
    found = readings("image")["ami-0a00000000000000a"]

    assert (found.fields["is_own"], found.fields["is_public"], found.fields["size_gib"]) == (True, False, 108)
    assert [link.target for link in links(found, "snapshots")] == ["snap-0a00000000000000a", "snap-0a00000000000000b"]
    assert [link.detail["kind"] for link in links(found, "shared_with")] == [
        *("account", "organization", "organizational unit")
    ]


def test_an_image_of_others_is_known_as_far_as_aws_tells() -> None:
    found = readings("image")
    there, gone = found["ami-0b00000000000000a"], found["ami-0b00000b"]

    assert (there.fields["is_own"], there.fields["platform_details"]) == (False, "Linux/UNIX")
    assert there.unknown == {"shared_with"}
    assert (gone.fields["state"], gone.fields["is_public"], gone.fields["platform_details"]) == (
        *("deregistered", False, None),
    )
    assert {"platform_details", "tags", "snapshots"} <= gone.unknown


def test_an_image_without_disks_has_no_size() -> None:
    assert readings("image")["ami-0000000f"].fields["size_gib"] is None


def test_a_snapshot_that_was_copied_is_of_no_volume_and_tells_its_image() -> None:
    found = readings("ebs-snapshot")["snap-0a00000000000000c"].fields

    assert (found["volume_id"], found["image_id"], found["is_public"]) == (None, "ami-0a00000000000000b", True)


def test_a_snapshot_of_another_account_is_left_out_although_it_was_listed() -> None:
    listed = document(resource_type("ebs-snapshot"))["page"]["Snapshots"]

    assert "snap-0c00000000000000a" in {one["SnapshotId"] for one in listed}
    assert "snap-0c00000000000000a" not in readings("ebs-snapshot")


@pytest.mark.parametrize(
    ("description", "image"),
    [
        ("Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0", "ami-0123456789abcdef0"),
        ("Created by CreateImage(i-01234567) for ami-01234567 from vol-01234567", "ami-01234567"),
        ("Copied for DestinationAmi ami-0a from SourceAmi ami-0b for SourceSnapshot snap-0c.", "ami-0a"),
        ("Not created by CreateImage(i-0) for ami-0", None),
        ("", None),
    ],
)
def test_the_image_of_a_snapshot_is_read_from_what_aws_writes(description: str, image: str | None) -> None:
    assert image_of(description) == image


def test_every_version_of_a_template_counts_and_a_parameter_is_no_image() -> None:
    found = readings("launch-template")
    web, agent = found["lt-0a000000000000001"], found["lt-0a000000000000002"]

    assert [(link.target, link.detail["versions"]) for link in links(web, "images")] == [
        ("ami-0a00000000000000a", "2, 3"),
        ("ami-0a00000000000000b", "1"),
    ]
    assert [(link.target, link.value) for link in links(agent, "images")] == [("", "resolve:ssm:/build/agent")]


@pytest.mark.parametrize("slug", ["launch-template", "spot-instance-request"])
def test_no_boot_script_gets_past_the_reading_of_an_answer(slug: str) -> None:
    assert "UserData" in str(document(resource_type(slug)))
    assert "UserData" not in str(answers_of(resource_type(slug)))


def test_a_group_names_the_templates_of_its_mixed_policy_too() -> None:
    found = readings("auto-scaling-group")

    assert [(link.target, link.detail["version"]) for link in links(found["mixed"], "launch_templates")] == [
        ("lt-0a000000000000001", "1"),
        ("lt-0a000000000000002", "$Default"),
    ]
    assert found["old one"].fields["launch_configuration"] == "old-2019"
    assert found["storefront-web"].incarnation == "11111111-2222-3333-4444-555555555555"
    assert [link.target for link in links(found["storefront-web"], "subnets")] == [
        *("subnet-0a000000000000001", "subnet-0a000000000000002")
    ]


def test_a_type_that_is_listed_for_each_zone_is_one_thing_with_its_zones() -> None:
    found = readings("instance-type-offering")["m5.2xlarge"]

    assert found.fields == {"family": "m", "generation": 5, "size": "2xlarge", "zone_count": 3}
    assert [link.target for link in found.links] == ["euw1-az1", "euw1-az2", "euw1-az3"]


def test_an_offered_type_of_a_name_that_nobody_understands_has_no_guessed_family() -> None:
    found = readings("instance-type-offering")["strange"]

    assert found.unknown == {"family", "generation", "size"}


def test_a_price_that_is_no_number_is_unknown_and_none_is_none() -> None:
    kind = resource_type("spot-instance-request")
    request: dict[str, Any] = {"SpotInstanceRequestId": "sir-1", "SpotPrice": "a lot"}

    assert kind.read({"DescribeSpotInstanceRequests": request}, SCOPE).unknown == {"max_price"}
    assert kind.read({"DescribeSpotInstanceRequests": {"SpotInstanceRequestId": "sir-1"}}, SCOPE).unknown == frozenset()


@pytest.mark.parametrize("slug", ["image", "ebs-snapshot"])
def test_what_there_may_be_tens_of_thousands_of_is_asked_about_within_limits(slug: str) -> None:
    asks = [question for question in resource_type(slug).enrich if isinstance(question, Ask)]

    assert [question.most for question in asks] == [500]
