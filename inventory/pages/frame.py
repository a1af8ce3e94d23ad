"""The frame around every page: navigation, the account picker and the ruler that says which moment is read.

`{% ledger_frame as frame %}` in `templates/base.html` gathers it. It costs six queries, one more in the past; two of
them (what there is, and how fresh, summed up over accounts) are shared with the page inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import count
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import get_script_prefix, reverse

from inventory.models import Account
from inventory.pages.extensions import extensions
from inventory.pages.freshness import Mark, Summary
from inventory.pages.moments import spell_moment
from inventory.pages.operators import is_operator
from inventory.pages.query.saved import OpenView, open_views
from inventory.pages.region_names import region_name
from inventory.pages.ruler import Ruler, ruler_of
from inventory.pages.scope import PageScope
from inventory.pages.taken import Taken, taken_after, taken_until
from inventory.registry import GLOBAL, Category, resource_types

MOMENTS_BEFORE, MOMENTS_AFTER = 8, 4
VIEWS_SHOWN = 8
PAGE_PLACES = ("cursor",)
"""Parameters that mean a place in one listing, so that another moment or account drops them."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the navigation."""

    label: str
    url: str
    icon: str = ""
    number: int | None = None
    note: str = ""
    freshness: Summary | None = None
    is_current: bool = False
    key: str = ""
    """What leads there after `g`."""


@dataclass(frozen=True, kw_only=True)
class TypeGroup:
    """The types of one category that stand in the navigation."""

    label: str
    entries: list[Entry]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A snapshot whose moment can be chosen, and the page at that moment."""

    taken: Taken
    url: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class MomentBar:
    """Which moment the page shows, and how to choose another one."""

    as_of: datetime | None
    newest: datetime | None
    """The newest snapshot at that moment; None if none was finished by then."""
    ruler: Ruler | None
    """None before the first snapshot."""
    is_pruned: bool
    """Whether the past of any of the accounts was forgotten."""
    nearby: Sequence[Moment]
    """The snapshots around the moment, the newest first."""
    earlier: Moment | None
    later: Moment | None
    back_to_now: str
    changes_since: str
    """What changed since the moment; of now, since the snapshot before."""
    kept_parameters: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Archived:
    """The account of the page, which counts as gone: since when and why, and when its rows were last read."""

    account: Account
    last_read_at: datetime | None
    """The newest complete look; None if it was never read."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """An account whose history of the page's moment was deleted, and the page at the first moment that was kept."""

    account: Account
    first_url: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """All that surrounds a page."""

    scope: PageScope
    home_url: str
    menu: list[Entry]
    views: list[OpenView]
    """Every saved view; `shown_views` are those of the navigation."""
    shown_views: list[Entry]
    types: list[TypeGroup]
    empty_types: list[Entry]
    """Types of which there is nothing, and those that nobody has looked for."""
    regions: list[Entry]
    quiet_regions: int
    """Regions that were read and hold nothing; Coverage has them."""
    coverage_url: str
    accounts: list[Entry]
    archived_accounts: list[Entry]
    moment: MomentBar
    archived: Archived | None
    pruned: list[Pruned]


def gather_frame(request: HttpRequest) -> Frame:
    """The frame of one page, for the signed-in user's accounts only."""
    scope = PageScope.from_request(request)
    regions = list(_regions(request, scope))
    shown = [entry for entry in regions if entry.number or _needs_words(entry.freshness)]
    views = open_views(scope)
    types, empty_types = _types(request, scope)
    return Frame(
        scope=scope,
        home_url=address(scope, "home"),
        menu=_menu(request, scope),
        views=views,
        shown_views=[_view(request, scope, one) for one in views[:VIEWS_SHOWN]],
        types=types,
        empty_types=empty_types,
        regions=shown,
        quiet_regions=len(regions) - len(shown),
        coverage_url=address(scope, "coverage"),
        accounts=list(_accounts(request, scope)),
        archived_accounts=[_account_entry(request, scope, account) for account in scope.archived],
        moment=_moment_bar(request, scope),
        archived=_archived(scope),
        pruned=[
            Pruned(account=account, first_url=here(request, as_of=spell_moment(account.history_from)))
            for account in scope.pruned
            if account.history_from is not None
        ],
    )


