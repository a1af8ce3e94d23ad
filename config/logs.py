"""Log lines on stderr: readable in a terminal or one JSON object each, with secrets taken out of both.

Secrets are taken out of the finished line, so that messages, their arguments and tracebacks are covered alike.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

HIDDEN = "(hidden)"
SECRETS = (
    # The value of a parameter, JSON key or keyword argument that holds a secret, in AWS's spelling and in ours.
    re.compile(
        r"""((?:external_?id|secret_?(?:access_?)?key|session_?token|security-token|password|authorization|client_?secret"""
        r"""|(?:access|id|refresh)_token|code_verifier)["']?\s*[:=]\s*)"""
        r"""("[^"]*"|'[^']*'|[^\s,;&)}]+)""",
        re.IGNORECASE,
    ),
    re.compile(r"()\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b"),
    re.compile(r"(/sign-in/)[^/\s\"'?#]+"),
    re.compile(r"()\bsky_[\w-]{16,}"),
    re.compile(r"(\w://[^\s/:@]*:)[^\s/@]+(?=@)"),
)
STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def without_secrets(text: str) -> str:
    """The text with every secret that we know the shape of hidden."""
    for pattern in SECRETS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text


class ConsoleFormatter(logging.Formatter):
    """Time, level, logger and message on a line for human eyes."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, with secrets hidden."""
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object on a line: time, level, logger, message, what the caller gave as `extra`, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, with secrets hidden."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **{key: _shown(value) for key, value in vars(record).items() if key not in STANDARD_FIELDS},
        }
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _shown(value: object) -> object:
    """A number or nothing as it is; everything else as text without secrets."""
    return value if isinstance(value, int | float | None) else without_secrets(str(value))


FORMATTERS = {"console": ConsoleFormatter, "json": JsonFormatter}


def logging_settings(level: str, style: str) -> dict[str, object]:
    """Django's LOGGING: everything goes to stderr in the given style ("console" or "json")."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATTERS[style]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django gives these two handlers of their own, which would write every line twice.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # These tell of each request and credential look-up at INFO.
            **{name: {"level": "WARNING"} for name in ("boto3", "botocore", "urllib3", "s3transfer")},
        },
    }
