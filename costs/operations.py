"""AWS's usage operations: what an instance's software is billed as.

`UsageOperation` of DescribeInstances equals the `operation` of the price list, so it is the one key that never
mistakes a Windows price for a Linux price. The pairs follow AWS, "AMI billing information fields".
"""

from __future__ import annotations

LINUX = "RunInstances"
WINDOWS = "RunInstances:0002"
RED_HAT = "RunInstances:0010"
SUSE = "RunInstances:000g"

LABELS = {
    LINUX: "Linux",
    WINDOWS: "Windows",
    RED_HAT: "Red Hat Enterprise Linux",
    SUSE: "SUSE Linux",
    "RunInstances:0004": "Linux with SQL Server Standard",
    "RunInstances:0006": "Windows with SQL Server Standard",
    "RunInstances:0014": "Red Hat Enterprise Linux with SQL Server Standard",
    "RunInstances:00g0": "Red Hat with a licence of one's own",
    "RunInstances:0100": "Linux with SQL Server Enterprise",
    "RunInstances:0102": "Windows with SQL Server Enterprise",
    "RunInstances:0110": "Red Hat Enterprise Linux with SQL Server Enterprise",
    "RunInstances:0200": "Linux with SQL Server Web",
    "RunInstances:0202": "Windows with SQL Server Web",
    "RunInstances:0210": "Red Hat Enterprise Linux with SQL Server Web",
    "RunInstances:0800": "Windows with a licence of one's own",
    "RunInstances:0g00": "Ubuntu Pro",
    "RunInstances:1010": "Red Hat Enterprise Linux with High Availability",
    "RunInstances:1014": "Red Hat Enterprise Linux with High Availability and SQL Server Standard",
    "RunInstances:1110": "Red Hat Enterprise Linux with High Availability and SQL Server Enterprise",
}

LICENSED_BY_AWS = frozenset(
    operation for operation, label in LABELS.items() if "Windows" in label or "SQL Server" in label
) - {"RunInstances:0800"}
"""What AWS licenses by the hour even on a dedicated host: Windows and SQL Server, but for licences of one's own."""

OF_PLAIN_SYSTEM = {
    "linux": LINUX,
    "windows": WINDOWS,
    "rhel": RED_HAT,
    "suse": SUSE,
    "ubuntu-pro": "RunInstances:0g00",
}
"""The operation of a system without further software."""

OF_PRODUCT = {
    "Linux/UNIX": LINUX,
    "Red Hat Enterprise Linux": RED_HAT,
    "Red Hat Enterprise Linux with HA": "RunInstances:1010",
    "SUSE Linux": SUSE,
    "Ubuntu Pro Linux": "RunInstances:0g00",
    "Windows": WINDOWS,
    "Windows BYOL": "RunInstances:0800",
    "Linux with SQL Server Standard": "RunInstances:0004",
    "Linux with SQL Server Enterprise": "RunInstances:0100",
    "Linux with SQL Server Web": "RunInstances:0200",
    "Windows with SQL Server Standard": "RunInstances:0006",
    "Windows with SQL Server Enterprise": "RunInstances:0102",
    "Windows with SQL Server Web": "RunInstances:0202",
}
"""The operation of a `ProductDescription` of spot prices and offerings, which AWS also writes with " (Amazon VPC)"."""


def label_of(usage_operation: str) -> str:
    """The software in words; AWS's own code where we know no words for it."""
    return LABELS.get(usage_operation, usage_operation)
