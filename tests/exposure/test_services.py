from __future__ import annotations

import pytest

from inventory.exposure.services import Severity, service_of, severity_if_public


@pytest.mark.parametrize(
    ("port", "service", "severity"),
    [
        (20, "FTP", "high"),
        (21, "FTP", "high"),
        (22, "SSH and SFTP", "critical"),
        (80, "HTTP", "low"),
        (443, "HTTPS", "low"),
        (1433, "SQL Server", "critical"),
        (3306, "MySQL", "critical"),
        (3389, "RDP", "critical"),
        (5432, "PostgreSQL", "critical"),
        (6379, "Redis", "critical"),
        (8080, "HTTP alternative", "medium"),
        (27017, "MongoDB", "critical"),
    ],
)
def test_a_known_tcp_port_has_a_service_and_a_severity(port, service, severity):
    assert service_of("tcp", port, port) == service
    assert severity_if_public("tcp", port, port) == severity


def test_an_interval_of_several_services_takes_the_worst_and_names_it_first():
    assert str(service_of("tcp", 80, 443)).startswith("RPC")
    assert severity_if_public("tcp", 80, 443) is Severity.CRITICAL


def test_an_interval_of_one_service_names_it_once():
    assert service_of("tcp", 20, 21) == "FTP"
    assert severity_if_public("tcp", 20, 21) is Severity.HIGH


def test_a_long_interval_names_two_services_and_counts_the_others():
    assert service_of("tcp", 20, 25) == "SSH and SFTP, Telnet, 2 more"


def test_a_port_without_a_name_is_medium_and_raises_a_low_neighbour():
    assert service_of("tcp", 12345, 12345) is None
    assert severity_if_public("tcp", 12345, 12345) is Severity.MEDIUM
    assert severity_if_public("tcp", 443, 444) is Severity.MEDIUM


@pytest.mark.parametrize("port", [80, 443])
def test_one_web_port_is_never_all_ports(port):
    assert "all" not in str(service_of("tcp", port, port))


@pytest.mark.parametrize("from_port", [0, 1])
def test_every_port_is_critical_and_says_so(from_port):
    assert service_of("tcp", from_port, 65535) == "all TCP ports"
    assert service_of("udp", from_port, 65535) == "all UDP ports"
    assert severity_if_public("tcp", from_port, 65535) is Severity.CRITICAL


def test_every_protocol_is_critical_and_says_so():
    assert service_of("-1", None, None) == "all protocols"
    assert severity_if_public("-1", None, None) is Severity.CRITICAL


def test_udp_has_a_table_of_its_own():
    assert service_of("udp", 22, 22) is None
    assert service_of("udp", 443, 443) == "HTTPS (QUIC)"
    assert severity_if_public("udp", 22, 22) is Severity.MEDIUM


def test_ping_is_low_and_an_unusual_protocol_medium():
    assert severity_if_public("icmp", None, None) is Severity.LOW
    assert severity_if_public("icmpv6", None, None) is Severity.LOW
    assert severity_if_public("50", None, None) is Severity.MEDIUM


def test_the_scale_lowers_by_one_step_and_stops_at_low():
    steps = [severity.lowered for severity in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)]

    assert steps == ["high", "medium", "low", "low"]


@pytest.mark.parametrize(("from_port", "to_port"), [(2, 65535), (1024, 65535), (0, 65534)])
def test_many_ports_are_not_all_ports(from_port, to_port):
    assert "all" not in str(service_of("tcp", from_port, to_port))
