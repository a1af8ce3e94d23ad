"""The whole product in one terminal: `python -m config.serve`, which is `make run`.

It migrates the database, starts the broker (unless REDIS_URL names one), a worker, the scheduler and the web server,
prints the address and a sign-in link, and ends all of them on Ctrl-C. The demo is made of the same parts.
"""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import django
from celery.exceptions import OperationalError as BrokerRefused
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from config import broker, processes
from config.celery import app

READY_SECONDS = 60
# The demo leaves this file in its state folder.
DEMO_MARK = "demo.json"
# A probe of our own web server must not go through a proxy.
WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServeError(Exception):
    """The product cannot be started; the message says what to do."""


def main() -> int:
    """Run until a signal comes. Exit code 1: it could not start, and stderr says why."""
    try:
        with processes.ended_by_signals():
            django.setup()
            _refuse_demo()
            require_port()
            migrate()
            with started() as supervisor:
                load_bundled_prices()
                supervisor.start(processes.worker_command(settings.WORKER_CONCURRENCY))
                supervisor.start(processes.beat_command())
                start_web(supervisor)
                say(f"Logs are in {settings.STATE_DIR / 'logs'}. Ctrl-C ends everything.")
                threading.Event().wait()
    except KeyboardInterrupt:
        say("Everything has ended.")
    except (ServeError, broker.BrokerError, ImproperlyConfigured) as error:
        say(str(error))
        return 1
    return 0


@contextmanager
def started() -> Iterator[processes.Supervisor]:
    """A supervisor beside a broker that is up; at the end it ends all that it started.

    Raises ServeError or BrokerError when the broker cannot be had.
    """
    with ExitStack() as stack:
        if settings.EMBEDDED_BROKER:
            stack.enter_context(broker.running(settings.STATE_DIR, say))
        else:
            _require_broker()
        yield stack.enter_context(processes.Supervisor(settings.STATE_DIR / "logs", say))


def require_port() -> None:
    """Raise ServeError unless our web server's port is free."""
    with socket.socket(socket.AF_INET6 if ":" in settings.BIND_ADDRESS else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND_ADDRESS, settings.PORT))
        except OSError as error:
            where = f"{settings.BIND_ADDRESS}:{settings.PORT}"
            advice = "End the program that listens there, or choose another port: PORT=8001"
            raise ServeError(f"The web server cannot listen on {where} ({error.strerror}). {advice}") from error


def migrate() -> None:
    """Bring the database up to date. Raises ServeError when it does not answer."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise ServeError(f"The database cannot be used: {error}. Check DATABASE_URL.") from error
    finally:
        connections.close_all()


def load_bundled_prices() -> None:
    """Load what this release brings; what is loaded already stays as it is."""
    try:
        call_command("load_prices", stdout=io.StringIO(), stderr=io.StringIO())
    finally:
        connections.close_all()


def start_web(supervisor: processes.Supervisor) -> None:
    """Start the web server, wait until it can serve pages, then print its address and a sign-in link."""
    supervisor.start(processes.web_command(settings.BIND_ADDRESS, settings.PORT, settings.WEB_CONCURRENCY))
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.BIND_ADDRESS, settings.BIND_ADDRESS)  # noqa: S104
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(f"http://{host}:{settings.PORT}/readyz"):
        if time.monotonic() > deadline:
            raise ServeError(f"The web server did not answer; see {supervisor.log('web')}.")
        time.sleep(0.1)
    print(f"\n  Skyledger: {settings.PUBLIC_URL}/", flush=True)
    print(f"  Sign in:   {_sign_in_link()}\n", flush=True)


def say(line: str) -> None:
    """Tell the operator something, beside the data on stdout."""
    print(line, file=sys.stderr, flush=True)


def _refuse_demo() -> None:
    if (settings.STATE_DIR / DEMO_MARK).exists():
        raise ServeError(
            f"{settings.STATE_DIR} holds the sample organisation of `make demo`; real accounts must not mix with it. "
            "Name another folder, such as SKYLEDGER_STATE=~/skyledger, or forget the sample with `make clean-demo`."
        )


def _require_broker() -> None:
    """Raise ServeError unless the server that REDIS_URL names answers."""
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
    except BrokerRefused as error:
        raise ServeError(f"The server that REDIS_URL names does not answer: {error}") from error


def _answers(address: str) -> bool:
    try:
        with WITHOUT_PROXY.open(address, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _sign_in_link() -> str:
    """A fresh link, or what to do when there can be none."""
    printed = io.StringIO()
    try:
        call_command("sign_in_link", stdout=printed, stderr=io.StringIO())
    except CommandError as error:
        return str(error)
    finally:
        connections.close_all()
    return printed.getvalue().strip()


if __name__ == "__main__":
    sys.exit(main())
