"""When a user was here last: a visit begins with the first page after half an hour of silence.

A page asks the database nothing for this as long as the session remembers that the visit was noted in the last five
minutes. The end of a visit is therefore known to five minutes, and never later than it was: what is counted since then
may have been seen already, but nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from inventory.models import LastVisit

SILENCE = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=5)
NOTED_AT = "visit_noted_at"


class LastVisitMiddleware:
    """Notes that a user is here, with every page that a person opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing before the view is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Note it, unless the page is for anybody, or a part that an open page fetches by itself."""
        is_for_users = getattr(view, "login_required", True)
        if is_for_users and request.headers.get("HX-Request") != "true" and request.user.is_authenticated:
            note_in_session(request, request.user)


def note_in_session(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Note a page of the user, unless that was done a moment ago."""
    now = timezone.now()
    noted_at = request.session.get(NOTED_AT)
    if noted_at is None or not timedelta(0) <= now - datetime.fromisoformat(noted_at) < NOTED_EVERY:
        note(user, now)
        request.session[NOTED_AT] = now.isoformat()


def note_sign_in(*, request: HttpRequest, user: AbstractBaseUser, **signal: object) -> None:
    """Note a sign-in as the page that it leads to; listens to `user_logged_in`."""
    note_in_session(request, user)


def note(user: AbstractBaseUser, now: datetime) -> None:
    """Prolong the visit that goes on, or begin the next one; of two pages at once, one counts."""
    known, is_new = LastVisit.objects.get_or_create(user_id=user.pk, defaults={"seen_at": now})
    if is_new or now <= known.seen_at:
        return
    changed = {"seen_at": now}
    if now - known.seen_at >= SILENCE:
        changed["before"] = known.seen_at
    LastVisit.objects.filter(user_id=user.pk, seen_at=known.seen_at).update(**changed)


def end_of_last_visit(request: HttpRequest) -> datetime | None:
    """When the user's visit before this one ended; None if this is the first, or nobody is signed in."""
    if not request.user.is_authenticated:
        return None
    return LastVisit.objects.filter(user_id=request.user.pk).values_list("before", flat=True).first()
