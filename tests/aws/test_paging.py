"""Every operation that answers in pages is read to its last page, whether or not botocore knows that it has any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import PaginationError
from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.aws import Access, AwsFailure, Clients, FailureKind, ListingBroken
from inventory.aws.paging import LOOPED, answers, paging_of, tokens_of
from inventory.registry import Ask, Call, resource_types
from inventory.snapshots.iam_policy import BASE_CALLS, ORGANIZATION_CALLS
from tests.aws.scripted import Answer, ec2_error, volumes
from tests.aws.wire import Listing, put_in_place
from tests.support.guarding import also_allowed

IN_SCOPE = {
    "account": "ListRegions",
    "ce": "GetCostAndUsage GetDimensionValues GetTags GetReservationUtilization GetReservationCoverage "
    "GetSavingsPlansUtilization GetSavingsPlansCoverage GetCostForecast",
    "cloudfront": "ListDistributions GetDistributionConfig ListTagsForResource",
    "cloudwatch": "GetMetricData ListMetrics",
    "elb": "DescribeLoadBalancers",
    "elbv2": "DescribeLoadBalancers DescribeListeners DescribeTargetGroups",
    "ec2": "DescribeRegions DescribeInstances DescribeInstanceTypes DescribeSecurityGroups DescribeSecurityGroupRules "
    "DescribeNetworkInterfaces DescribeVolumes DescribeSnapshots DescribeImages DescribeAddresses DescribeVpcs "
    "DescribeSubnets DescribeReservedInstances DescribeSpotPriceHistory DescribeSpotInstanceRequests DescribeHosts "
    "DescribeCapacityReservations",
    "iam": "GetAccountSummary GetAccountPasswordPolicy ListAccountAliases GetAccountAuthorizationDetails "
    "ListAccessKeys GetAccessKeyLastUsed ListMFADevices ListVirtualMFADevices GetLoginProfile ListInstanceProfiles "
    "GenerateCredentialReport GetCredentialReport",
    "organizations": "DescribeOrganization ListAccounts ListAccountsForParent ListRoots "
    "ListOrganizationalUnitsForParent ListParents ListTagsForResource",
    "pricing": "DescribeServices GetAttributeValues GetProducts",
    "s3": "ListBuckets GetBucketLocation GetBucketTagging GetBucketAcl GetBucketPolicy GetBucketPolicyStatus "
    "GetPublicAccessBlock GetBucketEncryption GetBucketVersioning GetBucketLogging GetBucketLifecycleConfiguration "
    "GetBucketOwnershipControls GetBucketReplication GetBucketWebsite",
    "sagemaker": "ListNotebookInstances DescribeNotebookInstance ListEndpoints DescribeEndpoint "
    "DescribeEndpointConfig ListTrainingJobs DescribeTrainingJob ListProcessingJobs DescribeProcessingJob "
    "ListTransformJobs DescribeTransformJob ListModels ListDomains DescribeDomain ListUserProfiles ListApps "
    "DescribeApp ListSpaces ListClusters DescribeCluster ListTags",
    "savingsplans": "DescribeSavingsPlans DescribeSavingsPlanRates DescribeSavingsPlansOfferingRates "
    "DescribeSavingsPlansOfferings",
    "sts": "AssumeRole GetCallerIdentity",
}
"""What the product asks or is going to ask: the read-only list of its permissions, operation by operation."""

CALLS = [(service, operation) for service, operations in IN_SCOPE.items() for operation in operations.split()]


def model(service: str, operation: str) -> OperationModel:
    """botocore's description of an operation."""
    return services[service].operation_model(operation)


services = {
    service: ServiceModel(create_loader().load_service_model(service, "service-2"), service) for service in IN_SCOPE
}


def calls_in_use() -> Iterator[Call]:
    """Every operation that a snapshot, or the reading of an organization, may ask."""
    yield from BASE_CALLS
    yield from ORGANIZATION_CALLS
    for kind in resource_types():
        yield from kind.calls


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_every_operation_in_scope_that_returns_a_token_is_read_on(service: str, operation: str) -> None:
    """Fault matrix row 11."""
    assert not tokens_of(model(service, operation)) or paging_of(service, operation) is not None


def test_no_operation_in_use_that_returns_a_token_is_read_by_a_single_call() -> None:
    """Fault matrix row 11."""
    asked_once = {
        (question.call.service, question.call.operation)
        for kind in resource_types()
        for question in kind.enrich
        if isinstance(question, Ask) and not question.call.items
    }

    for call in calls_in_use():
        pages = paging_of(call.service, call.operation) is not None
        assert pages or not tokens_of(model(call.service, call.operation)), call.action
        assert not pages or (call.service, call.operation) not in asked_once, call.action


@pytest.mark.parametrize("service", ["ce", "savingsplans"])
def test_the_loops_are_those_that_botocore_has_no_paginator_for(service: str) -> None:
    """Fault matrix row 11."""
    described = create_loader().load_service_model(service, "paginators-1")["pagination"]
    missing = {
        (service, name): tuple(tokens_of(services[service].operation_model(name)))
        for name in services[service].operation_names
        if name not in described and tokens_of(services[service].operation_model(name))
    }

    assert {key: (gives,) for key, (_, gives) in LOOPED.items() if key[0] == service} == missing
    for (_, operation), (takes, _) in LOOPED.items():
        if (service, operation) in missing:
            assert takes in services[service].operation_model(operation).input_shape.members  # type: ignore[union-attr]


