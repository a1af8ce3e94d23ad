"""Every error code and every way in which a connection breaks, over real HTTP, for every type: nothing is closed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config
from pytest_django import Settings

from inventory.aws import Access, Clients, clients, sessions
from inventory.models import Account, Freshness, Outcome, ServiceGate, Snapshot, Visit
from inventory.registry import Reach, ResourceType, resource_types
from inventory.snapshots import access, carry_out, plan
from tests.proof.endpoint import ACCOUNT, HOME, REGION, Endpoint, Trouble, examples, listing_of

CODES = {
    "AccessDenied": Outcome.DENIED,
    "AccessDeniedException": Outcome.DENIED,
    "AuthFailure": Outcome.DENIED,
    "AuthorizationError": Outcome.DENIED,
    "ExpiredToken": Outcome.DENIED,
    "InternalServerErrorException": Outcome.FAILED,
    "InvalidClientTokenId": Outcome.DENIED,
    "OptInRequired": Outcome.DISABLED,
    "RegionDisabledException": Outcome.DISABLED,
    "SubscriptionRequiredException": Outcome.DISABLED,
    "UnauthorizedOperation": Outcome.DENIED,
    "UnrecognizedClientException": Outcome.DENIED,
}
SERVED = {
    "reset": Outcome.UNREACHABLE,
    "read timeout": Outcome.UNREACHABLE,
    "half a body": Outcome.FAILED,
}
ELSEWHERE = {
    "connect timeout": Outcome.UNREACHABLE,
    "no such host": Outcome.UNREACHABLE,
    "TLS": Outcome.UNREACHABLE,
}
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
APART = max(kind.interval or timedelta(days=1) for kind in resource_types()) + timedelta(days=1)
"""How long after one look every type is due again."""
TWO_TRIES = Config(retries={"total_max_attempts": 2, "mode": "standard"})
HASTY = Config(connect_timeout=0.2, read_timeout=0.2)
SILENT = frozenset({"connect timeout", "read timeout"})
KINDS = list(resource_types())
PAGED = [kind for kind in KINDS if kind.call.page_size]
ONE_CODE_OF_EACH_OUTCOME = {outcome: code for code, outcome in CODES.items()}
FIRST = (0, KINDS, CODES | SERVED)
SECOND = (1, PAGED, {code: CODES[code] for code in ONE_CODE_OF_EACH_OUTCOME.values()} | SERVED)
PAGES = pytest.mark.parametrize(("from_page", "kinds", "faults"), [FIRST, SECOND], ids=["first page", "second page"])

# What a failed visit does to either database is tested in tests/snapshots.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(scope="module")
def listening() -> Iterator[Endpoint]:
    with Endpoint().listening() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def made() -> dict[tuple[str, bool], Clients]:
    """Clients by the address that they ask and by their haste; reading botocore's descriptions takes half a second."""
    return {}


