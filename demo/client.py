"""The running emulator, as the command line, the demo and the tests speak to it."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from .accounts import ACCESS_KEY_ID, ACCOUNTS, MANAGEMENT, PRODUCTION, RESEARCH, SECRET_ACCESS_KEY, DemoAccount

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
ANSWER_SECONDS = 120
SESSION_SECONDS = 12 * 3600
DEFAULT_REGION = "us-east-1"
WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class EmulatorError(Exception):
    """The emulator does not run, or refuses; the message says what to do."""


def state_folder() -> Path:
    """The state folder: SKYLEDGER_STATE, else .state in the repository."""
    return Path(os.environ.get("SKYLEDGER_STATE") or ROOT / ".state")


def address_file(state: Path) -> Path:
    """Where a running emulator says its address."""
    return state / "emulator.json"


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A running emulator. Failures are ordered for a region and an action, as on the command line."""

    endpoint_url: str
    _sessions: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, state: Path) -> Emulator:
        """The emulator that runs for a state folder. Raises EmulatorError when there is none."""
        try:
            found = cls(endpoint_url=json.loads(address_file(state).read_text())["endpoint_url"])
        except FileNotFoundError:
            raise EmulatorError(f"No emulator runs for {state}; start one with: make demo") from None
        found.status()
        return found

    @property
    def accounts(self) -> tuple[DemoAccount, ...]:
        """The member accounts that Skyledger can read to the end of the story."""
        return (PRODUCTION, RESEARCH)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which the product speaks to this emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
        }

    def client(self, service: str, account: str, region: str, **options: Any) -> Any:
        """A plain boto3 client in an account, by name, for its administrator.

        The administrator's role is assumed once and kept, because a session takes longer to make than to use.
        """
        if account not in self._sessions:
            self._sessions[account] = self._assume(next(each for each in ACCOUNTS if each.name == account))
        return self._sessions[account].client(service, region_name=region, endpoint_url=self.endpoint_url, **options)

    def play(self) -> dict[str, Any]:
        """Play the next moment: its number, name, time (`at`) and how many remain. Raises EmulatorError at the end."""
        played: dict[str, Any] = self._control("POST", "play")
        return played

    def play_all(self) -> None:
        """Play every moment that remains."""
        for moment in self.status()["moments"]:
            if not moment["played"]:
                self.play()

    def deny(self, region: str, action: str, *, account: str = "", times: int = 0) -> None:
        """Answer calls with the service's own refusal; `times` 0 means until further notice."""
        self.order("deny", region, action, account=account, times=times)

    def allow(self, region: str, action: str, *, account: str = "") -> None:
        """Undo every failure that was ordered for these calls, also the story's own."""
        self.order("allow", region, action, account=account)

    def delay(self, region: str, action: str, seconds: float, *, account: str = "", times: int = 0) -> None:
        """Answer calls so much later."""
        self.order("delay", region, action, account=account, times=times, seconds=seconds)

    def throttle(self, region: str, action: str, *, account: str = "", times: int = 0) -> None:
        """Answer that there were too many calls."""
        self.order("throttle", region, action, account=account, times=times)

    def truncate(self, region: str, action: str, *, account: str = "", times: int = 0) -> None:
        """Cut answers in half."""
        self.order("truncate", region, action, account=account, times=times)

    def fail(
        self, region: str, action: str, code: str, *, status: int = 400, account: str = "", times: int = 0
    ) -> None:
        """Answer calls with any error code and HTTP status."""
        self.order("error", region, action, account=account, times=times, code=code, status=status)

    def reset(self, region: str, action: str, *, account: str = "", times: int = 0) -> None:
        """Drop the connection of calls without an answer."""
        self.order("reset", region, action, account=account, times=times)

    def trickle(self, region: str, action: str, seconds: float, *, account: str = "", times: int = 0) -> None:
        """Let answers come byte by byte, with so many seconds before each."""
        self.order("trickle", region, action, account=account, times=times, seconds=seconds)

    def order(self, kind: str, region: str, action: str, **details: Any) -> None:
        """Order a failure by its name. Raises EmulatorError when the emulator does not understand it."""
        self._control("POST", "orders", {"kind": kind, "region": region, "action": action, **details})

    def trust(self, account: str, policy: str) -> None:
        """Give the role that Skyledger assumes in a member account, by name, another trust policy."""
        self._control("POST", "trust", {"account": account, "policy": policy})

    def clear(self) -> None:
        """Forget every order that came from outside; what the story denies stays denied."""
        self._control("DELETE", "orders")

    def log(self) -> list[dict[str, Any]]:
        """Every call so far: time, account, region, service, operation, status, fault."""
        entries: list[dict[str, Any]] = self._control("GET", "log")
        return entries

    def status(self) -> dict[str, Any]:
        """The story so far, the accounts with their roles, and the orders that stand."""
        status: dict[str, Any] = self._control("GET", "status")
        return status

    def _assume(self, account: DemoAccount) -> boto3.Session:
        host = boto3.Session(ACCESS_KEY_ID, SECRET_ACCESS_KEY, region_name=DEFAULT_REGION)
        if account == MANAGEMENT:
            return host
        given = host.client("sts", endpoint_url=self.endpoint_url).assume_role(
            RoleArn=account.administrator_role_arn, RoleSessionName="truth", DurationSeconds=SESSION_SECONDS
        )["Credentials"]
        return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def _control(self, method: str, name: str, document: Any = None) -> Any:
        data = json.dumps(document).encode() if document is not None else None
        request = urllib.request.Request(f"{self.endpoint_url}/_control/{name}", data=data, method=method)  # noqa: S310
        try:
            with WITHOUT_PROXY.open(request, timeout=ANSWER_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as refusal:
            raise EmulatorError(json.load(refusal)["error"]) from None
        except urllib.error.URLError as failure:
            silent = f"The emulator at {self.endpoint_url} does not answer ({failure.reason})"
            raise EmulatorError(f"{silent}; start one with: make demo") from None


def wait_until_up(state: Path, has_ended: Callable[[], bool]) -> Emulator:
    """The emulator that was just started for a state folder, as soon as it answers. Raises EmulatorError."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return Emulator.of(state)
        except EmulatorError:
            if has_ended() or time.monotonic() > deadline:
                raise EmulatorError(f"The emulator did not start; see its log in {state}.") from None
            time.sleep(0.05)
