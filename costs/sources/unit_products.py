"""Products of AWS's price list that are priced by the unit, named as the tables of unit prices name them.

A usage type begins with AWS's billing code of the region and says then what is used: `EU-EBS:VolumeUsage.gp3`. Lists
spell units in several ways ("GB-Mo", "GB-month"), and price single requests where pages speak of a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

ONE, THOUSAND, TEN_THOUSAND = Decimal(1), Decimal(1_000), Decimal(10_000)

Units = Mapping[str, Decimal]
Described = tuple[str, str, str, str, Units]
"""Service, item, dimension, unit, and the list's names of that unit with the factor from their price to ours."""

GB_MONTH: Units = {"GB-Mo": ONE, "GB-month": ONE, "GB-Month": ONE}
IOPS_MONTH: Units = {"IOPS-Mo": ONE, "IOPS-month": ONE}
GIBPS_MONTH: Units = {"GiBps-mo": ONE, "GiBps-month": ONE, "MiBps-mo": Decimal(1024), "MiBps-month": Decimal(1024)}
GB: Units = {"GB": ONE}
HOURS: Units = {"Hrs": ONE, "hours": ONE, "Hours": ONE, "hour": ONE}
REQUESTS: Units = {"Requests": ONE, "IOs": ONE}
A_THOUSAND_REQUESTS: Units = {"Requests": THOUSAND}

STORAGE_TIERS = {Decimal(51_200): "50-500 TB tier", Decimal(512_000): "over 500 TB tier"}
"""S3's tiers of storage by the GB at which they begin, above the first."""

PREFIX = re.compile(r"^(?:AF|AP|CA|CN|EU|IL|ME|MX|SA|UG|US)[A-Z]?\d*-", re.ASCII)
"""A region's billing code: `EU-`, `APN1-`, `UGW1-`; us-east-1 has `USE1-` or none."""

_VOLUMES = {"": "standard", ".gp2": "gp2", ".gp3": "gp3", ".piops": "io1", ".io2": "io2", ".st1": "st1", ".sc1": "sc1"}
EBS: dict[str, tuple[str, str, str, Units]] = {
    **{f"EBS:VolumeUsage{suffix}": (item, "storage_gb_mo", "GB-month", GB_MONTH) for suffix, item in _VOLUMES.items()},
    "EBS:VolumeP-IOPS.piops": ("io1", "iops_mo", "IOPS-month", IOPS_MONTH),
    "EBS:VolumeP-IOPS.gp3": ("gp3", "iops_mo", "IOPS-month", IOPS_MONTH),
    "EBS:VolumeP-IOPS.io2": ("io2", "iops_mo_tier1", "IOPS-month", IOPS_MONTH),
    "EBS:VolumeP-IOPS.io2.tier2": ("io2", "iops_mo_tier2", "IOPS-month", IOPS_MONTH),
    "EBS:VolumeP-IOPS.io2.tier3": ("io2", "iops_mo_tier3", "IOPS-month", IOPS_MONTH),
    "EBS:VolumeP-Throughput.gp3": ("gp3", "throughput_gibps_mo", "GiBps-month", GIBPS_MONTH),
    "EBS:VolumeIOUsage": ("standard", "io_requests", "request", REQUESTS),
    "EBS:SnapshotUsage": ("snapshot", "storage_gb_mo", "GB-month", GB_MONTH),
    "EBS:SnapshotArchiveStorage": ("snapshot", "archive_gb_mo", "GB-month", GB_MONTH),
    "EBS:SnapshotArchiveRetrieval": ("snapshot", "archive_retrieval_gb", "GB", GB),
    "EBS:FastSnapshotRestore": ("snapshot", "fast_restore_hr", "hour", HOURS),
}

