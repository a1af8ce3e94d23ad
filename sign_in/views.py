"""The page of a one-time sign-in link, setting up an authenticator app, and the answer to a form from elsewhere."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from sign_in.entrance import let_in
from sign_in.forms import ActivateTOTPForm
from sign_in.models import LinkRefused, Refusal, SignInLink
from sign_in.users import FIRST_USERNAME, first_superuser


@sensitive_variables("token")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; pressing it uses the link up and signs in.

    Looking uses nothing up, because browsers and mail programs fetch addresses ahead of their reader.
    """
    try:
        response = _sign_in(request, token) if request.method == "POST" else _show(request, token)
    except LinkRefused as refused:
        status = HTTPStatus.NOT_FOUND if refused.reason is Refusal.WRONG else HTTPStatus.GONE
        response = render(request, "sign_in/link_refused.html", {"reason": refused.reason.value}, status=status)
    # The token must not travel in a Referer. Stricter still, no-referrer would make browsers send "Origin: null" with
    # the form, which Django's protection against forged forms rightly refuses.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _show(request: HttpRequest, token: str) -> HttpResponse:
    link = SignInLink.objects.find(token)
    user = link.user or first_superuser()
    name = user.get_username() if user else FIRST_USERNAME
    return render(request, "sign_in/link.html", {"name": name, "expires_at": link.expires_at})


def _sign_in(request: HttpRequest, token: str) -> HttpResponse:
    user = SignInLink.objects.use_up(token)
    answer = let_in(request, user)
    if request.user.is_authenticated and not user.has_usable_password():
        offer = '<a href="{}">Set a password</a> to sign in without a link next time.'
        messages.info(request, format_html(offer, reverse("account_set_password")))
    return answer


class SetUpAppView(ActivateTOTPView):  # type: ignore[misc]
    """Turns MFA on with the first code of an app; that code is proof enough to see the recovery codes that follow."""

    def form_valid(self, form: ActivateTOTPForm) -> HttpResponse:
        """Store the key, and remember that the user just proved to have it."""
        answer: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", reauthenticated=True)
        return answer


@login_not_required
@require_POST
def leave_sign_in(request: HttpRequest) -> HttpResponse:
    """Forget a sign-in that waits for its code, so that another user can sign in in this browser."""
    logout(request)
    return redirect("account_login")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form that this site did not hand out, or that was open for too long."""
    return render(request, "403_csrf.html", {"reason": reason}, status=HTTPStatus.FORBIDDEN)
