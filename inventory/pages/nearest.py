"""What was most likely meant by a word that is none of those that are possible."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def nearest(word: str, possible: Sequence[str]) -> str:
    """The one that was most likely meant; empty if none is near."""
    by_word = {one.lower(): one for one in possible}
    close = difflib.get_close_matches(word.lower(), list(by_word), n=1)
    if close:
        return by_word[close[0]]
    within = [one for one in possible if len(word) > 2 and word.lower() in one.lower()]
    return within[0] if within else ""


def hint(word: str) -> str:
    """The question whether this was meant, with a blank before it; empty for none."""
    return f" Did you mean {word}?" if word else ""
