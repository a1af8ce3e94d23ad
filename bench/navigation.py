"""Which pages there are: what the navigation leads to, with one region for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

NAVIGATION = re.compile(r'<nav class="side".*?</nav>', re.DOTALL)
ADDRESS = re.compile(r'<a[^>]*\shref="(/[^"]*)"')
REGION = re.compile(r"/regions/[^/]+/")


def pages_of(home: str) -> Iterator[str]:
    """The addresses of the navigation of a page, each once, and the first of its regions instead of every one."""
    navigation = NAVIGATION.search(home)
    if navigation is None:
        raise ValueError("The page has no navigation.")
    seen: set[str] = set()
    for found in ADDRESS.findall(navigation[0]):
        address = unescape(found)
        kind = REGION.sub("/regions/one/", address)
        if kind not in seen:
            seen.add(kind)
            yield address
