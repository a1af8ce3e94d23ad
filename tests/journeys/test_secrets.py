"""Canaries in every secret that the product ever holds: none is found in what it writes, sends or shows."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import Any

import psutil
import pytest
import redis

from config.broker import socket_path
from demo.accounts import PRODUCTION, RESEARCH, SECRET_ACCESS_KEY
from demo.client import Emulator
from demo.keepsakes import BOOT_SCRIPT
from inventory.history.revision import unpack_raw
from tests.support.product import Product

# What is asked of AWS, and said of it, is the same on either database.
pytestmark = pytest.mark.any_database

REGION = "us-east-1"
THE_END = b"the end of what is overheard"
SCRIPT = "#!/bin/sh\nexport DATABASE_PASSWORD=canary-in-the-boot-script\n"
WRONG_EXTERNAL_ID = "canary-that-opens-no-role"
EXTERNAL_IDS = (PRODUCTION.external_id, RESEARCH.external_id, WRONG_EXTERNAL_ID)
CANARIES = {
    "the script": re.compile("canary-in-the-boot-script"),
    "the script in base64": re.compile(re.escape(base64.b64encode(SCRIPT.encode()).decode()[4:-8])),
    "the script of a template": re.compile("hunter2-in-a-template"),
    "the script of a template in base64": re.compile(re.escape(base64.b64encode(BOOT_SCRIPT.encode()).decode()[4:-8])),
    "an external id": re.compile("|".join(map(re.escape, EXTERNAL_IDS))),
    "the host's secret key": re.compile(re.escape(SECRET_ACCESS_KEY)),
    "a role's access key id": re.compile(r"\bASIA[A-Z2-7]{16}\b"),
    # The emulator's session tokens are JSON in base64, and begin like this.
    "a role's session token": re.compile(re.escape(base64.b64encode(b'{"account": ').decode())),
}
PAGES = (
    "/",
    f"/regions/{REGION}/",
    "/types/ec2-instance/",
    "/types/launch-template/",
    "/ports/",
    "/coverage/",
    "/settings/accounts/",
    "/no-such-page/",
)


def test_no_secret_is_written_sent_or_shown(make_product: Callable[..., Product], emulator: Emulator) -> None:
    """Fault matrix row 59."""
    instance = _with_user_data(emulator)
    product = make_product(**emulator.environment, LOG_LEVEL="DEBUG")
    product.start_broker()
    with _overheard(product) as heard:
        worker = product.start_worker()
        written = _what_commands_say(product)
        written["process list"] = _process_list(worker)
    written |= _tables(product)
    (own_page,) = re.findall(rf'"pk": (\d+), "fields": {{[^}}]*"native_id": "{instance}"', written["tables"])
    own_page = f"/types/ec2-instance/{own_page}/"
    written |= _pages(product, own_page) | _logs(product)
    written["messages"] = _messages(heard)

    assert [len(SCRIPT)] == [
        row["user_data_bytes"] for row in json.loads(written["export"]) if row["native_id"] == instance
    ]
    assert "inventory.tasks.visit" in written["messages"]
    assert instance in written[own_page]
    assert _canaries_in(written) == []


def test_the_canaries_would_be_found() -> None:
    token = base64.b64encode(json.dumps({"account": "1", "role": "r"}).encode()).decode()
    scripts = (SCRIPT, BOOT_SCRIPT)
    encoded = [base64.b64encode(script.encode()).decode() for script in scripts]
    texts = (*scripts, *encoded, *EXTERNAL_IDS, SECRET_ACCESS_KEY, token)

    found = _canaries_in({text: f"before {text} after" for text in (*texts, "ASIAABCDEFGHIJ234567")})

    assert {what for what, _ in found} == set(CANARIES)
    assert len(found) == len(texts) + 1


def _canaries_in(written: dict[str, str]) -> list[tuple[str, str]]:
    """Which canaries are where."""
    return [
        (what, where) for where, text in written.items() for what, canary in CANARIES.items() if canary.search(text)
    ]


def _with_user_data(emulator: Emulator) -> str:
    """Give a running instance a boot script, and its id."""
    client = emulator.client("ec2", PRODUCTION.name, REGION)
    running = client.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])
    instance: str = running["Reservations"][0]["Instances"][0]["InstanceId"]
    # moto wants the text encoded once more than AWS does.
    client.modify_instance_attribute(InstanceId=instance, UserData={"Value": base64.b64encode(SCRIPT.encode())})
    return instance


def _what_commands_say(product: Product) -> dict[str, str]:
    """Add accounts, one of which cannot be reached, and read them; what every command printed, by its name."""
    for account in (PRODUCTION, RESEARCH):
        external_id = ("--external-id", account.external_id, "--regions", REGION, "--collect-user-data")
        product.manage("add_account", account.name, "--role-arn", account.role_arn, *external_id)
    refused = product.manage(
        *("add_account", "unreachable", "--role-arn", "arn:aws:iam::111122223333:role/Elsewhere"),
        *("--external-id", WRONG_EXTERNAL_ID),
        exit_code=1,
    )
    assert WRONG_EXTERNAL_ID in refused.stderr + refused.stdout, "it is told whom to trust, and nobody else is"
    done = {
        "take_snapshot": product.manage("take_snapshot", exit_code=1),
        "check_account": product.manage("check_account", "unreachable", exit_code=1),
        "export": product.manage("export", "ec2-instance", "--format", "json"),
    }
    return {name: one.stdout if name == "export" else one.stdout + one.stderr for name, one in done.items()}


@contextmanager
def _overheard(product: Product) -> Iterator[bytearray]:
    """Everything that the broker is told meanwhile."""
    heard = bytearray()
    path = str(socket_path(product.state))
    with socket.socket(socket.AF_UNIX) as listening, redis.Redis(unix_socket_path=path) as client:
        listening.connect(path)
        listening.sendall(b"MONITOR\r\n")
        thread = threading.Thread(target=_listen, args=(listening, heard))
        thread.start()
        try:
            yield heard
        finally:
            client.echo(THE_END)
            thread.join()


def _listen(listening: socket.socket, heard: bytearray) -> None:
    while THE_END not in heard[-200:] and (more := listening.recv(65_536)):
        heard += more


def _messages(heard: bytearray) -> str:
    """What was heard, with the bodies of messages decoded."""
    bodies = re.findall(rb'\\"body\\": \\"([A-Za-z0-9+/=]+)\\"', heard)
    assert bodies
    return b"\n".join((heard, *map(base64.b64decode, bodies))).decode(errors="replace")


def _process_list(worker: int) -> str:
    """The command lines of a worker and all its children."""
    process = psutil.Process(worker)
    return "\n".join(" ".join(one.cmdline()) for one in (process, *process.children(recursive=True)))


def _tables(product: Product) -> dict[str, str]:
    """Every row of every table, documents unpacked; without the one column that is there to hold an external id."""
    rows = json.loads(product.manage("dumpdata", "--all").stdout)
    for row in rows:
        row["fields"].pop("external_id", None)
        if "raw" in row["fields"]:
            row["fields"]["raw"] = unpack_raw(base64.b64decode(row["fields"]["raw"]))
    return {"tables": json.dumps(rows)}


def _logs(product: Product) -> dict[str, str]:
    return {file.name: file.read_text(errors="replace") for file in product.state.glob("*.log")}


def _pages(product: Product, *more: str) -> dict[str, str]:
    """What a superuser is shown."""
    address = product.start_web()
    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()), _EveryAnswer()
    )

    def shown(path: str, data: bytes | None = None) -> str:
        request = urllib.request.Request(urllib.parse.urljoin(address, path), data, {"Referer": address})
        with browser.open(request) as answer:
            return str(answer.read().decode())

    link = urllib.parse.urlsplit(product.manage("sign_in_link", PUBLIC_URL=address).stdout.strip()).path
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', shown(link))
    assert token
    shown(link, urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode())
    return {path: shown(path) for path in (*PAGES, *more)}


class _EveryAnswer(urllib.request.HTTPErrorProcessor):
    """Take an error page for the page that it is."""

    def http_response(self, request: Any, response: Any) -> Any:
        """The answer as it came, but redirects, which are followed."""
        return super().http_response(request, response) if response.status in {301, 302, 303} else response
