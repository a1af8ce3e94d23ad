"""The log of calls: who asked for what, and how it was answered."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from .calls import Call

LONGEST = 50_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call. `time` is the real time of its answer, `fault` the failure that was ordered for it, or empty."""

    time: str
    account: str
    region: str
    service: str
    operation: str
    status: int
    fault: str


class Log:
    """The latest calls, oldest first; those of the story itself are not among them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LONGEST)

    def write(self, call: Call, status: int, faults: tuple[str, ...]) -> None:
        """Note a call that was answered."""
        if call.is_inside:
            return
        entry = Entry(
            time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            account=call.account,
            region=call.region,
            service=call.service,
            operation=call.operation,
            status=status,
            fault=" ".join(faults),
        )
        self._entries.append(entry)

    def read(self) -> list[dict[str, Any]]:
        """Every call that is kept."""
        return [asdict(entry) for entry in list(self._entries)]
