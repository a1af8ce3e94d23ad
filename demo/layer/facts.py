"""What a request told AWS and moto does not keep, noted when it passes and told again when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .calls import Call

AUTHORIZE = "AuthorizeSecurityGroup"
PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
PROTOCOLS_WITH_PORTS = frozenset({"tcp", "udp", "icmp", "icmpv6"})


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A rule whose other side is a security group or a prefix list; moto loses its description."""

    group_id: str
    is_egress: bool
    protocol: str
    from_port: str
    to_port: str
    refers_to: str


@dataclass
class Facts:
    """Notes by the ids that AWS gives, which never recur."""

    tenancy: dict[str, str] = field(default_factory=dict)
    started: dict[str, datetime] = field(default_factory=dict)
    deleted_on_termination: dict[tuple[str, str], bool] = field(default_factory=dict)
    source_snapshot: dict[str, str] = field(default_factory=dict)
    descriptions: dict[Reference, str] = field(default_factory=dict)

    def note_descriptions(self, call: Call) -> None:
        """Keep what an Authorize request says about rules that refer to a group or a prefix list."""
        for prefix in numbered(call.parameters, "IpPermissions"):
            for kind, id_name in (("Groups", "GroupId"), ("PrefixListIds", "PrefixListId")):
                for source in numbered(call.parameters, f"{prefix}.{kind}"):
                    if description := call.parameters.get(f"{source}.Description"):
                        refers_to = call.parameters.get(f"{source}.{id_name}", "")
                        self.descriptions[_reference(call, prefix, refers_to)] = description


def protocol_name(given: str) -> str:
    """The name that AWS answers for a protocol that was given by name or number."""
    return PROTOCOL_NUMBERS.get(given.lower(), given.lower())


def numbered(parameters: Mapping[str, str], prefix: str) -> Iterator[str]:
    """The prefixes of a list's members: Filter.1, Filter.2 and so on, as far as they are given."""
    number = 1
    while any(name == f"{prefix}.{number}" or name.startswith(f"{prefix}.{number}.") for name in parameters):
        yield f"{prefix}.{number}"
        number += 1


def _reference(call: Call, prefix: str, refers_to: str) -> Reference:
    protocol = protocol_name(call.parameters[f"{prefix}.IpProtocol"])
    ported = protocol in PROTOCOLS_WITH_PORTS
    return Reference(
        group_id=call.parameters.get("GroupId", ""),
        is_egress=call.operation.endswith("Egress"),
        protocol=protocol,
        from_port=call.parameters.get(f"{prefix}.FromPort", "-1") if ported else "-1",
        to_port=call.parameters.get(f"{prefix}.ToPort", "-1") if ported else "-1",
        refers_to=refers_to,
    )
