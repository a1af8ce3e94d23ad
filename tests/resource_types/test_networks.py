"""What is read of networks and load balancers beyond the fields that stand in an answer as they are."""

from __future__ import annotations

from typing import Any

from inventory.registry import LinkTo, Reading, Scope, resource_type
from tests.aws_pages import reading

SCOPE = Scope(account_id="111122223333", region="eu-west-1")


def read(slug: str) -> list[Reading]:
    """The readings of a type's page, in its order."""
    kind = resource_type(slug)
    return [kind.read(answers, SCOPE) for answers in reading.answers_of(kind)]


def links(found: Reading, role: str) -> list[LinkTo]:
    return [link for link in found.links if link.role == role]


def named(found: Reading, role: str) -> dict[str, dict[str, Any]]:
    """What a link of this role names, with what is said of it."""
    return {link.target or link.value: dict(link.detail) for link in links(found, role)}


def test_a_route_stands_by_its_destination_and_its_gateway_is_a_relation() -> None:
    public, private, empty = read("route-table")

    assert named(public, "routes")["0.0.0.0/0"]["target"] == "igw-0a000000000000001"
    assert named(public, "routes")["::/0"]["target"] == "eigw-0a000000000000001"
    assert named(public, "routes")["pl-6da54004"]["target"] == "vpce-0a000000000000001"
    assert list(named(public, "internet_gateways")) == ["igw-0a000000000000001"]
    assert list(named(public, "egress_only_gateways")) == ["eigw-0a000000000000001"]
    assert list(named(private, "nat_gateways")) == ["nat-0a000000000000001"]
    assert list(named(private, "peering_connections")) == ["pcx-0a000000000000001"]
    assert not links(empty, "routes")


def test_a_route_to_an_instance_leads_to_the_interface_that_takes_it() -> None:
    _, private, _ = read("route-table")

    assert named(private, "routes")["192.0.2.0/24"]["target"] == "eni-0a000000000000003"
    assert list(named(private, "network_interfaces")) == ["eni-0a000000000000003"]


def test_routes_whose_target_is_gone_are_counted() -> None:
    assert [table.fields["blackholes"] for table in read("route-table")] == [0, 1, 0]
    assert [table.fields["is_main"] for table in read("route-table")] == [False, True, False]


def test_an_entry_of_an_acl_says_what_it_lets_through() -> None:
    _, outer, _ = read("network-acl")

    entries = {link.value: " ".join(str(part) for part in link.detail.values() if part) for link in outer.links}

    assert entries["in 90"] == "deny tcp 22 198.51.100.0/24"
    assert entries["in 100"] == "allow tcp 1024-65535 0.0.0.0/0"
    assert entries["in 110"] == "allow icmp type 8 code -1 0.0.0.0/0"
    assert entries["in 120"] == "allow 47 192.0.2.0/24"
    assert entries["in 130"] == "allow icmpv6 type -1 code -1 ::/0"
    assert entries["out 100"] == "allow all 0.0.0.0/0"


def test_an_address_without_an_association_is_idle() -> None:
    used, of_a_gateway, idle = read("elastic-ip")

    assert [one.fields["is_associated"] for one in (used, of_a_gateway, idle)] == [True, True, False]
    assert used.fields["instance_id"] == "i-0a00000000000001a"
    assert idle.fields["instance_id"] is None
    assert idle.fields["network_interface_id"] is None


def test_blocks_that_were_refused_or_taken_away_are_no_part_of_a_network() -> None:
    _, office, _ = read("vpc")
    public, *_ = read("subnet")

    assert list(named(office, "cidr_blocks")) == ["10.30.0.0/16", "100.64.0.0/16"]
    assert list(named(office, "ipv6_cidr_blocks")) == ["2a05:d018:11aa:2200::/56"]
    assert list(named(public, "ipv6_cidr_blocks")) == ["2a05:d018:11aa:2200::/64"]


def test_an_interface_of_an_aws_service_names_no_instance() -> None:
    web, of_a_balancer, left_over = read("network-interface")

    assert web.fields["instance_id"] == "i-0a00000000000001a"
    assert named(web, "private_addresses")["10.30.0.17"] == {"public_ipv4": "198.51.100.7"}
    assert of_a_balancer.fields["instance_id"] is None
    assert left_over.fields["delete_on_termination"] is None


def test_lists_of_aws_itself_are_left_out() -> None:
    assert [one.name for one in read("prefix-list")] == ["partner banks", "shared offices", "empty"]


def test_a_key_pair_of_the_same_name_is_another_one_when_its_id_is() -> None:
    kind = resource_type("key-pair")
    (first, *_) = reading.answers_of(kind)
    again = {"DescribeKeyPairs": {**first["DescribeKeyPairs"], "KeyPairId": "key-0bbbbbbbbbbbbbbbb"}}

    one, other = (kind.read(answers, SCOPE) for answers in (first, again))

    assert one.native_id == other.native_id == "ops"
    assert one.incarnation != other.incarnation


def test_the_health_of_targets_is_counted_and_told_of_each() -> None:
    web, mail, thumbnails = read("target-group")

    assert (web.fields["healthy_targets"], web.fields["unhealthy_targets"]) == (1, 1)
    assert [link.detail["state"] for link in links(web, "targets")] == ["healthy", "unhealthy", "draining"]
    assert {link.target_type for link in links(web, "targets")} == {"ec2-instance"}
    assert [link.value for link in links(mail, "targets")] == ["10.30.0.18"]
    assert web.fields["health_check"] == "HTTP:traffic-port/health"
    assert thumbnails.fields["health_check"] is None


def test_a_balancer_tells_its_listeners_and_what_a_type_has_no_attribute_for_is_none() -> None:
    web, mail, inspection = read("load-balancer")

    assert named(web, "listeners")["HTTPS:443"] == {
        "default_action": "authenticate-oidc, forward",
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    }
    assert list(named(inspection, "listeners")) == ["all traffic"]
    assert named(mail, "elastic_ips") == {"eipalloc-0a000000000000002": {"public_ipv4": "198.51.100.41"}}
    assert (web.fields["access_logs"], mail.fields["access_logs"], inspection.fields["access_logs"]) == (
        True,
        False,
        None,
    )


def test_a_classic_balancer_tells_which_instances_are_in_service() -> None:
    intranet, legacy, old_shop = read("classic-load-balancer")

    assert named(intranet, "instances")["i-0a00000000000001b"] == {"state": "OutOfService", "reason": "Instance"}
    assert [one.fields["healthy_instances"] for one in (intranet, legacy, old_shop)] == [1, 0, 0]
    assert [one.fields["unhealthy_instances"] for one in (intranet, legacy, old_shop)] == [1, 0, 0]
    assert named(intranet, "listeners")["HTTPS:443"] == {"to": "HTTP:8080"}
