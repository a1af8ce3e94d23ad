"""The two addresses of single sign-on: the one that leads to the provider, and the one it leads back to."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sign_in.provider import OpenIDProvider, ProviderAdapter


@login_not_required
@require_safe
def to_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, with a state that only this session knows and a PKCE challenge.

    It answers to GET, because a policy of `form-action 'self'` lets no form lead to another host. Nothing that the
    address says reaches the provider: only `next`, which stays here, is read.
    """
    provider = _provider(request)
    try:
        answer: HttpResponse = provider.redirect(request, process="login", next_url=get_next_redirect_url(request))
    except OAuth2Error as error:
        answer = render_authentication_error(request, provider, exception=error)
    return answer


@login_not_required
@require_safe
def from_provider(request: HttpRequest) -> HttpResponse:
    """Exchange the code that the provider sent for who the person is, and let them in."""
    provider = _provider(request)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(ProviderAdapter(request))(request)
    except OAuth2Error as error:
        answer = render_authentication_error(request, provider, exception=error)
    return answer


def _provider(request: HttpRequest) -> OpenIDProvider:
    """The provider that settings name; raises Http404 when they name none."""
    if not settings.OIDC_ISSUER:
        raise Http404
    provider: OpenIDProvider = get_adapter().get_provider(request, OpenIDProvider.id)
    return provider
