"""A place: one region of one account, in which the story makes, changes and ends things by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from .accounts import DemoAccount
from .balancers import Balancers
from .buckets import Buckets
from .clock import Clock
from .holdings import Holdings
from .images import Image
from .layer.held import Held
from .ways import Ways
from .words import Disk, Rule, pairs, tagged

# Nobody starts two machines in the same second.
BETWEEN_STEPS = timedelta(seconds=7)
ASSUMED_BY_EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}

ClientFor = Callable[[str, str, str], Any]


class Place:
    """One region of one account, with the ids of what was made there, by name."""

    def __init__(self, account: DemoAccount, region: str, client_for: ClientFor, clock: Clock, held: Held) -> None:
        self.account = account
        self.region = region
        self.groups: dict[str, str] = {}
        self.prefix_lists: dict[str, str] = {}
        self.subnets: dict[str, str] = {}
        self.instances: dict[str, str] = {}
        self.volumes: dict[str, str] = {}
        self._vpc = ""
        self._clock = clock
        self._ec2 = client_for(account.account_id, region, "ec2")
        self.ways = Ways(account, region, self._ec2)
        self._balancers = Balancers(*(client_for(account.account_id, region, name) for name in ("elbv2", "elb")))
        self.buckets = Buckets(client_for(account.account_id, region, "s3"), region)
        self.holds = Holdings(account, region, held, self._id_of)
        self._iam = client_for(account.account_id, "us-east-1", "iam")

    def network(self, number: int, zones: str = "ab", *, ipv6: bool = False) -> None:
        """A VPC 10.NUMBER.0.0/16 with a public and a private subnet in each zone, and the way out of it."""
        cidr = f"10.{number}.0.0/16"
        vpc = self._ec2.create_vpc(CidrBlock=cidr, AmazonProvidedIpv6CidrBlock=ipv6)["Vpc"]
        self._vpc = vpc["VpcId"]
        self._tag([self._vpc], {"Name": f"{self.account.name}-{self.region}"})
        six = self._ec2.describe_vpcs(VpcIds=[self._vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"] if ipv6 else []
        for count, (kind, zone) in enumerate((kind, zone) for kind in ("public", "private") for zone in zones):
            block = {"Ipv6CidrBlock": six[0]["Ipv6CidrBlock"].replace("00::/56", f"{count:02x}::/64")} if six else {}
            subnet = self._ec2.create_subnet(
                VpcId=self._vpc,
                CidrBlock=f"10.{number}.{count}.0/24",
                AvailabilityZone=f"{self.region}{zone}",
                **block,
            )["Subnet"]["SubnetId"]
            self.subnets[f"{kind}-{zone}"] = subnet
            self._tag([subnet], {"Name": f"{kind}-{zone}"})
            if kind == "public":
                self._ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
        self.ways.open(self._vpc, cidr, self.subnets, ipv6=ipv6)

    def prefix_list(self, name: str, *ranges: str) -> None:
        """A managed prefix list with these IPv4 ranges."""
        entries = [{"Cidr": each, "Description": name} for each in ranges]
        made = self._ec2.create_managed_prefix_list(
            PrefixListName=name, Entries=entries, MaxEntries=10, AddressFamily="IPv4"
        )
        self.prefix_lists[name] = made["PrefixList"]["PrefixListId"]

    def group(self, name: str, description: str, *rules: list[Rule], tags: Mapping[str, str] | None = None) -> None:
        """A security group with these inbound rules."""
        made = self._ec2.create_security_group(
            GroupName=name,
            Description=description,
            VpcId=self._vpc,
            TagSpecifications=tagged("security-group", {"Name": name, **(tags or {})}),
        )
        self.groups[name] = made["GroupId"]
        self.open(name, *rules)

    def open(self, group: str, *rules: list[Rule]) -> None:
        """Add inbound rules to a group."""
        for rule in chain.from_iterable(rules):
            self._ec2.authorize_security_group_ingress(
                GroupId=self.groups[group], IpPermissions=[self._permission(rule)]
            )

    def close(self, group: str, *rules: list[Rule]) -> None:
        """Take inbound rules from a group."""
        for rule in chain.from_iterable(rules):
            self._ec2.revoke_security_group_ingress(GroupId=self.groups[group], IpPermissions=[self._permission(rule)])

    def open_outward(self, group: str, *rules: list[Rule]) -> None:
        """Add outbound rules to a group."""
        for rule in chain.from_iterable(rules):
            self._ec2.authorize_security_group_egress(
                GroupId=self.groups[group], IpPermissions=[self._permission(rule)]
            )

    def delete_group(self, group: str) -> None:
        """Delete a security group."""
        self._ec2.delete_security_group(GroupId=self.groups.pop(group))

    def role(self, name: str) -> None:
        """A role that instances may have, with the instance profile of the same name."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": [ASSUMED_BY_EC2]})
        self._iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
        self._iam.create_instance_profile(InstanceProfileName=name)
        self._iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)

    def launch(
        self,
        name: str,
        type: str,  # noqa: A002 - AWS's word
        image: Image,
        *,
        subnet: str,
        groups: Sequence[str],
        disks: Sequence[Disk] = (Disk(gib=8),),
        count: int = 1,
        tags: Mapping[str, str] | None = None,
        spot: bool = False,
        tenancy: str = "default",
        imdsv2: bool = True,
        monitored: bool = False,
        ipv6: bool = False,
        key: str = "",
        role: str = "",
    ) -> None:
        """Start instances called NAME, or NAME-01 and so on; `subnet` names one, or a kind to take in turn."""
        zones = self._subnets_of(subnet)
        if key:
            self.ways.key(key)
        for number in range(count):
            called = f"{name}-{number + 1:02}" if count > 1 else name
            own = {"Name": called, **(tags or {})}
            options: dict[str, Any] = {
                **({"InstanceMarketOptions": {"MarketType": "spot"}} if spot else {}),
                **({"Ipv6AddressCount": 1} if ipv6 else {}),
                **({"KeyName": key} if key else {}),
                **({"IamInstanceProfile": {"Name": role}} if role else {}),
            }
            made = self._ec2.run_instances(
                ImageId=image.id_in(self.region),
                InstanceType=type,
                MinCount=1,
                MaxCount=1,
                SubnetId=zones[number % len(zones)],
                SecurityGroupIds=[self.groups[group] for group in groups],
                BlockDeviceMappings=[disk.mapping(image.root_device) for disk in disks],
                Placement={"Tenancy": tenancy},
                Monitoring={"Enabled": monitored},
                MetadataOptions={"HttpTokens": "required" if imdsv2 else "optional"},
                ClientToken=f"{self.account.name}-{self.region}-{called}",
                TagSpecifications=[*tagged("instance", own), *tagged("volume", own)],
                **options,
            )["Instances"][0]
            self.instances[called] = made["InstanceId"]
            for disk in made["BlockDeviceMappings"]:
                self.volumes[f"{called}:{disk['DeviceName']}"] = disk["Ebs"]["VolumeId"]
            if spot:
                self.holds.spot_request(called, type, image, made["Placement"]["AvailabilityZone"])
            self._clock.advance(BETWEEN_STEPS)

    def balancer(self, name: str, targets: str, *, group: str, **options: Any) -> None:
        """An application load balancer before the instances whose names begin with TARGETS, if any is named."""
        subnets = "private" if options.get("scheme") == "internal" else "public"
        self._balancers.application(
            name,
            vpc=self._vpc,
            subnets=self._subnets_of(subnets),
            groups=[self.groups[group]],
            targets=self._ids(targets),
            **options,
        )

    def network_balancer(self, name: str, targets: str, *, port: int) -> None:
        """An internal network load balancer before the instances whose names begin with TARGETS."""
        self._balancers.network(
            name, vpc=self._vpc, subnets=self._subnets_of("private"), targets=self._ids(targets), port=port
        )

    def classic_balancer(self, name: str, targets: str, *, group: str, tags: Mapping[str, str] | None = None) -> None:
        """An internal classic load balancer before the instances whose names begin with TARGETS."""
        self._balancers.classic(
            name,
            subnets=self._subnets_of("private"),
            groups=[self.groups[group]],
            targets=self._ids(targets),
            tags=tags,
        )

    def named(self, prefix: str) -> list[str]:
        """The names of the instances that begin like this."""
        return sorted(name for name in self.instances if name.startswith(prefix))

    def stop(self, *names: str) -> None:
        """Stop instances."""
        self._ec2.stop_instances(InstanceIds=[self.instances[name] for name in names])

    def start(self, *names: str) -> None:
        """Start stopped instances."""
        self._ec2.start_instances(InstanceIds=[self.instances[name] for name in names])

    def resize(self, name: str, type: str) -> None:  # noqa: A002 - AWS's word
        """Stop an instance, change its type and start it."""
        self.stop(name)
        self._clock.advance(timedelta(minutes=2))
        self._ec2.modify_instance_attribute(InstanceId=self.instances[name], InstanceType={"Value": type})
        self.start(name)

    def terminate(self, *names: str) -> None:
        """Terminate instances; AWS lists them for another hour."""
        ids = [self.instances.pop(name) for name in names]
        self._ec2.terminate_instances(InstanceIds=ids)
        for instance_id in ids:
            self.holds.forget(instance_id)

    def demand_imdsv2(self, *names: str) -> None:
        """Let these instances answer metadata requests with a token only."""
        for name in names:
            self._ec2.modify_instance_metadata_options(
                InstanceId=self.instances[name], HttpTokens="required", HttpEndpoint="enabled"
            )

    def retag(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags of an instance, a volume or a group."""
        self._tag([self._id_of(name)], tags)

    def volume(
        self,
        name: str,
        gib: int,
        type: str = "gp3",  # noqa: A002 - AWS's word
        *,
        zone: str = "a",
        encrypted: bool = True,
        iops: int | None = None,
        throughput: int | None = None,
        key: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """A volume on its own."""
        performance = {"Iops": iops, "Throughput": throughput}
        made = self._ec2.create_volume(
            Size=gib,
            VolumeType=type,
            AvailabilityZone=f"{self.region}{zone}",
            Encrypted=encrypted,
            TagSpecifications=tagged("volume", {"Name": name, **(tags or {})}),
            **{word: value for word, value in performance.items() if value},
            **({"KmsKeyId": key} if key else {}),
        )
        self.volumes[name] = made["VolumeId"]

    def attach(self, volume: str, instance: str, device: str) -> None:
        """Attach a volume; it stays when the instance goes."""
        self._ec2.attach_volume(VolumeId=self.volumes[volume], InstanceId=self.instances[instance], Device=device)

    def detach(self, volume: str, instance: str) -> None:
        """Detach a volume and leave it."""
        self._ec2.detach_volume(VolumeId=self.volumes[volume], InstanceId=self.instances[instance])

    def change_volume(self, volume: str, **change: Any) -> None:
        """Change VolumeType, Size, Iops or Throughput of a volume."""
        self._ec2.modify_volume(VolumeId=self.volumes[volume], **change)

    def delete_volume(self, *names: str) -> None:
        """Delete volumes that are attached to nothing."""
        for name in names:
            self._ec2.delete_volume(VolumeId=self.volumes.pop(name))

    def _id_of(self, name: str) -> str:
        """The id of an instance, a volume, a subnet, a security group or a target group by its name."""
        known = (self.instances, self.volumes, self.subnets, self.groups, self._balancers.target_groups)
        return next(names[name] for names in known if name in names)

    def _subnets_of(self, kind: str) -> list[str]:
        return [subnet for known, subnet in sorted(self.subnets.items()) if known.startswith(kind)]

    def _ids(self, prefix: str) -> list[str]:
        return [self.instances[name] for name in self.named(prefix)] if prefix else []

    def _tag(self, ids: list[str], tags: Mapping[str, str]) -> None:
        self._ec2.create_tags(Resources=ids, Tags=pairs(tags))

    def _permission(self, rule: Rule) -> dict[str, Any]:
        return rule.permission(self.groups, self.prefix_lists)
