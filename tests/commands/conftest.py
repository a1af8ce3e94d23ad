"""The emulator as this process's AWS, for commands that ask it something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.config import Config

from demo.client import Emulator
from inventory.aws import clients, clients_of, sessions


@pytest.fixture(scope="module")
def _hasty() -> Iterator[None]:
    """Clients that give up at the first failure, kept for all the tests of a module: making them takes long."""
    hasty = sessions.CONFIG.merge(Config(retries={"total_max_attempts": 1}))
    clients_of.cache_clear()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(clients, "CONFIG", hasty)
        monkeypatch.setattr(sessions, "CONFIG", hasty)
        yield
    clients_of.cache_clear()


@pytest.fixture
def at_emulator(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, _hasty: None) -> Emulator:
    """The emulator, as the environment of this process names it."""
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)
    return emulator


@pytest.fixture
def environment_changes(at_emulator: Emulator) -> Iterator[None]:
    """For tests that go on to change the environment: no clients of before, and none left for later."""
    clients_of.cache_clear()
    yield
    clients_of.cache_clear()
