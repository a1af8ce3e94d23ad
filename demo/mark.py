"""The file by which a state folder is known as the demo's: when the story ends, how far it is, and on which port.

Whoever starts the emulator again for the same folder gets the same AWS again, at the same address.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .chapters import MOMENT_NAMES

# config.serve refuses to run with a folder that holds this file.
NAME = "demo.json"
BILLS = "bills"
"""The folder of the bills beside it."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """`zero` is the end of the story, `played` how many of its moments were played, `port` 0 if none is known.

    `moments` are the names of all its moments, by which another story is told apart.
    """

    zero: datetime
    moments: tuple[str, ...] = MOMENT_NAMES
    played: int = 0
    port: int = 0

    @classmethod
    def of(cls, state: Path) -> Mark | None:
        """The mark of a state folder, or nothing when it is not the demo's."""
        try:
            kept = json.loads((state / NAME).read_text())
        except FileNotFoundError:
            return None
        return cls(
            zero=datetime.fromisoformat(kept["zero"]),
            moments=tuple(kept.get("moments", ())),
            played=kept["played"],
            port=kept["port"],
        )

    @classmethod
    def new(cls, zero: datetime | None = None) -> Mark:
        """The mark of a story that ends now, unless told otherwise."""
        return cls(zero=(zero or datetime.now(UTC)).replace(microsecond=0))

    def leave(self, state: Path) -> None:
        """Mark a state folder."""
        write(state / NAME, {**asdict(self), "zero": self.zero.isoformat()})


def write(path: Path, document: dict[str, Any]) -> None:
    """Write JSON so that nobody reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document) + "\n")
    draft.replace(path)
