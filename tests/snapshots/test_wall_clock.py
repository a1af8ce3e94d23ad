"""A visit ends in time whatever the network does, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from inventory.aws import Access, Clients
from inventory.models import Account, Outcome, Visit
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.snapshots import access, carry_out
from inventory.snapshots.plan import plan_snapshot
from tests.aws.scripted import identity, volumes
from tests.snapshots.cast import IRELAND, Take, ids, volume

LIMIT = 2

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trickling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """An endpoint that sends its answers byte by byte, for ever; give it the operation that it does so for."""
    over = threading.Event()
    slow: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            request = b""
            while b"\r\n\r\n" not in request or b"Action=" not in request:
                request += connection.recv(65536)
            asked = next(name for name in ("GetCallerIdentity", "DescribeVolumes") if name.encode() in request)
            answer = identity("111122223333") if asked == "GetCallerIdentity" else volumes(["vol-1"])
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer.body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            if asked not in slow:
                connection.sendall(answer.body.encode())
                return
            for byte in answer.body.encode() * 1000:
                if over.wait(0.05):
                    return
                connection.sendall(bytes([byte]))

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", IRELAND)
    yield slow.append
    over.set()
    server.close()


@pytest.mark.parametrize("operation", ["DescribeVolumes", "GetCallerIdentity"])
def test_bytes_that_trickle_do_not_keep_a_visit(
    acme: Account,
    take_snapshot: Take,
    trickling: Callable[[str], None],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
) -> None:
    """Fault matrix row 13."""
    take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2")]})
    trickling(operation)
    clients = Clients(Access())
    monkeypatch.setattr(carry_out, "clients_for", lambda account: clients)
    monkeypatch.setattr(access, "clients_for", lambda account: clients)
    settings.VISIT_TIME_LIMIT = LIMIT
    visit = Visit.objects.claim(plan_snapshot(acme, hint_workers=False).visits.get(type=EBS_VOLUME.slug).pk)
    assert visit is not None

    began = time.monotonic()
    carry_out.carry_out(visit)
    took = time.monotonic() - began

    ended = Visit.objects.get(pk=visit.pk)
    assert ended.outcome == Outcome.UNREACHABLE
    assert "AWS sent nothing whole" in ended.reason
    assert LIMIT <= took < LIMIT + 20
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}
