"""AWS's price lists over HTTPS: public files, asked for without credentials."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import certifi
import urllib3

CHUNK = 1 << 20
TIMEOUT = urllib3.Timeout(connect=10, read=60)
MOST_BYTES = 4 << 30
"""No list is that large; an answer without an end is."""


class Unreachable(Exception):
    """The file could not be had; says why in a sentence."""


class PriceHost:
    """A host of price lists, by its address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._pool = urllib3.PoolManager(
            timeout=TIMEOUT, retries=urllib3.Retry(2, redirect=0), ca_certs=certifi.where()
        )

    def fetch(self, path: str, to: Path) -> None:
        """Put the file at `to`, whole or not at all. Raises Unreachable."""
        to.parent.mkdir(parents=True, exist_ok=True)
        with _written_beside(to) as partial:
            try:
                self._stream(path, partial)
            except (OSError, urllib3.exceptions.HTTPError) as error:
                raise Unreachable(f"{self.address}{path} could not be read: {type(error).__name__}.") from error

    def _stream(self, path: str, to: Path) -> None:
        answer = self._pool.request("GET", f"{self.address}{path}", preload_content=False, redirect=False)
        try:
            if answer.status != 200:
                raise Unreachable(f"{self.address}{path} answered {answer.status}.")
            written = 0
            with to.open("wb") as file:
                # Of an answer that is shorter than it announced, urllib3 raises.
                for chunk in answer.stream(CHUNK):
                    written += file.write(chunk)
                    if written > MOST_BYTES:
                        raise Unreachable(f"{self.address}{path} is larger than any price list.")
        finally:
            answer.release_conn()
            answer.close()


@contextmanager
def _written_beside(to: Path) -> Iterator[Path]:
    """A file beside `to` that takes its place when the with-block ends well."""
    with NamedTemporaryFile(dir=to.parent, prefix=f"{to.name}.", delete=False) as file:
        partial = Path(file.name)
    try:
        yield partial
        os.replace(partial, to)  # noqa: PTH105  says what it does: in one step
    finally:
        partial.unlink(missing_ok=True)
