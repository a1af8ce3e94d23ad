"""Who asks: the owner of a token, or whoever is signed in in this browser.

A token that is sent is the only thing that counts: a wrong one is refused although the browser may be signed in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from ninja.security import APIKeyCookie, HttpBearer

from api.models import Scope, Token, TokenRefused
from api.problems import Kind, Refused


@dataclass(frozen=True)
class Caller:
    """Who asks, and for what at most."""

    user: User
    scopes: Collection[str]


class BearerToken(HttpBearer):
    """`Authorization: Bearer sky_...`; the request is then its owner's."""

    @sensitive_variables("token")
    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The token's owner; Refused if it opens nothing."""
        try:
            found = Token.objects.find(token.strip())
        except TokenRefused as refused:
            raise Refused(Kind.UNAUTHORIZED, str(refused)) from None
        request.user = found.owner
        return Caller(found.owner, frozenset(found.scopes))


class SignedIn(APIKeyCookie):
    """The session cookie of the pages; it has every scope, and everything here only reads."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        """The user of the session, if there is one."""
        if isinstance(request.user, User) and request.user.is_active:
            return Caller(request.user, frozenset(Scope))
        return None


def may(request: HttpRequest, scope: Scope) -> bool:
    """Whether whoever asks has the scope."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return scope in caller.scopes
