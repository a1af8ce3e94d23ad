"""Who comes in from the OpenID Connect provider, as which user, and in which groups."""

from __future__ import annotations

import logging
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render

from audit.models import Kind, record
from sign_in.provider import PROVIDER_ID, OpenIDProvider, ProviderFault, configured_app

log = logging.getLogger(__name__)

PROVIDER = "single sign-on"
"""Who decides what follows from what the provider says."""


class Why(StrEnum):
    """Why somebody whom the provider knows is not let in."""

    UNVERIFIED = "unverified"
    """The provider does not vouch for the e-mail address, by which the user would be found."""
    DOMAIN = "domain"
    """The e-mail address is of no domain that may come in."""
    UNKNOWN = "unknown"
    """Nobody here has this e-mail address, and users are not made by themselves."""
    AMBIGUOUS = "ambiguous"
    """Several users have this e-mail address."""
    TAKEN = "taken"
    """The user with this e-mail address belongs to another person of the same provider."""


class NotLetIn(Exception):
    """The person stays outside, for the reason it carries."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """One provider, which stands in settings; whom it sends is let in here or told why not."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The client that settings describe, never one of the database, where its secret has no place."""
        if not settings.OIDC_ISSUER:
            return []
        app = configured_app()
        is_asked_for = provider in (None, app.provider, app.provider_id) and client_id in (None, app.client_id)
        return [app] if is_asked_for else []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never: whoever may have a user has got one before allauth asks."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the user, or answer with the page that says why not."""
        try:
            admit(request, sociallogin)
        except NotLetIn as refused:
            log.warning("somebody from the provider was not let in: %s", refused.why.value)
            context = {"why": refused.why.value, "provider": settings.OIDC_NAME}
            page = render(request, "sign_in/not_let_in.html", context, status=HTTPStatus.FORBIDDEN)
            raise ImmediateHttpResponse(page) from refused

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: OpenIDProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Answer with a page that says what to do; the log has the kind of the fault, and nothing that was sent."""
        if error == AuthError.CANCELLED:
            what, status = "cancelled", HTTPStatus.FORBIDDEN
        elif exception is not None or "state" in (extra_context or {}):
            # The state was known: whatever went wrong did so at the provider.
            what, status = "fault", HTTPStatus.BAD_GATEWAY
        else:
            what, status = "stale", HTTPStatus.BAD_REQUEST
        log.warning("signing in through the provider failed: %s %s", what, _harmless(exception))
        context = {"what": what, "provider": settings.OIDC_NAME}
        raise ImmediateHttpResponse(render(request, "sign_in/provider_failed.html", context, status=status))


@transaction.atomic
def admit(request: HttpRequest, login: SocialLogin) -> None:
    """Connect a person with a user of ours, who is made if settings say so, and follow the provider's groups.

    Raises NotLetIn, and changes nothing then. Whoever came before is known by issuer and subject; the e-mail address
    only finds the user at the first time, because addresses are given to other people later.
    """
    claims = login.account.extra_data
    email = _vouched_email(claims)
    _check_domain(claims, email)
    if not login.is_existing:
        login.connect(request, _user_of(claims, email))
        log.info("%s came from the provider for the first time", login.user.get_username())
    _follow_groups(login.user, claims)


def _harmless(exception: Exception | None) -> str:
    """What a log may say of a fault: our own words whole, of others only the kind, since they may quote an answer."""
    if exception is None:
        return ""
    ours = isinstance(exception, ProviderFault)
    return str(exception) if ours else type(exception).__name__


def _vouched_email(claims: dict[str, Any]) -> str:
    """The e-mail address that the provider vouches for, or nothing."""
    is_vouched = claims.get("email_verified") is True or settings.OIDC_TRUST_EMAIL
    return str(claims.get("email") or "") if is_vouched else ""


def _check_domain(claims: dict[str, Any], email: str) -> None:
    domains = [domain.lower() for domain in settings.OIDC_EMAIL_DOMAINS]
    if not domains:
        return
    if not email:
        raise NotLetIn(Why.UNVERIFIED)
    if email.rpartition("@")[2].lower() not in domains:
        raise NotLetIn(Why.DOMAIN)


def _user_of(claims: dict[str, Any], email: str) -> User:
    """The user who has this e-mail address, else a new one without any grant, if settings say so."""
    found = list(User.objects.filter(email__iexact=email)[:2]) if email else []
    if len(found) > 1:
        raise NotLetIn(Why.AMBIGUOUS)
    if found:
        known = SocialAccount.objects.filter(user=found[0], provider=PROVIDER_ID, extra_data__iss=claims["iss"])
        if known.exists():
            raise NotLetIn(Why.TAKEN)
        return found[0]
    if not settings.OIDC_NEW_USERS:
        raise NotLetIn(Why.UNKNOWN if email else Why.UNVERIFIED)
    made = User.objects.create_user(
        get_adapter().generate_unique_username([claims.get("preferred_username"), email, "person"]),
        email=email,
        first_name=str(claims.get("given_name") or "")[:150],
        last_name=str(claims.get("family_name") or "")[:150],
    )
    record(PROVIDER, Kind.ADDED, f"added {made.username}", whom=made.username)
    return made


def _follow_groups(user: User, claims: dict[str, Any]) -> None:
    """Make the user a member of those mapped groups that the claim names, and of no other mapped one.

    Groups that settings do not map are left alone. A claim that is missing names no group: some providers leave it out
    when somebody's last group is taken away.
    """
    named = claims.get(settings.OIDC_GROUPS_CLAIM)
    theirs = {named} if isinstance(named, str) else set(map(str, named)) if isinstance(named, list) else set()
    wanted = {ours for their, ours in settings.OIDC_GROUPS if their in theirs}
    had = set(user.groups.values_list("name", flat=True))
    for name in sorted({ours for _, ours in settings.OIDC_GROUPS}):
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            record(PROVIDER, Kind.GROUP_MADE, f"made the group {name}", whom=name)
        if name in wanted - had:
            user.groups.add(group)
            record(PROVIDER, Kind.JOINED, f"put {user.username} into the group {name}", whom=user.username)
        elif name in had - wanted:
            user.groups.remove(group)
            record(PROVIDER, Kind.LEFT, f"took {user.username} out of the group {name}", whom=user.username)
