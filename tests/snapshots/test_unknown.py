"""A part that could not be read is unknown: it keeps its last known value and never looks like a change."""

from __future__ import annotations

from typing import cast

import pytest

from inventory.models import Account, Link, Outcome, ResourceTag
from inventory.registry import GLOBAL, Answers
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance
from inventory.resource_types.s3_bucket import S3_BUCKET, S3Bucket
from tests.snapshots.cast import (
    BEGIN,
    DAY,
    IRELAND,
    SWITCHED_OFF,
    Take,
    bucket,
    current,
    denied,
    history,
    instance,
    tag_set,
    unreachable,
)

FIRST, SECOND, THIRD = BEGIN, BEGIN + DAY, BEGIN + 2 * DAY
PUBLIC = {"PolicyStatus": {"IsPublic": True}}
PRIVATE = {"PolicyStatus": {"IsPublic": False}}
TYPES_DENIED = denied("DescribeInstanceTypes")


def logs() -> S3Bucket:
    return cast(S3Bucket, current(S3_BUCKET, "logs"))


def machine() -> Ec2Instance:
    return cast(Ec2Instance, current(EC2_INSTANCE, "i-1"))


def look_at(take_snapshot: Take, acme: Account, *buckets: Answers) -> None:
    for one in buckets:
        take_snapshot(acme, {GLOBAL: [one]})


def test_a_part_that_was_never_read_is_null_and_unknown_since_ever(acme: Account, take_snapshot: Take) -> None:
    look_at(take_snapshot, acme, bucket(GetBucketPolicyStatus=denied()))

    assert logs().policy_status is None
    assert logs().unknown == {"policy_status": None}
    assert logs().was_never_read("policy_status")


def test_a_part_that_turns_unknown_keeps_its_value_and_says_since_when(acme: Account, take_snapshot: Take) -> None:
    look_at(take_snapshot, acme, bucket(GetBucketPolicyStatus=PUBLIC), bucket(GetBucketPolicyStatus=denied()))

    assert logs().policy_status == "public"
    assert logs().unknown == {"policy_status": SECOND.isoformat()}
    assert history(S3_BUCKET, "logs") == [(FIRST, None)]


def test_it_stays_unknown_since_the_first_failure(acme: Account, take_snapshot: Take) -> None:
    refused = bucket(GetBucketPolicyStatus=denied())

    look_at(take_snapshot, acme, bucket(GetBucketPolicyStatus=PUBLIC), refused, refused, refused)

    assert logs().kept_since("policy_status") == SECOND.isoformat()


def test_becoming_known_for_the_first_time_fills_the_open_period(acme: Account, take_snapshot: Take) -> None:
    look_at(take_snapshot, acme, bucket(GetBucketPolicyStatus=denied()), bucket(GetBucketPolicyStatus=PUBLIC))

    assert logs().policy_status == "public"
    assert logs().unknown == {}
    assert history(S3_BUCKET, "logs") == [(FIRST, None)]
    assert logs().raw_document["GetBucketPolicyStatus"] == PUBLIC


def test_becoming_known_again_with_the_same_value_is_no_change(acme: Account, take_snapshot: Take) -> None:
    known, refused = bucket(GetBucketPolicyStatus=PUBLIC), bucket(GetBucketPolicyStatus=denied())

    look_at(take_snapshot, acme, known, refused, known)

    assert logs().unknown == {}
    assert history(S3_BUCKET, "logs") == [(FIRST, None)]


def test_becoming_known_again_with_another_value_is_a_change(acme: Account, take_snapshot: Take) -> None:
    look_at(
        take_snapshot,
        acme,
        bucket(GetBucketPolicyStatus=PUBLIC),
        bucket(GetBucketPolicyStatus=denied()),
        bucket(GetBucketPolicyStatus=PRIVATE),
    )

    assert logs().policy_status == "not public"
    assert history(S3_BUCKET, "logs") == [(FIRST, THIRD), (THIRD, None)]


def test_another_part_may_change_while_one_is_unknown(acme: Account, take_snapshot: Take) -> None:
    look_at(
        take_snapshot,
        acme,
        bucket(GetBucketPolicyStatus=PUBLIC),
        bucket(GetBucketPolicyStatus=denied(), GetBucketVersioning={"Status": "Enabled"}),
    )

    assert (logs().policy_status, logs().versioning) == ("public", "Enabled")
    assert logs().unknown == {"policy_status": SECOND.isoformat()}
    assert history(S3_BUCKET, "logs") == [(FIRST, SECOND), (SECOND, None)]


@pytest.mark.parametrize("turns", [[], [denied()]])
def test_tags_that_cannot_be_read_stay(acme: Account, take_snapshot: Take, turns: list[object]) -> None:
    look_at(take_snapshot, acme, bucket(GetBucketTagging=tag_set(owner="ops")))

    look_at(take_snapshot, acme, *(bucket(GetBucketTagging=turn) for turn in [*turns, denied()]))

    assert dict(ResourceTag.objects.current().values_list("key", "value")) == {"owner": "ops"}
    assert "tags" in logs().unknown


def test_tags_that_become_known_held_since_the_period_began(acme: Account, take_snapshot: Take) -> None:
    look_at(take_snapshot, acme, bucket(GetBucketTagging=denied()), bucket(GetBucketTagging=tag_set(owner="ops")))

    (tag,) = ResourceTag.objects.current()
    assert (tag.key, tag.valid_from) == ("owner", FIRST)
    assert history(S3_BUCKET, "logs") == [(FIRST, None)]


