"""Which service answers on which port, and how severe it is that the whole world may speak to it.

The table is ours. It covers the union of what the well-known scanners flag (Prowler, ScoutSuite, Trusted Advisor, AWS
Config) and adds the services that hand over a machine or its data without a password by default (Redis, memcached,
Docker, etcd, Kubelet). The four steps:

- critical: whoever reaches it can take over the machine or its data: remote shells and desktops, databases, caches,
  file shares, control interfaces; so are all ports together.
- high: old or unencrypted protocols, and services that leak or relay.
- medium: everything that stands in no list, since nobody can say what answers there.
- low: services that are there to be public.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LAST_PORT = 65535


class Severity(StrEnum):
    """How much an open port matters; UNKNOWN where the sources could not be resolved, which never means safe."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Its place on the scale: 0 is the most severe."""
        return _SCALE.index(self)

    @property
    def lowered(self) -> Severity:
        """One step lower on the scale; low stays low."""
        return _LOWERED.get(self, self)


_SCALE = list(Severity)
_LOWERED = {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}

UNNAMED_PORT = Severity.MEDIUM
EVERYTHING = Severity.CRITICAL
PORTLESS = {"icmp": Severity.LOW, "icmpv6": Severity.LOW}
OTHER_PROTOCOL = Severity.MEDIUM


@dataclass(frozen=True)
class Service:
    """What usually listens on a port, and the severity of showing it to the world."""

    name: str
    severity: Severity


def _table(*entries: tuple[Severity, str, tuple[int, ...]]) -> dict[int, Service]:
    return {port: Service(name, severity) for severity, name, ports in entries for port in ports}


SERVICES: Mapping[str, Mapping[int, Service]] = {
    "tcp": _table(
        (Severity.CRITICAL, "SSH and SFTP", (22,)),
        (Severity.CRITICAL, "Telnet", (23,)),
        (Severity.CRITICAL, "RPC", (111, 135)),
        (Severity.CRITICAL, "NetBIOS", (139,)),
        (Severity.CRITICAL, "SMB", (445,)),
        (Severity.CRITICAL, "Remote shell", (512, 513, 514)),
        (Severity.CRITICAL, "SQL Server", (1433, 1434)),
        (Severity.CRITICAL, "Oracle", (1521, 2483, 2484)),
        (Severity.CRITICAL, "NFS", (2049,)),
        (Severity.CRITICAL, "Docker", (2375, 2376)),
        (Severity.CRITICAL, "etcd", (2379, 2380)),
        (Severity.CRITICAL, "MySQL", (3306,)),
        (Severity.CRITICAL, "RDP", (3389,)),
        (Severity.CRITICAL, "PostgreSQL", (5432,)),
        (Severity.CRITICAL, "Redshift", (5439,)),
        (Severity.CRITICAL, "VNC", (5500, 5900, 5901)),
        (Severity.CRITICAL, "CouchDB", (5984,)),
        (Severity.CRITICAL, "WinRM", (5985, 5986)),
        (Severity.CRITICAL, "Redis", (6379,)),
        (Severity.CRITICAL, "Cassandra", (7000, 7001, 7199, 9042, 9160)),
        (Severity.CRITICAL, "Elasticsearch", (9200, 9300)),
        (Severity.CRITICAL, "Kubelet", (10250,)),
        (Severity.CRITICAL, "memcached", (11211,)),
        (Severity.CRITICAL, "MongoDB", (27017, 27018, 27019)),
        (Severity.HIGH, "FTP", (20, 21)),
        (Severity.HIGH, "SMTP", (25,)),
        (Severity.HIGH, "POP3", (110,)),
        (Severity.HIGH, "IMAP", (143,)),
        (Severity.HIGH, "LDAP", (389,)),
        (Severity.HIGH, "rsync", (873,)),
        (Severity.HIGH, "ZooKeeper", (2181,)),
        (Severity.HIGH, "Kibana", (5601,)),
        (Severity.HIGH, "RabbitMQ", (5672, 15672)),
        (Severity.HIGH, "Kubernetes API", (6443,)),
        (Severity.HIGH, "Jupyter", (8888,)),
        (Severity.HIGH, "Prometheus", (9090,)),
        (Severity.HIGH, "Kafka", (9092,)),
        (Severity.MEDIUM, "DNS", (53,)),
        (Severity.MEDIUM, "HTTP alternative", (3000, 5000, 8000, 8008, 8080, 8088)),
        (Severity.MEDIUM, "HTTPS alternative", (8443, 9443)),
        (Severity.LOW, "HTTP", (80,)),
        (Severity.LOW, "HTTPS", (443,)),
        (Severity.LOW, "SMTP submission", (465, 587)),
        (Severity.LOW, "IMAPS", (993,)),
        (Severity.LOW, "POP3S", (995,)),
    ),
    "udp": _table(
        (Severity.CRITICAL, "RPC", (111,)),
        (Severity.CRITICAL, "NFS", (2049,)),
        (Severity.CRITICAL, "RDP", (3389,)),
        (Severity.CRITICAL, "memcached", (11211,)),
        (Severity.HIGH, "TFTP", (69,)),
        (Severity.HIGH, "NetBIOS", (137, 138)),
        (Severity.HIGH, "SNMP", (161, 162)),
        (Severity.HIGH, "LDAP", (389,)),
        (Severity.HIGH, "SQL Server browser", (1434,)),
        (Severity.HIGH, "SSDP", (1900,)),
        (Severity.MEDIUM, "DNS", (53,)),
        (Severity.MEDIUM, "NTP", (123,)),
        (Severity.MEDIUM, "Syslog", (514,)),
        (Severity.LOW, "HTTPS (QUIC)", (443,)),
        (Severity.LOW, "IPsec", (500, 4500)),
        (Severity.LOW, "OpenVPN", (1194,)),
        (Severity.LOW, "WireGuard", (51820,)),
    ),
}
_NAMED_PORTS = {protocol: sorted(services) for protocol, services in SERVICES.items()}
MOST_NAMES = 3


