"""Request budgets: what all workers together ask of a service stays within a quarter of what AWS allows."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from inventory.aws import Access, AwsFailure, Clients, FailureKind
from inventory.models import Account, ServiceGate
from inventory.snapshots import gates
from inventory.snapshots.gates import BLOCK, BLOCK_SECONDS, BUDGETS, OTHER, Budget, Gates
from tests.aws.scripted import Answer, ec2_error, identity, volumes
from tests.aws.wire import put_in_place
from tests.snapshots.cast import IRELAND
from tests.support.environment import ROOT
from tests.support.http_server import listening
from tests.support.product import Product

AWS_BURST, AWS_PER_SECOND = 100, 20
"""EC2's bucket for a Describe operation that is sent with a page size."""
SMALL_BURST, SMALL_PER_SECOND = 50, 10
"""The bucket of seven of them without one."""
BALANCERS_BURST, BALANCERS_PER_SECOND = 40, 10
"""The bucket that each service of load balancers has for all that only reads."""
PROCESSES = 3


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a service of the test's own a budget."""
    return lambda service, **sizes: monkeypatch.setitem(BUDGETS, service, Budget(**sizes))


def take(gate: Gates, number: int, service: str = "test") -> None:
    for _ in range(number):
        gate.take(service, IRELAND)


def row(service: str = "test") -> ServiceGate:
    found: ServiceGate = ServiceGate.objects.get(service=service)
    return found


def pass_time(seconds: float) -> None:
    ServiceGate.objects.update(counted_at=Now() - timedelta(seconds=seconds))


def test_ours_is_a_quarter_of_what_aws_allows() -> None:
    ours = BUDGETS["ec2"]

    assert ours.burst * 4 <= AWS_BURST
    assert ours.per_second * 4 <= AWS_PER_SECOND
    assert OTHER.per_second <= ours.per_second
    for service in ("elb", "elbv2"):
        assert BUDGETS[service].burst * 4 <= BALANCERS_BURST
        assert BUDGETS[service].per_second * 4 <= BALANCERS_PER_SECOND


def test_a_burst_goes_through_at_once_and_nothing_more(acme: Account, budget: Callable[..., None]) -> None:
    budget("test", burst=12, per_second=0.001)
    gate = Gates(acme.pk)

    take(gate, 12)

    with pytest.raises(AwsFailure) as refused:
        take(gate, 1)
    assert refused.value.kind is FailureKind.THROTTLED
    assert "request budget of test in eu-west-1" in refused.value.reason


def test_tokens_come_back_with_time_up_to_the_burst(acme: Account, budget: Callable[..., None]) -> None:
    budget("test", burst=12, per_second=2)
    gate = Gates(acme.pk)
    take(gate, 12)
    pass_time(3600)

    take(gate, 1)

    tokens = row().tokens
    assert tokens is not None
    assert tokens == pytest.approx(12 - BLOCK)


def test_few_requests_cost_a_transaction(acme: Account, budget: Callable[..., None]) -> None:
    budget("test", burst=1000, per_second=1000)
    gate = Gates(acme.pk)
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        take(gate, 10 * BLOCK)

    # Fewer where a loaded machine lets blocks expire.
    assert sum(sql.startswith("UPDATE") for sql in statements) <= 2 * 10


def test_what_was_taken_and_not_used_expires_and_is_given_back(
    acme: Account, budget: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    budget("test", burst=10, per_second=0.001)
    gate = Gates(acme.pk)
    take(gate, 1)
    clock = time.monotonic() + BLOCK_SECONDS + 0.1
    monkeypatch.setattr("inventory.snapshots.gates.time.monotonic", lambda: clock)

    take(gate, 1)

    tokens = row().tokens
    assert tokens == pytest.approx(10 - 1 - BLOCK, abs=0.1)


def test_a_throttling_answer_empties_the_budget_of_all(
    acme: Account, monkeypatch: pytest.MonkeyPatch, budget: Callable[..., None]
) -> None:
    budget("ec2", burst=100, per_second=0.001)
    gate, another_process = Gates(acme.pk), Gates(acme.pk)
    clients = Clients(Access(), gate)
    replies = iter([volumes([]), ec2_error("RequestLimitExceeded", 503)])
    put_in_place(monkeypatch, lambda asked: next(replies, ec2_error("RequestLimitExceeded", 503)))
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    monkeypatch.setattr(gates, "PATIENCE", 0.1)
    list(clients.pages("ec2", "DescribeVolumes", IRELAND, "ec2:DescribeVolumes", "Volumes"))

    with pytest.raises(AwsFailure) as refused:
        list(clients.pages("ec2", "DescribeVolumes", IRELAND, "ec2:DescribeVolumes", "Volumes"))

    assert refused.value.kind is FailureKind.THROTTLED
    with pytest.raises(AwsFailure, match="request budget"):
        another_process.take("ec2", IRELAND)


def test_every_try_is_counted_and_not_only_every_call(acme: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, str]] = []

    class Counting:
        def take(self, service: str, region: str) -> None:
            taken.append((service, region))

        def throttled(self, service: str, region: str) -> None:
            taken.append(("throttled", region))

    replies = iter([ec2_error("RequestLimitExceeded", 503), ec2_error("InternalError", 500), volumes(["vol-1"])])
    put_in_place(monkeypatch, lambda asked: next(replies))
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)

    Clients(Access(), Counting()).ask("ec2", "DescribeVolumes", IRELAND, "ec2:DescribeVolumes")

    assert taken == [("ec2", IRELAND), ("throttled", IRELAND), ("ec2", IRELAND), ("ec2", IRELAND)]