def address(scope: PageScope, name: str, *path: object, **parameters: object) -> str:
    """The address of another page for the same accounts and moment; `parameters` are added to its query string."""
    query = {key: str(value) for key, value in parameters.items()}
    query |= {key: value for key, value in scope.url_parameters.items() if key not in query}
    url = path_of(name, *path)
    return f"{url}?{urlencode(query)}" if query else url


def path_of(name: str, *path: object) -> str:
    """The path of a page; pages lead to hundreds of others, and mostly to the same ones."""
    return _reversed(get_script_prefix(), name, path)


@lru_cache(maxsize=10_000)
def _reversed(_prefix: str, name: str, path: tuple[object, ...]) -> str:
    return reverse(name, args=path)


def in_scope(scope: PageScope, url: str) -> str:
    """An address with the account and moment of the page, unless it names others."""
    if not scope.url_parameters:
        return url
    path, _, rest = url.partition("?")
    query = QueryDict(rest, mutable=True)
    for key, value in scope.url_parameters.items():
        query.setdefault(key, value)
    return _with_query(path, query)


def _menu(request: HttpRequest, scope: PageScope) -> list[Entry]:
    entries = [
        ("Home", "home", "home", "h"),
        ("Changes", "changes", "git-compare", "c"),
        ("Open ports", "open-ports", "shield-x", "p"),
        ("Findings", "findings", "alert-triangle", "f"),
        ("Query", "query", "code", "q"),
        *((one.label, one.url_name, one.icon, one.key) for one in extensions.menu if not one.is_for_operators),
    ]
    coverage = address(scope, "coverage")
    return [
        *(_entry(request, label, address(scope, name), icon=icon, key=key) for label, name, icon, key in entries),
        _entry(request, "Coverage", coverage, icon="layout-grid", key="v", note=scope.standings.share),
        *(_operators_menu(request) if is_operator(request) else ()),
    ]


def _operators_menu(request: HttpRequest) -> list[Entry]:
    """What only operators know of: settings, which are of no account and of no moment."""
    added = (one for one in extensions.menu if one.is_for_operators)
    return [
        _entry(request, "Accounts", reverse("accounts"), icon="key", key="a"),
        *(_entry(request, one.label, reverse(one.url_name), icon=one.icon, key=one.key) for one in added),
    ]


def _view(request: HttpRequest, scope: PageScope, one: OpenView) -> Entry:
    url = address(scope, "query", q=one.view.query)
    is_current = request.path == reverse("query") and request.GET.get("q", "").strip() == one.view.query
    return Entry(label=one.view.name, url=url, is_current=is_current)


def _types(request: HttpRequest, scope: PageScope) -> tuple[list[TypeGroup], list[Entry]]:
    """The types that hold something by category, the one of this page with them; and all others."""
    totals: Counter[str] = Counter()
    for place, number in scope.counts.items():
        totals[place.type] += number
    groups, empty, keys = [], [], count(1)
    for category in Category:
        shown = []
        for one in resource_types():
            if one.category is not category:
                continue
            url = address(scope, "resource-list", one.slug)
            held = totals[one.slug] if totals[one.slug] or scope.standings.was_read([one.slug]) else None
            entry = _entry(request, one.plural, url, icon=one.icon, number=held, note="never read")
            if held or entry.is_current:
                key = next(keys)
                shown.append(replace(entry, key=str(key) if key < 10 else ""))
            else:
                empty.append(entry)
        if shown:
            groups.append(TypeGroup(label=category.value, entries=shown))
    return groups, empty


