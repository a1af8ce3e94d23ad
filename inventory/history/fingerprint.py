"""A digest of what counts as sameness: fields, tags and links, never the raw document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def _plain(value: Any) -> Any:
    """One spelling for each value, whatever type it arrived in."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case _:
            raise TypeError(f"{type(value).__name__} cannot be part of a fingerprint")


_in_order = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode


def fingerprint(content: Mapping[str, Any]) -> bytes:
    """A 16-byte BLAKE2b digest of the content, the same for any order of keys."""
    text = _in_order(content)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
