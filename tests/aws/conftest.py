"""An endpoint that answers as it is told, and clients that speak to it.

Reading botocore's description of EC2 takes a good part of a second, so most tests share their clients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from botocore.config import Config

from inventory.aws import Access, Clients, clients, sessions
from tests.aws.scripted import ScriptedAws, identity, volumes
from tests.support.guarding import also_allowed

ONE_TRY = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    read_timeout=0.5,
    connect_timeout=0.5,
)


@pytest.fixture(autouse=True)
def _operations_of_tests() -> Iterator[None]:
    """Let operations be asked that stand here for any other of their kind."""
    with also_allowed(("kms", "ListKeys")):
        yield


@pytest.fixture(scope="session")
def _listening() -> Iterator[ScriptedAws]:
    with ScriptedAws().listening() as scripted:
        yield scripted


@pytest.fixture
def aws(_listening: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> ScriptedAws:
    """AWS as the environment names it, without anything told or asked yet."""
    _speak_to(_listening, monkeypatch)
    _listening.forget()
    return _listening


@pytest.fixture(scope="session")
def _patient(_listening: ScriptedAws) -> Clients:
    return _made(_listening, is_hasty=False)


@pytest.fixture(scope="session")
def _hasty(_listening: ScriptedAws) -> Clients:
    return _made(_listening, is_hasty=True)


@pytest.fixture
def patient(_patient: Clients, aws: ScriptedAws) -> Clients:
    """Clients that try again as in production."""
    return _patient


@pytest.fixture
def hasty(_hasty: Clients, aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Clients that give up at the first failure, and after half a second of silence."""
    _hurry(monkeypatch)
    return _hasty


@pytest.fixture
def make_clients(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Clients]:
    """A factory of new clients that try once; the host's own without arguments, else of a role."""
    _hurry(monkeypatch)
    return lambda **access: Clients(Access(**access))


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Try again without waiting in between; holds how long would have been waited."""
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    return pauses


def _made(aws: ScriptedAws, *, is_hasty: bool) -> Clients:
    """Clients that have spoken to this endpoint once, and so will whatever the environment says later."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        _speak_to(aws, monkeypatch)
        if is_hasty:
            _hurry(monkeypatch)
        aws.answers("DescribeVolumes", volumes([]))
        aws.answers("GetCallerIdentity", identity("111122223333"))
        made = Clients(Access())
        made.identity()
        list(made.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))
        return made


def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = sessions.CONFIG.merge(ONE_TRY)
    monkeypatch.setattr(clients, "CONFIG", quick)
    monkeypatch.setattr(sessions, "CONFIG", quick)


def _speak_to(aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
