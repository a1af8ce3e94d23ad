"""From the handle of the ruler to an address: a form can only send the day on which it stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from inventory.pages.moments import spell_moment
from inventory.pages.ruler import end_of
from inventory.pages.scope import BadAddress, PageScope
from inventory.pages.taken import taken_until

DAY = "ruler"
"""The parameter by which the ruler's form sends its day, counted from 1 January of the year 1."""


def from_ruler(request: HttpRequest) -> HttpResponseRedirect | None:
    """Lead the ruler's form to the same page at the last snapshot of its day; None for any other request.

    A day before every snapshot is read at its end, and one that has not ended is now.
    """
    if DAY not in request.GET or request.method not in ("GET", "HEAD"):
        return None
    query = request.GET.copy()
    text = query.pop(DAY)[-1]
    query.pop("as_of", None)
    try:
        end = end_of(int(text))
    except ValueError:
        raise BadAddress(f"“{text}” is no day of the ruler. Write a moment as as_of=2026-04-01 instead.") from None
    if end is not None:
        scope = PageScope.from_request(request)
        last = taken_until((*scope.chosen, *scope.pruned), end, 1)
        query["as_of"] = spell_moment(last[0].at if last else end)
    return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)
