"""From what AWS says of an instance to the price of its software."""

from __future__ import annotations

import pytest

from inventory.registry import Scope
from inventory.resource_types.ec2_instance import read
from tests.costs.cast import REGION


def software(**said: str) -> tuple[str | None, str | None]:
    """What is read as system and usage operation."""
    answers = {"DescribeInstances": {"InstanceId": "i-1", "InstanceType": "m5.large", **said}}
    fields = read(answers, Scope(account_id="1", region=REGION)).fields
    return fields["operating_system"], fields["usage_operation"]


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("Linux/UNIX", ("linux", "RunInstances")),
        ("Windows with SQL Server Standard", ("windows", "RunInstances:0006")),
        ("SQL Server Standard", ("linux", "RunInstances:0004")),
        ("Red Hat Enterprise Linux with HA", ("rhel", "RunInstances:1010")),
        ("Windows with something new", ("windows", None)),
    ],
)
def test_platform_details_names_the_software_as_exactly_as_the_usage_operation(details, expected):
    assert software(PlatformDetails=details) == expected


def test_the_usage_operation_goes_before_platform_details():
    assert software(PlatformDetails="Linux/UNIX", UsageOperation="RunInstances:0010") == ("rhel", "RunInstances:0010")


@pytest.mark.parametrize(("said", "expected"), [({}, ("linux", None)), ({"Platform": "windows"}, ("windows", None))])
def test_platform_alone_names_a_system_and_no_software(said, expected):
    assert software(**said) == expected
