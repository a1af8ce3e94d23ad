"""EC2 instances: what moto drops at launch, and how AWS words what it keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from demo import images

from .backend import Moto
from .calls import Call
from .documents import drop, items, put, text
from .facts import Facts, numbered

# How long AWS goes on listing a terminated instance (EC2 User Guide: "for a short time, usually one hour").
TERMINATED_FOR = timedelta(hours=1)
ENDED = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\)")
EMPTY_IN_AWS = ("association", "stateReason")
GONE_WITH_TERMINATION = (
    *("subnetId", "vpcId", "privateIpAddress", "ipAddress", "dnsName", "privateDnsName", "ipv6Address"),
    "iamInstanceProfile",
)
EMPTY_AFTER_TERMINATION = ("networkInterfaceSet", "groupSet", "blockDeviceMapping")


def launch_parameters(call: Call) -> dict[str, str]:
    """A RunInstances request that moto can carry out: it knows no IOPS and no throughput at launch."""
    parameters = dict(call.parameters)
    for disk in numbered(parameters, "BlockDeviceMapping"):
        if _asks_for_performance(parameters, disk):
            parameters[f"{disk}.Ebs.VolumeType"] = "gp3"
            parameters.pop(f"{disk}.Ebs.Iops", None)
            parameters.pop(f"{disk}.Ebs.Throughput", None)
    return parameters


def after_launch(call: Call, root: Element, facts: Facts, moto: Moto) -> None:
    """Note what moto dropped of a launch, and give its volumes the performance that was asked for."""
    tenancy = call.parameters.get("Placement.Tenancy", "default")
    for instance in items(root, "instancesSet"):
        instance_id = text(instance, "instanceId")
        facts.tenancy[instance_id] = tenancy
        root_device = images.find(text(instance, "imageId"), call.region).root_device
        volumes = {}
        for disk in items(instance, "blockDeviceMapping"):
            device, volume_id = text(disk, "deviceName"), text(disk, "ebs/volumeId")
            volumes[device] = volume_id
            facts.deleted_on_termination[instance_id, device] = text(disk, "ebs/deleteOnTermination") == "true"
            if device == root_device:
                image = images.find(text(instance, "imageId"), call.region)
                facts.source_snapshot[volume_id] = image.snapshot_in(call.region)
        _set_performance(call, volumes, moto)


def after_start(call: Call, root: Element, facts: Facts, now: datetime) -> None:
    """A start is a launch: AWS moves LaunchTime, moto does not."""
    for instance in items(root, "instancesSet"):
        facts.started[text(instance, "instanceId")] = now


def after_change(call: Call, facts: Facts) -> None:
    """Note which volumes an instance will take with it when it goes."""
    for disk in numbered(call.parameters, "BlockDeviceMapping"):
        if kept := call.parameters.get(f"{disk}.Ebs.DeleteOnTermination"):
            device = call.parameters[f"{disk}.DeviceName"]
            facts.deleted_on_termination[call.parameters["InstanceId"], device] = kept == "true"


def after_attachment(call: Call, facts: Facts) -> None:
    """A volume attached later stays when its instance goes."""
    facts.deleted_on_termination[call.parameters["InstanceId"], call.parameters["Device"]] = False


def mend(root: Element, path: str, region: str, facts: Facts, now: datetime) -> None:
    """Forget the instances that AWS would have forgotten, and describe the others as AWS does."""
    for parent in root.iterfind(path):
        for instance in list(parent):
            ended = _ended_at(instance)
            if ended and now - ended >= TERMINATED_FOR:
                parent.remove(instance)
            else:
                _describe(instance, region, facts)


def _describe(instance: Element, region: str, facts: Facts) -> None:
    instance_id, image = text(instance, "instanceId"), images.find(text(instance, "imageId"), region)
    put(instance, "platformDetails", image.platform_details)
    put(instance, "usageOperation", image.usage_operation)
    put(instance, "usageOperationUpdateTime", text(instance, "launchTime"))
    drop(instance, "platform", "kernelId")
    if image.is_windows:
        put(instance, "platform", "windows")
    for tag, value in (
        ("architecture", image.architecture),
        ("rootDeviceName", image.root_device),
        ("virtualizationType", "hvm"),
        ("enaSupport", "true"),
    ):
        put(instance, tag, value)
    placement = instance.find("placement")
    if placement is not None:
        put(placement, "tenancy", facts.tenancy.get(instance_id, "default"))
    if started := facts.started.get(instance_id):
        put(instance, "launchTime", started.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    put(instance, "reason", text(instance, "reason").replace(" UTC)", " GMT)"))
    _describe_network(instance)
    if text(instance, "instanceState/name") == "terminated":
        drop(instance, *GONE_WITH_TERMINATION, *EMPTY_AFTER_TERMINATION)
        for tag in EMPTY_AFTER_TERMINATION:
            put(instance, tag, "")


def _describe_network(instance: Element) -> None:
    """Leave out what is empty, and say at the instance what moto says at its interface only."""
    for parent in list(instance.iter()):
        drop(parent, *[child.tag for child in parent if child.tag in EMPTY_IN_AWS and not "".join(child.itertext())])
    interface = instance.find("networkInterfaceSet/item")
    if interface is None:
        return
    if address := text(interface, "ipv6AddressesSet/item/ipv6Address"):
        put(instance, "ipv6Address", address)
    groups, own = interface.find("groupSet"), instance.find("groupSet")
    if groups is not None and own is not None and not len(own):
        own.extend(ET.fromstring(ET.tostring(groups)))  # noqa: S314 - a copy of our own element


def _ended_at(instance: Element) -> datetime | None:
    if text(instance, "instanceState/name") != "terminated":
        return None
    found = ENDED.search(text(instance, "reason"))
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None


def _asks_for_performance(parameters: Mapping[str, str], disk: str) -> bool:
    return f"{disk}.Ebs.Iops" in parameters or f"{disk}.Ebs.Throughput" in parameters


def _set_performance(call: Call, volumes: Mapping[str, str], moto: Moto) -> None:
    for disk in numbered(call.parameters, "BlockDeviceMapping"):
        if _asks_for_performance(call.parameters, disk):
            asked = {
                name: call.parameters[f"{disk}.Ebs.{name}"]
                for name in ("VolumeType", "Iops", "Throughput")
                if f"{disk}.Ebs.{name}" in call.parameters
            }
            volume_id = volumes[call.parameters[f"{disk}.DeviceName"]]
            moto.ask(call.account, call.region, "ec2", {"Action": "ModifyVolume", "VolumeId": volume_id, **asked})
