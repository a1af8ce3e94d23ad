"""What can go wrong at AWS, over real HTTP: each failure comes out typed, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inventory.aws import AwsFailure, Clients, FailureKind, ListingBroken
from tests.aws.scripted import Answer, ScriptedAws, ec2_error, json_error, query_error, s3_error, volumes
from tests.support.product import free_port

DENIED, DISABLED, FAILED, THROTTLED, UNREACHABLE = (
    FailureKind.DENIED,
    FailureKind.DISABLED,
    FailureKind.FAILED,
    FailureKind.THROTTLED,
    FailureKind.UNREACHABLE,
)
Make = Callable[..., Clients]

EC2_CODES = [
    (403, "UnauthorizedOperation", DENIED),
    (403, "AccessDenied", DENIED),
    (400, "AccessDeniedException", DENIED),
    (401, "AuthFailure", DENIED),
    (403, "AuthorizationError", DENIED),
    (403, "InvalidClientTokenId", DENIED),
    (400, "UnrecognizedClientException", DENIED),
    (400, "ExpiredToken", DENIED),
    (400, "RequestExpired", DENIED),
    (403, "SomethingNewThatRefuses", DENIED),
    (401, "OptInRequired", DISABLED),
    (400, "SubscriptionRequiredException", DISABLED),
    (403, "RegionDisabledException", DISABLED),
    (503, "RequestLimitExceeded", THROTTLED),
    (400, "Throttling", THROTTLED),
    (400, "ThrottlingException", THROTTLED),
    (503, "EC2ThrottledException", THROTTLED),
    (429, "TooManyRequestsException", THROTTLED),
    (429, "SomethingNewThatBrakes", THROTTLED),
    (500, "InternalError", FAILED),
    (500, "InternalServerErrorException", FAILED),
    (400, "InvalidParameterValue", FAILED),
]
TRANSPORT = {
    "reset before the answer": Answer(reset=True),
    "silence": Answer(after_seconds=5),
    "silence after half an answer": Answer(body=volumes(["vol-1"]).body, sent=60, after_body_seconds=5),
}


def identify(clients: Clients) -> AwsFailure:
    """The failure of asking who the credentials belong to."""
    with pytest.raises(AwsFailure) as failure:
        clients.identity()
    return failure.value


def describe_volumes(clients: Clients) -> AwsFailure:
    """The failure of asking for the volumes of a region."""
    with pytest.raises(AwsFailure) as failure:
        list(clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))
    return failure.value


@pytest.mark.parametrize(("status", "code", "kind"), EC2_CODES)
def test_every_code_of_aws_has_its_meaning(
    aws: ScriptedAws, hasty: Clients, status: int, code: str, kind: FailureKind
) -> None:
    aws.answers("DescribeVolumes", ec2_error(code, status))

    failure = describe_volumes(hasty)

    assert (failure.kind, failure.code, failure.action) == (kind, code, "ec2:DescribeVolumes")
    assert "eu-west-1" in failure.reason
    assert code in failure.reason


def test_a_missing_permission_is_named_with_its_action(aws: ScriptedAws, hasty: Clients) -> None:
    aws.answers("DescribeVolumes", ec2_error("UnauthorizedOperation", 403))

    failure = describe_volumes(hasty)

    assert "Allow ec2:DescribeVolumes" in failure.reason


def test_credentials_that_are_not_recognised_are_no_missing_permission(aws: ScriptedAws, hasty: Clients) -> None:
    aws.answers("DescribeVolumes", ec2_error("AuthFailure", 401))

    failure = describe_volumes(hasty)

    assert failure.kind is DENIED
    assert "Allow ec2:DescribeVolumes" not in failure.reason
    assert "expired" in failure.reason


@pytest.mark.parametrize(
    ("service", "operation", "asked", "answer", "kind"),
    [
        ("s3", "GetBucketAcl", "GET /b", s3_error("AccessDenied", 403), DENIED),
        ("s3", "GetBucketAcl", "GET /b", s3_error("InvalidToken"), DENIED),
        ("s3", "GetBucketAcl", "GET /b", s3_error("SlowDown", 503), THROTTLED),
        ("s3", "GetBucketAcl", "GET /b", s3_error("NoSuchBucket", 404), FAILED),
        ("s3", "HeadBucket", "HEAD /b", Answer(status=403), DENIED),
        ("s3", "HeadBucket", "HEAD /b", Answer(status=404), FAILED),
    ],
)
def test_s3_refuses_in_its_own_words(
    aws: ScriptedAws,
    hasty: Clients,
    service: str,
    operation: str,
    asked: str,
    answer: Answer,
    kind: FailureKind,
) -> None:
    aws.answers(asked, answer)

    with pytest.raises(AwsFailure) as failure:
        hasty.ask(service, operation, "eu-west-1", f"s3:{operation}", Bucket="b")

    assert failure.value.kind is kind


def test_services_that_speak_json_are_understood_too(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("ListKeys", json_error("AccessDeniedException"))

    with pytest.raises(AwsFailure) as failure:
        make_clients().ask("kms", "ListKeys", "eu-west-1", "kms:ListKeys")

    assert failure.value.kind is DENIED
    assert failure.value.code == "AccessDeniedException"


@pytest.mark.parametrize("fault", TRANSPORT)
def test_a_connection_that_breaks_is_unreachable(aws: ScriptedAws, hasty: Clients, fault: str) -> None:
    aws.answers("DescribeVolumes", TRANSPORT[fault])

    failure = describe_volumes(hasty)

    assert failure.kind is UNREACHABLE
    assert "Check the network" in failure.reason
    assert failure.action == "ec2:DescribeVolumes"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{port}", "http://no-such-host.invalid", "https://{scripted}", "http://[::1]:{port}"]
)
def test_an_endpoint_that_nobody_serves_is_unreachable(
    aws: ScriptedAws, make_clients: Make, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    where = address.format(port=free_port(), scripted=aws.address.removeprefix("http://"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", where)

    assert identify(make_clients()).kind is UNREACHABLE


def test_an_endpoint_that_is_no_address_says_how_to_write_one(
    make_clients: Make, aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "emulator:5000")

    failure = identify(make_clients())

    assert failure.kind is UNREACHABLE
    assert "AWS_ENDPOINT_URL" in failure.reason


@pytest.mark.parametrize("body", ["<html>502 Bad Gateway", "", '{"not": "xml"}', volumes(["vol-1"]).body[:-30]])
def test_an_answer_that_cannot_be_read_breaks_the_listing(aws: ScriptedAws, hasty: Clients, body: str) -> None:
    aws.answers("DescribeVolumes", Answer(body=body))

    failure = describe_volumes(hasty)

    assert isinstance(failure, ListingBroken)
    assert failure.kind is FAILED


def test_an_answer_cut_short_breaks_the_listing(aws: ScriptedAws, hasty: Clients) -> None:
    aws.answers("DescribeVolumes", Answer(body=volumes(["vol-1"]).body, sent=60))

    assert isinstance(describe_volumes(hasty), ListingBroken)


@pytest.mark.parametrize("code", ["InvalidNextToken", "InvalidPaginationToken", "ExpiredNextToken"])
def test_a_refused_page_token_breaks_the_listing(aws: ScriptedAws, hasty: Clients, code: str) -> None:
    aws.answers("DescribeVolumes", volumes(["vol-1"], next_token="two"), ec2_error(code))

    assert isinstance(describe_volumes(hasty), ListingBroken)


def test_without_credentials_it_says_which_to_set(
    aws: ScriptedAws, make_clients: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    failure = identify(make_clients())

    assert failure.kind is DENIED
    assert "AWS_PROFILE" in failure.reason
    assert not aws.asked


def test_a_profile_that_does_not_exist_is_named(make_clients: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    failure = identify(make_clients())

    assert failure.kind is DENIED
    assert "no-such-profile" in failure.reason


def test_a_role_that_cannot_be_assumed_says_what_to_check(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", query_error("AccessDenied", 403))

    failure = identify(make_clients(role_arn="arn:aws:iam::111122223333:role/r", external_id="between-us"))

    assert (failure.kind, failure.action) == (DENIED, "sts:AssumeRole")
    assert "trust policy" in failure.reason
    assert "external id" in failure.reason


def test_a_mistake_of_our_own_is_not_taken_for_aws(aws: ScriptedAws, make_clients: Make) -> None:
    with pytest.raises(AttributeError):
        make_clients().ask("sts", "DescribeUnicorns", "eu-west-1", "sts:DescribeUnicorns")
