"""Sizes of instances in AWS's normalized units, by which a regional Reserved Instance covers another size.

EC2 User Guide, "Instance size flexibility": nano .25, micro .5, small 1, medium 2, large 4, xlarge 8, and each further
size its number times xlarge. Bare metal counts as the largest size of its family.
"""

from __future__ import annotations

import re
from fractions import Fraction

from costs.operations import LINUX

SMALL_SIZES = {
    "nano": Fraction(1, 4),
    "micro": Fraction(1, 2),
    "small": Fraction(1),
    "medium": Fraction(2),
    "large": Fraction(4),
    "xlarge": Fraction(8),
}
UNITS_OF_XLARGE = Fraction(8)
LARGER_SIZE = re.compile(r"(?:metal-)?(?P<times>\d+)xl(?:arge)?", re.ASCII)
METAL = {
    **dict.fromkeys(("a1",), Fraction(32)),
    **dict.fromkeys(("m5zn", "z1d"), Fraction(96)),
    **dict.fromkeys(("c6g", "i3", "m6g", "r6g"), Fraction(128)),
    **dict.fromkeys(("c5n",), Fraction(144)),
    **dict.fromkeys(("c5", "i3en", "m5", "r5"), Fraction(192)),
    **dict.fromkeys(("c6i", "m6i"), Fraction(256)),
}
"""Families whose `metal` has a factor that AWS tells; of others it is not known."""
INFLEXIBLE_FAMILIES = frozenset(
    {
        *("g4ad", "g4dn", "g5", "g5g", "g6", "g6e", "g6f", "gr6", "gr6f", "hpc7a", "p5", "inf1", "inf2"),
        *("u7i-6tb", "u7i-8tb"),
    }
)
"""Families that AWS leaves out of size flexibility."""


def family_of(instance_type: str) -> str:
    """`m5` of `m5.2xlarge`, and of `m5`, as a Dedicated Host names its family."""
    return instance_type.partition(".")[0]


def units_of(instance_type: str) -> Fraction | None:
    """The normalized units of one instance; None if AWS tells none."""
    family, _, size = instance_type.partition(".")
    if size in SMALL_SIZES:
        return SMALL_SIZES[size]
    if size == "metal":
        return METAL.get(family)
    larger = LARGER_SIZE.fullmatch(size)
    return Fraction(larger["times"]) * UNITS_OF_XLARGE if larger else None


def is_flexible(instance_type: str, operation: str, tenancy: str) -> bool:
    """Whether a regional Reserved Instance of this type covers other sizes of its family."""
    return (
        operation == LINUX
        and tenancy == "default"
        and family_of(instance_type) not in INFLEXIBLE_FAMILIES
        and units_of(instance_type) is not None
    )
