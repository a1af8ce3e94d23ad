"""Items that nobody can read or store are set aside and counted; the others are recorded."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.models import Account, Outcome, Resource
from inventory.registry import GLOBAL, Answers
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.s3_bucket import S3_BUCKET
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE
from tests.snapshots.cast import BEGIN, IRELAND, Take, attached, bucket, current, history, ids, instance, volume

HERE = (IRELAND, EBS_VOLUME.slug)
UNREADABLE: dict[str, dict[str, Any]] = {
    "a size in words": {"Size": "large"},
    "a size that no column holds": {"Size": -1},
    "a type longer than any": {"VolumeType": "x" * 17},
    "a moment that is none": {"CreateTime": "yesterday"},
    "a boolean that is none": {"Encrypted": "perhaps"},
    "attachments that are no list": {"Attachments": 7},
    "a text with NUL": {"State": "in\x00use"},
    "half a surrogate pair": {"State": "in\ud800use"},
    "a tag with NUL": {"Tags": [{"Key": "a", "Value": "\x00"}]},
    "half a surrogate pair in a tag's key": {"Tags": [{"Key": "\udfff", "Value": "b"}]},
    "a tag longer than AWS allows": {"Tags": [{"Key": "a", "Value": "x" * 257}]},
    "a tag without key": {"Tags": [{"Value": "b"}]},
    "a tag of null": {"Tags": [{"Key": "a", "Value": None}]},
    "a link longer than its column": {"Attachments": attached("i" * 2049)},
    "a link with NUL": {"Attachments": attached("i-\x00")},
    "a link whose detail holds NUL": {"Attachments": attached("i-1", device="/dev/\x00")},
    "a link whose detail holds half a pair": {"Attachments": attached("i-1", device="/dev/\ud83d")},
}
STRANGE_IDS: list[Any] = [None, "", "vol-\x00", "vol-\ud800", "v" * 513, 7, ["vol-1"]]


@pytest.mark.parametrize("fault", UNREADABLE)
def test_an_item_that_cannot_be_read_is_counted_and_the_others_are_recorded(
    acme: Account, take_snapshot: Take, fault: str
) -> None:
    visit = take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2", **UNREADABLE[fault]), volume("vol-3")]})[
        HERE
    ]

    assert visit.outcome == Outcome.COMPLETE
    assert (visit.quarantined, visit.added) == (1, 2)
    assert ids(EBS_VOLUME) == {"vol-1", "vol-3"}
    assert not Resource.objects.filter(native_id="vol-2").exists()


def test_an_item_that_cannot_be_read_any_more_keeps_its_open_revision(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2")]})

    visit = take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2", Size="large")]})[HERE]

    assert (visit.quarantined, visit.changed, visit.gone, visit.resources) == (1, 0, 0, 2)
    assert history(EBS_VOLUME, "vol-2") == [(BEGIN, None)]


@pytest.mark.parametrize("native_id", STRANGE_IDS, ids=repr)
def test_an_item_without_an_id_closes_nothing_for_it_may_be_any_of_them(
    acme: Account, take_snapshot: Take, native_id: Any
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2")]})
    nameless: Answers = {"DescribeVolumes": {**volume()["DescribeVolumes"], "VolumeId": native_id}}

    visit = take_snapshot(acme, {IRELAND: [volume("vol-1"), nameless]})[HERE]

    assert visit.outcome == Outcome.COMPLETE
    assert (visit.quarantined, visit.gone) == (1, 0)
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}


def test_nobody_asks_about_a_bucket_without_a_name(acme: Account, take_snapshot: Take) -> None:
    nameless: Answers = {"ListBuckets": {"CreationDate": BEGIN}}

    visit = take_snapshot(acme, {GLOBAL: [nameless, bucket("logs")]})[GLOBAL, S3_BUCKET.slug]

    assert visit.outcome == Outcome.COMPLETE
    assert visit.quarantined == 1
    assert ids(S3_BUCKET) == {"logs"}


def test_a_rule_without_its_direction_is_set_aside(acme: Account, take_snapshot: Take) -> None:
    rule: Answers = {"DescribeSecurityGroupRules": {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1"}}

    visit = take_snapshot(acme, {IRELAND: [rule]})[IRELAND, SECURITY_GROUP_RULE.slug]

    assert visit.quarantined == 1
    assert ids(SECURITY_GROUP_RULE) == set()


def test_hostile_texts_are_stored_to_the_letter(acme: Account, take_snapshot: Take) -> None:
    hostile = {
        "script": "<script>alert(1)</script>",
        "formula": "=cmd|' /C calc'!A0",
        "direction": "\u202e\u2066abc",
        "lines": "a\r\nb\tc\u2028d",
        "longest": "\U0001f600" * 256,
        "nothing": "",
        "slashes": "\\u0000 \\x00 %00",
    }
    take_snapshot(acme, {IRELAND: [volume(tags=hostile)]})

    visit = take_snapshot(acme, {IRELAND: [volume(tags=hostile)]})[HERE]

    stored = dict(current(EBS_VOLUME, "vol-1").resource.tags.values_list("key", "value"))
    assert stored == hostile
    assert (visit.quarantined, visit.changed) == (0, 0)


def test_a_detail_that_only_spells_out_a_nul_is_stored(acme: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(acme, {IRELAND: [volume(Attachments=attached("i-1", device="\\u0000"))]})[HERE]

    assert visit.quarantined == 0


def test_fields_that_nobody_knows_yet_are_kept_in_the_document(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [instance(NewThing={"Deep": [1, 2.5, None, "x\x00"]})]})

    document = current(EC2_INSTANCE, "i-1").raw_document
    assert document["DescribeInstances"]["NewThing"] == {"Deep": [1, 2.5, None, "x\x00"]}
