"""The emulator from the command line, and for tests: let calls fail, see what was asked, see how far the story is.

python -m demo.emulator deny eu-west-1 ec2:DescribeInstances
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from .client import ROOT, Emulator, EmulatorError, address_file, state_folder, wait_until_up
from .layer.faults import TIMED, order_from

ORDERS = {
    "deny": "answer with the service's own refusal",
    "allow": "undo every failure that was ordered for these calls",
    "delay": "answer later",
    "throttle": "answer that there were too many calls",
    "truncate": "cut answers in half",
    "error": "answer with any error of AWS's",
    "reset": "drop the connection without an answer",
    "trickle": "answer byte by byte",
}


def server_arguments(state: Path, zero: datetime | None = None) -> list[str]:
    """The command line of the emulator's process. Without a zero a new story ends when it starts."""
    ends = ["--zero", zero.isoformat()] if zero else []
    return [sys.executable, "-m", "demo.server", "--state", str(state.resolve()), *ends]


@contextmanager
def running(state: Path, *, zero: datetime | None = None) -> Iterator[Emulator]:
    """Run an emulator for the length of a with-block.

    In a new state folder no moment has been played yet: the accounts and their roles are there, and nothing in them.
    """
    address_file(state).unlink(missing_ok=True)
    log = state / "emulator.log"
    state.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            server_arguments(state, zero), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield wait_until_up(state, lambda: process.poll() is not None)
    finally:
        process.terminate()
        process.wait()


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Exit code 1: the emulator does not run; 2: the command cannot be understood."""
    parser = _parser()
    options = parser.parse_args(arguments)
    order = vars(options)
    if options.kind in ORDERS:
        try:
            order_from(order)
        except ValueError as mistake:
            parser.error(str(mistake))
    try:
        emulator = Emulator.of(state_folder())
        match options.kind:
            case "status":
                _print_status(emulator.status(), as_json=options.json)
            case "log":
                _print_log(emulator.log(), as_json=options.json)
            case "clear":
                emulator.clear()
            case kind:
                emulator.order(kind, **{name: value for name, value in order.items() if name != "kind"})
    except EmulatorError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.emulator", description="Control the running emulator.")
    commands = parser.add_subparsers(dest="kind", required=True, metavar="COMMAND")
    for kind, purpose in ORDERS.items():
        command = commands.add_parser(kind, help=purpose, description=f"For these calls: {purpose}.")
        command.add_argument("region", metavar="REGION", help="a region, or global for calls that have none, or *")
        command.add_argument("action", metavar="ACTION", help="such as ec2:DescribeInstances or DescribeInstances")
        if kind in TIMED:
            later = "how much later" if kind == "delay" else "how much later each byte"
            command.add_argument("seconds", type=float, metavar="SECONDS", help=later)
        if kind == "error":
            command.add_argument("code", metavar="CODE", help="AWS's code, such as InternalError")
            command.add_argument("--status", type=int, default=400, help="the HTTP status (default: 400)")
        command.add_argument("--account", default="", help="only in this account: its name or its 12 digits")
        if kind != "allow":
            command.add_argument("--times", type=int, default=0, help="only for the next so many calls")
    for kind, purpose in (("log", "every call so far"), ("status", "the story, the accounts and the orders")):
        commands.add_parser(kind, help=purpose).add_argument("--json", action="store_true", help="as JSON")
    commands.add_parser("clear", help="forget every order but the story's own")
    return parser


def _print_log(entries: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(entries, indent=2))
        return
    for entry in entries:
        asked = f"{entry['region']:14}  {entry['service']}:{entry['operation']}"
        print(f"{entry['time']}  {entry['status']}  {entry['account'] or '-':12}  {asked}  {entry['fault']}".rstrip())


def _print_status(status: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(status, indent=2))
        return
    for moment in status["moments"]:
        print(f"{'played' if moment['played'] else 'to come':8} {moment['at']}  {moment['name']}")
    for account in status["accounts"]:
        names = f"{account['account']}  {account['state']:9}  {account['name']:10}"
        print(f"account  {names}  {account['role_arn']}  {account['external_id']}".rstrip())
    for order in status["orders"]:
        actions = ",".join(f"{service}:{order['action']}" for service in order["services"])
        origin = "story" if order["from_story"] else "ordered"
        print(f"{origin:8} {order['kind']} {order['region']} {actions} {order['account']}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