def test_links_that_become_known_held_since_the_period_began(acme: Account, take_snapshot: Take) -> None:
    grant = {"Grants": [{"Grantee": {"Type": "Group", "URI": "everybody"}, "Permission": "READ"}]}

    look_at(take_snapshot, acme, bucket(GetBucketAcl=denied()), bucket(GetBucketAcl=grant))

    (link,) = Link.objects.current().filter(resource=logs().resource)
    assert (link.value, link.detail["permission"], link.valid_from) == ("everybody", "READ", FIRST)


def test_a_region_that_cannot_be_read_is_unknown_until_it_is(acme: Account, take_snapshot: Take) -> None:
    look_at(take_snapshot, acme, bucket(region=None))
    assert (logs().region, logs().unknown) == (None, {"region": None})

    look_at(take_snapshot, acme, bucket(region=None, GetBucketLocation={"LocationConstraint": "EU"}))

    assert (logs().region, logs().unknown) == ("eu-west-1", {})
    assert history(S3_BUCKET, "logs") == [(FIRST, None)]


def test_a_recreated_bucket_takes_nothing_over_from_the_one_before(acme: Account, take_snapshot: Take) -> None:
    before = bucket(created=BEGIN - DAY, GetBucketPolicyStatus=PRIVATE, GetBucketTagging=tag_set(owner="ops"))
    after = bucket(created=BEGIN, GetBucketPolicyStatus=denied(), GetBucketTagging=denied())

    look_at(take_snapshot, acme, before, after)

    assert logs().policy_status is None
    assert logs().was_never_read("policy_status")
    assert logs().was_never_read("tags")
    assert not ResourceTag.objects.current().exists()


def test_the_visit_notes_each_refused_question_with_its_action(acme: Account, take_snapshot: Take) -> None:
    one, two = (bucket(name, GetBucketPolicyStatus=denied(), GetBucketTagging=denied()) for name in ("one", "two"))

    visit = take_snapshot(acme, {GLOBAL: [one, two, bucket("three")]})[GLOBAL, S3_BUCKET.slug]

    assert visit.outcome == Outcome.COMPLETE
    assert {(note["action"], note["count"]) for note in visit.unread} == {
        ("s3:GetBucketPolicyStatus", 2),
        ("s3:GetBucketTagging", 2),
    }
    assert {note["code"] for note in visit.unread} == {"UnauthorizedOperation"}


def test_one_refused_bucket_of_many_is_the_only_one_unknown(acme: Account, take_snapshot: Take) -> None:
    buckets = [bucket(f"bucket-{number}") for number in range(30)]
    buckets[17] = bucket("bucket-17", GetBucketAcl=denied(), GetPublicAccessBlock=denied())

    take_snapshot(acme, {GLOBAL: buckets})

    unknown = {one.name: set(one.unknown) for one in S3Bucket.revisions.current() if one.unknown}
    blocks = {"block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"}
    assert unknown == {"bucket-17": {"acl_grants", *blocks}}


def test_a_region_that_does_not_answer_is_asked_once_and_not_for_each_bucket(
    acme: Account, take_snapshot: Take
) -> None:
    silent = [bucket(f"bucket-{number}", GetBucketAcl=unreachable()) for number in range(40)]
    visit = take_snapshot(acme, {GLOBAL: silent})[GLOBAL, S3_BUCKET.slug]

    (note,) = [note for note in visit.unread if note["action"] == "s3:GetBucketAcl"]
    assert visit.outcome == Outcome.COMPLETE
    assert note["count"] == 40
    assert visit.api_calls < 1 + 40 * 3
    assert all("acl_grants" in one.unknown for one in S3Bucket.revisions.current())


def test_the_sizes_of_instances_are_asked_by_name_and_once_for_each_type(acme: Account, take_snapshot: Take) -> None:
    fleet = [instance(f"i-{number}", InstanceType=f"m5.{number % 3}xlarge") for number in range(250)]

    visit = take_snapshot(acme, {IRELAND: fleet})[IRELAND, EC2_INSTANCE.slug]

    assert visit.api_calls == 2
    assert Ec2Instance.revisions.current().filter(vcpu=2).count() == 250


def test_sizes_that_are_refused_leave_the_instances_and_come_back(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [instance(vcpu=2)]})

    visit = take_snapshot(acme, {IRELAND: [instance(vcpu=2), TYPES_DENIED]})[IRELAND, EC2_INSTANCE.slug]

    assert visit.outcome == Outcome.COMPLETE
    assert [note["action"] for note in visit.unread] == ["ec2:DescribeInstanceTypes"]
    assert machine().vcpu == 2
    of_the_type = {"vcpu", "memory_gib", "is_current_generation", "network_performance"}
    assert set(machine().unknown) == {*of_the_type, "ebs_baseline_mbps", "ebs_maximum_mbps", *SWITCHED_OFF}

    take_snapshot(acme, {IRELAND: [instance(vcpu=2)]})

    assert machine().unknown == SWITCHED_OFF
    assert history(EC2_INSTANCE, "i-1") == [(FIRST, None)]


def test_a_type_that_aws_does_not_name_is_unknown_alone(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [instance("i-1"), instance("i-2", vcpu=None, InstanceType="x9.huge")]})

    assert machine().vcpu == 2
    assert current(EC2_INSTANCE, "i-2").was_never_read("vcpu")


def test_many_rows_turn_unknown_in_a_few_statements(acme: Account, take_snapshot: Take) -> None:
    fleet = [instance(f"i-{number}") for number in range(300)]
    take_snapshot(acme, {IRELAND: fleet})

    take_snapshot(acme, {IRELAND: [*fleet, TYPES_DENIED]})

    since = {one.kept_since("vcpu") for one in Ec2Instance.revisions.current()}
    assert since == {SECOND.isoformat()}
    assert Ec2Instance.revisions.count() == 300
