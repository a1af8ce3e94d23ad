"""The guard: an operation that was not declared never leaves this process.

It stands in every session that the product makes, in production as in tests, and refuses before anything is signed or
sent. What may pass is told once, when the product starts; until then nothing may.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.model import OperationModel
from botocore.session import Session

Operation = tuple[str, str]
"""A service and one of its operations, by the names that botocore gives them."""

BOTOCORES_OWN = frozenset(
    {
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
        ("signin", "CreateOAuth2Token"),
        ("s3", "HeadBucket"),
    }
)
"""What botocore asks by itself: for the host's own credentials, and where a bucket is when S3 sends it elsewhere."""


PUBLIC_PARAMETERS = "/aws/service/global-infrastructure/"
"""The parameters that may be read: AWS's own, about its regions and services. Those of an account may hold secrets."""


class OperationForbidden(Exception):
    """An operation that nobody declared was about to be asked: a mistake in the program, and no answer of AWS."""


_allowed: frozenset[Operation] = frozenset()


def allow(calls: Iterable[Operation]) -> None:
    """Let these operations pass from now on, and no others."""
    global _allowed  # noqa: PLW0603  one process has one list, told once when it starts
    _allowed = frozenset(calls)


def allowed() -> frozenset[Operation]:
    """The operations that may pass."""
    return _allowed


def watch(session: Session) -> Session:
    """Make every client of a botocore session raise OperationForbidden for what is not allowed; gives it back."""
    # Before a call's arguments are looked at, and before the request that comes of them is signed.
    session.register("provide-client-params", _refuse, unique_id="guard-call")
    session.register("before-call", _refuse, unique_id="guard-request")
    return session


def _refuse(**event: Any) -> None:
    model: OperationModel = event["model"]
    service, operation = model.service_model.service_name, model.name
    if (service, operation) not in _allowed and (service, operation) not in BOTOCORES_OWN:
        raise OperationForbidden(
            f"{service}:{operation} was refused before it was sent: no resource type declares it. "
            "Declare it as a Call, or do not ask it."
        )
    if operation == "GetParametersByPath" and not _path(event["params"]).startswith(PUBLIC_PARAMETERS):
        raise OperationForbidden(
            f"{service}:{operation} was refused before it was sent: it may ask for public paths only."
        )


def _path(params: Mapping[str, Any]) -> str:
    """The path of a question about parameters, in its arguments or in the request that was made of them."""
    return str(params["Path"] if "Path" in params else json.loads(params["body"])["Path"])
