"""Every route of the API by everybody who could ask: nobody, tokens of no use, tokens of too little, strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from api.models import Scope, Token
from audit.models import COMMAND_LINE
from inventory.models import AccountGrant
from inventory.registry import resource_types
from tests.access.routes import API, routes
from tests.access.world import ZEPHYR_ID, Estate, make_zephyr
from tests.support.left_out import FEW

# Who sees what is asked of both databases in tests/pages and tests/api.
pytestmark = pytest.mark.any_database

DAY = timedelta(days=1)
OPERATORS = {
    "people": ["", "?account=acme"],
    "groups": [""],
    "grants": [""],
    "decisions": ["", "?kind=account-granted&about=acme&since=2026-05-01&limit=1"],
}
"""What is for superusers alone: to everybody else it does not exist."""


def asked(estate: Estate) -> dict[str, list[str]]:
    """For each route of the API the addresses that somebody could ask in an estate; for a few types with queries."""
    past, by_name = "as_of=2026-05-20T00:00:00Z", f"name__contains={estate.name}"
    table = {
        "accounts": [""],
        "regions": ["", f"?{past}"],
        "types": [""],
        "search": [f"?q={word}" for word in (estate.name, estate.region, *map(estate.native_id, FEW))],
        "query": [f"?q={estate.name}", f"?q=region:{estate.region}", f"?q=tag:{estate.name}-key&{past}"],
        "coverage": ["", f"?region={estate.region}"],
        "changes": ["?from=2026-05-01", f"?from=2026-05-01&region={estate.region}&kind=added"],
        "open-ports": ["", f"?{past}", f"?region={estate.region}"],
        "findings": ["", f"?{past}", f"?region={estate.region}", "?state=muted"],
        "costs/comparison": ["", f"?region={estate.region}"],
        "costs/commitments": ["", f"?{past}"],
        "costs/waste": ["", f"?region={estate.region}&{past}"],
        "costs/volumes": ["", f"?region={estate.region}&{past}"],
        "costs/buckets": ["", f"?region={estate.region}&{past}"],
        "costs/prices": [""],
        "costs/by": [f"?by={by}" for by in ("account", "region", "payment", f"tag:{estate.name}-key")],
        "costs/days": ["", f"?q=tag:{estate.name}-key&from=2026-05-20&{past}"],
        "costs/budgets": [""],
    }
    found = {f"{API}{route}": [f"/{API}{route}{query}" for query in queries] for route, queries in table.items()}
    found[f"{API}<path:rest>"] = [f"/{API}nowhere"]
    for of in resource_types():
        listed, pk = f"{API}resources/{of.slug}", estate.resources[of.slug].pk
        tag = f"tag:{estate.name}-key"
        queries = ("", f"?{by_name}", f"?{past}&{tag}", "?sort=-name&limit=1")
        found[listed] = [f"/{listed}{query}" for query in queries[: None if of.slug in FEW else 1]]
        found[f"{listed}/<int:pk>"] = [f"/{listed}/{pk}"]
    return found


def every(estate: Estate) -> Iterator[str]:
    """All of them but those that lead nowhere."""
    for route, paths in asked(estate).items():
        if "<path:" not in route:
            yield from paths


def details(estate: Estate) -> Iterator[str]:
    """The addresses of single things."""
    for route, paths in asked(estate).items():
        if "<int:" in route:
            yield from paths


@pytest.fixture
def token_of(db: None) -> Callable[..., Client]:
    """A factory of clients, each with the token of a new user who was granted these accounts."""

    def make(name: str, *estates: Estate, scopes: tuple[Scope, ...] = tuple(Scope), lifetime: timedelta = DAY):
        owner = User.objects.create(username=name)
        for estate in estates:
            AccountGrant.objects.create(account=estate.account, user=owner)
        _, secret = Token.objects.issue(owner, name=name, scopes=scopes, lifetime=lifetime)
        return Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})

    return make


def statuses(client: Client, estate: Estate) -> dict[str, int]:
    return {path: client.get(path).status_code for path in every(estate)}


def test_every_route_of_the_api_is_asked_here(acme):
    walked = {route for route in routes() if route.startswith(API)}

    assert walked == {*asked(acme), *(f"{API}{route}" for route in OPERATORS)}


def test_what_is_for_operators_exists_for_nobody_else_and_needs_its_scope(acme, token_of, browser_of):
    addresses = [f"/{API}{route}{query}" for route, queries in OPERATORS.items() for query in queries]
    ada = browser_of("ada", is_superuser=True)
    _, wide = Token.objects.issue(User.objects.get(username="ada"), name="a", scopes=[Scope.PEOPLE], lifetime=DAY)
    _, narrow = Token.objects.issue(User.objects.get(username="ada"), name="b", scopes=[Scope.INVENTORY], lifetime=DAY)
    of = {secret: Client(headers={"authorization": f"Bearer {secret}"}) for secret in (wide, narrow)}
    askers = [Client(), token_of("rita", acme), browser_of("nora", acme), of[narrow], of[wide], ada]

    for address in addresses:
        answers = [asker.get(address) for asker in askers]

        assert [answer.status_code for answer in answers] == [401, 404, 404, 403, 200, 200], address
        assert not [word for word in acme.words for answer in answers[:4] if word in answer.content.decode()], address
        assert (ada.post(address).status_code, ada.post(address)["Allow"]) == (405, "GET"), address


def test_without_a_token_or_a_session_nothing_is_told(acme):
    for path in every(acme):
        answer = Client().get(path)

        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), path
        assert answer["WWW-Authenticate"].startswith("Bearer"), path
        assert not [word for word in acme.words if word in answer.content.decode()], path


@pytest.mark.parametrize("header", ["Bearer sky_invented", "Bearer", "Bearer ", "Basic YTpi", "sky_invented"])
def test_what_is_no_token_opens_nothing(acme, header):
    client = Client(headers={"authorization": header})

    assert set(statuses(client, acme).values()) == {401}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Token.objects.revoke(by=COMMAND_LINE),
        lambda: Token.objects.update(expires_at=timezone.now()),
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.all().delete(),
    ],
    ids=["revoked", "expired", "of an inactive owner", "of a deleted owner"],
)
def test_a_token_of_no_use_opens_nothing(acme, token_of, spoil):
    client = token_of("rita", acme)
    before = client.get("/api/v1/accounts").status_code

    spoil()

    assert (before, set(statuses(client, acme).values())) == (200, {401})


def test_a_bad_token_is_refused_although_the_browser_is_signed_in(acme, browser_of):
    client = browser_of("rita", acme)

    answer = client.get("/api/v1/accounts", headers={"authorization": "Bearer sky_invented"})

    assert answer.status_code == 401


def test_a_token_opens_no_page(acme, token_of):
    answer = token_of("rita", acme).get("/types/ec2-instance/?format=json")

    assert answer["Location"].startswith("/accounts/login/")


def test_a_token_is_asked_for_no_more_than_its_scopes(acme, token_of):
    costs = {path for path in every(acme) if "/costs/" in path}
    inventory = statuses(token_of("rita", acme, scopes=(Scope.INVENTORY,)), acme)
    money = statuses(token_of("nora", acme, scopes=(Scope.COSTS,)), acme)

    assert {path for path, status in inventory.items() if status == 403} == costs
    assert {path for path, status in money.items() if status == 200} == costs
    assert set(inventory.values()) == set(money.values()) == {200, 403}


def test_costs_are_neither_shown_nor_asked_by_without_their_scope(acme, token_of):
    listed = "/api/v1/resources/ec2-instance"
    poor, rich = token_of("rita", acme, scopes=(Scope.INVENTORY,)), token_of("nora", acme)

    for path in every(acme):
        assert "usd" not in poor.get(path).content.decode() or path.endswith("/types"), path
    for query in (
        "sort=on_demand_monthly_usd",
        "columns=on_demand_monthly_usd",
        "on_demand_monthly_usd__gte=1",
        "q=cost>1",
    ):
        assert (poor.get(f"{listed}?{query}").status_code, rich.get(f"{listed}?{query}").status_code) == (403, 200), (
            query
        )
    assert "costs" in rich.get(listed).json()["items"][0]


def test_a_grant_shows_the_account_by_token_and_by_session(acme, token_of, browser_of):
    for client in (token_of("rita", acme), browser_of("nora", acme), browser_of("ada", is_superuser=True)):
        assert set(statuses(client, acme).values()) == {200}
        for of in resource_types():
            assert acme.native_id(of.slug) in client.get(f"/api/v1/resources/{of.slug}").content.decode()


def test_a_grant_that_is_taken_back_counts_at_once(acme, token_of):
    client = token_of("rita", acme)
    path = next(details(acme))

    granted = client.get(path).status_code
    AccountGrant.objects.all().delete()

    assert (granted, client.get(path).status_code) == (200, 404)


def test_the_things_of_an_account_that_was_not_granted_are_not_found(acme, zephyr, token_of, browser_of):
    for client in (token_of("rita", acme), token_of("nadia"), browser_of("nora", acme)):
        for path in details(zephyr):
            answer = client.get(path)

            assert answer.status_code == 404, path
            assert not [word for word in zephyr.words if word in answer.content.decode()], path


def test_answers_are_as_if_an_account_that_was_not_granted_did_not_exist(acme, token_of, browser_of):
    clients = {
        "token": token_of("rita", acme),
        "without grants": token_of("nadia"),
        "session": browser_of("nora", acme),
    }

    def answers(paths):
        found = {(who, path): client.get(path) for who, client in clients.items() for path in paths}
        return {key: (answer.status_code, answer.content) for key, answer in found.items()}

    with transaction.atomic():
        zephyr = make_zephyr(acme)
        paths = list(dict.fromkeys([*every(zephyr), *every(acme)]))
        beside_it = answers(paths)
        transaction.set_rollback(True)
    without_it = answers(paths)

    assert [key for key, answer in beside_it.items() if answer != without_it[key]] == []
    assert [key for key, (status, _) in beside_it.items() if status >= 500] == []


@pytest.mark.parametrize("spelling", ["zephyr", ZEPHYR_ID])
def test_an_account_that_was_not_granted_cannot_be_chosen(acme, zephyr, token_of, spelling):
    client = token_of("rita", acme)

    for path in (
        "regions",
        "search",
        "query",
        "coverage",
        "changes",
        "open-ports",
        "findings",
        "costs/comparison",
        "costs/commitments",
        "costs/waste",
        "costs/volumes",
        "costs/buckets",
        "resources/ec2-instance",
    ):
        chosen = client.get(f"/api/v1/{path}?account={spelling}")
        invented = client.get(f"/api/v1/{path}?account=invented")

        assert (chosen.status_code, invented.status_code) == (404, 404), path
        assert chosen.content.decode().replace(spelling, "invented") == invented.content.decode(), path


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_sent(acme, token_of, method):
    client = token_of("rita", acme)

    for path in every(acme):
        answer = getattr(client, method)(path)

        assert (answer.status_code, answer["Allow"]) == (405, "GET"), path
