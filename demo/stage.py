"""The stage on which the story is told: the places of the organisation, its roles, its policies, and its clock."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from werkzeug import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from .accounts import (
    ACCESS_KEY_ID,
    ACCOUNTS,
    ADMINISTRATOR_ROLE_NAME,
    ATELIER,
    HOST_ACCOUNT,
    MANAGEMENT,
    MEMBERS,
    PRODUCTION,
    RESEARCH,
    ROLE_NAME,
    SECRET_ACCESS_KEY,
    DemoAccount,
)
from .clock import Clock
from .layer.application import Layer
from .layer.calls import INSIDE
from .layer.faults import order_from
from .layer.regions import OPEN_REGIONS
from .place import Place

# Nobody listens there: the story's calls go to the layer without a network.
INSIDE_URL = "http://127.0.0.1"
UNITS = {"Workloads": "Root", "Production": "Workloads", "Research": "Workloads", "Security": "Root", "Former": "Root"}


class Stage:
    """What a moment of the story works with. Times are told as ages: how long before the story's end."""

    def __init__(self, layer: Layer, clock: Clock, zero: datetime) -> None:
        self._layer = layer
        self._clock = clock
        self._zero = zero
        self._session: Any = boto3.Session(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        self._places = {
            (account.name, region): Place(account, region, self._client, clock, layer.held)
            for account in ACCOUNTS
            for region in account.regions
        }

    def production(self, region: str) -> Place:
        """A region of the account that serves customers."""
        return self._places[PRODUCTION.name, region]

    def research(self, region: str) -> Place:
        """A region of the account in which people try things out."""
        return self._places[RESEARCH.name, region]

    def management(self, region: str) -> Place:
        """A region of the account that runs the organization."""
        return self._places[MANAGEMENT.name, region]

    def atelier(self, region: str) -> Place:
        """A region of the account that came with a design studio."""
        return self._places[ATELIER.name, region]

    def suspend(self, account: DemoAccount, *, moved_to: str) -> None:
        """Let AWS suspend an account, and its organization move it into another unit."""
        self._layer.tree.suspend(account)
        self._layer.tree.move(account, moved_to)

    def at(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """Go on to this long before the end of the story."""
        self._clock.move_to(self._zero - timedelta(days=days, hours=hours, minutes=minutes))

    def deny(self, place: Place, *actions: str) -> None:
        """Let a policy of the organisation deny actions in a place from now on."""
        for action in actions:
            order = {"kind": "deny", "region": place.region, "action": action, "account": place.account.name}
            self._layer.faults.give(order_from(order, from_story=True))

    def fail(self, place: Place, *names: str) -> None:
        """Let these instances fail the checks of every load balancer before them from now on."""
        self._layer.balancers.failing |= {place.instances[name] for name in names}

    def prepare(self) -> None:
        """Make the organization, the roles that its management account assumes, and every default network.

        A default network comes into being when its region is first asked. Were that left to whoever asks first, its
        ids would differ after each restart.
        """
        for unit, parent in UNITS.items():
            self._layer.tree.grow(unit, parent)
        for account in ACCOUNTS:
            self._layer.tree.join(account, self._zero - account.joined)
        for account in MEMBERS:
            self._create_role(account, ROLE_NAME, {"StringEquals": {"sts:ExternalId": account.external_id}})
            self._create_role(account, ADMINISTRATOR_ROLE_NAME, {})
        for account in ACCOUNTS:
            for region in sorted(OPEN_REGIONS | account.opted_in):
                self._layer.moto.ask(account.account_id, region, "ec2", {"Action": "DescribeVpcs"})

    def trust(self, account: DemoAccount, policy: str) -> None:
        """Give the role that Skyledger assumes in an account another trust policy."""
        iam = self._client(account.account_id, "us-east-1", "iam")
        iam.update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=policy)

    def _create_role(self, account: DemoAccount, name: str, condition: dict[str, Any]) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{HOST_ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {}),
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam = self._client(account.account_id, "us-east-1", "iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)

    def _client(self, account_id: str, region: str, service: str) -> Any:
        """A boto3 client whose calls go straight to the layer, in the name of an account."""

        def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
            environ = EnvironBuilder(
                path=request.url.removeprefix(INSIDE_URL).partition("?")[0],
                query_string=request.url.partition("?")[2],
                method=request.method,
                headers=_headers(request),
                data=_body(request),
            ).get_environ()
            environ["CONTENT_LENGTH"] = environ.get("CONTENT_LENGTH") or "0"
            environ[INSIDE] = account_id
            response = self._layer.respond(Request(environ))
            headers = HTTPHeaders()
            for name, value in response.headers.items():
                headers[name] = value
            return AWSResponse(request.url, response.status_code, headers, _Received(response))

        client = self._session.client(service, region_name=region, endpoint_url=INSIDE_URL)
        client.meta.events.register("before-send", send)
        return client


class _Received:
    """An answer's body, as botocore wants to read it."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def stream(self) -> list[bytes]:
        """The whole body at once."""
        return [self._response.get_data()]


def _headers(request: AWSPreparedRequest) -> Headers:
    return Headers(
        [(name, value.decode() if isinstance(value, bytes) else str(value)) for name, value in request.headers.items()]
    )


def _body(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body or b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body if isinstance(body, bytes | bytearray) else body.read())
