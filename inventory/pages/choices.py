"""Values of an address that must be among a few words."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.pages.scope import BadAddress


def one_of(name: str, text: str, possible: Iterable[str]) -> str:
    """The text, if it is possible; BadAddress says what else is."""
    words = list(possible)
    if text not in words:
        raise BadAddress(f"“{text}” is not possible for {name}. Write {either(filter(None, words))}.")
    return text


def all_of(name: str, texts: Iterable[str], possible: Iterable[str]) -> tuple[str, ...]:
    """The texts without empty and repeated ones, if all of them are possible."""
    words = list(possible)
    return tuple(one_of(name, text, words) for text in dict.fromkeys(texts) if text)


def either(words: Iterable[str]) -> str:
    """The words as an alternative: `a, b or c`."""
    *others, last = list(words) or [""]
    return f"{', '.join(others)} or {last}" if others else last
