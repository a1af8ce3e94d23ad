"""A JSON document of any size, walked in one place at a time, with the place named where it breaks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import ijson

from costs.sources.document import UnreadableDocument

BUFFER = 1 << 18


class JsonFile:
    """A JSON file; each method walks it from its beginning, so the order of its keys never matters.

    Memory holds one item at a time. UnreadableDocument where it is no JSON, or ends in the middle.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def events(self) -> Iterator[tuple[str, str, Any]]:
        """Every event: path, what happens there, and the value."""
        return self._walk("parse")

    def items(self, prefix: str) -> Iterator[Any]:
        """The values at a path: `terms.savingsPlan.item`."""
        return self._walk("items", prefix)

    def pairs(self, prefix: str) -> Iterator[tuple[str, Any]]:
        """The keys and values of the object at a path. A key that stands there twice comes twice."""
        return self._walk("kvitems", prefix)

    def texts(self, names: Collection[str]) -> dict[str, str]:
        """These texts of the outermost object, walking no further than the last of them."""
        found: dict[str, str] = {}
        for prefix, event, value in self.events():
            if event == "string" and prefix in names:
                found[prefix] = value
                if len(found) == len(names):
                    break
        return found

    def _walk(self, function: str, *arguments: str) -> Iterator[Any]:
        last = ""
        with self.path.open("rb") as file:
            try:
                for one in getattr(ijson, function)(file, *arguments, buf_size=BUFFER):
                    if function == "kvitems":
                        last = one[0]
                    yield one
            except ijson.IncompleteJSONError as error:
                raise self._problem(file.tell(), last, error) from error
            except (ijson.JSONError, UnicodeDecodeError) as error:
                raise self._problem(file.tell(), last, error) from error

    def _problem(self, read: int, last: str, error: Exception) -> UnreadableDocument:
        size = self.path.stat().st_size
        where = f"after {last}" if last else "in the first part" if read < size else "near its end"
        first_line = (str(error).strip().splitlines() or ["no JSON"])[0]
        return UnreadableDocument(f"within the {read:,} bytes read, {where}", f"this is no whole JSON ({first_line})")
