"""What an account may be called and how it may be reached, and the external id that only we and its role know."""

from __future__ import annotations

import re
import secrets

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
ROLE_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role/[\w+=,.@/-]+", re.ASCII)
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
"""2 to 1,224 characters: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""

PROFILE = re.compile(r"[^\s\x00-\x1f\[\]]{1,128}")


def is_name(text: str) -> bool:
    """Whether an account can be called so: what could be taken for the id of one cannot be its name."""
    return NAME.fullmatch(text) is not None and not text.isdigit()


def new_external_id() -> str:
    """256 random bits, so that nobody guesses them."""
    return secrets.token_urlsafe(32)