@pytest.fixture
def ask_at(
    listening: Endpoint, made: dict[tuple[str, bool], Clients], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Ask EC2 and S3 at an address from now on, and STS always where it answers, without pauses and budgets.

    Hasty clients give up after 0.2 s of silence; the others wait as in production, so that a busy machine is no fault.
    """
    for name, value in listening.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", listening.address)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    usual = sessions.CONFIG.merge(TWO_TRIES)

    def ask(address: str, *, hastily: bool) -> None:
        config = usual.merge(HASTY) if hastily else usual
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        for module in (sessions, clients):
            monkeypatch.setattr(module, "CONFIG", config)
        found = made.setdefault((address, hastily), Clients(Access()))
        for module in (access, carry_out):
            monkeypatch.setattr(module, "clients_for", lambda account: found)

    return ask


@pytest.fixture
def aws(listening: Endpoint, ask_at: Callable[..., None]) -> Iterator[Endpoint]:
    """Three resources of every type."""
    listening.things = {(_asked_in(kind), listing_of(kind.call)): examples(kind, 3) for kind in KINDS}
    listening.troubles = {}
    ask_at(listening.address, hastily=False)
    yield listening
    listening.troubles = {}


@pytest.fixture
def acme() -> Account:
    return Account.objects.create(name="acme", account_id=ACCOUNT, only_regions=[REGION])


def look(account: Account, kinds: list[ResourceType]) -> list[tuple[ResourceType, Visit]]:
    """Visit the things of these types, as a worker does; no service is left alone for what befell another type."""
    moment = BEGIN + APART * Snapshot.objects.count()
    snapshot = plan.plan_snapshot(account, moment, hint_workers=False)
    planned = dict(snapshot.visits.values_list("type", "pk"))
    for kind in kinds:
        visit = Visit.objects.claim(planned[kind.slug])
        assert visit is not None
        carry_out.carry_out(visit)
        ServiceGate.objects.all().delete()
    done = {visit.type: visit for visit in snapshot.visits.all()}
    return [(kind, done[kind.slug]) for kind in kinds]


def known(kind: ResourceType) -> list[tuple[Any, ...]]:
    """Every row of history of a type, and how fresh it is by its complete visits."""
    rows = [tuple(map(str, row)) for row in kind.model.revisions.order_by("pk").defer("raw").values_list()]
    fresh = Freshness.objects.filter(type=kind.slug).values_list("first_complete_at", "last_complete_at")
    return [*rows, *fresh]


def read_once(account: Account, kinds: list[ResourceType]) -> list[list[tuple[Any, ...]]]:
    """What is known after a first look that ends well."""
    for kind, visit in look(account, kinds):
        assert visit.outcome == Outcome.COMPLETE, kind.slug
    return [known(kind) for kind in kinds]


def keeps_everything(
    account: Account, kinds: list[ResourceType], before: list[list[tuple[Any, ...]]], what: str, *outcomes: Outcome
) -> None:
    """The next visits end in one of the ways that this fault may have, and change nothing."""
    for (kind, visit), knew in zip(look(account, kinds), before, strict=True):
        assert visit.outcome in outcomes, (what, kind.slug, visit.reason)
        assert visit.reason, (what, kind.slug)
        assert (visit.gone, visit.resources) == (0, None), (what, kind.slug)
        assert known(kind) == knew, (what, kind.slug)
        assert kind.model.revisions.current().count() == 3, (what, kind.slug)


@PAGES
def test_a_listing_that_fails_closes_nothing(
    aws: Endpoint,
    acme: Account,
    ask_at: Callable[..., None],
    settings: Settings,
    from_page: int,
    kinds: list[ResourceType],
    faults: dict[str, Outcome],
) -> None:
    """Fault matrix rows 3, 9, 12 and 13: one fault after the other befalls what was read once."""
    before = read_once(acme, kinds)

    def befall(what: str, *outcomes: Outcome) -> None:
        aws.troubles = {listing_of(kind.call): Trouble(what=what, from_page=from_page) for kind in kinds}
        ask_at(aws.address, hastily=what in SILENT)
        keeps_everything(acme, kinds, before, what, *outcomes)

    for what, outcome in faults.items():
        befall(what, outcome)
    settings.VISIT_TIME_LIMIT = 0.5
    # On a busy machine most of this time may pass before the first byte trickles: then it is not AWS that was silent.
    # Where the machine is not busy tests/snapshots/test_wall_clock.py tells the two apart.
    befall("trickle", Outcome.UNREACHABLE, Outcome.FAILED)


def test_an_endpoint_that_cannot_be_reached_closes_nothing(
    aws: Endpoint, acme: Account, ask_at: Callable[..., None]
) -> None:
    """Fault matrix row 12."""
    before = read_once(acme, KINDS)

    for what, outcome in ELSEWHERE.items():
        with address_of(what, aws) as address:
            ask_at(address, hastily=what in SILENT)

            keeps_everything(acme, KINDS, before, what, outcome)


@contextmanager
def address_of(what: str, endpoint: Endpoint) -> Iterator[str]:
    """An address at which a connection fails in this way."""
    match what:
        case "no such host":
            yield "http://no-such-host.invalid"
        case "TLS":
            yield endpoint.address.replace("http://", "https://")
        case _:
            with _full() as port:
                yield f"http://127.0.0.1:{port}"


@contextmanager
def _full() -> Iterator[int]:
    """A port whose queue of waiting connections is full, so that it answers nothing to a further one."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


def _asked_in(kind: ResourceType) -> str:
    return HOME if kind.reach is Reach.GLOBAL else REGION
