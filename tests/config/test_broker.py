"""The product's own broker: private, shared by the processes of one state folder, and gone with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config import broker
from tests.support.environment import ROOT

OWN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from config import broker
with broker.running(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder; a broker that the test left behind is ended."""
    yield tmp_path
    if broker.answers(tmp_path):
        connect(tmp_path).shutdown(nosave=True)


def connect(state: Path) -> redis.Redis:
    """A client of this state folder's broker."""
    return redis.Redis(unix_socket_path=str(broker.socket_path(state)))


def test_the_broker_answers_on_its_socket_alone_and_ends_with_the_block(state: Path) -> None:
    with broker.running(state) as address:
        assert address == f"redis+socket://{broker.socket_path(state)}"
        assert connect(state).config_get("port") == {"port": "0"}
        assert broker.socket_path(state).parent.stat().st_mode & 0o777 == 0o700

    assert not broker.answers(state)
    assert not broker.socket_path(state).parent.exists()


def test_messages_outlive_the_broker(state: Path) -> None:
    with broker.running(state):
        connect(state).rpush("queue", "a message")

    with broker.running(state):
        assert connect(state).lrange("queue", 0, -1) == [b"a message"]


def test_a_second_user_shares_the_broker_and_leaves_it_running(state: Path) -> None:
    with broker.running(state):
        with broker.running(state):
            connect(state).set("key", "value")

        assert connect(state).get("key") == b"value"


def test_the_broker_of_a_killed_owner_is_adopted_and_ended(state: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWN_UNTIL_KILLED, str(state)], cwd=ROOT, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    owner.stdout.readline()
    connect(state).set("key", "value")
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    told: list[str] = []

    with broker.running(state, told.append):
        assert connect(state).get("key") == b"value"

    assert len(told) == 1
    assert not broker.answers(state)


def test_a_deep_state_folder_has_a_short_socket_path_of_its_own(tmp_path: Path) -> None:
    deep, deeper = tmp_path / ("x" * 200), tmp_path / ("x" * 200) / "y"

    assert len(os.fsencode(broker.socket_path(deep))) < 100
    assert broker.socket_path(deep) != broker.socket_path(deeper)


def test_a_socket_folder_that_others_may_enter_is_refused(state: Path) -> None:
    folder = broker.socket_path(state).parent
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o755)

    try:
        with pytest.raises(broker.BrokerError, match="set REDIS_URL"), broker.running(state):
            pass
    finally:
        folder.rmdir()


def test_a_named_program_that_is_missing_is_told(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_SERVER_BIN", "/nowhere/redis-server")

    with pytest.raises(broker.BrokerError, match="/nowhere/redis-server"), broker.running(state):
        pass


def test_a_program_that_ends_at_once_is_told(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_SERVER_BIN", "false")

    with pytest.raises(broker.BrokerError, match="ended at once"), broker.running(state):
        pass
