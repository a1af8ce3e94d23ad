"""Keep the tokens of one-time links and of invitations out of the logs.

A token stands in the path of its link, and web servers and Django write paths into their logs. The token is taken out
where a log record is made, not in a handler: whatever handlers an operator adds later never get to see it.
"""

from __future__ import annotations

import logging
import re
from typing import Any

TOKEN_IN_PATH = re.compile(r"(/(?:sign-in|invitation)/)[^/\s\"'?#]+")


def hide_tokens() -> None:
    """Have every log record that this process makes from now on say (hidden) for a token."""
    make_record = logging.getLogRecordFactory()

    def make_clean_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _clean(make_record(*args, **kwargs))

    logging.setLogRecordFactory(make_clean_record)


def _clean(record: logging.LogRecord) -> logging.LogRecord:
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        return record  # A message that does not fit its arguments: logging reports that itself, at the handler.
    if TOKEN_IN_PATH.search(message):
        record.msg, record.args = TOKEN_IN_PATH.sub(r"\1(hidden)", message), None
    return record
