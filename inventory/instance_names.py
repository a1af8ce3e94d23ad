"""The names of EC2 instance types taken apart: `m5.2xlarge` is family m, generation 5, size 2xlarge.

AWS, Amazon EC2 Instance Types guide, "Instance type naming conventions" and "Instance type quotas" (read 2026-11): the
series, the generation, letters for the processor and for what else is inside, and after the dot the size. What AWS's
convention does not explain is shown as it is and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAME = re.compile(
    r"^(?P<series>[a-z]+(?:-\d+tb)?)(?:-(?P<chip>[a-z])(?=\d))?(?P<generation>\d+)(?P<options>[a-z]*)"
    r"(?P<more>(?:-[a-z0-9]+)*)\.(?P<size>[a-z0-9-]+)$"
)


@dataclass(frozen=True, kw_only=True)
class Category:
    """What a family is made for, in AWS's grouping."""

    name: str
    uses: str


GENERAL = Category(
    name="General purpose",
    uses="a balance of compute, memory and network: web servers, code repositories, small databases",
)
COMPUTE = Category(
    name="Compute optimised",
    uses="batch processing, high-performance computing, gaming servers, machine-learning inference, media transcoding",
)
MEMORY = Category(
    name="Memory optimised",
    uses="databases, distributed caches, business intelligence held in memory, large unstructured data in real time",
)
STORAGE = Category(
    name="Storage optimised",
    uses="high sequential or random reads and writes on local disks: OLTP, NoSQL databases, data warehouses, search",
)
ACCELERATED = Category(
    name="Accelerated computing",
    uses="machine learning, graphics, floating-point work and video, on GPUs or other accelerators",
)
HPC = Category(
    name="High-performance computing", uses="simulations and deep-learning work on many tightly coupled nodes"
)

CATEGORIES: Mapping[str, Category] = {
    **dict.fromkeys(("a", "m", "t", "mac"), GENERAL),
    **dict.fromkeys(("c", "cc"), COMPUTE),
    **dict.fromkeys(("r", "x", "z", "u", "cr"), MEMORY),
    **dict.fromkeys(("d", "h", "hi", "hs", "i", "im", "is"), STORAGE),
    **dict.fromkeys(("p", "g", "gr", "f", "inf", "trn", "dl", "vt", "cg"), ACCELERATED),
    **dict.fromkeys(("hpc",), HPC),
}
SERIES: Mapping[str, str] = {
    "a": "Arm processors of the first Graviton",
    "c": "compute",
    "d": "dense storage on hard disks",
    "dl": "deep learning (Gaudi or Qualcomm accelerators)",
    "f": "FPGA",
    "g": "graphics-intensive, GPU",
    "gr": "graphics-intensive, GPU with more memory",
    "h": "cost-effective storage on hard disks",
    "hi": "storage, SSD, of the first kind",
    "hpc": "high-performance computing",
    "i": "storage, SSD",
    "im": "storage, SSD, with one vCPU for 4 GiB",
    "inf": "machine-learning inference (AWS Inferentia)",
    "is": "storage, SSD, with one vCPU for 6 GiB",
    "m": "general purpose",
    "mac": "macOS",
    "p": "GPU accelerated",
    "r": "memory",
    "t": "burstable: full speed as long as there are CPU credits",
    "trn": "machine-learning training (AWS Trainium)",
    "u": "high memory",
    "vt": "video transcoding",
    "x": "memory intensive",
    "z": "high frequency and memory",
}
PROCESSORS: Mapping[str, str] = {
    "a": "AMD processors",
    "g": "AWS Graviton processors (Arm)",
    "i": "Intel processors",
}
OPTIONS: Mapping[str, str] = {
    "b": "block storage: more EBS bandwidth",
    "d": "instance-store volumes: local disks that are lost when it stops",
    "e": "extra storage or memory",
    "n": "more network and EBS bandwidth",
    "q": "Qualcomm inference accelerators",
    "z": "high processor frequency",
}
MORE: Mapping[str, str] = {
    "flex": "flex: full speed for most of the time, a baseline otherwise, at a lower price",
    "m1": "Apple M1",
    "m1ultra": "Apple M1 Ultra",
    "m2": "Apple M2",
    "m2pro": "Apple M2 Pro",
    "m4": "Apple M4",
    "m4pro": "Apple M4 Pro",
    "b200": "NVIDIA B200",
    "b300": "NVIDIA B300",
    "gb200": "NVIDIA GB200",
}
UNEXPLAINED = "not explained by AWS's naming convention"


@dataclass(frozen=True, kw_only=True)
class NamePart:
    """One part of a name, what it is called, and what it means."""

    text: str
    role: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class InstanceName:
    """A name taken apart; without parts it follows no convention that we know."""

    name: str
    parts: tuple[NamePart, ...]
    category: Category | None


def take_apart(name: str) -> InstanceName:
    """The parts of the name of an instance type, in its order."""
    found = NAME.match(name)
    if found is None:
        return InstanceName(name=name, parts=(), category=None)
    series = found["series"]
    plain = re.sub(r"-\d+tb$", "", series)
    parts = [NamePart(text=series, role="family", meaning=_series_meaning(series, plain))]
    if found["chip"]:
        parts.append(NamePart(text=found["chip"], role="chip", meaning=f"Apple {found['chip'].upper()} series"))
    parts.append(NamePart(text=found["generation"], role="generation", meaning=_ordinal(found["generation"])))
    for place, letter in enumerate(found["options"]):
        meaning = (PROCESSORS.get(letter) if place == 0 else None) or OPTIONS.get(letter) or PROCESSORS.get(letter)
        role = "processor" if letter in PROCESSORS and place == 0 else "option"
        parts.append(NamePart(text=letter, role=role, meaning=meaning or UNEXPLAINED))
    for word in filter(None, found["more"].split("-")):
        memory = re.fullmatch(r"(\d+)tb", word)
        meaning = f"{memory[1]} TiB of memory" if memory else MORE.get(word, UNEXPLAINED)
        parts.append(NamePart(text=f"-{word}", role="option", meaning=meaning))
    parts.append(NamePart(text=found["size"], role="size", meaning=_size_meaning(found["size"])))
    return InstanceName(name=name, parts=tuple(parts), category=CATEGORIES.get(plain))


def _series_meaning(series: str, plain: str) -> str:
    meaning = SERIES.get(plain, UNEXPLAINED)
    memory = re.search(r"-(\d+)tb$", series)
    return f"{meaning}, {memory[1]} TiB" if memory else meaning


def _ordinal(number: str) -> str:
    ending = "th" if number[-2:] in ("11", "12", "13") else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return f"{number}{ending} generation of the family"


def _size_meaning(size: str) -> str:
    if size.startswith("metal"):
        return "the whole server, without a hypervisor"
    times = re.fullmatch(r"(\d+)xlarge", size)
    if times:
        return f"{times[1]} times an xlarge"
    known = {
        "nano": "the smallest",
        "micro": "smaller than a small",
        "small": "smaller than a medium",
        "medium": "half of a large",
        "large": "half of an xlarge",
        "xlarge": "the size that larger ones are multiples of",
    }
    return known.get(size, UNEXPLAINED)
