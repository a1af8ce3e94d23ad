"""The gate: what every request to AWS passes before it is sent."""

from __future__ import annotations

from typing import Protocol


class Gate(Protocol):
    """A request budget that all workers share. Both methods are called in whichever thread sends the request."""

    def take(self, service: str, region: str) -> None:
        """Wait until one request may be sent. Raises AwsFailure when that takes too long."""

    def throttled(self, service: str, region: str) -> None:
        """Hear that AWS throttled a request."""
