"""Indexes of AWS's price list: which files there are, by service, version and region."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from costs.sources.document import UnreadableDocument
from costs.sources.json_file import JsonFile

LONGEST = 200
"""Characters of a path that are believed."""


class RegionFile(NamedTuple):
    """The file of one region in a region index; the path changes when the prices do."""

    region: str
    path: str


def regions_in(path: Path) -> list[RegionFile]:
    """What a region index lists. Offers key their regions, Savings Plans list them."""
    file = JsonFile(path)
    listed = [item for item in file.items("regions.item") if isinstance(item, dict)]
    keyed = [] if listed else [item for _, item in file.pairs("regions") if isinstance(item, dict)]
    return [_region_file(item) for item in (*listed, *keyed)]


def describe(path: Path) -> str:
    """What an index lists, in words."""
    file = JsonFile(path)
    for key, what in (("offers", "services"), ("versions", "versions")):
        if number := sum(1 for _ in file.pairs(key)):
            return f"an index of {number:,} {what}; the prices stand in the files that it names"
    number = len(regions_in(path))
    if not number:
        raise UnreadableDocument("the index", "it lists nothing")
    return f"an index of {number:,} regions; the prices stand in the files that it names"


def _region_file(item: dict[str, Any]) -> RegionFile:
    region, path = item.get("regionCode"), item.get("currentVersionUrl") or item.get("versionUrl")
    if not isinstance(region, str) or not isinstance(path, str) or not path.startswith("/") or len(path) > LONGEST:
        raise UnreadableDocument(f"region {str(region)[:40]}", "its file is not named")
    return RegionFile(region, path)
