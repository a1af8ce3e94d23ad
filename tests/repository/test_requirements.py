"""The lists of pinned packages agree with each other and with what was asked for."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from tests.support.environment import ROOT

LISTS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "demo", "test")}
FULL = ROOT / "requirements.txt"
PIN = re.compile(r"(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?P<marker> ; .+)?")


def pins(list_name: str) -> dict[str, str]:
    """The pins of a list, by package, with their markers."""
    found = {}
    for line in LISTS.get(list_name, FULL).read_text().splitlines():
        if line and not line.lstrip().startswith("#"):
            pin = PIN.fullmatch(line)
            assert pin, f"{list_name}: {line} is no pin"
            found[pin["name"]] = pin["version"] + (pin["marker"] or "")
    return found


@pytest.mark.parametrize(("smaller", "larger"), [("runtime", "demo"), ("demo", "test"), ("test", "full")])
def test_each_list_has_all_that_the_smaller_one_has_with_the_same_pins(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


@pytest.mark.parametrize("name", ["runtime", "demo", "test", "full"])
def test_every_package_that_is_asked_for_is_pinned_as_asked(name: str) -> None:
    asked = (ROOT / "requirements" / f"{'all' if name == 'full' else name}.in").read_text().splitlines()
    direct = [line for line in asked if line and not line.startswith(("#", "-r"))]

    for line in direct:
        pin = PIN.fullmatch(line)
        assert pin, line
        assert pins(name)[pin["name"]].split(" ;")[0] == pin["version"]


def test_the_full_list_names_what_the_product_stands_on() -> None:
    assert {"django", "boto3", "celery", "redis", "pytest-django"} <= pins("full").keys()


def test_production_installs_no_emulator_and_no_test_tools() -> None:
    assert not {"moto", "flask", "time-machine", "pytest", "playwright", "hypothesis"} & pins("runtime").keys()


def test_these_tests_run_on_the_pinned_packages() -> None:
    for name in ("django", "celery", "boto3", "moto", "pytest"):
        assert version(name) == pins("full")[name]
