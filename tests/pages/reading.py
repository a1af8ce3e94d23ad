"""Reading a page as a person does: its words, its tables by caption, and its links by their words."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "rect", "circle", "use"})
INLINE = frozenset({"a", "b", "code", "del", "i", "ins", "small", "span", "svg", "time"})
UNSEEN = frozenset({"head", "script", "style", "option"})


class Reading(HTMLParser):
    """The words of an answer, its tables and its links."""

    def __init__(self, response: object) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.links: dict[str, str] = {}
        self.current: list[str] = []
        """The words of the links that stand for the page itself."""
        self._words: list[str] = []
        self._catching: list[tuple[str, list[str]]] = []
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._link: dict[str, str | None] = {}
        self.feed(response.content.decode())  # type: ignore[attr-defined]

    @property
    def words(self) -> str:
        """All that can be read, in one line."""
        return _line(self._words)

    def table(self, caption: str) -> dict[str, list[str]]:
        """The rows of a table by their first cell."""
        return {row[0]: row[1:] for row in self.tables[caption] if row}

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        if tag not in INLINE:
            self.handle_data(" ")
        self._open.append(tag)
        match tag:
            case "table":
                self._rows = []
            case "tr":
                self._rows.append([])
            case "caption" | "td" | "th" | "a":
                self._catching.append((tag, []))
        if tag == "a":
            self._link = dict(attrs)

    def handle_data(self, data: str) -> None:
        if UNSEEN & set(self._open):
            return
        self._words.append(data)
        for _, words in self._catching:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self._open and self._open.pop() != tag:
            pass
        if not self._catching or self._catching[-1][0] != tag:
            return
        words = _line(self._catching.pop()[1])
        match tag:
            case "caption":
                self.tables[words] = self._rows
            case "td" | "th":
                self._rows[-1].append(words)
            case "a":
                self.links[words] = self._link.get("href") or ""
                if "aria-current" in self._link:
                    self.current.append(words)


def _line(words: Sequence[str]) -> str:
    return " ".join("".join(words).split())
