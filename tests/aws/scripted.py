"""An endpoint of AWS that answers over real HTTP what a test told it to, failures of the network among it."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

from tests.support.http_server import listening

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"
CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP answer; `sent` is how much of the body comes before the connection ends (None: all of it)."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] | None = None
    sent: int | None = None
    reset: bool = False
    after_seconds: float = 0.0
    after_body_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a request was signed for, and with which access key."""

    action: str
    service: str
    region: str
    key: str


class ScriptedAws:
    """Answers each operation with what was written for it, in turn; the last answer stays.

    What is written for `Operation@region` comes before what is written for the operation.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.signed: list[Signature] = []
        self._scripts: dict[str, list[Answer]] = {}
        self._over = threading.Event()
        self.address = ""

    def answers(self, operation: str, *answers: Answer) -> None:
        """Let an operation be answered like this from now on."""
        self._scripts[operation] = list(answers)

    def forget(self) -> None:
        """Forget what was told and what was asked."""
        self.asked.clear()
        self.signed.clear()
        self._scripts.clear()

    def tokens_asked(self, operation: str) -> list[str]:
        """The page token of each request for an operation, in order; empty for a first page."""
        return [asked.get("NextToken", "") for asked in self.asked if asked["Action"] == operation]

    def next_answer(self, request: dict[str, str], authorization: str = "") -> Answer:
        """What a request is answered with."""
        action, region = request["Action"], ""
        self.asked.append(request)
        if found := CREDENTIAL.search(authorization):
            region = found["region"]
            self.signed.append(Signature(action=action, **found.groupdict()))
        script = self._scripts.get(f"{action}@{region}") or self._scripts.get(action)
        assert script, f"nobody told how to answer {request}"
        answer = script.pop(0) if len(script) > 1 else script[0]
        self.wait(answer.after_seconds)
        return answer

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond the end of the test run."""
        self._over.wait(seconds)

    @contextmanager
    def listening(self) -> Iterator[ScriptedAws]:
        """Listen on a port of the loopback interface for the length of a with-block."""
        with listening(_handler(self)) as self.address:
            try:
                yield self
            finally:
                self._over.set()


def _handler(script: ScriptedAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            self._answer({"Action": target, **(json.loads(body) if target else dict(parse_qsl(body)))})

        def do_GET(self) -> None:
            self._answer({"Action": f"{self.command} {self.path.partition('?')[0]}"})

        def do_HEAD(self) -> None:
            self.do_GET()

        def _answer(self, request: dict[str, str]) -> None:
            answer = script.next_answer(request, self.headers.get("Authorization", ""))
            if answer.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            for name, value in (answer.headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: answer.sent])
            self.wfile.flush()
            script.wait(answer.after_body_seconds)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def volumes(ids: Iterable[str], next_token: str = "") -> Answer:
    """A page of DescribeVolumes."""
    items = "".join(f"<item><volumeId>{one}</volumeId></item>" for one in ids)
    token = f"<nextToken>{next_token}</nextToken>" if next_token else ""
    body = f'<DescribeVolumesResponse xmlns="{EC2}"><volumeSet>{items}</volumeSet>{token}</DescribeVolumesResponse>'
    return Answer(body=body)


def ec2_error(code: str, status: int = 400) -> Answer:
    """A refusal as EC2 words it."""
    errors = f"<Errors><Error><Code>{code}</Code><Message>because</Message></Error></Errors>"
    return Answer(body=f"<Response>{errors}<RequestID>1</RequestID></Response>", status=status)


def query_error(code: str, status: int = 400) -> Answer:
    """A refusal as STS and IAM word it."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>because</Message></Error>"
    return Answer(body=f'<ErrorResponse xmlns="{STS}">{error}<RequestId>1</RequestId></ErrorResponse>', status=status)


def json_error(code: str, status: int = 400) -> Answer:
    """A refusal as services that speak JSON word it."""
    headers = {"x-amzn-errortype": code, "Content-Type": "application/x-amz-json-1.1"}
    return Answer(body=json.dumps({"__type": code, "message": "because"}), status=status, headers=headers)


def json_answer(document: Mapping[str, Any]) -> Answer:
    """An answer of a service that speaks JSON."""
    return Answer(body=json.dumps(document), headers={"Content-Type": "application/x-amz-json-1.1"})


def s3_error(code: str, status: int = 400) -> Answer:
    """A refusal as S3 words it."""
    return Answer(body=f"<Error><Code>{code}</Code><Message>because</Message></Error>", status=status)


def identity(account_id: str) -> Answer:
    """GetCallerIdentity's answer."""
    return caller(f"arn:aws:iam::{account_id}:user/me")


def caller(arn: str) -> Answer:
    """GetCallerIdentity's answer to this principal."""
    result = f"<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{arn.split(':')[4]}</Account>"
    return Answer(body=_sts("GetCallerIdentity", result))


def assumed(key: str, expiration: str) -> Answer:
    """AssumeRole's answer."""
    credentials = (
        f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
        f"<SessionToken>token</SessionToken><Expiration>{expiration}</Expiration>"
    )
    return Answer(body=_sts("AssumeRole", f"<Credentials>{credentials}</Credentials>"))


def _sts(operation: str, result: str) -> str:
    inner = (
        f"<{operation}Result>{result}</{operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
    )
    return f'<{operation}Response xmlns="{STS}">{inner}</{operation}Response>'
