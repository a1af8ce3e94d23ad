"""The page of one's own preferences, and the list of keys."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inventory.models import Preferences
from inventory.pages.reader import remember, zone_named, zone_names

UNKNOWN_ZONE = "“%(value)s” is no time zone that we know. Choose one of the list."


class PreferencesForm(forms.Form):
    """In which zone times are told, and whether single keys do something."""

    time_zone = forms.CharField(required=False, max_length=64)
    has_single_keys = forms.BooleanField(required=False)

    def clean_time_zone(self) -> str | None:
        """The name of a zone; None for UTC."""
        name: str = self.cleaned_data["time_zone"]
        if name and zone_named(name) is None:
            raise forms.ValidationError(UNKNOWN_ZONE, params={"value": name})
        return name or None


@dataclass(frozen=True, kw_only=True)
class PreferencesPage:
    """What the page shows."""

    form: PreferencesForm

    @property
    def zones(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The zones by continent: each by its name, its words and whether it is chosen."""
        chosen = self.form["time_zone"].value()
        return [
            (continent, [(name, _place_words(name), name == chosen) for name in names])
            for continent, names in groupby(zone_names(), key=lambda name: name.partition("/")[0])
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """The page; POST keeps the choices, 400 with the form kept if one is not possible."""
    user = _person(request)
    if request.method != "POST":
        chosen = Preferences.objects.filter(user=user).first() or Preferences()
        initial = {"time_zone": chosen.time_zone or "", "has_single_keys": chosen.has_single_keys}
        return _shown(request, PreferencesForm(initial=initial))
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, HTTPStatus.BAD_REQUEST)
    Preferences.objects.update_or_create(user=user, defaults=form.cleaned_data)
    reader = remember(request, user)
    keys = "do something" if reader.has_single_keys else "do nothing"
    messages.success(request, f"Kept: times are told in {reader.zone_words}, single keys {keys}.")
    return redirect("preferences")


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """What can be done by keyboard; the key `?` shows the same over any page."""
    return render(request, "inventory/keys.html")


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _shown(request: HttpRequest, form: PreferencesForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    context = {"page": PreferencesPage(form=form), "now": timezone.now()}
    return render(request, "inventory/preferences.html", context, status=status)


def _place_words(name: str) -> str:
    """`Buenos Aires, Argentina` for `America/Argentina/Buenos_Aires`."""
    _, _, place = name.partition("/")
    return ", ".join(reversed(place.replace("_", " ").split("/")))
