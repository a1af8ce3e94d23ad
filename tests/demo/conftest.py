"""The organisation as plain boto3 lists it, for tests that only look."""

from __future__ import annotations

import pytest

from demo.client import Emulator
from tests.demo.listing import Truth, truth


@pytest.fixture
def organisation(emulator: Emulator) -> Truth:
    """Everything that is there after the story's end."""
    return truth(emulator)
