"""Sessions: whose credentials are used, and for how long.

There are four ways to an account: a role that the host's own credentials assume with an external id, a role that a
named profile assumes, a named profile, and the host's own credential chain. No key is ever stored.

STS is asked at regional endpoints only. The tokens of the global one are not valid in regions that must be opted in to
(AuthFailure); those of a regional one are valid in all of them.
AWS, "Managing AWS STS in an AWS Region": https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound
from botocore.loaders import JSONFileLoader, create_loader
from botocore.session import Session

from inventory.aws import guard
from inventory.aws.failures import AwsFailure, FailureKind, typed_failures
from inventory.aws.guard import watch
from inventory.aws.timestamps import read_timestamp

CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=16,
    tcp_keepalive=True,
    user_agent_extra="skyledger",
)

HOME_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# The second of each serves an installation whose own region is the first.
STS_REGIONS = {
    "aws": ("us-east-1", "us-west-2"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
}
# How STS says that it does not serve these credentials in this region: switched off there, or not opted in to.
NOT_SERVED_HERE = frozenset({"AuthFailure", "InvalidClientTokenId", "OptInRequired", "RegionDisabledException"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})

SESSION_SECONDS = 3600
SHORTEST_SESSION_SECONDS = 900
READ_AGAIN = timedelta(hours=1)
# Threads that were refused at the same moment renew once together.
RENEWAL_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Access:
    """How to reach an account: a role with its external id, a named profile, both, or neither for the host's chain.

    `account_id` is the account that it leads to, empty while that is not known; two accounts never share clients.
    """

    role_arn: str = ""
    external_id: str = field(default="", repr=False)
    profile: str = ""
    account_id: str = ""

    @property
    def partition(self) -> str:
        """The partition that the role's ARN names, else that of the region which the profile or the host is set to."""
        return self.role_arn.split(":")[1] if self.role_arn else partition_of(own_region(self.profile))


class Renewing(RefreshableCredentials):
    """Credentials that renew shortly before they expire, and once more when AWS says that they have expired already.

    AWS may say so early: when sessions are revoked, or when this machine's clock is late.
    """

    _renewed_at = 0.0

    def renew(self) -> None:
        """Replace them now, unless another thread has just done so. Raises what the replacing raises."""
        # botocore renews by the date only; these two names are where it does.
        with self._refresh_lock:  # type: ignore[attr-defined]
            if not self._renewed_at or time.monotonic() - self._renewed_at > RENEWAL_SECONDS:
                self._protected_refresh(is_mandatory=True)  # type: ignore[attr-defined]
                self._renewed_at = time.monotonic()


class Sts:
    """STS as one session's credentials reach it: at the session's own region first, then at others of the partition."""

    def __init__(self, session: boto3.Session, partition: str) -> None:
        own = session.region_name
        is_ours = own is not None and partition_of(own) == partition
        self.regions = tuple(dict.fromkeys([*([own] if own and is_ours else []), *STS_REGIONS[partition]]))
        self._session = session
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    def ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """The answer of the first region that serves these credentials; what the last one raised if none does."""
        *others, last = self.regions
        for region in others:
            try:
                return self._ask(region, operation, arguments)
            except ClientError as refusal:
                if refusal.response["Error"]["Code"] not in NOT_SERVED_HERE:
                    raise
        return self._ask(last, operation, arguments)

    def _ask(self, region: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        with self._making:
            if region not in self._clients:
                self._clients[region] = self._session.client("sts", region_name=region, config=CONFIG)
        answer: dict[str, Any] = getattr(self._clients[region], operation)(**arguments)
        return answer


def open_session(access: Access) -> boto3.Session:
    """A session for the account; of AWS, only the role is asked for. Raises what boto3 raises, and AwsFailure."""
    own = _own_session(access.profile)
    if not access.role_arn:
        return own
    sts = Sts(own, access.partition)

    def assume() -> dict[str, Any]:
        answer = _assume(sts, access.role_arn, access.external_id, SESSION_SECONDS)["Credentials"]
        if answer["Expiration"] <= datetime.now(UTC):
            raise AwsFailure(
                FailureKind.DENIED,
                "STS gave credentials that have expired already: set this machine's clock right.",
                action="sts:AssumeRole",
            )
        return _described(
            answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], answer["Expiration"]
        )

    assumed = _new_session()
    _use(assumed, assume, "sts-assume-role")
    assumed.set_config_variable("region", sts.regions[0])
    return boto3.Session(botocore_session=assumed)


