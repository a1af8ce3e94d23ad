"""Every route of the product, and who may have what from it.

`routes()` walks the resolver; `TABLE` says what each route is. A test compares the two, so that a route which nobody
thought about fails the build. The routes of Django's admin site are walked too, and tested as one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from django.urls import URLPattern, URLResolver, get_resolver

from inventory.registry import resource_types
from tests.access.world import Estate
from tests.support.left_out import FEW

ADMIN = "admin/"
API = "api/v1/"
"""Below this stands JSON for programs, which has tests of its own."""


class Who(Enum):
    """Whom a route is for."""

    ANYBODY = auto()
    """Also those who are not signed in."""
    SIGNED_IN = auto()
    """Every user, who sees nothing there but what is the own."""
    GRANTED = auto()
    """A page about accounts: it shows to each user what was granted, as if nothing else existed."""
    OWNER = auto()
    """A page about one thing: 404 for those who were not granted its account."""
    OWNER_FORM = auto()
    """Only for sending a form about one thing: 404 for those who were not granted its account."""
    FORM = auto()
    """Only for sending a form, by those to whom something was granted."""
    OWN_FORM = auto()
    """Only for sending a form about a thing of one user; to everybody else the thing does not exist."""
    OPERATOR = auto()
    """Only for superusers; to everybody else it does not exist."""
    OPERATOR_FORM = auto()
    """Only for sending a form, by superusers; to everybody else it does not exist."""


@dataclass(frozen=True)
class Route:
    """Whom a route is for, and its addresses in an estate."""

    who: Who
    paths: Callable[[Estate], Iterable[str]]


def fixed(who: Who, *paths: str) -> Route:
    """A route whose addresses are the same whatever there is."""
    return Route(who, lambda estate: paths)


def _lists(estate: Estate) -> Iterator[str]:
    for of in resource_types():
        yield f"/types/{of.slug}/"
        yield f"/types/{of.slug}/?format=json"
    for slug in FEW:
        yield f"/types/{slug}/?format=csv"
        yield f"/types/{slug}/?format=xlsx"


def _details(estate: Estate) -> Iterator[str]:
    for slug, resource in estate.resources.items():
        yield f"/types/{slug}/{resource.pk}/"


def _comparisons(estate: Estate) -> Iterator[str]:
    """Each resource beside itself at an earlier moment."""
    for slug in FEW:
        pk = estate.resources[slug].pk
        yield f"/compare/?of={slug}:{pk}&of={slug}:{pk}@2026-05-20T00:00:00Z"


def _visits(estate: Estate) -> Iterator[str]:
    for visit in estate.snapshot.visits.filter(type__in=FEW):
        yield f"/coverage/visits/{visit.pk}/"


def _cancelling(estate: Estate) -> list[str]:
    return [f"/coverage/snapshots/{estate.snapshot.pk}/cancel/"]


def _finding(form: str) -> Callable[[Estate], list[str]]:
    """That its group lets in the whole world."""
    return lambda estate: [f"/findings/security-group-open-admin/{estate.resources['security-group'].pk}/{form}"]


def _settings(form: str) -> Callable[[Estate], list[str]]:
    return lambda estate: [f"/settings/accounts/{estate.account.pk}/{form}"]


def _queries(estate: Estate) -> Iterator[str]:
    yield "/query/"
    yield "/query/?q=region:*"
    yield f"/query/?q={estate.name}"
    yield f"/query/?q=tag:{estate.name}-key&as_of=2026-05-20T00:00:00Z"


def _costs_by(estate: Estate) -> Iterator[str]:
    for by in ("account", "region", "type", "instance_type", "family", "payment", f"tag:{estate.name}-key"):
        yield f"/costs/by/?by={by}"
        yield f"/costs/by/?by={by}&format=json"
    yield "/costs/by/?format=csv"
    yield "/costs/by/?format=xlsx"
    yield "/costs/by/?from=2026-05-20&as_of=2026-05-30T00:00:00Z"


def _costs_over_time(estate: Estate) -> Iterator[str]:
    yield "/costs/over-time/"
    yield "/costs/over-time/?format=json"
    yield "/costs/over-time/?format=csv"
    yield f"/costs/over-time/?q=tag:{estate.name}-key&from=2026-05-20&as_of=2026-05-30T00:00:00Z"


def _removing_budget(estate: Estate) -> list[str]:
    return [f"/costs/budgets/{estate.budget.pk}/remove/"]


def _completions(estate: Estate) -> Iterator[str]:
    for begun in ("", "account:", "region:", "tag:", f"tag:{estate.name}-key=", "state:"):
        yield f"/query/completions/?q={begun}&at={len(begun)}"


def _person(form: str) -> Callable[[Estate], list[str]]:
    return lambda estate: [f"/settings/users/{estate.view.owner_id}/{form}"]


def _group(form: str) -> Callable[[Estate], list[str]]:
    return lambda estate: [f"/settings/users/groups/{estate.grant.group_id}/{form}"]


def _revoking(estate: Estate) -> list[str]:
    return [f"/settings/users/grants/{estate.grant.pk}/revoke/"]


def _view(form: str) -> Callable[[Estate], list[str]]:
    return lambda estate: [f"/query/views/{estate.view.pk}/{form}/"]


TABLE: dict[str, Route] = {
    "favicon.ico": fixed(Who.ANYBODY, "/favicon.ico"),
    "sign-in/<str:token>/": fixed(Who.ANYBODY, "/sign-in/never-made/"),
    "invitation/<str:token>/": fixed(Who.ANYBODY, "/invitation/never-made/"),
    "accounts/login/": fixed(Who.ANYBODY, "/accounts/login/"),
    "accounts/inactive/": fixed(Who.ANYBODY, "/accounts/inactive/"),
    "accounts/logout/": fixed(Who.SIGNED_IN, "/accounts/logout/"),
    "accounts/password/set/": fixed(Who.SIGNED_IN, "/accounts/password/set/"),
    "accounts/password/change/": fixed(Who.SIGNED_IN, "/accounts/password/change/"),
    "accounts/reauthenticate/": fixed(Who.SIGNED_IN, "/accounts/reauthenticate/"),
    "accounts/mfa/": fixed(Who.ANYBODY, "/accounts/mfa/"),
    "accounts/mfa/leave/": fixed(Who.ANYBODY, "/accounts/mfa/leave/"),
    "accounts/mfa/reauthenticate/": fixed(Who.SIGNED_IN, "/accounts/mfa/reauthenticate/"),
    "accounts/oidc/login/": fixed(Who.ANYBODY, "/accounts/oidc/login/"),
    "accounts/oidc/callback/": fixed(Who.ANYBODY, "/accounts/oidc/callback/"),
    "": fixed(Who.GRANTED, "/"),
    "regions/": fixed(Who.GRANTED, "/regions/", "/regions/?region=eu-west-1&region=sa-east-1"),
    "regions/choose/": fixed(
        Who.GRANTED, "/regions/choose/", "/regions/choose/?near=eu-west-1&service=&types=m5.large&sort=fleet"
    ),
    "regions/<str:region>/": Route(Who.GRANTED, lambda estate: [f"/regions/{estate.region}/"]),
    "types/<slug:slug>/": Route(Who.GRANTED, _lists),
    "types/<slug:slug>/<int:pk>/": Route(Who.OWNER, _details),
    "ports/": fixed(Who.GRANTED, "/ports/", "/ports/?format=json", "/ports/?format=csv"),
    "findings/": fixed(
        Who.GRANTED, "/findings/", "/findings/?format=json", "/findings/?format=csv", "/findings/?state=closed"
    ),
    "findings/<slug:rule>/<int:pk>/": Route(Who.OWNER, _finding("")),
    "findings/<slug:rule>/<int:pk>/mute/": Route(Who.OWNER_FORM, _finding("mute/")),
    "findings/<slug:rule>/<int:pk>/unmute/": Route(Who.OWNER_FORM, _finding("unmute/")),
    "findings/<slug:rule>/<int:pk>/comment/": Route(Who.OWNER_FORM, _finding("comment/")),
    "changes/": fixed(Who.GRANTED, "/changes/", "/changes/?format=json", "/changes/?format=csv"),
    "costs/": fixed(Who.GRANTED, "/costs/", "/costs/?format=json", "/costs/?format=csv"),
    "costs/by/": Route(Who.GRANTED, _costs_by),
    "costs/over-time/": Route(Who.GRANTED, _costs_over_time),
    "costs/budgets/": fixed(
        Who.GRANTED, "/costs/budgets/", "/costs/budgets/?format=json", "/costs/budgets/?format=csv"
    ),
    "costs/budgets/set/": fixed(Who.FORM, "/costs/budgets/set/"),
    "costs/budgets/<int:pk>/remove/": Route(Who.OWN_FORM, _removing_budget),
    "costs/types/": fixed(Who.GRANTED, "/costs/types/"),
    "costs/types/<str:instance_type>/": fixed(
        Who.GRANTED, "/costs/types/m5.large/", "/costs/types/m5.large/?format=json"
    ),
    "costs/buy/": fixed(Who.GRANTED, "/costs/buy/", "/costs/buy/?format=json", "/costs/buy/?format=csv"),
    "costs/storage/": fixed(
        Who.GRANTED, "/costs/storage/", "/costs/storage/?format=json", "/costs/storage/?format=csv"
    ),
    "costs/storage/buckets/": fixed(Who.GRANTED, "/costs/storage/buckets/", "/costs/storage/buckets/?format=json"),
    "costs/waste/": fixed(Who.GRANTED, "/costs/waste/", "/costs/waste/?format=json", "/costs/waste/?format=csv"),
    "costs/bill/": fixed(Who.GRANTED, "/costs/bill/", "/costs/bill/?tag=team", "/costs/bill/?format=json"),
    "costs/commitments/": fixed(Who.GRANTED, "/costs/commitments/", "/costs/commitments/?format=json"),
    "costs/prices/": fixed(Who.GRANTED, "/costs/prices/", "/costs/prices/?format=json", "/costs/prices/?format=csv"),
    "costs/<int:pk>/": Route(Who.OWNER, lambda estate: [f"/costs/{estate.resources['ec2-instance'].pk}/"]),
    "compare/": Route(Who.OWNER, _comparisons),
    "search/": Route(Who.GRANTED, lambda estate: ["/search/", f"/search/?q={estate.name}"]),
    "query/": Route(Who.GRANTED, _queries),
    "query/completions/": Route(Who.GRANTED, _completions),
    "query/views/": fixed(Who.FORM, "/query/views/"),
    "query/views/<int:pk>/rename/": Route(Who.OWN_FORM, _view("rename")),
    "query/views/<int:pk>/share/": Route(Who.OWN_FORM, _view("share")),
    "query/views/<int:pk>/delete/": Route(Who.OWN_FORM, _view("delete")),
    "api/openapi.json": fixed(Who.ANYBODY, "/api/openapi.json"),
    "api/docs": fixed(Who.SIGNED_IN, "/api/docs"),
    "settings/mfa/": fixed(Who.SIGNED_IN, "/settings/mfa/"),
    "settings/mfa/app/": fixed(Who.SIGNED_IN, "/settings/mfa/app/"),
    "settings/mfa/app/off/": fixed(Who.SIGNED_IN, "/settings/mfa/app/off/"),
    "settings/mfa/codes/": fixed(Who.SIGNED_IN, "/settings/mfa/codes/"),
    "settings/mfa/codes/new/": fixed(Who.SIGNED_IN, "/settings/mfa/codes/new/"),
    "keys/": fixed(Who.SIGNED_IN, "/keys/"),
    "settings/you/": fixed(Who.SIGNED_IN, "/settings/you/"),
    "settings/tokens/": fixed(Who.SIGNED_IN, "/settings/tokens/"),
    "settings/tokens/<int:pk>/revoke/": fixed(Who.OWN_FORM, "/settings/tokens/1/revoke/"),
    "exports/": fixed(Who.SIGNED_IN, "/exports/"),
    "exports/now/": fixed(Who.SIGNED_IN, "/exports/now/"),
    "exports/<int:pk>/cancel/": fixed(Who.OWN_FORM, "/exports/1/cancel/"),
    "coverage/": fixed(Who.GRANTED, "/coverage/"),
    "coverage/snapshot/": fixed(Who.FORM, "/coverage/snapshot/"),
    "coverage/visits/<int:pk>/": Route(Who.OWNER, _visits),
    "coverage/snapshots/<int:pk>/cancel/": Route(Who.OPERATOR_FORM, _cancelling),
    "settings/accounts/": fixed(Who.OPERATOR, "/settings/accounts/"),
    "settings/accounts/add/": fixed(Who.OPERATOR, "/settings/accounts/add/"),
    "settings/accounts/<int:pk>/": Route(Who.OPERATOR, _settings("")),
    "settings/accounts/<int:pk>/settings/": Route(Who.OPERATOR_FORM, _settings("settings/")),
    "settings/accounts/<int:pk>/check/": Route(Who.OPERATOR_FORM, _settings("check/")),
    "settings/accounts/<int:pk>/pause/": Route(Who.OPERATOR_FORM, _settings("pause/")),
    "settings/accounts/<int:pk>/resume/": Route(Who.OPERATOR_FORM, _settings("resume/")),
    "settings/accounts/<int:pk>/archive/": Route(Who.OPERATOR_FORM, _settings("archive/")),
    "settings/accounts/<int:pk>/unarchive/": Route(Who.OPERATOR_FORM, _settings("unarchive/")),
    "settings/decisions/": fixed(
        Who.OPERATOR,
        "/settings/decisions/",
        "/settings/decisions/?format=json",
        "/settings/decisions/?format=csv",
        "/settings/decisions/?format=xlsx",
    ),
    "settings/users/": fixed(Who.OPERATOR, "/settings/users/"),
    "settings/users/invite/": fixed(Who.OPERATOR, "/settings/users/invite/"),
    "settings/users/grants/": fixed(Who.OPERATOR_FORM, "/settings/users/grants/"),
    "settings/users/grants/<int:pk>/revoke/": Route(Who.OPERATOR_FORM, _revoking),
    "settings/users/groups/": fixed(Who.OPERATOR_FORM, "/settings/users/groups/"),
    "settings/users/groups/join/": fixed(Who.OPERATOR_FORM, "/settings/users/groups/join/"),
    "settings/users/groups/leave/": fixed(Who.OPERATOR_FORM, "/settings/users/groups/leave/"),
    "settings/users/groups/<int:pk>/": Route(Who.OPERATOR, _group("")),
    "settings/users/groups/<int:pk>/rename/": Route(Who.OPERATOR_FORM, _group("rename/")),
    "settings/users/groups/<int:pk>/delete/": Route(Who.OPERATOR_FORM, _group("delete/")),
    "settings/users/<int:pk>/": Route(Who.OPERATOR, _person("")),
    "settings/users/<int:pk>/details/": Route(Who.OPERATOR_FORM, _person("details/")),
    "settings/users/<int:pk>/deactivate/": Route(Who.OPERATOR_FORM, _person("deactivate/")),
    "settings/users/<int:pk>/activate/": Route(Who.OPERATOR_FORM, _person("activate/")),
    "settings/users/<int:pk>/link/": Route(Who.OPERATOR_FORM, _person("link/")),
    "settings/users/<int:pk>/withdraw/": Route(Who.OPERATOR_FORM, _person("withdraw/")),
    "settings/users/<int:pk>/remove/": Route(Who.OPERATOR_FORM, _person("remove/")),
}


def paths(estate: Estate, *kinds: Who) -> list[str]:
    """The addresses of all routes of these kinds."""
    return [path for route in TABLE.values() if route.who in kinds for path in route.paths(estate)]


def routes() -> list[str]:
    """Every route of the resolver as it is written, the admin site's included."""
    return sorted(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Iterable[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        written = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, written)
        else:
            yield written
