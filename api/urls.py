"""The addresses of the API below /api/, and of the page of tokens."""

from __future__ import annotations

from django.urls import URLPattern, path

from api import tokens, v1
from api.document import openapi
from api.reference import reference

urlpatterns: list[URLPattern] = [
    path("api/openapi.json", openapi, name="api-openapi"),
    path("api/docs", reference, name="api-docs"),
    *(path(f"api/v1/{route.pattern}", route.callback, name=route.name) for route in v1.routes()),
    path("api/v1/<path:rest>", v1.nowhere),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
]