def _regions(request: HttpRequest, scope: PageScope) -> Iterator[Entry]:
    """Every region that was read or holds something, the fullest first."""
    totals: Counter[str] = Counter(dict.fromkeys(scope.standings.regions - {GLOBAL}, 0))
    for place, number in scope.held.items():
        if place.region is not None:
            totals[place.region] += number
    for region, number in sorted(totals.items(), key=lambda item: (-item[1], region_name(item[0]))):
        url = address(scope, "region", region)
        yield _entry(request, region_name(region), url, number=number, freshness=scope.standings.of_region(region))


def _accounts(request: HttpRequest, scope: PageScope) -> Iterator[Entry]:
    """All together, and each that is not archived."""
    yield Entry(label="All accounts", url=here(request, account=None), is_current=scope.account is None)
    for account in scope.visible:
        if account not in scope.archived:
            yield _account_entry(request, scope, account)


def _account_entry(request: HttpRequest, scope: PageScope, account: Account) -> Entry:
    url = here(request, account=account.name)
    return Entry(label=account.name, url=url, is_current=scope.account == account)


def _archived(scope: PageScope) -> Archived | None:
    if scope.account is None or not scope.shows_archived:
        return None
    read = [state.read_at for state in scope.states if state.read_at]
    return Archived(account=scope.account, last_read_at=max(read, default=None))


def _moment_bar(request: HttpRequest, scope: PageScope) -> MomentBar:
    # Where the history was pruned there are moments all the same, later ones, and they are the way out.
    accounts = (*scope.chosen, *scope.pruned)
    until = taken_until(accounts, scope.as_of, MOMENTS_BEFORE)
    after = [] if scope.as_of is None else taken_after(accounts, scope.as_of, MOMENTS_AFTER)
    nearby = [
        Moment(taken=one, url=here(request, as_of=spell_moment(one.at)), is_current=one.at == scope.as_of)
        for one in (*after[::-1], *until)
    ]
    shown = nearby[len(after) :]
    # At a moment between two snapshots, the one before it is what the page shows already, and a step back all the same.
    is_between = scope.as_of is not None and bool(shown) and not shown[0].is_current
    before = shown if is_between else shown[1:]
    return MomentBar(
        as_of=scope.as_of,
        newest=until[0].at if until else None,
        ruler=ruler_of(accounts, scope.as_of),
        is_pruned=any(account.history_from for account in accounts),
        nearby=nearby,
        earlier=before[0] if before else None,
        later=nearby[len(after) - 1] if after else None,
        back_to_now=here(request, as_of=None),
        changes_since=_changes_since(scope, scope.as_of or (before[0].taken.at if before else None)),
        kept_parameters=[
            (key, value)
            for key, values in request.GET.lists()
            for value in values
            if key not in ("as_of", *PAGE_PLACES)
        ],
    )


def _changes_since(scope: PageScope, moment: datetime | None) -> str:
    """The changes from a moment until now."""
    query = QueryDict(mutable=True)
    if scope.account is not None:
        query["account"] = scope.account.name
    if moment is not None:
        query["from"] = spell_moment(moment)
    return _with_query(reverse("changes"), query)


def _entry(
    request: HttpRequest,
    label: str,
    url: str,
    *,
    icon: str = "",
    number: int | None = None,
    note: str = "",
    freshness: Summary | None = None,
    key: str = "",
) -> Entry:
    path = url.partition("?")[0]
    is_current = request.path == path or (path != reverse("home") and request.path.startswith(path))
    return Entry(
        label=label, url=url, icon=icon, number=number, note=note, freshness=freshness, is_current=is_current, key=key
    )


def here(request: HttpRequest, **changes: str | None) -> str:
    """This page with other parameters; None removes one."""
    query = request.GET.copy()
    for key in PAGE_PLACES:
        query.pop(key, None)
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = value
    return _with_query(request.path, query)


def _with_query(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path


def _needs_words(freshness: Summary | None) -> bool:
    return freshness is not None and freshness.mark is not Mark.FRESH
