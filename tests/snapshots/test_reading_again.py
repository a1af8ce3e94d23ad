"""When a release reads more from AWS's documents, open revisions are read again in place: that is no change at AWS."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from inventory.history import ResourceRevision
from inventory.models import Account, Link, Outcome, Resource, ResourceTag
from inventory.registry import GLOBAL, Answers, LinkTo, Reading, ResourceType, Scope, resource_type
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.s3_bucket import S3_BUCKET, S3Bucket
from tests.snapshots.cast import (
    BEGIN,
    DAY,
    IRELAND,
    Take,
    attached,
    bucket,
    current,
    denied,
    history,
    ids,
    tag_set,
    volume,
)

HERE = (IRELAND, EBS_VOLUME.slug)
Release = Callable[..., None]


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Release:
    """Let a type be read in another way from now on, by a new version of its reader."""

    def new_version(kind: ResourceType, read: Callable[[Reading, Answers], Reading]) -> None:
        def reader(answers: Answers, scope: Scope) -> Reading:
            return read(kind.read(answers, scope), answers)

        newer = dataclasses.replace(kind, read=reader, reading_version=kind.reading_version + 1)
        monkeypatch.setattr(
            "inventory.snapshots.carry_out.resource_type",
            lambda slug: newer if slug == kind.slug else resource_type(slug),
        )

    return new_version


def with_fields(**fields: Any) -> Callable[[Reading, Answers], Reading]:
    """A reader that reads these fields otherwise."""
    return lambda reading, answers: dataclasses.replace(reading, fields={**reading.fields, **fields})


def the_only(kind: ResourceType) -> ResourceRevision:
    found: ResourceRevision = kind.model.revisions.get()
    return found


def test_a_field_that_is_read_anew_fills_the_open_revision(
    acme: Account, take_snapshot: Take, release: Release
) -> None:
    take_snapshot(acme, {IRELAND: [volume(OutpostArn="arn:1")]})

    release(
        EBS_VOLUME,
        lambda reading, answers: with_fields(kms_key=answers["DescribeVolumes"]["OutpostArn"])(reading, answers),
    )
    visit = take_snapshot(acme, {IRELAND: [volume(OutpostArn="arn:1")]})[HERE]

    revision = the_only(EBS_VOLUME)
    assert isinstance(revision, EbsVolume)
    assert (revision.kms_key, revision.reading_version) == ("arn:1", 2)
    assert (visit.changed, visit.added) == (0, 0)


def test_it_happens_once(acme: Account, take_snapshot: Take, release: Release) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    release(EBS_VOLUME, with_fields(iops=1))
    take_snapshot(acme, {IRELAND: [volume()]})
    before = EbsVolume.revisions.values().get()

    take_snapshot(acme, {IRELAND: [volume()]})

    assert EbsVolume.revisions.values().get() == before


def test_a_change_at_aws_in_the_same_look_is_still_one(acme: Account, take_snapshot: Take, release: Release) -> None:
    take_snapshot(acme, {IRELAND: [volume(Size=100)]})

    release(EBS_VOLUME, with_fields(iops=1))
    take_snapshot(acme, {IRELAND: [volume(Size=200)]})

    before, after = EbsVolume.revisions.order_by("valid_from")
    assert history(EBS_VOLUME, "vol-1") == [(BEGIN, BEGIN + DAY), (BEGIN + DAY, None)]
    assert (before.size_gib, before.iops) == (100, 1)
    assert (after.size_gib, after.iops) == (200, 1)


def test_closed_revisions_stay_as_they_were_read(acme: Account, take_snapshot: Take, release: Release) -> None:
    take_snapshot(acme, {IRELAND: [volume(Size=100)]})
    take_snapshot(acme, {IRELAND: [volume(Size=200)]})

    release(EBS_VOLUME, with_fields(iops=1))
    take_snapshot(acme, {IRELAND: [volume(Size=200)]})

    versions = EbsVolume.revisions.order_by("valid_from").values_list("size_gib", "iops", "reading_version")
    assert list(versions) == [(100, None, 1), (200, 1, 2)]


def test_tags_and_links_that_are_read_otherwise_are_put_right_since_the_period_began(
    acme: Account, take_snapshot: Take, release: Release
) -> None:
    take_snapshot(acme, {IRELAND: [volume(tags={"a": "1", "b": "2"}, Attachments=attached("i-1"))]})

    def otherwise(reading: Reading, answers: Answers) -> Reading:
        links = (LinkTo(role="attachments", target_type="ec2-instance", target="i-2"),)
        return dataclasses.replace(reading, name="renamed", tags={"a": "1", "b": "right", "c": "3"}, links=links)

    release(EBS_VOLUME, otherwise)
    take_snapshot(acme, {IRELAND: [volume(tags={"a": "1", "b": "2"}, Attachments=attached("i-1"))]})

    tags = {tag.key: (tag.value, tag.valid_from, tag.valid_to) for tag in ResourceTag.objects.all()}
    assert tags == {"a": ("1", BEGIN, None), "b": ("right", BEGIN, None), "c": ("3", BEGIN, None)}
    assert [(link.target, link.valid_from) for link in Link.objects.all()] == [("i-2", BEGIN)]
    assert Resource.objects.get(native_id="vol-1").current_name == "renamed"


def test_a_wrong_tag_that_is_older_than_the_period_ends_where_it_began(
    acme: Account, take_snapshot: Take, release: Release
) -> None:
    take_snapshot(acme, {IRELAND: [volume(Size=100, tags={"a": "1"})]})
    take_snapshot(acme, {IRELAND: [volume(Size=200, tags={"a": "1"})]})

    release(EBS_VOLUME, lambda reading, answers: dataclasses.replace(reading, tags={}))
    take_snapshot(acme, {IRELAND: [volume(Size=200, tags={"a": "1"})]})

    (tag,) = ResourceTag.objects.all()
    assert (tag.valid_from, tag.valid_to) == (BEGIN, BEGIN + DAY)


def test_unknown_parts_stay_unknown_since_when_they_were(acme: Account, take_snapshot: Take, release: Release) -> None:
    known = bucket(GetBucketVersioning={"Status": "Enabled"}, GetBucketTagging=tag_set(owner="ops"))
    refused = bucket(GetBucketVersioning=denied(), GetBucketTagging=denied(), GetBucketAcl=denied())
    take_snapshot(acme, {GLOBAL: [known]})
    take_snapshot(acme, {GLOBAL: [refused]})

    release(S3_BUCKET, with_fields(encryption="read anew"))
    take_snapshot(acme, {GLOBAL: [refused]})

    revision = the_only(S3_BUCKET)
    assert isinstance(revision, S3Bucket)
    since = (BEGIN + DAY).isoformat()
    assert revision.unknown == {"versioning": since, "tags": since, "acl_grants": since}
    assert (revision.versioning, revision.encryption) == ("Enabled", "read anew")
    assert dict(ResourceTag.objects.current().values_list("key", "value")) == {"owner": "ops"}


def test_a_value_kept_over_a_change_survives(acme: Account, take_snapshot: Take, release: Release) -> None:
    take_snapshot(acme, {GLOBAL: [bucket(GetBucketVersioning={"Status": "Enabled"})]})
    changed = bucket(GetBucketVersioning=denied(), GetBucketTagging=tag_set(owner="ops"))
    take_snapshot(acme, {GLOBAL: [changed]})

    release(S3_BUCKET, with_fields(encryption="read anew"))
    take_snapshot(acme, {GLOBAL: [changed]})

    revision = current(S3_BUCKET, "logs")
    assert isinstance(revision, S3Bucket)
    assert (revision.versioning, revision.encryption) == ("Enabled", "read anew")


def test_a_field_whose_answer_was_never_asked_for_is_unknown_until_it_is(
    acme: Account, take_snapshot: Take, release: Release
) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})

    def asks_more(reading: Reading, answers: Answers) -> Reading:
        if "NewQuestion" in answers["DescribeVolumes"]:
            return with_fields(iops=answers["DescribeVolumes"]["NewQuestion"])(reading, answers)
        return dataclasses.replace(reading, unknown=reading.unknown | {"iops"})

    release(EBS_VOLUME, asks_more)
    take_snapshot(acme, {IRELAND: [volume()]})
    assert the_only(EBS_VOLUME).unknown == {"iops": None}

    take_snapshot(acme, {IRELAND: [volume(NewQuestion=9)]})

    revision = the_only(EBS_VOLUME)
    assert isinstance(revision, EbsVolume)
    assert (revision.iops, revision.unknown) == (9, {})


def test_a_document_that_the_new_reader_cannot_read_stays_open_and_is_counted(
    acme: Account, take_snapshot: Take, release: Release
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2", NewThing="there")]})

    release(
        EBS_VOLUME,
        lambda reading, answers: with_fields(kms_key=answers["DescribeVolumes"]["NewThing"])(reading, answers),
    )
    visit = take_snapshot(acme, {IRELAND: [volume("vol-1", NewThing="there"), volume("vol-2", NewThing="there")]})[HERE]

    assert (visit.outcome, visit.quarantined) == (Outcome.COMPLETE, 1)
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}
    assert EbsVolume.revisions.count() == 2


def test_a_failed_visit_may_have_read_again_and_has_changed_nothing_else(
    acme: Account, take_snapshot: Take, release: Release
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2")]})

    release(EBS_VOLUME, with_fields(iops=1))
    listed = [volume("vol-1", Size=7), volume("vol-2"), denied("DescribeVolumes", after=1)]
    take_snapshot(acme, {IRELAND: listed}, page_size=1)

    revisions = EbsVolume.revisions.current().order_by("resource__native_id")
    assert [(one.size_gib, one.iops) for one in revisions] == [(100, 1), (100, None)]
    assert EbsVolume.revisions.count() == 2
