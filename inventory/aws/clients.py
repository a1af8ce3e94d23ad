"""Clients of one account: made once for each service and region, counted call by call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import boto3
import jmespath
from botocore import xform_name

from inventory.aws.failures import AwsFailure, FailureKind, ListingBroken, is_throttling, typed_failures
from inventory.aws.gate import Gate
from inventory.aws.json_answers import refuse_broken_json
from inventory.aws.paging import answers, is_part, paging_of
from inventory.aws.sessions import CONFIG, HOME_REGION, Access, Sts, accepts_wrong_external_id, open_session

TRIES_OF_A_GARBLED_ANSWER = 3


class Clients:
    """The boto3 clients of one account.

    `calls` counts the requests sent, retries included. Every request but those to STS passes the gate first, if there
    is one: STS is asked once an hour by each process. Every method raises `AwsFailure` and nothing else of boto3's.
    """

    def __init__(self, access: Access, gate: Gate | None = None) -> None:
        self.access = access
        self.calls = 0
        self._gate = gate
        self._session: boto3.Session | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()
        self._counting = threading.Lock()
        self._identified: tuple[str | None, str] | None = None

    @property
    def home_region(self) -> str:
        """Where global services are asked: the partition's first region."""
        return HOME_REGION[self.access.partition]

    def identity(self) -> str:
        """The 12-digit id of the account that the credentials belong to, asked anew when the credentials changed."""
        with typed_failures("sts:GetCallerIdentity", self.home_region):
            credentials = self._open_session().get_credentials()
            key = credentials.get_frozen_credentials().access_key if credentials else None
            if self._identified is None or self._identified[0] != key:
                sts = Sts(self._open_session(), self.access.partition)
                self._identified = (key, str(sts.ask("get_caller_identity")["Account"]))
            return self._identified[1]

    def accepts_wrong_external_id(self) -> bool:
        """Whether the role can be assumed with an external id that nobody was told; false where there is no role."""
        return bool(self.access.role_arn) and accepts_wrong_external_id(self.access)

    def ask(
        self, service: str, operation: str, region: str, action: str, *, items: str = "", **arguments: Any
    ) -> dict[str, Any]:
        """One answer that is whole; a garbled one is asked for again, which botocore itself does not do.

        With `items`, what stands under that name on every page of the answer, and nothing else of it.
        """
        if items:
            pages = self.pages(service, operation, region, action, items, **arguments)
            return {items: [one for page in pages for one in page]}
        for attempt in range(1, TRIES_OF_A_GARBLED_ANSWER + 1):
            try:
                with typed_failures(action, region):
                    client = self._client(service, region)
                    answer: dict[str, Any] = getattr(client, xform_name(operation))(**arguments)
                    answer.pop("ResponseMetadata", None)
                    if is_part(client.meta.service_model.operation_model(operation), answer):
                        raise _only_a_part(action, region)
                    return answer
            except ListingBroken:
                if attempt == TRIES_OF_A_GARBLED_ANSWER:
                    raise
        raise AssertionError("unreachable")

    def pages(
        self, service: str, operation: str, region: str, action: str, items: str, **arguments: Any
    ) -> Iterator[list[dict[str, Any]]]:
        """The items of each page of a listing, to its end."""
        select = jmespath.compile(items)
        paging = paging_of(service, operation)
        if paging is None:
            yield select.search(self.ask(service, operation, region, action, **arguments)) or []
            return
        with typed_failures(action, region):
            pages = answers(getattr(self._client(service, region), xform_name(operation)), paging, arguments)
        is_first = True
        while True:
            try:
                with typed_failures(action, region):
                    page = next(pages, None)
            except AwsFailure as failure:
                raise failure if is_first else _of_a_later_page(failure) from failure
            if page is None:
                return
            is_first = False
            yield select.search(page) or []

    def _open_session(self) -> boto3.Session:
        with self._making:
            if self._session is None:
                self._session = open_session(self.access)
                self._session.events.register("before-send", self._count)
                self._session.events.register("before-parse", refuse_broken_json)
            return self._session

    def _client(self, service: str, region: str) -> Any:
        session = self._open_session()
        with self._making:
            if (service, region) not in self._clients:
                # boto3's stubs know clients by literal names only.
                make: Callable[..., Any] = session.client
                client = make(service, region_name=region, config=CONFIG)
                if self._gate is not None:
                    _stand_at(self._gate, client, service, region)
                self._clients[service, region] = client
            return self._clients[service, region]

    def _count(self, **_: Any) -> None:
        with self._counting:
            self.calls += 1


@lru_cache(maxsize=32)
def clients_of(access: Access, gate: Gate | None = None) -> Clients:
    """The clients of an account, kept for the life of the process; an edited role gets new ones."""
    return Clients(access, gate)


def _stand_at(gate: Gate, client: Any, service: str, region: str) -> None:
    """Let every request of a client pass the gate, retries included, and tell it of those that AWS throttled."""

    def hear(parsed_response: dict[str, Any] | None, **_: Any) -> None:
        if parsed_response and is_throttling(parsed_response):
            gate.throttled(service, region)

    def take(**_: Any) -> None:
        gate.take(service, region)

    client.meta.events.register("before-send", take)
    client.meta.events.register("response-received", hear)


def _only_a_part(action: str, region: str) -> AwsFailure:
    return AwsFailure(
        FailureKind.FAILED,
        f"{action} in {region} answered with one page of several, where a whole answer was expected.",
        action=action,
    )


def _of_a_later_page(failure: AwsFailure) -> AwsFailure:
    """What a failure after the first page means: of the request only the token was new, so it must be what is invalid.

    EC2 calls it InvalidParameterValue, SageMaker ValidationException, Organizations InvalidInputException.
    """
    if failure.kind is not FailureKind.FAILED or failure.status != 400:
        return failure
    return ListingBroken(failure.kind, failure.reason, code=failure.code, action=failure.action, status=failure.status)
