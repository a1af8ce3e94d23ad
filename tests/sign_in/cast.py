"""What the users of these tests have in common."""

from __future__ import annotations

PASSWORD = "correct horse battery"
