"""The brake: when most of a scope is missing from one listing, a second listing must say so too.

AWS has answered complete listings that lacked what was there, after outages and while permissions changed. Losing a
whole scope to one such answer would be the one mistake that nobody forgives; being one interval late with a real mass
deletion is none. So a complete listing that lacks more than 20 resources and more than half of its scope records
nothing. It is held, and only what the next complete listing lacks as well is closed, at the moment of that one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Set

HELD_ABOVE_ROWS = 20
HELD_ABOVE_SHARE = 0.5


def must_hold(missing: Set[int], held: Set[int], known: int) -> bool:
    """Whether a listing that lacks these of so many known resources waits for another one to agree.

    `held` are the resources that the listing held before it lacked: what is missing twice is gone, and the rest is
    measured against what that listing did show.
    """
    unconfirmed = len(missing - held)
    return unconfirmed > HELD_ABOVE_ROWS and unconfirmed > (known - len(held)) * HELD_ABOVE_SHARE


def pack(missing: Set[int]) -> bytes:
    """Resource keys as deflated JSON."""
    return zlib.compress(json.dumps(sorted(missing)).encode(), 1)


def unpack(packed: bytes | memoryview | None) -> frozenset[int]:
    """What `pack` packed; nothing for None."""
    return frozenset() if packed is None else frozenset(json.loads(zlib.decompress(packed)))
