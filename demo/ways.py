"""The ways into and out of a place's network: gateways, routes, addresses, lists at its doors, keys and peerings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .accounts import DemoAccount
from .words import tagged

EVERYWHERE, EVERYWHERE_6 = "0.0.0.0/0", "::/0"
TCP = "6"


class Ways:
    """What leads into and out of the one VPC that a place has, with the ids of what was made, by name."""

    def __init__(self, account: DemoAccount, region: str, ec2: Any) -> None:
        self.account = account
        self.region = region
        self.vpc = ""
        self.cidr = ""
        self.ec2 = ec2
        self.tables: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self._subnets: Mapping[str, str] = {}
        self._keys: set[str] = set()

    def open(self, vpc: str, cidr: str, subnets: Mapping[str, str], *, ipv6: bool) -> None:
        """An internet gateway, a route table for each kind of subnet, and a way out for private ones over IPv6."""
        self.vpc, self.cidr, self._subnets = vpc, cidr, subnets
        named = {"Name": f"{self.account.name}-{self.region}"}
        made = self.ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", named))
        gateway = made["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        for kind in ("public", "private"):
            made = self.ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", {"Name": kind}))
            self.tables[kind] = made["RouteTable"]["RouteTableId"]
            for subnet in self._of_kind(kind):
                self.ec2.associate_route_table(RouteTableId=self.tables[kind], SubnetId=subnet)
        self.route("public", EVERYWHERE, GatewayId=gateway)
        if ipv6:
            made = self.ec2.create_egress_only_internet_gateway(
                VpcId=vpc, TagSpecifications=tagged("egress-only-internet-gateway", named)
            )
            outward = made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
            for table, target in (
                ("public", {"GatewayId": gateway}),
                ("private", {"EgressOnlyInternetGatewayId": outward}),
            ):
                self.ec2.create_route(RouteTableId=self.tables[table], DestinationIpv6CidrBlock=EVERYWHERE_6, **target)

    def route(self, table: str, destination: str, **target: str) -> None:
        """A route of a table, to what `target` names in AWS's words."""
        self.ec2.create_route(RouteTableId=self.tables[table], DestinationCidrBlock=destination, **target)

    def address(self, name: str, *, instance: str = "") -> str:
        """An elastic IP, of an instance or of nothing yet; answers its allocation id."""
        made = self.ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", {"Name": name}))
        self.addresses[name] = made["AllocationId"]
        if instance:
            self.ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=instance)
        return str(made["AllocationId"])

    def nat(self, name: str, subnet: str) -> None:
        """A NAT gateway with an address of its own, through which the private subnets reach the internet."""
        made = self.ec2.create_nat_gateway(
            SubnetId=self._subnets[subnet],
            AllocationId=self.address(name),
            TagSpecifications=tagged("natgateway", {"Name": name}),
        )
        self.route("private", EVERYWHERE, NatGatewayId=made["NatGateway"]["NatGatewayId"])

    def peer(self, other: Ways, name: str) -> None:
        """A peering that the other place accepts, with routes between the private subnets of both."""
        made = self.ec2.create_vpc_peering_connection(
            VpcId=self.vpc,
            PeerVpcId=other.vpc,
            PeerOwnerId=other.account.account_id,
            PeerRegion=other.region,
            TagSpecifications=tagged("vpc-peering-connection", {"Name": name}),
        )
        peering = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        other.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        self.route("private", other.cidr, VpcPeeringConnectionId=peering)
        other.route("private", self.cidr, VpcPeeringConnectionId=peering)

    def guard(self, name: str, kind: str, *allowed: tuple[int, str]) -> None:
        """A network ACL around one kind of subnet that lets only these TCP ports of these ranges in."""
        made = self.ec2.create_network_acl(VpcId=self.vpc, TagSpecifications=tagged("network-acl", {"Name": name}))
        acl = made["NetworkAcl"]["NetworkAclId"]
        for number, (port, source) in enumerate(allowed, start=1):
            ports = {"PortRange": {"From": port, "To": port}}
            self._entry(acl, number * 100, source, egress=False, protocol=TCP, **ports)
        self._entry(acl, 100, EVERYWHERE, egress=True, protocol="-1")
        guarded = set(self._of_kind(kind))
        for known in self.ec2.describe_network_acls()["NetworkAcls"]:
            for association in known["Associations"]:
                if association["SubnetId"] in guarded and known["NetworkAclId"] != acl:
                    self.ec2.replace_network_acl_association(
                        AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                    )

    def interface(self, description: str, subnet: str) -> None:
        """A network interface that is attached to nothing."""
        self.ec2.create_network_interface(SubnetId=self._subnets[subnet], Description=description)

    def key(self, name: str) -> None:
        """A key pair, unless there is one of that name. Its public half follows from the name alone."""
        if name in self._keys:
            return
        self._keys.add(name)
        private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        self.ec2.import_key_pair(KeyName=name, PublicKeyMaterial=public)

    def _of_kind(self, kind: str) -> Sequence[str]:
        return [subnet for name, subnet in sorted(self._subnets.items()) if name.startswith(kind)]

    def _entry(self, acl: str, number: int, source: str, *, egress: bool, protocol: str, **ports: Any) -> None:
        self.ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=number,
            CidrBlock=source,
            Egress=egress,
            Protocol=protocol,
            RuleAction="allow",
            **ports,
        )