@lru_cache(maxsize=4096)
def service_of(protocol: str, from_port: int | None, to_port: int | None) -> str | None:
    """The names of what usually listens there, the most severe first; None if nothing on these ports has a name."""
    if protocol == "-1":
        return "all protocols"
    if from_port is None or to_port is None:
        return None
    if _is_every_port(from_port, to_port):
        return f"all {protocol.upper()} ports"
    services = sorted(_services(protocol, from_port, to_port), key=lambda service: service.severity.rank)
    names = list(dict.fromkeys(service.name for service in services))
    if len(names) > MOST_NAMES:
        names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} more"]
    return ", ".join(names) or None


@lru_cache(maxsize=4096)
def severity_if_public(protocol: str, from_port: int | None, to_port: int | None) -> Severity:
    """The severity of these ports when the whole world is let in; the worst one counts."""
    if protocol == "-1":
        return EVERYTHING
    if from_port is None or to_port is None:
        return PORTLESS.get(protocol, OTHER_PROTOCOL)
    if _is_every_port(from_port, to_port):
        return EVERYTHING
    found = [service.severity for service in _services(protocol, from_port, to_port)]
    if len(found) <= to_port - from_port:
        found.append(UNNAMED_PORT)
    return worst(found)


def worst(severities: Iterable[Severity]) -> Severity:
    """The most severe of at least one."""
    return min(severities, key=lambda severity: severity.rank)


def _is_every_port(from_port: int, to_port: int) -> bool:
    # Port 0 is reserved, so a rule that begins at 1 leaves nothing out.
    return from_port <= 1 and to_port == LAST_PORT


def _services(protocol: str, from_port: int, to_port: int) -> list[Service]:
    ports = _NAMED_PORTS[protocol]
    found = ports[bisect_left(ports, from_port) : bisect_right(ports, to_port)]
    return [SERVICES[protocol][port] for port in found]
