"""The product on a sample organisation: `python -m demo`, which is `make demo`."""

from __future__ import annotations

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured


def main() -> int:
    """Let Django read its settings, then run the demo until a signal comes."""
    # The demo must never speak to a real account, whatever the shell it was started from knows of one.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    # A snapshot of the story is taken as soon as the worker was started, which takes its time on a busy machine.
    os.environ.setdefault("CLAIM_WAIT", "120")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        return 1
    from .run import run  # noqa: PLC0415 - models can be imported only after Django's setup

    return run()


if __name__ == "__main__":
    sys.exit(main())
