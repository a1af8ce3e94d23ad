"""AWS in place of botocore's transport: everything of the product and of botocore runs, and nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from tests.aws.scripted import Answer, identity, volumes

Answering = Callable[[dict[str, str]], Answer]


def put_in_place(monkeypatch: pytest.MonkeyPatch, answering: Answering) -> None:
    """Let requests be answered by a function of their parameters; `Region` is among them."""

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
        asked = dict(parse_qsl(body)) | {"Region": _signed_for(request)}
        answer = identity("111122223333") if asked.get("Action") == "GetCallerIdentity" else answering(asked)
        headers: Any = {"content-type": "text/xml"}
        return AWSResponse(request.url, answer.status, headers, _Raw(answer.body.encode()))

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(URLLib3Session, "send", send)


def _signed_for(request: AWSPreparedRequest) -> str:
    signed = request.headers.get("Authorization", b"")
    text = signed.decode() if isinstance(signed, bytes) else str(signed)
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", text)
    return scope.group(1) if scope else ""


class _Raw(BytesIO):
    """A body as urllib3 hands it out."""

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [self.read()]


@dataclass
class Listing:
    """DescribeVolumes in pages, of which some may fail: page number to the failure, so many times."""

    pages: Sequence[Sequence[str]]
    failures: dict[int, Answer] = field(default_factory=dict)
    times: int | None = None
    asked: list[int] = field(default_factory=list)

    def answer(self, asked: dict[str, str]) -> Answer:
        """One page; its number is the token."""
        number = int(asked.get("NextToken", "0"))
        self.asked.append(number)
        if number in self.failures and (self.times is None or self.asked.count(number) <= self.times):
            return self.failures[number]
        is_last = number == len(self.pages) - 1
        return volumes(self.pages[number], next_token="" if is_last else str(number + 1))