def test_accounts_services_and_regions_have_budgets_of_their_own(acme: Account, budget: Callable[..., None]) -> None:
    budget("test", burst=1, per_second=0.001)
    budget("other", burst=1, per_second=0.001)
    neighbour = Account.objects.create(name="neighbour", account_id="444455556666")

    for account in (acme, neighbour):
        for service in ("test", "other"):
            for region in (IRELAND, "us-east-1"):
                Gates(account.pk).take(service, region)

    assert ServiceGate.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_threads_at_once_do_not_take_more_than_there_is(acme: Account, budget: Callable[..., None]) -> None:
    budget("test", burst=20, per_second=0.001)
    gate_of_each = [Gates(acme.pk) for _ in range(4)]
    went: list[int] = []

    def work(gate: Gates) -> None:
        try:
            while True:
                gate.take("test", IRELAND)
                went.append(1)
        except AwsFailure:
            pass

    threads = [threading.Thread(target=work, args=(gate,)) for gate in gate_of_each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(went) == 20
    assert row().tokens == pytest.approx(0, abs=0.1)


class Bucket:
    """AWS's own token bucket, by its own clock; another tenant of the account uses half of what comes in."""

    def __init__(self, burst: int, per_second: int) -> None:
        self.burst, self.per_second = burst / 2, per_second / 2
        self.tokens = self.burst
        self.counted_at = time.monotonic()
        self.arrivals: list[float] = []
        self.throttled = 0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether a request that arrives now is answered."""
        with self._lock:
            now = time.monotonic()
            self.tokens = min(self.burst, self.tokens + (now - self.counted_at) * self.per_second)
            self.counted_at = now
            self.arrivals.append(now)
            if self.tokens < 1:
                self.throttled += 1
                return False
            self.tokens -= 1
            return True

    def most_in(self, seconds: float) -> int:
        """The most requests that arrived within any so many seconds."""
        return max(sum(start <= one < start + seconds for one in self.arrivals) for start in self.arrivals)


@contextmanager
def throttling_aws(bucket: Bucket, pages: int) -> Iterator[str]:
    """EC2 with a token bucket, and a listing of so many pages."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(self._answer(body))

        def _answer(self, body: str) -> Answer:
            if "GetCallerIdentity" in body:
                return identity("111122223333")
            if not bucket.allows():
                return ec2_error("RequestLimitExceeded", 503)
            number = int(body.split("NextToken=")[1].split("&", maxsplit=1)[0]) if "NextToken=" in body else 0
            return volumes([f"vol-{number}"], next_token=str(number + 1) if number + 1 < pages else "")

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with listening(Handler) as address:
        yield address


ADD_ACCOUNT = "from inventory.models import Account; Account.objects.create(name='acme', account_id='111122223333')"

LISTER = """
import json, sys
import django
django.setup()
from inventory.models import Account
from inventory.snapshots.access import clients_for
clients = clients_for(Account.objects.get())
found = [
    one["VolumeId"]
    for _ in range(int(sys.argv[1]))
    for page in clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes", MaxResults=500)
    for one in page
]
print(json.dumps({"found": len(found), "calls": clients.calls}))
"""


def at_once(product: Product, address: str, listings: int) -> list[dict[str, int]]:
    """Let several processes list everything so many times, all at once."""
    environment = product.variables | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "AKIAHOST",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": IRELAND,
    }
    command = [sys.executable, "-c", LISTER, str(listings)]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    return [json.loads(process.communicate(timeout=120)[0]) for process in running]


@pytest.mark.parametrize(
    ("burst", "per_second", "throttled_per_thousand"),
    [(AWS_BURST, AWS_PER_SECOND, 0), (SMALL_BURST, SMALL_PER_SECOND, 100)],
    ids=["with a page size", "without"],
)
def test_several_processes_together_stay_within_the_budget(
    make_product: Callable[..., Product], burst: int, per_second: int, throttled_per_thousand: int
) -> None:
    """Fault matrix row 1: 0 throttled calls, beside a tenant that uses half of the account's bucket.

    In the smaller bucket that half leaves room for just our budget; we never send the requests that it is for.
    """
    product = make_product()
    product.manage("shell", "-c", ADD_ACCOUNT)
    bucket = Bucket(burst, per_second)

    with throttling_aws(bucket, pages=20) as address:
        ended = at_once(product, address, listings=1)

    ours = BUDGETS["ec2"]
    assert [one["found"] for one in ended] == [20] * PROCESSES
    assert len(bucket.arrivals) == 20 * PROCESSES + bucket.throttled
    assert bucket.throttled * 1000 <= throttled_per_thousand * len(bucket.arrivals)
    # A process may send within a second what it took; nothing else goes beyond the bucket.
    for seconds in (1, 3, 5):
        assert bucket.most_in(seconds) <= ours.burst + (seconds + BLOCK_SECONDS) * ours.per_second + BLOCK * PROCESSES


def test_without_a_budget_the_same_calls_are_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the endpoint of these tests bites."""
    bucket = Bucket(SMALL_BURST, SMALL_PER_SECOND)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", IRELAND)

    with throttling_aws(bucket, pages=1) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        bucket.tokens = 0
        bucket.per_second = 0.0
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
        with pytest.raises(AwsFailure) as failure:
            list(Clients(Access()).pages("ec2", "DescribeVolumes", IRELAND, "ec2:DescribeVolumes", "Volumes"))

    assert failure.value.kind is FailureKind.THROTTLED
    assert bucket.throttled == 5
