"""Reading S3 buckets: each setting is a question of its own, and each may be refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from inventory.registry import GLOBAL, Answers, Ask, Call, Reading, Scope
from inventory.resource_types.s3_bucket import S3_BUCKET, measurements, region_of
from tests.aws_pages import reading

SCOPE = Scope(account_id="111122223333", region=GLOBAL)
BLOCKS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
FIELDS_OF = {
    "GetPublicAccessBlock": {*BLOCKS},
    "GetBucketPolicyStatus": {"policy_status"},
    "GetBucketAcl": {"acl_grants"},
    "GetBucketOwnershipControls": {"ownership"},
    "GetBucketEncryption": {"encryption", "kms_key"},
    "GetBucketVersioning": {"versioning"},
    "GetBucketTagging": {"tags"},
}
IAM_ACTION_OF = {
    "ListBuckets": "s3:ListAllMyBuckets",
    "GetBucketLocation": "s3:GetBucketLocation",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "GetBucketPolicyStatus": "s3:GetBucketPolicyStatus",
    "GetBucketAcl": "s3:GetBucketAcl",
    "GetBucketOwnershipControls": "s3:GetBucketOwnershipControls",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketTagging": "s3:GetBucketTagging",
    "GetMetricData": "cloudwatch:GetMetricData",
}


def of_page(name: str) -> Answers:
    """The answers about a bucket of the page, with an answer to everything but its region."""
    return next(one for one in reading.answers_of(S3_BUCKET) if one["ListBuckets"]["Name"] == name)


def read(answers: Answers) -> Reading:
    return S3_BUCKET.read(answers, SCOPE)


def listed(**answers: Any) -> Answers:
    """A bucket whose region the list does not tell."""
    return {"ListBuckets": {"Name": "old"}, **answers}


def question(operation: str) -> Ask:
    return next(one for one in S3_BUCKET.enrich if isinstance(one, Ask) and one.call.operation == operation)


def test_a_bucket_for_logs_is_read_with_every_field() -> None:
    found = read(of_page("acme-logs-1111"))

    assert (found.native_id, found.name, found.region) == ("acme-logs-1111", "acme-logs-1111", "eu-west-1")
    assert found.unknown == frozenset()
    assert found.fields == {
        "created": datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC),
        **dict.fromkeys(BLOCKS, True),
        "policy_status": "no policy",
        "ownership": "BucketOwnerPreferred",
        "encryption": "aws:kms",
        "kms_key": "arn:aws:kms:eu-west-1:111122223333:alias/logs",
        "versioning": "Enabled",
    }


def test_a_public_bucket_without_settings_is_read_as_aws_documents_their_absence() -> None:
    found = read(of_page("acme-site"))

    assert found.unknown == frozenset()
    assert found.fields["policy_status"] == "public"
    assert [found.fields[block] for block in BLOCKS] == [False] * 4
    assert found.fields["ownership"] is None
    assert found.fields["encryption"] is None
    assert found.fields["versioning"] is None
    assert found.tags == {}


def test_grants_are_links_with_their_permission() -> None:
    grants = {link.value: dict(link.detail) for link in read(of_page("acme-site")).links}

    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    assert grants[everybody] == {"permission": "READ", "grantee_type": "Group"}
    assert len(grants) == 2


@pytest.mark.parametrize(("operation", "fields"), FIELDS_OF.items())
def test_a_refused_question_leaves_its_own_fields_unknown_and_no_others(operation: str, fields: set[str]) -> None:
    for name in ("acme-logs-1111", "acme-site", "acme.plain"):
        whole = read(of_page(name))
        answers = {asked: answer for asked, answer in of_page(name).items() if asked != operation}

        found = read(answers)

        assert found.unknown == fields
        assert all(found.fields[field] is None for field in fields & found.fields.keys())
        others = whole.fields.keys() - fields
        assert {field: found.fields[field] for field in others} == {field: whole.fields[field] for field in others}


def test_a_bucket_of_which_everything_is_refused_is_neither_private_nor_encrypted_nor_public() -> None:
    found = read({"ListBuckets": of_page("acme-site")["ListBuckets"]})

    assert found.unknown == {"region", *set().union(*FIELDS_OF.values())}
    assert {found.fields[field] for field in found.fields if field != "created"} == {None}


def test_a_policy_status_that_does_not_say_whether_it_is_public_is_unknown() -> None:
    answers: tuple[Answers, ...] = ({}, {"PolicyStatus": {}})
    for answer in answers:
        found = read({**of_page("acme-site"), "GetBucketPolicyStatus": answer})

        assert found.fields["policy_status"] is None
        assert found.unknown == {"policy_status"}


@pytest.mark.parametrize(
    ("answers", "region"),
    [
        ({"ListBuckets": {"Name": "new", "BucketRegion": "ap-south-1"}}, "ap-south-1"),
        (
            {
                "ListBuckets": {"Name": "new", "BucketRegion": "ap-south-1"},
                "GetBucketLocation": {"LocationConstraint": "eu-west-2"},
            },
            "ap-south-1",
        ),
        (listed(GetBucketLocation={"LocationConstraint": "sa-east-1"}), "sa-east-1"),
        (listed(GetBucketLocation={"LocationConstraint": ""}), "us-east-1"),
        (listed(GetBucketLocation={"LocationConstraint": None}), "us-east-1"),
        (listed(GetBucketLocation={}), "us-east-1"),
        (listed(GetBucketLocation={"LocationConstraint": "EU"}), "eu-west-1"),
        (listed(), None),
    ],
)
def test_a_buckets_region_is_its_own(answers: Answers, region: str | None) -> None:
    found = read(answers)

    assert found.region == region
    assert ("region" in found.unknown) is (region is None)


def test_the_region_is_asked_for_only_where_the_list_does_not_tell_it() -> None:
    location = question("GetBucketLocation")

    assert not location.wanted(of_page("acme-logs-1111"))
    assert location.wanted(listed())


def test_settings_are_asked_for_in_the_buckets_own_region() -> None:
    for operation in FIELDS_OF:
        assert question(operation).region(of_page("acme-logs-1111")) == "eu-west-1"
        assert question(operation).region(listed()) is None
    assert region_of(of_page("acme-site")) == "eu-west-1"


def test_every_question_names_the_iam_action_that_allows_it() -> None:
    assert {call.operation: call.action for call in S3_BUCKET.calls} == IAM_ACTION_OF


def test_a_bucket_made_anew_under_an_old_name_is_another_incarnation() -> None:
    before = of_page("acme-site")
    after = {**before, "ListBuckets": {**before["ListBuckets"], "CreationDate": datetime(2026, 5, 5, tzinfo=UTC)}}

    assert read(before).incarnation
    assert read(before).incarnation != read(after).incarnation
    assert read(before).native_id == read(after).native_id


def test_the_metrics_of_a_bucket_are_read_by_day_and_storage_type():
    answer = reading.parsed(
        Call(service="cloudwatch", operation="GetMetricData"),
        reading.document(S3_BUCKET)["asked"]["acme-logs-1111"]["GetMetricData"],
    )

    found = {(one.metric, one.dimension, one.measured_at.day): one.value for one in measurements(answer)}

    assert found == {
        ("BucketSizeBytes", "StandardStorage", 26): 5_497_558_138_880,
        ("BucketSizeBytes", "StandardStorage", 25): 5_490_000_000_000,
        ("BucketSizeBytes", "StandardIAStorage", 26): 1_099_511_627_776,
        ("BucketSizeBytes", "StandardIAStorage", 25): 1_099_511_627_776,
        ("NumberOfObjects", "AllStorageTypes", 26): 1_310_720,
        ("NumberOfObjects", "AllStorageTypes", 25): 1_310_000,
    }


def test_a_bucket_without_metrics_has_no_figures():
    assert measurements({"MetricDataResults": []}) == ()


def test_a_series_of_something_else_cannot_be_read():
    series = {"Label": "GetRequests EntireBucket", "Timestamps": [], "Values": []}

    with pytest.raises(ValueError, match="another metric"):
        measurements({"MetricDataResults": [series]})
