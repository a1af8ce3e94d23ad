"""The file that an address asks for instead of its page: `?format=csv`, `json` or `xlsx`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.http import HttpRequest, StreamingHttpResponse

from inventory.pages.choices import either
from inventory.pages.export_progress import followed_export
from inventory.pages.formats import FORMATS, Row
from inventory.pages.scope import BadAddress


def file_of(
    request: HttpRequest,
    rows: Callable[[], Iterable[Row]],
    *,
    keys: Sequence[str],
    name: str,
    what: str,
    count: Callable[[], int] | None = None,
    refused: str = "",
) -> StreamingHttpResponse | None:
    """The rows as the file that the address asks for; None if it asks for the page.

    BadAddress for a format that there is none of, and for a file of what is `refused`, which says why. The others are
    as `followed_export` has them.
    """
    output_format = request.GET.get("format", "html")
    if output_format == "html":
        return None
    if output_format not in FORMATS:
        raise BadAddress(f"“{output_format}” is no format. Write {either(FORMATS)}, or leave it out.")
    if refused:
        raise BadAddress(refused)
    return followed_export(request, rows, keys=keys, output_format=output_format, name=name, what=what, count=count)
