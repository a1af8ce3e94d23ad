"""The last step of every way in: whoever proved who they are is asked for a code, if they have MFA, and signed in."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse


def let_in(request: HttpRequest, user: User) -> HttpResponse:
    """Sign a user in and lead home, by way of the page that asks for a code if MFA is on.

    A deactivated user is led to the page that says so. Whoever was signed in before in this browser no longer is.
    """
    if request.user.is_authenticated:
        logout(request)
    answer: HttpResponse = perform_login(request, user, redirect_url=settings.LOGIN_REDIRECT_URL)
    return answer
