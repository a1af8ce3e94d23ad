"""Facts about instance types: vCPU, memory, architecture, instance store, and whether AWS calls them previous.

They come from one dated list, which `costs/data/instance_types/` carries as a sheet with its line in
`instance-types.json`. AWS's price list names no architecture; its naming convention does (Amazon EC2 User Guide,
"Instance type naming conventions": a `g` after the generation stands for AWS Graviton), with a1 as the only type of
Graviton from before it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

from costs.sources.document import plain
from costs.sources.sheets import BUNDLE

FOLDER = BUNDLE / "instance_types"
FACTS = "instance-types.json"
COLUMNS = ("instance_type", "vcpu", "memory_gib", "architecture", "generation", "category", "store_gb")
PREVIOUS = "previous"

# "m7gd.large": series m, generation 7, attributes g and d. Some carry more before (u-6tb1) or after (m7i-flex).
NAME = re.compile(
    r"^(?P<series>[a-z]+(?:-\d+tb)?)(?:-[a-z])?(?P<generation>\d+)(?P<attributes>[a-z]*)(?P<kind>-[a-z0-9]+)?\."
)
ACCELERATED = frozenset(
    {"GPU instance", "FPGA Instances", "Machine Learning ASIC Instances", "Media Accelerator Instances"}
)


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """One instance type. `store_gb` is its instance store, all disks together; 0: none."""

    name: str
    vcpu: int
    memory_gib: Decimal
    architecture: str
    is_previous: bool
    category: str
    store_gb: Decimal

    @cached_property
    def _named(self) -> Mapping[str, str]:
        found = NAME.match(self.name)
        return {key: value or "" for key, value in found.groupdict().items()} if found else {}

    @property
    def series(self) -> str:
        """`m` of m7gd.large; empty for a name that follows no convention."""
        return self._named.get("series", "")

    @property
    def generation(self) -> int:
        """7 of m7gd.large; 0 for a name that follows no convention."""
        return int(self._named.get("generation", "0"))

    @property
    def attributes(self) -> frozenset[str]:
        """The letters after the generation: g and d of m7gd.large."""
        return frozenset(self._named.get("attributes", ""))

    @property
    def kind(self) -> str:
        """What stands behind a dash: `flex` of m7i-flex.large."""
        return self._named.get("kind", "").lstrip("-")

    @property
    def is_burstable(self) -> bool:
        """Whether its vCPU are whole only as long as it has credits."""
        return self.series == "t"

    @property
    def is_metal(self) -> bool:
        """Whether it is a whole machine without a hypervisor."""
        return ".metal" in self.name

    @property
    def is_accelerated(self) -> bool:
        """Whether it has what these facts do not measure: graphics cards, FPGA, chips for machine learning."""
        return self.category in ACCELERATED


@dataclass(frozen=True, kw_only=True, eq=False)
class TypeFacts:
    """All types of one list, with its month, source and licence; equal to itself alone, so that it can be a key."""

    types: Mapping[str, InstanceType]
    month: str
    source: str
    licence: str


@cache
def type_facts(folder: Path = FOLDER) -> TypeFacts:
    """The facts that the folder carries (the bundled ones)."""
    entry = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    with gzip.open(folder / entry["file"], "rt", encoding="utf-8") as text:
        next(text)
        types = [_read(line.rstrip("\n").split("\t")) for line in text]
    return TypeFacts(
        types={one.name: one for one in types},
        month=entry["month"],
        source=entry["source"],
        licence=entry["licence"],
    )


def write_facts(types: Iterable[InstanceType], folder: Path, *, month: str, source: str, licence: str) -> Path:
    """The facts as a sheet in the folder, the same bytes each time, with its line; answers the sheet."""
    lines = [COLUMNS, *(_cells(one) for one in sorted(types, key=lambda one: one.name))]
    text = "".join("\t".join(cells) + "\n" for cells in lines)
    path = folder / f"instance-types_{month}.tsv.gz"
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    entry = {"file": path.name, "month": month, "source": source, "licence": licence}
    (folder / FACTS).write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def architecture_of(name: str) -> str:
    """The architecture that a type's name stands for, in the words of DescribeInstances."""
    found = NAME.match(name)
    if name.startswith("mac"):
        return "x86_64_mac" if name.startswith("mac1.") else "arm64_mac"
    is_graviton = name.startswith("a1.") or (found is not None and "g" in found["attributes"])
    return "arm64" if is_graviton else "x86_64"


def _cells(one: InstanceType) -> tuple[str, ...]:
    generation = PREVIOUS if one.is_previous else "current"
    return (
        one.name,
        str(one.vcpu),
        plain(one.memory_gib),
        one.architecture,
        generation,
        one.category,
        plain(one.store_gb),
    )


def _read(cells: list[str]) -> InstanceType:
    name, vcpu, memory_gib, architecture, generation, category, store_gb = cells
    return InstanceType(
        name=name,
        vcpu=int(vcpu),
        memory_gib=Decimal(memory_gib),
        architecture=architecture,
        is_previous=generation == PREVIOUS,
        category=category,
        store_gb=Decimal(store_gb),
    )
