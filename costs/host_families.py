"""What fits on a dedicated host, by family: dated facts of AWS's price list.

Most of it is of the price list of 2019-09-20 (the first page of `pricing:GetProducts`, as published in
asheiduk/as-scripts b32e3caca610): the capacity for each size, virtual CPUs and physical cores. Sockets are not in that
list. Those of m5 stand in AWS's example of `describe-hosts`, those of c5 follow from AWS's capacity: 36 cores would
hold nine of 2xlarge, and eight fit, because each of two sockets has 18 cores. A number that no source states is None,
and stays unknown in everything that is worked out from it. A family that is not here has no known capacity.

Only hosts of Nitro families take several sizes at once; an older host takes one, which is chosen when it is allocated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LISTED = "2019-09"
"""The month of the facts."""

SOURCE = "AWS price list of 2019-09-20, from asheiduk/as-scripts b32e3caca610"

LARGES = {
    "large": 1,
    "xlarge": 2,
    "2xlarge": 4,
    "3xlarge": 6,
    "4xlarge": 8,
    "6xlarge": 12,
    "8xlarge": 16,
    "9xlarge": 18,
    "10xlarge": 20,
    "12xlarge": 24,
    "16xlarge": 32,
    "18xlarge": 36,
    "24xlarge": 48,
}
"""Sizes in multiples of `large`, which has two virtual CPUs: the two threads of one core."""


@dataclass(frozen=True, kw_only=True)
class HostFamily:
    """What one host of a family has and holds."""

    name: str
    vcpus: int
    cores: int | None = None
    sockets: int | None = None
    capacity: Mapping[str, int] = field(default_factory=dict, hash=False)
    """How many instances of a size fit, where a list says so."""
    is_mixed: bool = False
    """Whether instances of several sizes may stand on one host."""

    def cores_of(self, size: str) -> int | None:
        """The physical cores that one instance of the size takes; None for a size that is not known."""
        return LARGES.get(size)


def _sizes(text: str) -> dict[str, int]:
    """`large 48, xlarge 24` as a mapping."""
    return {size: int(number) for size, number in (one.split() for one in text.split(", "))}


_C5 = "large 36, xlarge 18, 2xlarge 8, 4xlarge 4, 9xlarge 2, 18xlarge 1"
_R4 = "large 32, xlarge 16, 2xlarge 8, 4xlarge 4, 8xlarge 2, 16xlarge 1"
_M5 = "large 48, xlarge 24, 2xlarge 12, 4xlarge 6, 12xlarge 2, 24xlarge 1"

HOST_FAMILIES = {
    one.name: one
    for one in (
        HostFamily(name="c5", vcpus=72, cores=36, sockets=2, capacity=_sizes(_C5), is_mixed=True),
        HostFamily(name="c5d", vcpus=72, cores=36, capacity=_sizes(_C5), is_mixed=True),
        HostFamily(name="d2", vcpus=36, cores=24, capacity=_sizes("xlarge 8, 2xlarge 4, 4xlarge 2, 8xlarge 1")),
        HostFamily(name="i3", vcpus=64, cores=36, capacity=_sizes(_R4)),
        HostFamily(name="m3", vcpus=8, cores=20, capacity=_sizes("medium 32, large 16, xlarge 8, 2xlarge 4")),
        HostFamily(name="m4", vcpus=40, capacity=_sizes("large 22, xlarge 11, 2xlarge 5, 4xlarge 2, 10xlarge 1")),
        HostFamily(name="m5", vcpus=96, cores=48, sockets=2, capacity=_sizes("large 48"), is_mixed=True),
        HostFamily(name="m5d", vcpus=96, cores=48, capacity=_sizes(_M5), is_mixed=True),
        HostFamily(name="p3", vcpus=64, capacity=_sizes("2xlarge 8, 8xlarge 2, 16xlarge 1")),
        HostFamily(
            name="r3",
            vcpus=32,
            cores=20,
            capacity=_sizes("large 16, xlarge 8, 2xlarge 4, 4xlarge 2, 8xlarge 1"),
        ),
        HostFamily(name="r4", vcpus=64, cores=36, capacity=_sizes(_R4)),
    )
}
