"""Failures on request, as a boto3 client meets them."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError

from demo.client import Emulator, EmulatorError
from tests.demo.listing import ONCE, host_client, refused


def test_a_denied_call_is_refused_in_the_words_of_ec2(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")

    emulator.deny("us-east-1", "ec2:DescribeInstances")

    status, code, message = refused(ec2.describe_instances)
    assert (status, code) == (403, "UnauthorizedOperation")
    assert "is not authorized to perform: ec2:DescribeInstances" in message
    assert "because no identity-based policy allows" in message
    assert ec2.describe_volumes()["Volumes"]


@pytest.mark.parametrize("action", ["s3:ListBuckets", "s3:ListAllMyBuckets", "ListAllMyBuckets", "s3:List*"])
def test_an_s3_call_may_be_denied_by_its_operation_or_by_its_iam_action(emulator: Emulator, action: str) -> None:
    s3 = emulator.client("s3", "production", "us-east-1")

    emulator.deny("global", action)

    status, code, message = refused(s3.list_buckets)
    assert (status, code) == (403, "AccessDenied")
    assert "s3:ListAllMyBuckets" in message


def test_iam_and_sts_refuse_with_access_denied(emulator: Emulator) -> None:
    emulator.deny("*", "sts:GetCallerIdentity")
    emulator.deny("global", "iam:ListRoles")

    assert refused(host_client(emulator, "sts").get_caller_identity)[:2] == (403, "AccessDenied")
    assert refused(host_client(emulator, "iam").list_roles)[:2] == (403, "AccessDenied")


def test_a_json_service_refuses_with_access_denied_exception(emulator: Emulator) -> None:
    emulator.deny("us-east-1", "kms:ListKeys")

    assert refused(host_client(emulator, "kms").list_keys)[:2] == (400, "AccessDeniedException")


def test_a_denial_may_be_for_one_account_only(emulator: Emulator) -> None:
    emulator.deny("us-east-1", "DescribeVolumes", account="research")

    assert emulator.client("ec2", "production", "us-east-1").describe_volumes()["Volumes"]
    assert refused(emulator.client("ec2", "research", "us-east-1").describe_volumes)[1] == "UnauthorizedOperation"


def test_a_denial_elsewhere_or_of_a_global_call_does_not_touch_a_region(emulator: Emulator) -> None:
    emulator.deny("eu-west-1", "DescribeVolumes")
    emulator.deny("global", "*")

    assert emulator.client("ec2", "production", "us-east-1").describe_volumes()["Volumes"]


def test_allow_ends_a_denial_and_a_later_denial_counts_again(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")
    emulator.deny("us-east-1", "DescribeVolumes")

    emulator.allow("us-east-1", "DescribeVolumes")
    after_allow = ec2.describe_volumes()["Volumes"]
    emulator.deny("us-east-1", "DescribeVolumes")

    assert after_allow
    assert refused(ec2.describe_volumes)[1] == "UnauthorizedOperation"


def test_the_storys_own_denial_may_be_lifted_and_comes_back_when_orders_are_cleared(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "eu-west-2")
    before = refused(ec2.describe_instances)[1]

    emulator.allow("eu-west-2", "DescribeInstances")
    lifted = ec2.describe_instances()["Reservations"]
    emulator.clear()

    assert before == "UnauthorizedOperation"
    assert lifted
    assert refused(ec2.describe_instances)[1] == "UnauthorizedOperation"


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("ec2", "describe_volumes", (503, "RequestLimitExceeded")),
        ("s3", "list_buckets", (503, "SlowDown")),
        ("iam", "list_roles", (400, "Throttling")),
        ("kms", "list_keys", (400, "ThrottlingException")),
    ],
)
def test_each_service_says_in_its_own_way_that_there_were_too_many_calls(
    emulator: Emulator, service: str, call: str, expected: tuple[int, str]
) -> None:
    client = host_client(emulator, service)

    emulator.throttle("*", f"{service}:*")

    assert refused(getattr(client, call))[:2] == expected


def test_a_throttled_call_succeeds_when_its_times_are_used_up(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1", config=ONCE)

    emulator.throttle("us-east-1", "DescribeVolumes", times=2)

    assert refused(ec2.describe_volumes)[1] == "RequestLimitExceeded"
    assert refused(ec2.describe_volumes)[1] == "RequestLimitExceeded"
    assert ec2.describe_volumes()["Volumes"]


def test_a_truncated_answer_cannot_be_parsed(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1", config=ONCE)

    emulator.truncate("us-east-1", "DescribeSecurityGroups", times=1)

    with pytest.raises(ResponseParserError):
        ec2.describe_security_groups()
    assert ec2.describe_security_groups()["SecurityGroups"]


def test_a_call_may_fail_with_any_error(emulator: Emulator) -> None:
    ec2, kms = emulator.client("ec2", "production", "us-east-1", config=ONCE), host_client(emulator, "kms")

    emulator.fail("us-east-1", "DescribeVolumes", "Unavailable", status=503)
    emulator.fail("us-east-1", "kms:ListKeys", "KMSInternalException", status=500)

    assert refused(ec2.describe_volumes)[:2] == (503, "Unavailable")
    assert refused(kms.list_keys)[:2] == (500, "KMSInternalException")


def test_a_connection_may_be_reset(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1", config=ONCE)

    emulator.reset("us-east-1", "DescribeVolumes", times=1)

    with pytest.raises(ConnectionClosedError):
        ec2.describe_volumes()
    assert ec2.describe_volumes()["Volumes"]
    assert [(entry["status"], entry["fault"]) for entry in emulator.log()[-2:]] == [(0, "reset"), (200, "")]


def test_an_answer_may_come_byte_by_byte_and_is_whole_in_the_end(emulator: Emulator) -> None:
    sts = host_client(emulator, "sts")
    whole = sts.get_caller_identity()
    emulator.trickle("*", "sts:GetCallerIdentity", 0.001, times=1)

    began = time.monotonic()
    trickled = sts.get_caller_identity()

    assert trickled["Arn"] == whole["Arn"]
    assert time.monotonic() - began >= 0.001 * int(whole["ResponseMetadata"]["HTTPHeaders"]["content-length"])


def test_a_delayed_answer_comes_later_and_holds_up_nobody_else(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")
    emulator.delay("us-east-1", "DescribeSecurityGroups", 0.5, times=1)

    began = time.monotonic()
    groups = ec2.describe_security_groups()["SecurityGroups"]

    assert groups
    assert time.monotonic() - began >= 0.5


def test_an_order_that_cannot_be_meant_is_refused_with_what_to_write(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="no region 'eu-wset-1'"):
        emulator.deny("eu-wset-1", "DescribeInstances")
    with pytest.raises(EmulatorError, match="no action 'DescribeInstence'"):
        emulator.deny("eu-west-1", "DescribeInstence")
    with pytest.raises(EmulatorError, match="no account 'prod'"):
        emulator.deny("eu-west-1", "DescribeInstances", account="prod")


def test_every_call_is_logged_with_its_answer_and_the_failure_that_was_ordered(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "research", "us-east-2")
    emulator.deny("us-east-2", "DescribeVolumes")
    refused(ec2.describe_volumes)
    ec2.describe_security_groups()

    denied, answered = emulator.log()[-2:]

    place = {"account": "907215438876", "region": "us-east-2", "service": "ec2"}
    assert denied.items() >= {**place, "operation": "DescribeVolumes", "status": 403, "fault": "deny"}.items()
    assert answered.items() >= {**place, "operation": "DescribeSecurityGroups", "status": 200, "fault": ""}.items()
    assert denied["time"].endswith("Z")


def test_the_log_names_s3_operations_that_have_no_name_in_the_request(emulator: Emulator) -> None:
    s3 = emulator.client("s3", "production", "us-east-1")
    bucket = {"Bucket": "storefront-assets-4182"}
    calls = ("get_bucket_encryption", "get_bucket_policy_status", "get_public_access_block", "head_bucket")

    for call in ("list_buckets", *calls):
        with suppress(ClientError):
            getattr(s3, call)(**({} if call == "list_buckets" else bucket))

    expected = ["ListBuckets", "GetBucketEncryption", "GetBucketPolicyStatus", "GetPublicAccessBlock", "HeadBucket"]
    assert [entry["operation"] for entry in emulator.log()[-5:]] == expected
