"""Listing and asking through boto3: to the end of every listing, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inventory.aws import AwsFailure, Clients, FailureKind, ListingBroken
from tests.aws.scripted import Answer, ScriptedAws, ec2_error, identity, volumes


def listed(clients: Clients, **arguments: object) -> list[list[str]]:
    """The ids of the volumes of a region, page by page."""
    pages = clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes", **arguments)
    return [[volume["VolumeId"] for volume in page] for page in pages]


def test_a_listing_is_followed_to_its_last_page(aws: ScriptedAws, patient: Clients) -> None:
    aws.answers(
        "DescribeVolumes",
        volumes(["vol-1", "vol-2"], next_token="two"),
        volumes([], next_token="three"),
        volumes(["vol-3"]),
    )

    pages = listed(patient, MaxResults=500)

    assert pages == [["vol-1", "vol-2"], [], ["vol-3"]]
    assert aws.tokens_asked("DescribeVolumes") == ["", "two", "three"]
    assert {asked["MaxResults"] for asked in aws.asked} == {"500"}


def test_a_listing_without_anything_has_one_empty_page(aws: ScriptedAws, patient: Clients) -> None:
    aws.answers("DescribeVolumes", volumes([]))

    assert listed(patient) == [[]]


@pytest.mark.parametrize("failing", range(5))
def test_a_failure_on_any_page_fails_the_listing(aws: ScriptedAws, hasty: Clients, failing: int) -> None:
    before = [volumes([f"vol-{number}"], next_token=f"page-{number}") for number in range(failing)]
    aws.answers("DescribeVolumes", *before, ec2_error("InternalError", 500))

    with pytest.raises(AwsFailure):
        listed(hasty)

    assert len(aws.asked) == failing + 1


def test_the_same_token_twice_breaks_the_listing(aws: ScriptedAws, patient: Clients) -> None:
    aws.answers("DescribeVolumes", volumes(["vol-1"], next_token="again"))

    with pytest.raises(ListingBroken):
        listed(patient)


def test_an_operation_without_pages_is_asked_once(aws: ScriptedAws, patient: Clients) -> None:
    aws.answers("DescribeKeyPairs", Answer(body="<DescribeKeyPairsResponse><keySet/></DescribeKeyPairsResponse>"))

    pages = list(patient.pages("ec2", "DescribeKeyPairs", "eu-west-1", "ec2:DescribeKeyPairs", "KeyPairs"))

    assert pages == [[]]
    assert len(aws.asked) == 1


def test_a_throttled_call_is_tried_again_with_growing_pauses(
    aws: ScriptedAws, patient: Clients, no_pauses: list[float]
) -> None:
    aws.answers("DescribeVolumes", *[ec2_error("RequestLimitExceeded", 503)] * 3, volumes(["vol-1"]))
    before = patient.calls

    assert listed(patient) == [["vol-1"]]
    assert len(no_pauses) == 3
    assert patient.calls - before == 4


def test_throttling_that_does_not_end_is_given_up(aws: ScriptedAws, patient: Clients, no_pauses: list[float]) -> None:
    aws.answers("DescribeVolumes", ec2_error("RequestLimitExceeded", 503))
    before = patient.calls

    with pytest.raises(AwsFailure) as failure:
        listed(patient)

    assert failure.value.kind is FailureKind.THROTTLED
    assert patient.calls - before == 5
    assert len(aws.asked) == 5


def test_a_garbled_answer_to_a_question_is_asked_for_again(aws: ScriptedAws, patient: Clients) -> None:
    whole = "<DescribeKeyPairsResponse><keySet><item><keyName>ops</keyName></item></keySet></DescribeKeyPairsResponse>"
    aws.answers("DescribeKeyPairs", Answer(body=whole[:40]), Answer(body=whole[:60]), Answer(body=whole))

    answer = patient.ask("ec2", "DescribeKeyPairs", "eu-west-1", "ec2:DescribeKeyPairs")

    assert [pair["KeyName"] for pair in answer["KeyPairs"]] == ["ops"]
    assert "ResponseMetadata" not in answer


def test_an_answer_that_stays_garbled_is_given_up(aws: ScriptedAws, patient: Clients) -> None:
    aws.answers("DescribeKeyPairs", Answer(body="<Desc"))

    with pytest.raises(ListingBroken):
        patient.ask("ec2", "DescribeKeyPairs", "eu-west-1", "ec2:DescribeKeyPairs")

    assert len(aws.asked) == 3


def test_who_the_credentials_belong_to_is_asked_once(aws: ScriptedAws, make_clients: Callable[..., Clients]) -> None:
    aws.answers("GetCallerIdentity", identity("111122223333"))
    clients = make_clients()

    assert [clients.identity(), clients.identity()] == ["111122223333"] * 2
    assert len(aws.asked) == 1
