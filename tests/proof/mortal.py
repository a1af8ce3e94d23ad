"""A worker that carries one visit out in a process of its own, and kills itself before a statement of our choosing.

The process is forked from a server that has no connection and no thread. One forked from the test's own process would
inherit its connections, and what is locked for a connection that two processes share survives the death of one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import django
from django.apps import apps
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

if not apps.ready:
    django.setup()

from inventory.models import Visit
from inventory.snapshots import access, carry_out, draft
from tests.proof.cloud import Cloud, Door

SECONDS = 120
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class World:
    """What the worker must know of the test: AWS, and when a visit counts as large."""

    cloud: Cloud
    account_id: str
    chunk: int
    spool_rows: int

    @contextmanager
    def instead_of_boto3(self) -> Iterator[None]:
        """Let visits of this process see this AWS."""
        door = Door(self.cloud, self.account_id)
        with (
            patch.object(access, "clients_for", lambda account: door),
            patch.object(carry_out, "clients_for", lambda account: door),
            patch.multiple(draft, CHUNK=self.chunk, SPOOL_ROWS=self.spool_rows),
        ):
            yield


def carry(pk: int) -> None:
    """What a worker does with the message of a visit."""
    claimed = Visit.objects.claim(pk)
    if claimed is not None:
        carry_out.carry_out(claimed)


def dies_at(boundary: int, pk: int, world: World) -> bool:
    """Let a worker begin that kills itself at its statement or commit of that number; whether it came that far."""
    connections.close_all()
    worker = _processes.Process(target=_live, args=(boundary, pk, world, connection.settings_dict["NAME"]))
    worker.start()
    worker.join(SECONDS)
    code = worker.exitcode
    worker.kill()
    assert code in (0, -signal.SIGKILL), f"the worker failed or hangs by itself: {code}"
    return code == -signal.SIGKILL


def _live(boundary: int, pk: int, world: World, database: str) -> None:
    connection.settings_dict["NAME"] = database
    with world.instead_of_boto3(), _killed_at(boundary):
        carry(pk)


@contextmanager
def _killed_at(boundary: int) -> Iterator[None]:
    left = boundary
    commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]

    def count() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def execute_counted(execute: Any, *call: Any) -> Any:
        count()
        return execute(*call)

    def commit_counted(self: BaseDatabaseWrapper) -> None:
        count()
        commit(self)

    with connection.execute_wrapper(execute_counted), patch.object(BaseDatabaseWrapper, "_commit", commit_counted):
        yield
