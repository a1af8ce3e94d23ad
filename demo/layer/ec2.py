"""EC2, answered by moto and mended: what goes in is put so that moto can do it, what comes out is what AWS says."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from werkzeug import Response

from demo.clock import Clock

from . import (
    commitments,
    held,
    images,
    instance_types,
    instances,
    networks,
    paging,
    regions,
    rules,
    volumes,
    zones,
)
from .backend import Moto
from .calls import Call
from .documents import answer, parse
from .errors import error
from .facts import AUTHORIZE, Facts


class Ec2:
    """The part of the layer that speaks EC2."""

    def __init__(self, moto: Moto, clock: Clock, bought: commitments.Commitments, kept: held.Held) -> None:
        self._moto = moto
        self._clock = clock
        self._bought = bought
        self._held = kept
        self._facts = Facts()

    def respond(self, call: Call) -> Response:
        """The answer to an EC2 call."""
        try:
            if (told := self._told(call)) is not None:
                return told
            page = paging.asked_page(call)
        except paging.BadPage as refusal:
            return error(call, 400, refusal.code, str(refusal))
        response = self._moto.forward(call, self._parameters(call, page))
        if response.status_code >= 400:
            return response
        root = parse(response.data)
        self._note(call, root)
        self._mend(call, root)
        if page:
            page.cut(root)
        return answer(root)

    def _told(self, call: Call) -> Response | None:
        """The answer to what is not left to moto. Raises paging.BadPage."""
        match call.operation:
            case "DescribeRegions":
                return regions.describe(call)
            case "DescribeAvailabilityZones":
                return zones.describe(call)
            case "DescribeInstanceTypeOfferings":
                return instance_types.offerings(call)
            case "DescribeInstanceTypes" if instance_types.is_unnamed(call):
                return instance_types.describe(call, self._moto)
            case "DescribeInstanceImageMetadata":
                return self._tell_images_of_instances(call)
            case operation if operation in commitments.LISTED:
                return self._bought.ec2(call)
            case operation if operation in held.LISTED or operation in held.TOLD:
                return self._held.respond(call)
        return None

    def _tell_images_of_instances(self, call: Call) -> Response:
        asked = {"Action": "DescribeInstances", "MaxResults": "1000000"}
        root = parse(self._moto.ask(call.account, call.region, "ec2", asked).data)
        instances.mend(root, paging.INSTANCES, call.region, self._facts, self._clock.now())
        known = [*images.public_images(call.region), *self._held.of(call.account, call.region, "DescribeImages")]
        return held.written(call, {"InstanceImageMetadata": images.metadata(root, known)})

    def _parameters(self, call: Call, page: paging.Page | None) -> dict[str, str] | None:
        if page:
            return paging.whole_list_parameters(call)
        if call.operation == "RunInstances":
            return instances.launch_parameters(call)
        if call.operation.startswith(AUTHORIZE):
            return rules.authorize_parameters(call)
        return None

    def _note(self, call: Call, root: Element) -> None:
        """Keep what moto will have forgotten when somebody asks."""
        match call.operation:
            case "RunInstances":
                instances.after_launch(call, root, self._facts, self._moto)
            case "StartInstances":
                instances.after_start(call, root, self._facts, self._clock.now())
            case "ModifyInstanceAttribute":
                instances.after_change(call, self._facts)
            case "AttachVolume":
                instances.after_attachment(call, self._facts)
            case operation if operation.startswith(AUTHORIZE):
                self._facts.note_descriptions(call)

    def _mend(self, call: Call, root: Element) -> None:
        """Say what AWS says."""
        networks.mend(call, root)
        match call.operation:
            case "RunInstances":
                instances.mend(root, "instancesSet", call.region, self._facts, self._clock.now())
            case "DescribeInstances":
                instances.mend(root, paging.INSTANCES, call.region, self._facts, self._clock.now())
            case "DescribeVolumes":
                volumes.mend(root, self._facts)
            case "DescribeSecurityGroups":
                rules.mend_groups(root, self._facts)
            case "DescribeSecurityGroupRules":
                rules.mend_rules(call, root, self._facts)