# S3's classes by the word that stands for them in usage types, as the bundled table names them.
_CLASSES = {
    "": "Standard",
    "INT": "Intelligent tiering",
    "SIA": "Standard - infrequent access",
    "ZIA": "One zone - infrequent access",
    "GIR": "Glacier instant retrieval",
    "GLACIER": "Glacier flexible retrieval",
    "GDA": "Glacier deep archive",
}
_REQUEST_WORDS = {"1": "PUT, COPY, POST, LIST requests", "2": "GET, SELECT, and all other requests"}
_TIERING = {
    "FA": "frequent access",
    "IA": "infrequent access",
    "AIA": "archive instant access",
    "AA": "archive access",
    "DAA": "deep archive access",
}
_SPEEDS = {"Standard": "standard", "Bulk": "bulk", "Expedited": "expedited"}
_RESTORED = {"": "GLACIER", "RestoreObject": "GLACIER", "DeepArchiveRestoreObject": "GDA"}
S3_STORAGE = re.compile(r"TimedStorage-(?:(?P<class>SIA|ZIA|GIR|GDA)-|(?P<glacier>Glacier))?ByteHrs", re.ASCII)
S3_TIERING = re.compile(r"TimedStorage-INT-(?P<tier>FA|IA|AIA|AA|DAA)-ByteHrs", re.ASCII)
S3_REQUESTS = re.compile(r"Requests-(?:(?P<class>INT|SIA|ZIA|GIR|GLACIER|GDA)-)?Tier(?P<tier>[12])", re.ASCII)
S3_TRANSITION = re.compile(r"S3-(?P<class>INT|SIA|ZIA|GIR|Glacier|GDA)Transition", re.ASCII)
S3_RETRIEVAL = re.compile(r"Retrieval-(?P<class>SIA|ZIA|GIR)", re.ASCII)
S3_RESTORE = re.compile(r"(?P<speed>Standard|Bulk|Expedited)-Retrieval-Bytes", re.ASCII)

BALANCERS = {
    "Load Balancer": "classic",
    "Load Balancer-Application": "application",
    "Load Balancer-Network": "network",
    "Load Balancer-Gateway": "gateway",
}
LCU_HOURS: Units = {"LCU-Hrs": ONE, "LCU-hours": ONE, "NLCU-Hrs": ONE, "GLCU-Hrs": ONE}
VPC: dict[str, tuple[str, str, str, Units]] = {
    "NatGateway-Hours": ("nat-gateway", "hour", "hour", HOURS),
    "NatGateway-Bytes": ("nat-gateway", "processed_gb", "GB", GB),
    "PublicIPv4:InUseAddress": ("public-ipv4", "in_use_hour", "hour", HOURS),
    "PublicIPv4:IdleAddress": ("public-ipv4", "idle_hour", "hour", HOURS),
}
CREDITS = re.compile(r"CPUCredits:(?P<family>[a-z0-9]+)", re.ASCII)
VCPU_HOURS: Units = {"vCPU-Hours": ONE}

# SageMaker's components by the word that stands for them in usage types.
COMPONENTS = {
    "Host": "hosting",
    "Train": "training",
    "Notebk": "notebook",
    "Processing": "processing",
    "Tsform": "batch_transform",
    "Studio": "studio",
    "AsyncInf": "asynchronous_inference",
    "DataWrangler": "data_wrangler",
}
SAGEMAKER = re.compile(r"(?P<component>[A-Za-z]+):(?P<instance>ml\.[a-z0-9-]+\.[a-z0-9-]+)", re.ASCII)
SAGEMAKER_VOLUME = re.compile(r"(?P<component>[A-Za-z]+):VolumeUsage\.gp2", re.ASCII)


def unit_of(service: str, family: str, get: Callable[[str], str]) -> Described | None:
    """What a product is priced by; None where it is none that is priced here. `get` gives its attributes."""
    usage = PREFIX.sub("", get("usagetype"))
    match service:
        case "AmazonEC2":
            return _ec2(usage, family, get)
        case "AmazonS3" | "AmazonS3GlacierDeepArchive" | "AmazonGlacier":
            return _s3(usage, get("operation"))
        case "AmazonSageMaker":
            return _sagemaker(usage)
        case "AmazonVPC":
            return _described("vpc", VPC.get(usage))
        case "AWSELB":
            return _balancer(usage, family)
        case _:
            return None


