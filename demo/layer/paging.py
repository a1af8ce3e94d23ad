"""Paging of EC2's lists: moto answers everything at once, AWS a page and a token.

Which operations page, and which list they page, is botocore's knowledge. DescribeInstances pages by instance: one
reservation may begin on one page and end on the next.
"""

from __future__ import annotations

import base64
from binascii import Error as NotBase64
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from . import models
from .calls import Call
from .documents import put

SMALLEST_PAGE = 5
LARGEST_PAGE = 1000
INSTANCES = "reservationSet/item/instancesSet"


class BadPage(Exception):
    """The asked page does not exist; `code` is AWS's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of a list is asked for."""

    path: str
    start: int
    size: int
    mark: str

    @property
    def next_token(self) -> str:
        """The token of the page after this one."""
        return base64.b64encode(f"{self.mark}/{self.start + self.size}".encode()).decode()

    def cut(self, root: Element) -> None:
        """Leave only this page in the answer, with the next one's token when there is a next one."""
        lists = list(root.iterfind(self.path))
        found = [(parent, item) for parent in lists for item in parent]
        for position, (parent, item) in enumerate(found):
            if not self.start <= position < self.start + self.size:
                parent.remove(item)
        if self.path == INSTANCES:
            _drop_empty_reservations(root)
        if len(found) > self.start + self.size:
            put(root, "nextToken", self.next_token)


def asked_page(call: Call) -> Page | None:
    """The page that a call asks for, or nothing when its operation has no pages. Raises BadPage."""
    known = models.paginators("ec2").get(call.operation)
    if known is None or not isinstance(known["result_key"], str):
        return None
    operation = models.service_model("ec2").operation_model(call.operation)
    given, output = operation.input_shape, operation.output_shape
    if given is None or output is None or "MaxResults" not in given.members:
        return None
    if "InstanceId.1" in call.parameters and "MaxResults" in call.parameters:
        message = "The parameter instancesSet cannot be used with the parameter maxResults"
        raise BadPage("InvalidParameterCombination", message)
    path = str(output.members[known["result_key"]].serialization["name"])
    limits = given.members["MaxResults"].metadata
    mark = f"{call.account}/{call.region}/{call.operation}"
    return Page(
        path=INSTANCES if call.operation == "DescribeInstances" else path,
        start=_start(mark, call.parameters.get("NextToken", "")),
        size=_size(call.parameters.get("MaxResults"), int(limits.get("max", LARGEST_PAGE))),
        mark=mark,
    )


def whole_list_parameters(call: Call) -> dict[str, str]:
    """The call without its page. moto itself would cut instances after 100 reservations unless told otherwise."""
    parameters = {name: value for name, value in call.parameters.items() if name not in {"MaxResults", "NextToken"}}
    if call.operation == "DescribeInstances" and "InstanceId.1" not in parameters:
        parameters["MaxResults"] = "1000000"
    return parameters


def _size(given: str | None, largest: int) -> int:
    if given is None:
        return largest
    if not given.isdigit() or int(given) < SMALLEST_PAGE:
        message = f"Value ( {given} ) for parameter maxResults is invalid. Expecting a value greater than 5."
        raise BadPage("InvalidParameterValue", message)
    return min(int(given), largest)


def _start(mark: str, token: str) -> int:
    if not token:
        return 0
    try:
        marked, _, position = base64.b64decode(token, validate=True).decode().rpartition("/")
    except (NotBase64, UnicodeDecodeError):
        marked, position = "", ""
    if marked != mark or not position.isdigit():
        raise BadPage("InvalidPaginationToken", "The specified pagination token is not valid.")
    return int(position)


def _drop_empty_reservations(root: Element) -> None:
    for reservations in root.iterfind("reservationSet"):
        for reservation in list(reservations):
            instances = reservation.find("instancesSet")
            if instances is None or not len(instances):
                reservations.remove(reservation)
