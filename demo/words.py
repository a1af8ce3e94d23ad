"""The words in which the organisation is told: rules, disks and tags, turned into what AWS wants to hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a security group. A source is an address range, `group:NAME` or `list:NAME`."""

    protocol: str
    first: int
    last: int
    source: str
    note: str = ""

    def permission(self, groups: Mapping[str, str], prefix_lists: Mapping[str, str]) -> dict[str, Any]:
        """The rule in AWS's words; groups and prefix lists are looked up by name."""
        note = {"Description": self.note} if self.note else {}
        kind, _, name = self.source.partition(":")
        if kind == "group":
            source: dict[str, Any] = {"UserIdGroupPairs": [{"GroupId": groups[name], **note}]}
        elif kind == "list":
            source = {"PrefixListIds": [{"PrefixListId": prefix_lists[name], **note}]}
        elif ":" in self.source:
            source = {"Ipv6Ranges": [{"CidrIpv6": self.source, **note}]}
        else:
            source = {"IpRanges": [{"CidrIp": self.source, **note}]}
        ports = {} if self.protocol == "-1" else {"FromPort": self.first, "ToPort": self.last}
        return {"IpProtocol": self.protocol, **ports, **source}


def tcp(ports: int | tuple[int, int], *sources: str, note: str = "") -> list[Rule]:
    """A TCP port, or a range of them, open to each of these sources."""
    return _rules("tcp", ports, sources, note)


def udp(ports: int | tuple[int, int], *sources: str, note: str = "") -> list[Rule]:
    """A UDP port, or a range of them, open to each of these sources."""
    return _rules("udp", ports, sources, note)


def anything(*sources: str, note: str = "") -> list[Rule]:
    """Every protocol and port open to each of these sources."""
    return _rules("-1", -1, sources, note)


def ping(*sources: str, note: str = "") -> list[Rule]:
    """Echo requests (type 8) from IPv4 sources, every ICMPv6 message from IPv6 sources."""
    return [
        Rule(protocol="icmpv6", first=-1, last=-1, source=source, note=note)
        if ":" in source
        else Rule(protocol="icmp", first=8, last=-1, source=source, note=note)
        for source in sources
    ]


def _rules(protocol: str, ports: int | tuple[int, int], sources: Sequence[str], note: str) -> list[Rule]:
    first, last = ports if isinstance(ports, tuple) else (ports, ports)
    return [Rule(protocol=protocol, first=first, last=last, source=source, note=note) for source in sources]


@dataclass(frozen=True, kw_only=True)
class Disk:
    """One volume of an instance. A disk that is kept outlives its instance."""

    gib: int
    type: str = "gp3"
    device: str = ""
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool = True
    kept: bool = False

    def mapping(self, root_device: str) -> dict[str, Any]:
        """The disk in AWS's words; a disk without a device is the root volume."""
        performance = {"Iops": self.iops, "Throughput": self.throughput}
        return {
            "DeviceName": self.device or root_device,
            "Ebs": {
                "VolumeSize": self.gib,
                "VolumeType": self.type,
                "Encrypted": self.encrypted,
                "DeleteOnTermination": not self.kept,
                **{name: value for name, value in performance.items() if value},
            },
        }


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as AWS wants them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(kind: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Tags for something that is just being made."""
    return [{"ResourceType": kind, "Tags": pairs(tags)}]
