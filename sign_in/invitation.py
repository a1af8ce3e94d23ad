"""The page of an invitation, where whoever was invited chooses a password."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from sign_in.entrance import let_in
from sign_in.forms import SetPasswordForm
from sign_in.models import Invitation, LinkRefused, Refusal


@sensitive_post_parameters()
@sensitive_variables("token")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password; storing one uses the invitation up and signs in. Looking uses nothing up."""
    try:
        response = _answer(request, token)
    except LinkRefused as refused:
        status = HTTPStatus.NOT_FOUND if refused.reason is Refusal.WRONG else HTTPStatus.GONE
        response = render(request, "sign_in/invitation_refused.html", {"reason": refused.reason.value}, status=status)
    # As for a sign-in link: the token must not travel in a Referer, and no-referrer would spoil the form's Origin.
    response["Referrer-Policy"] = "strict-origin"
    return response


@sensitive_variables("token", "form")
def _answer(request: HttpRequest, token: str) -> HttpResponse:
    found = Invitation.objects.find(token)
    form = SetPasswordForm(data=request.POST if request.method == "POST" else None, user=found.user)
    if form.is_valid():
        return let_in(request, Invitation.objects.accept(token, form.cleaned_data["password1"]))
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return render(request, "sign_in/invitation.html", {"form": form, "invitation": found}, status=status)