def is_tiered(item: str, dimension: str) -> bool:
    """Whether large quantities of it are cheaper, in tiers that are known."""
    return (item, dimension) in {
        ("Standard", "Storage"),
        ("Intelligent tiering", "Storage (frequent access)"),
    }


def _described(service: str, rest: tuple[str, str, str, Units] | None) -> Described | None:
    return None if rest is None else (service, *rest)


def _ec2(usage: str, family: str, get: Callable[[str], str]) -> Described | None:
    if usage in EBS:
        return ("ebs", *EBS[usage])
    # NAT gateways and load balancers stood in EC2's list before services of their own had one.
    if usage in VPC:
        return ("vpc", *VPC[usage])
    if family in BALANCERS:
        return _balancer(usage, family)
    if family == "Fee" and get("group") == "EC2-Dedicated Usage":
        return ("ec2", "dedicated-fee", "hour", "hour", HOURS)
    family_of_credits = CREDITS.fullmatch(usage)
    system = get("operatingsystem").lower()
    if family_of_credits and system in ("linux", "windows"):
        return ("ec2", family_of_credits["family"], f"cpu_credits_{system}", "vCPU-hour", VCPU_HOURS)
    return None


def _s3(usage: str, operation: str) -> Described | None:
    if found := S3_STORAGE.fullmatch(usage):
        return ("s3", _CLASSES["GLACIER" if found["glacier"] else found["class"] or ""], "Storage", "GB", GB_MONTH)
    if found := S3_TIERING.fullmatch(usage):
        return ("s3", _CLASSES["INT"], f"Storage ({_TIERING[found['tier']]})", "GB", GB_MONTH)
    if found := S3_REQUESTS.fullmatch(usage):
        words = _REQUEST_WORDS[found["tier"]]
        return ("s3", _CLASSES[found["class"] or ""], words, "1k requests", A_THOUSAND_REQUESTS)
    if (found := S3_TRANSITION.fullmatch(operation)) and usage.startswith("Requests-"):
        return ("s3", _CLASSES[found["class"].upper()], "Lifecycle transition", "1k requests", A_THOUSAND_REQUESTS)
    if found := S3_RETRIEVAL.fullmatch(usage):
        return ("s3", _CLASSES[found["class"]], "Retrievals", "GB", GB)
    if (found := S3_RESTORE.fullmatch(usage)) and operation in _RESTORED:
        return ("s3", _CLASSES[_RESTORED[operation]], f"Retrievals ({_SPEEDS[found['speed']]})", "GB", GB)
    if usage == "Monitoring-Automation-INT":
        return ("s3", _CLASSES["INT"], "Monitoring and automation", "1k objects", {"Objects": THOUSAND})
    if usage == "TagStorage-TagHrs":
        return ("s3", "Bucket", "Object tagging", "10k tags", {"Tag-Mo": TEN_THOUSAND})
    return None


def _sagemaker(usage: str) -> Described | None:
    if (found := SAGEMAKER.fullmatch(usage)) and found["component"] in COMPONENTS:
        return ("sagemaker", found["instance"], COMPONENTS[found["component"]], "hour", HOURS)
    if (found := SAGEMAKER_VOLUME.fullmatch(usage)) and found["component"] in COMPONENTS:
        return ("sagemaker", "volume", f"{COMPONENTS[found['component']]}_gb_mo", "GB-month", GB_MONTH)
    return None


def _balancer(usage: str, family: str) -> Described | None:
    if family not in BALANCERS:
        return None
    kind = BALANCERS[family]
    match usage:
        case "LoadBalancerUsage":
            return ("elb", kind, "hour", "hour", HOURS)
        case "LCUUsage":
            return ("elb", kind, "lcu_hour", "LCU-hour", LCU_HOURS)
        case "DataProcessing-Bytes" if kind == "classic":
            return ("elb", kind, "processed_gb", "GB", GB)
        case _:
            return None
