"""The fleet that is listed: so many instances with what belongs to them, spread evenly over regions.

For N instances there are 1.5 N volumes, a tenth of N security groups with three rules each, and some buckets. An
instance is about 4.8 KB of XML, a volume 0.8 KB and a group 1.2 KB, as AWS answers for a tagged instance with a network
interface, two disks and two groups. Everything follows from the number of the item, so two processes see the same.

A fleet has a version. With each one, 0.5 % of the items of every kind but buckets look different from before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.empty import EMPTY_LISTINGS

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "sa-east-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
)
ACCOUNTS = 2
"""So many share a ledger of pages, unless another number is asked for."""

ACCOUNT_ID = "111122223333"
TYPE_SIZES = {
    "t3.medium": (2, 4096),
    "t3.large": (2, 8192),
    "m5.large": (2, 8192),
    "m5.2xlarge": (8, 32768),
    "m6g.xlarge": (4, 16384),
    "c5.4xlarge": (16, 32768),
    "r5.xlarge": (4, 32768),
    "r6i.8xlarge": (32, 262144),
}
CHANGES_ONE_IN = 200
RULES_FOR_EACH_GROUP = 3
ZONES_FOR_EACH_REGION = 3
LEAST_BUCKETS = 20
INSTANCES_FOR_EACH_BUCKET = 500


@dataclass(frozen=True)
class Fleet:
    """`instances` over the first `region_count` regions, as they look in one version."""

    instances: int
    region_count: int = len(REGIONS)
    version: int = 0

    @property
    def regions(self) -> tuple[str, ...]:
        """The enabled regions."""
        return REGIONS[: self.region_count]

    @property
    def counts(self) -> dict[str, int]:
        """How many items there are of each resource type, by its slug."""
        groups = max(self.instances // 10, self.region_count)
        return {
            "ec2-instance": self.instances,
            "ebs-volume": self.instances * 3 // 2,
            "security-group": groups,
            "security-group-rule": groups * RULES_FOR_EACH_GROUP,
            "availability-zone": ZONES_FOR_EACH_REGION * self.region_count,
            "instance-type-offering": len(TYPE_SIZES) * self.region_count,
            "region": self.region_count,
            "region-services": self.region_count,
            "savings-plan": 0,
            **dict.fromkeys(EMPTY_LISTINGS, 0),
            "s3-bucket": max(LEAST_BUCKETS, self.instances // INSTANCES_FOR_EACH_BUCKET),
        }

    def items(self, slug: str, region: str) -> list[str]:
        """The XML of every item of a regional type in one region."""
        render = _RENDERERS[slug]
        return [render(number, region, self._appearance(number)) for number in self._numbers(slug, region)]

    def count_in(self, slug: str, region: str) -> int:
        """How many items of a regional type one region has."""
        return len(self._numbers(slug, region))

    @property
    def changed(self) -> int:
        """How many items look different from the version before; buckets never do."""
        return sum(
            number % CHANGES_ONE_IN == self.version - 1 for slug in _RENDERERS for number in range(self.counts[slug])
        )

    def _numbers(self, slug: str, region: str) -> range:
        place, count = self.regions.index(region), self.counts[slug]
        return range(count * place // self.region_count, count * (place + 1) // self.region_count)

    def _appearance(self, number: int) -> int:
        """How often the item has changed: in version V, those with a remainder below V have."""
        return int(number % CHANGES_ONE_IN < self.version)

    def bucket_region(self, number: int) -> str:
        """Where a bucket lies."""
        return self.regions[number % self.region_count]


def bucket_name(number: int) -> str:
    """The name of a bucket."""
    return f"acme-bench-{number:05d}"


def type_document(name: str) -> str:
    """An instance type as DescribeInstanceTypes answers it, what nobody reads left out."""
    vcpu, memory = TYPE_SIZES[name]
    return (
        f"<item><instanceType>{name}</instanceType><currentGeneration>true</currentGeneration>"
        f"<vCpuInfo><defaultVCpus>{vcpu}</defaultVCpus></vCpuInfo>"
        f"<memoryInfo><sizeInMiB>{memory}</sizeInMiB></memoryInfo></item>"
    )


def _instance(number: int, region: str, appearance: int) -> str:
    type_name = list(TYPE_SIZES)[number % len(TYPE_SIZES)]
    code, state = ((16, "running"), (80, "stopped"))[appearance]
    address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
    dashed, group = address.replace(".", "-"), number // 10
    public, public_name = _public(number, region)
    vpc, subnet = f"vpc-{number // 500:017x}", f"subnet-{number // 100:017x}"
    launched = f"2026-{number % 9 + 1:02d}-{number % 28 + 1:02d}T{number % 24:02d}:14:07.000Z"
    groups = "".join(
        f"<item><groupId>sg-{one:017x}</groupId><groupName>group {one}</groupName></item>" for one in (group, 0)
    )
    disks = "".join(
        f"<item><deviceName>{device}</deviceName><ebs><volumeId>vol-{volume:017x}</volumeId><status>attached</status>"
        f"<attachTime>{launched}</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item>"
        for device, volume in (("/dev/xvda", number), ("/dev/sdf", number + 500_000_000))
    )
    return (
        f"<item><reservationId>r-{number:017x}</reservationId><ownerId>{ACCOUNT_ID}</ownerId><groupSet/>"
        f"<instancesSet><item><instanceId>i-{number:017x}</instanceId><imageId>ami-{number // 50:017x}</imageId>"
        f"<instanceState><code>{code}</code><name>{state}</name></instanceState>"
        f"<privateDnsName>ip-{dashed}.{region}.compute.internal</privateDnsName>"
        f"<dnsName>{public_name}</dnsName><ipAddress>{public}</ipAddress><reason/>"
        f"<keyName>ops-{number % 7}</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/>"
        f"<instanceType>{type_name}</instanceType><launchTime>{launched}</launchTime>"
        f"<placement><availabilityZone>{region}{'abc'[number % 3]}</availabilityZone><groupName/>"
        "<tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring>"
        f"<subnetId>{subnet}</subnetId><vpcId>{vpc}</vpcId><privateIpAddress>{address}</privateIpAddress>"
        f"<sourceDestCheck>true</sourceDestCheck><groupSet>{groups}</groupSet><architecture>x86_64</architecture>"
        "<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>"
        f"<blockDeviceMapping>{disks}</blockDeviceMapping><virtualizationType>hvm</virtualizationType>"
        f"<clientToken>bench-{number:032x}</clientToken>{_tags(number, 'host')}<hypervisor>xen</hypervisor>"
        f"<networkInterfaceSet>{_interface(number, region, launched, address, groups)}</networkInterfaceSet>"
        f"<iamInstanceProfile><arn>arn:aws:iam::{ACCOUNT_ID}:instance-profile/role-{number % 40}</arn>"
        f"<id>AIPAEXAMPLE{number % 40:010d}</id></iamInstanceProfile><ebsOptimized>true</ebsOptimized>"
        "<enaSupport>true</enaSupport><cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore>"
        "</cpuOptions><capacityReservationSpecification><capacityReservationPreference>open"
        "</capacityReservationPreference></capacityReservationSpecification><hibernationOptions><configured>false"
        "</configured></hibernationOptions><metadataOptions><state>applied</state><httpTokens>required</httpTokens>"
        "<httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint>"
        "<httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>disabled</instanceMetadataTags>"
        "</metadataOptions><enclaveOptions><enabled>false</enabled></enclaveOptions><bootMode>uefi</bootMode>"
        "<maintenanceOptions><autoRecovery>default</autoRecovery></maintenanceOptions>"
        "<platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances</usageOperation>"
        f"<usageOperationUpdateTime>{launched}</usageOperationUpdateTime><privateDnsNameOptions>"
        "<hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>false</enableResourceNameDnsARecord>"
        "<enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptions>"
        "</item></instancesSet></item>"
    )


def _public(number: int, region: str) -> tuple[str, str]:
    """The public address and name of an instance."""
    address = f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"
    return address, f"ec2-{address.replace('.', '-')}.{region}.compute.amazonaws.com"


def _interface(number: int, region: str, launched: str, address: str, groups: str) -> str:
    dashed = address.replace(".", "-")
    public, public_name = _public(number, region)
    return (
        f"<item><networkInterfaceId>eni-{number:017x}</networkInterfaceId><subnetId>subnet-{number // 100:017x}"
        f"</subnetId><vpcId>vpc-{number // 500:017x}</vpcId><description/><ownerId>{ACCOUNT_ID}</ownerId>"
        f"<status>in-use</status><macAddress>02:{number % 256:02x}:6b:1f:30:c7</macAddress>"
        f"<privateIpAddress>{address}</privateIpAddress><privateDnsName>ip-{dashed}.{region}.compute.internal"
        f"</privateDnsName><sourceDestCheck>true</sourceDestCheck><groupSet>{groups}</groupSet><attachment>"
        f"<attachmentId>eni-attach-{number:017x}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status>"
        f"<attachTime>{launched}</attachTime><deleteOnTermination>true</deleteOnTermination>"
        "<networkCardIndex>0</networkCardIndex></attachment>"
        f"<association><publicIp>{public}</publicIp><publicDnsName>{public_name}</publicDnsName>"
        "<ipOwnerId>amazon</ipOwnerId></association><privateIpAddressesSet><item>"
        f"<privateIpAddress>{address}</privateIpAddress><privateDnsName>ip-{dashed}.{region}.compute.internal"
        "</privateDnsName><primary>true</primary></item></privateIpAddressesSet><ipv6AddressesSet/>"
        "<interfaceType>interface</interfaceType><operator><managed>false</managed></operator></item>"
    )


def _volume(number: int, region: str, appearance: int) -> str:
    created = f"2026-{number % 9 + 1:02d}-{number % 28 + 1:02d}T{number % 24:02d}:14:08.123Z"
    return (
        f"<item><volumeId>vol-{number:017x}</volumeId><size>{100 * (1 + appearance)}</size>"
        f"<snapshotId>snap-{number // 50:017x}</snapshotId><availabilityZone>{region}{'abc'[number % 3]}"
        f"</availabilityZone><status>in-use</status><createTime>{created}</createTime><attachmentSet><item>"
        f"<volumeId>vol-{number:017x}</volumeId><instanceId>i-{number:017x}</instanceId><device>/dev/xvda</device>"
        f"<status>attached</status><attachTime>{created}</attachTime><deleteOnTermination>true</deleteOnTermination>"
        f"</item></attachmentSet>{_tags(number, 'disk', 1)}<volumeType>gp3</volumeType><iops>3000</iops>"
        "<throughput>125</throughput><encrypted>false</encrypted><multiAttachEnabled>false</multiAttachEnabled></item>"
    )


def _group(number: int, region: str, appearance: int) -> str:
    ranges = "".join(
        f"<item><ipProtocol>tcp</ipProtocol><fromPort>{port}</fromPort><toPort>{port}</toPort><groups/><ipRanges>"
        f"<item><cidrIp>10.{number % 256}.0.0/16</cidrIp><description>offices</description></item></ipRanges>"
        "<ipv6Ranges/><prefixListIds/></item>"
        for port in (443, 8443)
    )
    return (
        f"<item><ownerId>{ACCOUNT_ID}</ownerId><groupId>sg-{number:017x}</groupId><groupName>group {number}</groupName>"
        f"<groupDescription>Members of application {number}</groupDescription><vpcId>vpc-{number // 50:017x}</vpcId>"
        f"<ipPermissions>{ranges}</ipPermissions><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/>"
        "<ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item>"
        f"</ipPermissionsEgress>{_tags(number, 'group', 1, team=f'team-{number % 12 + 20 * appearance}')}"
        f"<securityGroupArn>arn:aws:ec2:{region}:{ACCOUNT_ID}:security-group/sg-{number:017x}</securityGroupArn></item>"
    )


def _rule(number: int, region: str, appearance: int) -> str:
    group, kind = divmod(number, RULES_FOR_EACH_GROUP)
    port, cidr = ((443, f"10.{group % 256}.0.0/16"), (8443, f"10.{group % 256}.0.0/16"), (-1, "0.0.0.0/0"))[kind]
    protocol, is_egress = ("-1", "true") if port == -1 else ("tcp", "false")
    return (
        f"<item><securityGroupRuleId>sgr-{number:017x}</securityGroupRuleId><groupId>sg-{group:017x}</groupId>"
        f"<groupOwnerId>{ACCOUNT_ID}</groupOwnerId><isEgress>{is_egress}</isEgress><ipProtocol>{protocol}</ipProtocol>"
        f"<fromPort>{port}</fromPort><toPort>{port}</toPort><cidrIpv4>{cidr}</cidrIpv4>"
        f"<description>{('offices', 'offices and partners')[appearance]}</description><tagSet/>"
        f"<securityGroupRuleArn>arn:aws:ec2:{region}:{ACCOUNT_ID}:security-group-rule/sgr-{number:017x}"
        "</securityGroupRuleArn></item>"
    )


def _tags(number: int, kind: str, more: int = 4, **given: str) -> str:
    values: dict[str, str] = {"Name": f"{kind}-{number:07d}"}
    others = {"team": f"team-{number % 12}", "env": ("prod", "test")[number % 2], "cost-centre": f"{number % 40:04d}"}
    others["patch-group"] = f"week-{number % 4}"
    values |= dict(list(others.items())[:more]) | given
    tags = "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in values.items())
    return f"<tagSet>{tags}</tagSet>"


_RENDERERS: Mapping[str, Callable[[int, str, int], str]] = {
    "ec2-instance": _instance,
    "ebs-volume": _volume,
    "security-group": _group,
    "security-group-rule": _rule,
}