@pytest.mark.parametrize(("service", "operation"), LOOPED)
def test_a_loop_by_hand_reaches_the_end(service: str, operation: str) -> None:
    """Fault matrix row 11."""
    paging = paging_of(service, operation)
    assert paging is not None
    asked: list[dict[str, Any]] = []

    def ask(**arguments: Any) -> dict[str, Any]:
        asked.append(arguments)
        return {"Items": [len(asked)]} | ({paging.gives[0]: f"page-{len(asked)}"} if len(asked) < 5 else {})

    found = [page["Items"] for page in answers(ask, paging, {"Granularity": "DAILY"})]

    assert found == [[1], [2], [3], [4], [5]]
    assert [one.get(paging.takes[0]) for one in asked] == [None, "page-1", "page-2", "page-3", "page-4"]
    assert {one["Granularity"] for one in asked} == {"DAILY"}


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_tokens_that_lead_back_end_a_listing_however_long_the_way(length: int) -> None:
    """Fault matrix row 8."""
    paging = paging_of("ec2", "DescribeVolumes")
    assert paging is not None
    numbers = iter(range(1000))

    def ask(**_: Any) -> dict[str, Any]:
        return {"NextToken": f"page-{next(numbers) % length}"}

    with pytest.raises(PaginationError):
        list(answers(ask, paging, {}))

    assert next(numbers) == length + 1


def test_an_answer_that_says_there_is_more_and_not_where_is_no_end() -> None:
    paging = paging_of("iam", "ListAccessKeys")
    assert paging is not None

    with pytest.raises(PaginationError):
        list(answers(lambda **_: {"IsTruncated": True}, paging, {}))


def test_an_answer_that_says_it_is_the_last_ends_the_listing_whatever_token_it_carries() -> None:
    paging = paging_of("iam", "ListAccessKeys")
    assert paging is not None

    assert len(list(answers(lambda **_: {"IsTruncated": False, "Marker": "x"}, paging, {}))) == 1


@pytest.fixture(scope="module")
def volumes_of() -> Any:
    """The volumes of a region, page by page, by clients that are kept: reading botocore's files takes long."""
    clients = Clients(Access())

    def listed() -> list[list[str]]:
        pages = clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes")
        return [[volume["VolumeId"] for volume in page] for page in pages]

    listed.clients = clients  # type: ignore[attr-defined]
    return listed


@pytest.mark.parametrize("length", range(1, 21))
def test_an_error_on_any_page_of_any_listing_fails_it(
    monkeypatch: pytest.MonkeyPatch, volumes_of: Any, length: int
) -> None:
    """Fault matrix row 9."""
    for failing in range(length):
        listing = Listing([[f"vol-{n}"] for n in range(length)], failures={failing: ec2_error("UnauthorizedOperation")})
        put_in_place(monkeypatch, listing.answer)

        with pytest.raises(AwsFailure) as failure:
            volumes_of()

        assert failure.value.kind is FailureKind.DENIED
        assert listing.asked == list(range(failing + 1))


@pytest.mark.parametrize("code", ["InvalidNextToken", "ExpiredNextTokenException", "InvalidParameterValue"])
@pytest.mark.parametrize("length", [2, 5, 20])
def test_a_token_that_is_refused_on_any_page_breaks_the_listing(
    monkeypatch: pytest.MonkeyPatch, volumes_of: Any, length: int, code: str
) -> None:
    """Fault matrix row 8."""
    for failing in range(1, length):
        listing = Listing([[f"vol-{n}"] for n in range(length)], failures={failing: ec2_error(code)})
        put_in_place(monkeypatch, listing.answer)

        with pytest.raises(ListingBroken):
            volumes_of()


def test_a_wrong_argument_on_the_first_page_is_no_broken_token(
    monkeypatch: pytest.MonkeyPatch, volumes_of: Any
) -> None:
    put_in_place(monkeypatch, lambda asked: ec2_error("InvalidParameterValue"))

    with pytest.raises(AwsFailure) as failure:
        volumes_of()

    assert not isinstance(failure.value, ListingBroken)


@given(pages=st.lists(st.lists(st.integers(0, 99).map("vol-{}".format), max_size=5), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_pages_may_be_short_or_empty_and_name_a_thing_twice(volumes_of: Any, pages: list[list[str]]) -> None:
    """Fault matrix row 10."""
    listing = Listing(pages)

    with pytest.MonkeyPatch.context() as monkeypatch:
        put_in_place(monkeypatch, listing.answer)
        found = volumes_of()

    assert found == pages


def test_an_answer_with_a_token_is_never_taken_for_the_whole(monkeypatch: pytest.MonkeyPatch, volumes_of: Any) -> None:
    put_in_place(monkeypatch, Listing([["vol-1"], ["vol-2"]]).answer)

    with pytest.raises(AwsFailure, match="one page of several"):
        volumes_of.clients.ask("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes")


def test_not_even_one_of_which_nobody_knows_that_it_pages(monkeypatch: pytest.MonkeyPatch, volumes_of: Any) -> None:
    body = "<DescribeElasticGpusResponse><nextToken>2</nextToken></DescribeElasticGpusResponse>"
    put_in_place(monkeypatch, lambda asked: Answer(body=body))

    with also_allowed(("ec2", "DescribeElasticGpus")), pytest.raises(AwsFailure, match="one page of several"):
        list(volumes_of.clients.pages("ec2", "DescribeElasticGpus", "eu-west-1", "ec2:DescribeElasticGpus", "X"))


def test_a_whole_answer_is_taken(monkeypatch: pytest.MonkeyPatch, volumes_of: Any) -> None:
    put_in_place(monkeypatch, lambda asked: volumes(["vol-1"]))

    answer = volumes_of.clients.ask("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes")

    assert [one["VolumeId"] for one in answer["Volumes"]] == ["vol-1"]
