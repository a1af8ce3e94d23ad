"""Texts leave compressed for whoever takes them so; fonts and workbooks are compressed already."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/javascript", "image/svg+xml")


class CompressionMiddleware(GZipMiddleware):
    """Compresses whole texts.

    A part of a file is left alone: what is compressed has other parts. Django makes the length of each answer random
    by up to 100 bytes, so that nobody learns a secret of the page from it (https://www.breachattack.com).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The same answer, compressed where that is worth it."""
        is_text = response.get("Content-Type", "").startswith(TEXTS)
        if response.status_code == HTTPStatus.PARTIAL_CONTENT or not is_text:
            return response
        return super().process_response(request, response)
