"""Who reads a page: in which zone times are told, and whether single keys do something.

Both are preferences of the person. The session remembers them for five minutes, so that pages ask the database nothing
for them; in another browser of the same person a new choice counts after that time at the latest. Exports, the API and
everything in an address stay UTC, because they are read by others too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from inventory.models import Preferences
from inventory.pages.formats import FORMATS
from inventory.pages.moments import spell_moment
from inventory.pages.ruler_address import from_ruler
from inventory.pages.scope import BadAddress

READ_EVERY = timedelta(minutes=5)
IN_SESSION = "reader"
WRITTEN_IN = "times_in"
"""The parameter by which a form says in which zone its moments are written."""
MOMENTS = ("as_of", "from", "to")
NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")
"""Zones that name no place, and old names of zones that do."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What the person who reads a page chose."""

    zone: ZoneInfo | None = None
    """None: none was chosen, and times are UTC."""
    has_single_keys: bool = True

    @property
    def zone_words(self) -> str:
        """The zone in which times are told: `America/New York`, or `UTC`."""
        return self.zone.key.replace("_", " ") if self.zone else "UTC"


class ReaderMiddleware:
    """Tells times in the reader's zone while a page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Whoever is served next by this thread begins with UTC."""
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Take the reader's zone, unless the page is for anybody or the answer is an export."""
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        reader = _reader_of(request, request.user)
        request.reader = reader  # type: ignore[attr-defined]
        if request.GET.get("format") not in FORMATS:
            timezone.activate(reader.zone or UTC)
        return from_ruler(request) or _spelled_in_utc(request)


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone that names a place, `Europe/Berlin`, by name."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES)))


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name; None if there is none, or no longer."""
    return ZoneInfo(name) if name in zone_names() else None


def remember(request: HttpRequest, user: AbstractBaseUser) -> Reader:
    """Read what the user chose, and keep it in the session."""
    found = Preferences.objects.filter(user_id=user.pk).first() or Preferences()
    request.session[IN_SESSION] = {
        "zone": found.time_zone,
        "has_single_keys": found.has_single_keys,
        "read_at": timezone.now().isoformat(),
    }
    return _from_session(request.session[IN_SESSION])


def remember_at_sign_in(*, request: HttpRequest, user: AbstractBaseUser, **signal: object) -> None:
    """Read it before the first page; listens to `user_logged_in`."""
    remember(request, user)


def _reader_of(request: HttpRequest, user: AbstractBaseUser) -> Reader:
    known = request.session.get(IN_SESSION)
    if known and timedelta(0) <= timezone.now() - datetime.fromisoformat(known["read_at"]) < READ_EVERY:
        return _from_session(known)
    return remember(request, user)


def _from_session(known: dict[str, Any]) -> Reader:
    return Reader(zone=zone_named(known["zone"] or ""), has_single_keys=known["has_single_keys"])


def _spelled_in_utc(request: HttpRequest) -> HttpResponseBase | None:
    """Lead a form whose moments are written in a zone to the same page with moments in UTC, which mean the same to all.

    Of an hour that comes twice when clocks go back, the first is meant.
    """
    name = request.GET.get(WRITTEN_IN)
    if name is None or request.method not in ("GET", "HEAD"):
        return None
    zone = zone_named(name)
    if zone is None:
        raise BadAddress(f"“{name}” is no time zone that we know. Write one like Europe/Berlin, or none for UTC.")
    query = request.GET.copy()
    del query[WRITTEN_IN]
    for key in MOMENTS:
        if key in query:
            query.setlist(key, [_in_utc(text, zone) for text in query.getlist(key)])
    return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)


def _in_utc(text: str, zone: ZoneInfo) -> str:
    """The moment in UTC; a text that is none stays as it is, for the page to say so."""
    try:
        moment = datetime.fromisoformat(text)
        return spell_moment(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return text
