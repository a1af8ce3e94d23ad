"""The page of one's own tokens: making one, which shows its secret once, and taking one back.

The secret is shown in the answer to the form itself. A redirect would have to keep it somewhere until the next request,
and sessions live in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from api.models import LONGEST, Scope, Token

LIFETIMES = {7: "7 days", 30: "30 days", 90: "90 days", 180: "180 days", LONGEST.days: "1 year"}
USUAL_DAYS = 90
SCOPES = {
    Scope.INVENTORY: "Resources, changes, open ports, findings and coverage",
    Scope.COSTS: "The comparison of costs, and prices beside resources",
    Scope.PEOPLE: "People, groups, grants and decisions",
}
FOR_OPERATORS = frozenset({Scope.PEOPLE})
"""What opens nothing to others, who are not asked about it."""


class TokenForm(forms.Form):
    """What a new token is for, what it may be asked for, and for how long."""

    name = forms.CharField(max_length=64, error_messages={"required": "Say what the token is for, in a word or two."})
    scopes = forms.MultipleChoiceField(
        error_messages={
            "required": "Choose what the token may read.",
            "invalid_choice": "%(value)s is no scope that a token of yours can have.",
        }
    )
    days = forms.TypedChoiceField(
        choices=list(LIFETIMES.items()),
        coerce=int,
        error_messages={"invalid_choice": f"Choose one of {', '.join(LIFETIMES.values())}."},
    )

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._possible = [scope for scope in SCOPES if owner.is_superuser or scope not in FOR_OPERATORS]
        scopes = cast(forms.MultipleChoiceField, self.fields["scopes"])
        scopes.choices = [(scope.value, SCOPES[scope]) for scope in self._possible]

    @property
    def scope_choices(self) -> list[tuple[str, str, bool]]:
        """Each scope, its words, and whether it is chosen."""
        chosen = self["scopes"].value() or []
        return [(scope.value, SCOPES[scope], scope.value in chosen) for scope in self._possible]

    @property
    def lifetime_choices(self) -> list[tuple[int, str, bool]]:
        """Each lifetime in days, its words, and whether it is chosen."""
        chosen = str(self["days"].value())
        return [(days, words, str(days) == chosen) for days, words in LIFETIMES.items()]


@dataclass(frozen=True, kw_only=True)
class TokensPage:
    """What the page shows."""

    form: TokenForm
    tokens: list[Token]
    made: Token | None = None
    secret: str = ""
    """The secret of the token that was made just now."""

    @property
    def usable(self) -> list[Token]:
        """Those that open something."""
        return [token for token in self.tokens if token.is_usable]

    @property
    def spent(self) -> list[Token]:
        """Those that were revoked or have expired."""
        return [token for token in self.tokens if not token.is_usable]


@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The page; POST makes a token and shows its secret, 400 with the form kept if it cannot be made."""
    owner = _owner(request)
    empty = TokenForm(initial={"scopes": [Scope.INVENTORY.value], "days": USUAL_DAYS}, owner=owner)
    if request.method != "POST":
        return _shown(request, TokensPage(form=empty, tokens=_tokens_of(owner)))
    form = TokenForm(request.POST, owner=owner)
    if not form.is_valid():
        return _shown(request, TokensPage(form=form, tokens=_tokens_of(owner)), HTTPStatus.BAD_REQUEST)
    made, secret = Token.objects.issue(
        owner,
        name=form.cleaned_data["name"],
        scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
        lifetime=timedelta(days=form.cleaned_data["days"]),
    )
    return _shown(request, TokensPage(form=empty, tokens=_tokens_of(owner), made=made, secret=secret))


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one of one's own tokens; 404 for any other."""
    token = get_object_or_404(Token, pk=pk, owner=_owner(request))
    Token.objects.revoke(_owner(request).username, pk=token.pk)
    messages.success(request, f"{token.name} is revoked: it opens nothing from now on.")
    return redirect("tokens")


def _owner(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _tokens_of(owner: User) -> list[Token]:
    return list(Token.objects.filter(owner=owner))


def _shown(request: HttpRequest, page: TokensPage, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return render(request, "api/tokens.html", {"page": page}, status=status)
