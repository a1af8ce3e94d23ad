"""Running the demo: the emulator, the product's own processes, and the story that is told at the first start.

Each moment is played into the emulator, and the workers look at it as of that moment. A later start brings the emulator
back to where the story is, before any worker runs, and goes on from the first moment that was not looked at to the end.
When there is none, the ledger stays as it is.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from django.db import connections

from config import broker, processes
from config.serve import ServeError, load_bundled_prices, migrate, require_port, say, start_web, started
from inventory.aws import AwsFailure

from . import bill, ledger, views
from .chapters import MOMENT_NAMES, MOMENTS
from .client import Emulator, EmulatorError, address_file, wait_until_up
from .emulator import server_arguments
from .mark import BILLS, Mark

TROUBLES = (ServeError, EmulatorError, AwsFailure, ledger.SnapshotRefused, broker.BrokerError, CommandError)


def run() -> int:
    """Run until a signal comes. Exit code 1: it could not start, and stderr says why."""
    state: Path = settings.STATE_DIR
    try:
        with processes.ended_by_signals(), _alone(state):
            mark = Mark.of(state)
            _refuse_real_ledger(mark)
            _refuse_older_story(mark)
            require_port()
            if mark is not None:
                migrate()
            with started() as supervisor:
                mark = _prepare(state, mark)
                _start_emulator(state, supervisor)
                # The emulator takes some seconds to start; neither a new database nor prices need AWS.
                migrate()
                load_bundled_prices()
                emulator = _wait_for_emulator(state)
                _tell(mark, emulator, supervisor)
                if named := views.present():
                    say(f"Saved views with budgets: {', '.join(named)}.")
                supervisor.start(processes.beat_command())
                start_web(supervisor)
                _bring_bills(state, mark)
                say(f"Logs are in {state / 'logs'}. Ctrl-C ends everything; `make demo` goes on with what is there.")
                threading.Event().wait()
    except KeyboardInterrupt:
        say("Everything has ended.")
    except TROUBLES as error:
        say(str(error))
        return 1
    return 0


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Hold the state folder's lock. Raises ServeError when a demo already runs there."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServeError(f"A demo already runs with {state}; end it first.") from None
        yield


def _refuse_real_ledger(mark: Mark | None) -> None:
    """Raise ServeError when the ledger is of somebody's real accounts."""
    if ledger.holds_accounts() and (mark is None or not ledger.holds_our_accounts()):
        raise ServeError(
            "The ledger holds accounts that are not the sample organisation's, and the demo would mix with them. Name "
            "another state folder, such as SKYLEDGER_STATE=~/skyledger-demo, and no DATABASE_URL."
        )


def _refuse_older_story(mark: Mark | None) -> None:
    """Raise ServeError when the state folder was made by a demo that told another story."""
    if mark is not None and mark.moments != MOMENT_NAMES:
        raise ServeError("The state folder holds an older story than this one. `make clean-demo` forgets it.")


def _prepare(state: Path, mark: Mark | None) -> Mark:
    """Mark the state folder as the demo's, with the emulator as far as the ledger is; a new one is at the beginning."""
    if mark is None:
        mark = Mark.new()
    else:
        zero = mark.zero
        mark = replace(mark, played=ledger.looks_taken(zero - moment.age for moment in MOMENTS))
    mark.leave(state)
    return mark


def _start_emulator(state: Path, supervisor: processes.Supervisor) -> None:
    """Start the emulator; it first plays what was played before."""
    address_file(state).unlink(missing_ok=True)
    say("Starting the emulator, and loading the bundled price book.")
    supervisor.start(processes.Command(name="emulator", arguments=server_arguments(state)))


def _wait_for_emulator(state: Path) -> Emulator:
    """Let every process of this installation speak to the emulator, also those that other terminals start."""
    emulator = wait_until_up(state, lambda: False)
    lines = [f"{name}={value}\n" for name, value in emulator.environment.items()]
    (state / "environment").write_text("".join(lines))
    os.environ.update(emulator.environment)
    say(f"AWS is emulated at {emulator.endpoint_url}; `python -m demo.emulator --help` lets it fail.")
    return emulator


def _bring_bills(state: Path, mark: Mark) -> None:
    """Bill the organisation, after the pages are there: nothing else waits for it."""
    if months := bill.present(state / BILLS, mark.zero):
        say(f"Loaded what AWS billed: {', '.join(months)}.")
    pages, usd = bill.ask_cost_explorer()
    say(f"Cost Explorer was asked for {pages} pages in all, which would cost ${usd}.")
    connections.close_all()


def _tell(mark: Mark, emulator: Emulator, supervisor: processes.Supervisor) -> None:
    """Tell what is left of the story, moment by moment.

    The workers start while the first one is played, unless they would begin with the visits of a look that was
    interrupted: these must not be made before their moment has been played.
    """
    if added := ledger.add_organization():
        say(f"Added the organization of {', '.join(added)}.")
    ledger.let_in(emulator)
    worker = processes.worker_command(settings.WORKER_CONCURRENCY)
    waits = mark.played < len(MOMENTS) and ledger.holds_unfinished_visits()
    if not waits:
        supervisor.start(worker)
    for number, moment in enumerate(MOMENTS[mark.played :], start=mark.played + 1):
        began = time.monotonic()
        emulator.play()
        if waits and number == mark.played + 1:
            supervisor.start(worker)
        at = mark.zero - moment.age
        for name in ledger.follow_organization(at):
            say(f"AWS has suspended the account {name}: it is archived.")
        look = ledger.take_look(at)
        seconds = time.monotonic() - began
        say(f"{number}/{len(MOMENTS)}  {at:%d %b %Y}  {moment.name:30}{look}, {seconds:.0f} s")
    connections.close_all()
