"""A page of the costs as data: the same in each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.http import HttpRequest, HttpResponseBase

from inventory.pages import formats
from inventory.pages.choices import either
from inventory.pages.query.language import QueryError
from inventory.pages.scope import BadAddress

PAGE = "html"


def exported(
    request: HttpRequest,
    rows: Callable[[], Iterable[formats.Row]],
    *,
    keys: Sequence[str],
    name: str,
    error: QueryError | None = None,
) -> HttpResponseBase | None:
    """The rows in the format that the address asks for; None where it asks for the page itself.

    `error` is why nothing can be answered, which a page shows. BadAddress for it in data, and for any other format.
    """
    output_format = request.GET.get("format", PAGE)
    if output_format == PAGE:
        return None
    if output_format not in formats.FORMATS:
        raise BadAddress(f"“{output_format}” is no format. Write {either(formats.FORMATS)}, or leave it out.")
    if error is not None:
        raise BadAddress(error.message)
    return formats.respond(rows(), keys=keys, output_format=output_format, name=name)
