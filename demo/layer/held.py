"""What moto lacks, or tells too little of: things that are kept as AWS lists them.

Whoever tells the story puts them here in AWS's own documents (`demo/holdings.py`), and changes or drops them as time
goes by; the answers are written by botocore's own description of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import StructureShape
from werkzeug import Response

from . import images, models, paging
from .calls import Call
from .documents import answer, tell
from .errors import error
from .facts import numbered

NAMESPACES = {
    "ec2": "http://ec2.amazonaws.com/doc/2016-11-15",
    "autoscaling": "http://autoscaling.amazonaws.com/doc/2011-01-01/",
}
Thing = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How an operation lists things: the key of their ids, the parameter that takes ids, and AWS's word for none."""

    items: str
    key: str
    ids: str
    absent: str = ""


LISTED = {
    "DescribeImages": Listing(items="Images", key="ImageId", ids="ImageId", absent="InvalidAMIID.NotFound"),
    "DescribeSnapshots": Listing(
        items="Snapshots", key="SnapshotId", ids="SnapshotId", absent="InvalidSnapshot.NotFound"
    ),
    "DescribeLaunchTemplates": Listing(
        items="LaunchTemplates",
        key="LaunchTemplateId",
        ids="LaunchTemplateId",
        absent="InvalidLaunchTemplateId.NotFound",
    ),
    "DescribePlacementGroups": Listing(items="PlacementGroups", key="GroupId", ids="GroupId"),
    "DescribeCapacityReservations": Listing(
        items="CapacityReservations", key="CapacityReservationId", ids="CapacityReservationId"
    ),
    "DescribeSpotInstanceRequests": Listing(
        items="SpotInstanceRequests", key="SpotInstanceRequestId", ids="SpotInstanceRequestId"
    ),
    "DescribeAutoScalingGroups": Listing(
        items="AutoScalingGroups", key="AutoScalingGroupName", ids="AutoScalingGroupNames.member"
    ),
}
"""The operations that list what is kept here."""

TOLD = {
    "DescribeImageAttribute": ("DescribeImages", "ImageId", "LaunchPermissions"),
    "DescribeSnapshotAttribute": ("DescribeSnapshots", "SnapshotId", "CreateVolumePermissions"),
    "DescribeLaunchTemplateVersions": ("DescribeLaunchTemplates", "LaunchTemplateId", "LaunchTemplateVersions"),
}
"""The operations that tell one list of one thing: what lists the thing, the parameter that names it, and the list."""


@dataclass
class Held:
    """Everything that is kept, by account, region and the operation that lists it."""

    things: dict[tuple[str, str, str], list[Thing]] = field(default_factory=dict)
    told: dict[str, list[Thing]] = field(default_factory=dict)
    """What is told of a thing by another operation, by the thing's id."""

    def of(self, account: str, region: str, operation: str) -> list[Thing]:
        """What an account has in a region; may be changed."""
        return self.things.setdefault((account, region, operation), [])

    def respond(self, call: Call) -> Response:
        """The answer to one of `LISTED` or `TOLD`. Raises paging.BadPage."""
        if call.operation not in LISTED and call.operation not in TOLD:
            return error(call, 400, "InvalidAction", f"The emulator does not know {call.operation}.")
        if call.operation in TOLD:
            return self._tell_of_one(call)
        listing = LISTED[call.operation]
        asked = [call.parameters[name] for name in numbered(call.parameters, listing.ids)]
        found = list(self._chosen(call, listing, asked))
        if listing.absent and (missing := set(asked) - {thing[listing.key] for thing in found}):
            return error(call, 400, listing.absent, f"The ids {sorted(missing)} do not exist")
        return written(call, {listing.items: found})

    def _chosen(self, call: Call, listing: Listing, asked: list[str]) -> Iterator[Thing]:
        for thing in self._candidates(call):
            if (not asked or thing[listing.key] in asked) and _passes(call, listing, thing):
                yield {name: value for name, value in thing.items() if not name.startswith("_")}

    def _candidates(self, call: Call) -> list[Thing]:
        """Things of the account; of images also those that everybody may use, unless the owner is asked for."""
        own = [thing for thing in self.of(call.account, call.region, call.operation) if not thing.get("_is_gone")]
        owners = {call.parameters[name] for name in numbered(call.parameters, "Owner")}
        if call.operation != "DescribeImages" or owners & {"self", call.account}:
            return own
        return [*own, *images.public_images(call.region)]

    def _tell_of_one(self, call: Call) -> Response:
        lists, parameter, name = TOLD[call.operation]
        asked = call.parameters.get(parameter, "")
        things = self.of(call.account, call.region, lists)
        if not any(thing[LISTED[lists].key] == asked and not thing.get("_is_gone") for thing in things):
            return error(call, 400, LISTED[lists].absent, f"The id '{asked}' does not exist")
        document = {} if name == "LaunchTemplateVersions" else {parameter: asked}
        return written(call, {**document, name: deepcopy(self.told.get(asked, []))})


def _passes(call: Call, listing: Listing, thing: Thing) -> bool:
    """Whether a thing passes the filters of a call, of which the one by id is known."""
    return all(
        thing[listing.key] in {call.parameters[value] for value in numbered(call.parameters, f"{given}.Value")}
        for given in numbered(call.parameters, "Filter")
    )


def written(call: Call, document: Mapping[str, Any]) -> Response:
    """An answer that says this, cut to the page that is asked for. Raises paging.BadPage."""
    output = models.service_model(call.service).operation_model(call.operation).output_shape
    root = ET.Element(f"{call.operation}Response", xmlns=NAMESPACES[call.service])
    if not isinstance(output, StructureShape):
        raise TypeError(f"{call.operation} answers nothing")
    wrapper = output.serialization.get("resultWrapper")
    parent = ET.SubElement(root, wrapper) if wrapper else root
    page = paging.asked_page(call) if call.service == "ec2" else None
    tell(parent, output, document)
    if page:
        page.cut(root)
    return answer(root)
