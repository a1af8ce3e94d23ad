"""What every answer carries, and who may have one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url

# The content security policy comes from django-csp, and Strict-Transport-Security from Django itself.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Pages are private. Static files say by themselves for how long they may be kept.
    "Cache-Control": "no-store",
}


class SecurityHeadersMiddleware:
    """Puts the security headers on every answer: pages, errors, refused hosts and static files alike.

    It stands first, because an answer that a later middleware gives by itself passes only those before it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what the answer does not already say."""
        response = self.get_response(request)
        for header, value in HEADERS.items():
            response.headers.setdefault(header, value)
        return response


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to the sign-in page, unless the view is declared open."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Redirect the whole page, also when htmx asked for a part of it."""
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is not None and request.headers.get("HX-Request") == "true":
            # htmx would follow the redirect by itself and put the sign-in page into a corner of the open one.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return refusal

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Come back after signing in, but not to the address of a form, which only answers to POST."""
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return HttpResponseRedirect(resolve_url(self.get_login_url(view_func)))
