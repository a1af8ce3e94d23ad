"""Who is asking: the identity that the emulator's credentials stand for.

moto accepts any credentials. Here a session token carries its role and its end in itself, so a worker's credentials
outlive a restart of the emulator, and others are refused as AWS refuses them. Nothing is secret and nothing is signed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from binascii import Error as NotBase64
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from demo.accounts import HOST_ACCOUNT, HOST_USER_ARN


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The caller. `problem` is empty, or says why its credentials are worth nothing: "invalid" or "expired"."""

    account: str
    arn: str
    user_id: str
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Session:
    """An assumed role, until `expires` (ISO 8601)."""

    account: str
    role: str
    role_id: str
    name: str
    expires: str

    @classmethod
    def begin(cls, *, account: str, role: str, role_id: str, name: str, seconds: int) -> Session:
        """Assume a role from now on for so many seconds."""
        expires = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
        return cls(account=account, role=role, role_id=role_id, name=name, expires=expires.isoformat())

    @property
    def arn(self) -> str:
        """The identity that AWS shows for the session."""
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role}/{self.name}"

    @property
    def user_id(self) -> str:
        """The role's own id and the session's name."""
        return f"{self.role_id}:{self.name}"

    @property
    def token(self) -> str:
        """The session token, which says everything about the session."""
        return base64.b64encode(json.dumps(asdict(self)).encode()).decode()

    @property
    def access_key_id(self) -> str:
        """A temporary access key id, in AWS's form."""
        return "ASIA" + base64.b32encode(hashlib.sha256(self.token.encode()).digest()).decode()[:16]


def identify(token: str | None, inside: str | None = None) -> Principal:
    """The caller behind a session token; without one it is the user whose keys the product was given.

    `inside` is the account in whose name our own process calls.
    """
    if inside:
        return Principal(account=inside, arn=f"arn:aws:iam::{inside}:root", user_id=inside)
    if token is None:
        return Principal(account=HOST_ACCOUNT, arn=HOST_USER_ARN, user_id="AIDASKYLEDGERDEMO0000")
    try:
        session = Session(**json.loads(base64.b64decode(token, validate=True)))
    except (NotBase64, ValueError, TypeError):
        return Principal(account="", arn="", user_id="", problem="invalid")
    problem = "expired" if datetime.fromisoformat(session.expires) <= datetime.now(UTC) else ""
    return Principal(account=session.account, arn=session.arn, user_id=session.user_id, problem=problem)
