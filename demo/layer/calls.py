"""A request to AWS, understood: who asks for which operation of which service in which region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

from werkzeug import Request

from . import models
from .credentials import Principal, identify

INSIDE = "skyledger.account"
PATHS_ARE_OPERATIONS = frozenset({"savingsplans"})
SIGNED_AS = {"monitoring": "cloudwatch"}
"""Services that sign their requests by another name than botocore and IAM have for them."""
BALANCERS = {"2012-06-01": "elb", "2015-12-01": "elbv2"}
"""Both services of load balancers sign as one; only the version that a request names tells them apart."""
CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, with what the layer must know of it. `parameters` are those of the query protocols."""

    principal: Principal
    region: str
    service: str
    operation: str
    parameters: Mapping[str, str]
    request: Request

    @property
    def account(self) -> str:
        """The 12 digits of the account that the caller's credentials belong to."""
        return self.principal.account

    @property
    def is_inside(self) -> bool:
        """Whether the story makes this call, inside our own process."""
        return INSIDE in self.request.environ

    @property
    def is_global(self) -> bool:
        """Whether the answer is for the whole account instead of one region."""
        return models.is_global(self.service, self.operation)


def understand(request: Request) -> Call:
    """Read who asks for what; a request that nobody signed is an S3 request, as moto has it too."""
    scope = CREDENTIAL_SCOPE.search(request.headers.get("Authorization", ""))
    signed = scope["service"] if scope else "s3"
    parameters = _parameters(request)
    service = SIGNED_AS.get(signed, signed)
    if service == "elasticloadbalancing":
        service = BALANCERS.get(parameters.get("Version", ""), service)
    return Call(
        principal=identify(request.headers.get("X-Amz-Security-Token"), request.environ.get(INSIDE)),
        region=scope["region"] if scope else "us-east-1",
        service=service,
        operation=_operation(request, service, parameters),
        parameters=parameters,
        request=request,
    )


def _parameters(request: Request) -> dict[str, str]:
    parameters = dict(request.args)
    if request.mimetype == "application/x-www-form-urlencoded":
        parameters |= parse_qsl(request.get_data(as_text=True), keep_blank_values=True)
    return parameters


def _operation(request: Request, service: str, parameters: Mapping[str, str]) -> str:
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    if service == "s3":
        return s3_operation(request)
    if service in PATHS_ARE_OPERATIONS:
        return request.path.strip("/")
    return parameters.get("Action", f"{request.method} {request.path}")


def s3_operation(request: Request) -> str:
    """The S3 operation of a path-style request: the one that asks for most of its query."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    given = {f"{name}={value}" if value else name for name, value in request.args.items()} | set(request.args)
    fitting = [
        (len(asked), name)
        for name, asked in _s3_operations().get((request.method, bool(bucket), bool(key)), ())
        if asked <= given
    ]
    return max(fitting, key=lambda found: found[0])[1] if fitting else f"{request.method} {request.path}"


@cache
def _s3_operations() -> dict[tuple[str, bool, bool], list[tuple[str, frozenset[str]]]]:
    """S3's operations by method, bucket and key, each with the query that marks it."""
    model = models.service_model("s3")
    found: dict[tuple[str, bool, bool], list[tuple[str, frozenset[str]]]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        place = (operation.http["method"], "{Bucket}" in path, "{Key+}" in path)
        if not operation.deprecated and name != "ListDirectoryBuckets":
            found.setdefault(place, []).append((name, frozenset(filter(None, query.split("&")))))
    return found
