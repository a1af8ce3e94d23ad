"""Timestamps: read by the standard library where they are ISO 8601, which nearly all of AWS's are.

botocore reads each with dateutil, which guesses the format anew every time: a quarter of the time that an answer about
instances takes to read, and more than half of one about volumes.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp

ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_timestamp(value: Any) -> datetime:
    """The moment, as botocore's own reader gives it. Raises ValueError for what is none."""
    if isinstance(value, str) and ISO_8601.fullmatch(value):
        return datetime.fromisoformat(value)
    moment: datetime = parse_timestamp(value)
    return moment