def accepts_wrong_external_id(access: Access) -> bool:
    """Whether the role can be assumed with an external id that nobody was told. Raises AwsFailure.

    A role that accepts any can be used through every installation that knows its ARN: the confused deputy.
    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    try:
        with typed_failures("sts:AssumeRole", access.partition):
            sts = Sts(_own_session(access.profile), access.partition)
            _assume(sts, access.role_arn, secrets.token_urlsafe(32), SHORTEST_SESSION_SECONDS)
    except AwsFailure as failure:
        if failure.kind is FailureKind.DENIED and failure.code.startswith("AccessDenied"):
            return False
        raise
    return True


def own_principal(profile: str = "") -> str:
    """The ARN by which a trust policy names the credentials of a profile, or the host's own ones. Raises AwsFailure.

    The session of a role counts as the role; STS does not tell the role's path, so the ARN has none.
    """
    access = Access(profile=profile)
    with typed_failures("sts:GetCallerIdentity", HOME_REGION[access.partition]):
        arn = str(Sts(_own_session(profile), access.partition).ask("get_caller_identity")["Arn"])
    assumed = re.fullmatch(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.+", arn)
    return "arn:{}:iam::{}:role/{}".format(*assumed.groups()) if assumed else arn


@lru_cache(maxsize=64)
def own_region(profile: str) -> str:
    """The region that a profile, or the host, is set to; empty if none is."""
    try:
        return watch(Session(profile=profile or None)).get_config_variable("region") or ""
    except ProfileNotFound:
        return ""


def partition_of(region: str) -> str:
    """The partition of a region, by its name; `aws` for none."""
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((partition for prefix, partition in prefixes.items() if region.startswith(prefix)), "aws")


def session_name() -> str:
    """What CloudTrail shows beside the role: which process of which machine was reading."""
    return re.sub(r"[^\w+=,.@-]", "-", f"skyledger-{socket.gethostname()}-{os.getpid()}", flags=re.ASCII)[:64]


def _own_session(profile: str) -> boto3.Session:
    """The session of a profile or of the host's chain; fixed keys are read again when they are old or refused."""
    botocore_session = _new_session(profile)
    if type(botocore_session.get_credentials()) is Credentials:

        def read() -> dict[str, Any]:
            credentials = watch(Session(profile=profile or None)).get_credentials()
            if credentials is None:
                raise NoCredentialsError
            keys = credentials.get_frozen_credentials()
            return _described(keys.access_key, keys.secret_key, keys.token, datetime.now(UTC) + READ_AGAIN)

        _use(botocore_session, read, "host")
    return boto3.Session(botocore_session=botocore_session)


class _ReadOnce(JSONFileLoader):
    """botocore's descriptions of services, which every session would read by itself: EC2's takes a quarter second."""

    def __init__(self) -> None:
        self.load_file = lru_cache(maxsize=None)(super().load_file)  # type: ignore[method-assign]


_descriptions = _ReadOnce()


def _new_session(profile: str = "") -> Session:
    """A guarded session, which never asks the global endpoint of STS, and reads timestamps quickly."""
    session = guard.watch(Session(profile=profile or None))
    loader = create_loader(session.get_config_variable("data_path"))
    loader.file_loader = _descriptions
    session.register_component("data_loader", loader)
    session.set_config_variable("sts_regional_endpoints", "regional")
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_timestamp)
    return session


def _use(session: Session, obtain: Callable[[], dict[str, Any]], method: str) -> None:
    """Let a session use credentials that renew, and try a request again for which they had expired."""
    credentials = Renewing.create_from_metadata(metadata=obtain(), refresh_using=obtain, method=method)

    def renew_if_expired(response: Any, request_dict: dict[str, Any], **_: Any) -> int | None:
        code = response[1].get("Error", {}).get("Code") if response else None
        if code not in EXPIRED or "renewed" in request_dict["context"]:
            return None
        request_dict["context"]["renewed"] = True
        credentials.renew()
        return 0

    # botocore has no public way to hand a session credentials that renew; this attribute is what its own CLI sets.
    session._credentials = credentials  # type: ignore[attr-defined]
    session.get_component("event_emitter").register("needs-retry", renew_if_expired)


def _assume(sts: Sts, role_arn: str, external_id: str, seconds: int) -> dict[str, Any]:
    conditions = {"ExternalId": external_id} if external_id else {}
    return sts.ask(
        "assume_role", RoleArn=role_arn, RoleSessionName=session_name(), DurationSeconds=seconds, **conditions
    )


def _described(access_key: str | None, secret_key: str | None, token: str | None, expires: datetime) -> dict[str, Any]:
    """Credentials as botocore takes them when it renews."""
    return {
        "access_key": access_key,
        "secret_key": secret_key,
        "token": token,
        "expiry_time": expires.isoformat(),
    }
