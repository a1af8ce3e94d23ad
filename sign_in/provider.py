"""The OpenID Connect provider that settings name, as allauth asks it. allauth finds this module by its name.

Sources: OpenID Connect Core 1.0 and Discovery 1.0. The signature of an ID token is not checked, as section 3.1.3.7 of
Core allows: it comes straight from the provider, which settings let be reached by https only.
"""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from requests import RequestException

PROVIDER_ID = "oidc"
ADDRESSES = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
KEPT = ("iss", "sub", "email", "email_verified", "preferred_username", "given_name", "family_name")
"""The claims that are stored of a person, and the one that names groups."""


def configured_app() -> SocialApp:
    """The client that settings describe, as allauth wants it; it is never saved, and so neither is its secret."""
    return SocialApp(
        provider=OpenIDProvider.id,
        provider_id=PROVIDER_ID,
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={
            "server_url": f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration",
            "scope": settings.OIDC_SCOPES,
            "oauth_pkce_enabled": True,
        },
    )


class ProviderFault(OAuth2Error):  # type: ignore[misc]
    """The provider does not keep to the standard, is away, or is another one; the message quotes no token."""


class ProviderAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Speaks with the provider, and believes it only where it keeps to the standard."""

    def __init__(self, request: HttpRequest, provider_id: str = PROVIDER_ID) -> None:
        super().__init__(request, provider_id)

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself; raises ProviderFault where it is away or is not the one of settings."""
        try:
            config: dict[str, Any] = super().openid_config
        except (RequestException, ValueError) as error:
            raise ProviderFault("the provider's configuration cannot be read") from error
        # Discovery 1.0, section 4.3: the issuer must be the one that was asked for, to the letter.
        if config.get("issuer") != settings.OIDC_ISSUER:
            raise ProviderFault(f"the provider calls itself {config.get('issuer')!r}, and OIDC_ISSUER is another")
        missing = [name for name in ADDRESSES if not config.get(name)]
        if missing:
            raise ProviderFault(f"the provider's configuration lacks {', '.join(missing)}")
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Where the provider sends people back to: always below PUBLIC_URL, because the provider knows one address."""
        return f"{settings.PUBLIC_URL}{reverse('oidc-callback')}"

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """The person whom the provider's answer names; raises ProviderFault without an ID token."""
        if not kwargs["response"].get("id_token"):
            raise ProviderFault("the provider sent no ID token")
        return super().complete_login(request, app, token, **kwargs)


class OpenIDProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Reads who somebody is from the ID token and the answer of the userinfo endpoint together."""

    oauth2_adapter_class = ProviderAdapter

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The SHA-256 of issuer and subject, which only together name a person for ever (Core 1.0, section 5.7)."""
        claims = _claims(data)
        return hashlib.sha256(f"{claims['iss']}\n{claims['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is stored of a person: no more than signing in needs."""
        return {name: value for name, value in _claims(data).items() if name in (*KEPT, settings.OIDC_GROUPS_CLAIM)}


def _claims(data: dict[str, Any]) -> dict[str, Any]:
    """All claims, the newer ones of userinfo first; raises ProviderFault when the two speak of different people."""
    token, userinfo = data["id_token"], data["userinfo"]
    if not token.get("sub") or userinfo.get("sub") != token["sub"]:
        # Core 1.0, section 5.3.2: the answer of the userinfo endpoint must not be used then.
        raise ProviderFault("the ID token and the userinfo endpoint name different subjects")
    return {**token, **userinfo, "iss": token["iss"], "sub": token["sub"]}


provider_classes = [OpenIDProvider]
