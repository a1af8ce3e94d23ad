"""How many dedicated hosts some instances of one family need.

A host of a Nitro family takes several sizes at once, but an instance stands on one socket unless it is larger than a
socket, and then it takes the whole host: 36 cores on two sockets hold eight instances of four cores and not nine. The
largest are placed first, each on the first socket that has room, in the order of the hosts (first-fit decreasing). The
bound below which no packing can be, all cores by those of a host, is told beside it.

A host of an older family takes one size, so each size needs hosts of its own, and their number is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from costs.host_families import HOST_FAMILIES, HostFamily


@dataclass(frozen=True, kw_only=True)
class Packing:
    """How many hosts are needed, and how surely."""

    hosts: int
    at_least: int
    """No packing can do with fewer."""
    are_sockets_known: bool = True
    """Whether sockets were respected; if not, more hosts may be needed."""


@dataclass(frozen=True)
class Unpackable:
    """It is not known what fits on a host, and why."""

    reason: str


def hosts_needed(family_name: str, sizes: Mapping[str, int]) -> Packing | Unpackable:
    """The hosts for so many instances of each size of one family."""
    family = HOST_FAMILIES.get(family_name)
    if family is None:
        return Unpackable(f"how many instances fit on a dedicated host of {family_name} is in no loaded list")
    unknown = [size for size in sizes if not _is_known(family, size)]
    if unknown:
        return Unpackable(f"how many {family_name}.{min(unknown)} fit on a dedicated host is in no loaded list")
    return _mixed(family, sizes) if family.is_mixed else _one_size_each(family, sizes)


def split_type(instance_type: str) -> tuple[str, str]:
    """Family and size: `m5.2xlarge` is `m5` and `2xlarge`."""
    family, _, size = instance_type.partition(".")
    return family, size


def _is_known(family: HostFamily, size: str) -> bool:
    return (family.cores_of(size) is not None) if family.is_mixed else size in family.capacity


def _one_size_each(family: HostFamily, sizes: Mapping[str, int]) -> Packing:
    hosts = sum(-(-number // family.capacity[size]) for size, number in sizes.items())
    return Packing(hosts=hosts, at_least=hosts)


@dataclass
class _Host:
    """What is left on one host while it fills."""

    free: list[int]
    """Cores by socket."""
    sizes: dict[str, int] = field(default_factory=dict)

    def place(self, size: str, cores: int, number: int, most: int | None) -> int:
        """Put as many as fit on it, at most `most` of one size; answers how many."""
        if most is not None:
            number = min(number, most - self.sizes.get(size, 0))
        placed = 0
        if cores > max(self.free, default=0):
            if number and not self.sizes and cores <= sum(self.free):
                self.free = []
                placed = 1
        else:
            for socket, free in enumerate(self.free):
                here = min(free // cores, number - placed)
                self.free[socket] -= here * cores
                placed += here
        self.sizes[size] = self.sizes.get(size, 0) + placed
        return placed


def _mixed(family: HostFamily, sizes: Mapping[str, int]) -> Packing:
    hosts: list[_Host] = []
    total = 0
    for cores, size, number in sorted(_items(family, sizes), reverse=True):
        total += cores * number
        most = family.capacity.get(size)
        left = number
        for host in hosts:
            left -= host.place(size, cores, left, most)
        while left:
            host = _Host(_sockets(family))
            hosts.append(host)
            left -= host.place(size, cores, left, most)
    return Packing(
        hosts=len(hosts),
        at_least=-(-total // _cores(family)),
        are_sockets_known=family.sockets is not None,
    )


def _items(family: HostFamily, sizes: Mapping[str, int]) -> Iterator[tuple[int, str, int]]:
    for size, number in sizes.items():
        cores = family.cores_of(size)
        if cores is not None and number:
            yield cores, size, number


def _sockets(family: HostFamily) -> list[int]:
    """The cores of each socket; of the whole host where sockets are not known."""
    number = family.sockets or 1
    return [_cores(family) // number] * number


def _cores(family: HostFamily) -> int:
    if family.cores is None:
        raise ValueError(f"The cores of a host of {family.name} are not known.")
    return family.cores
