"""The environment that tests start from."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def product_variables() -> set[str]:
    """The names of all variables that the product reads, from the example file, which another test keeps complete."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line}


def forget_variables() -> None:
    """Take every variable of the product, and every one of AWS's, out of this process's environment."""
    ours = product_variables()
    for name in list(os.environ):
        if name in ours or name.startswith("AWS_"):
            del os.environ[name]
    # Without this, boto3 would read the developer's own profiles and ask the cloud machine it may run on for a role.
    os.environ |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
