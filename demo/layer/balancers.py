"""Load balancers of both services, answered by moto, with targets that fail and attributes that moto leaves out."""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from werkzeug import Response

from .backend import Moto
from .calls import Call
from .documents import answer, parse, put, text

MISMATCH = {
    "State": "unhealthy",
    "Reason": "Target.ResponseCodeMismatch",
    "Description": "Health checks failed with these codes: [502]",
}
FAILED = {
    "State": "OutOfService",
    "ReasonCode": "Instance",
    "Description": "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
}
LOGS = "access_logs.s3.enabled"


class Balancers:
    """The part of the layer that speaks for load balancers; `failing` are the instances that fail their checks."""

    def __init__(self, moto: Moto) -> None:
        self.failing: set[str] = set()
        self._moto = moto

    def respond(self, call: Call) -> Response:
        """The answer to a call of either service."""
        response = self._moto.forward(call)
        if response.status_code >= 400:
            return response
        root = parse(response.data)
        match call.operation:
            case "DescribeTargetHealth":
                self._mend_targets(root)
            case "DescribeInstanceHealth":
                self._mend_instances(root)
            case "DescribeLoadBalancerAttributes" if call.service == "elbv2":
                _add_access_logs(root)
        return answer(root)

    def _mend_targets(self, root: Element) -> None:
        for described in root.iterfind(".//TargetHealthDescriptions/member"):
            health = described.find("TargetHealth")
            is_failing = text(described, "Target/Id") in self.failing
            if health is not None and is_failing and text(health, "State") == "healthy":
                _say(health, MISMATCH)

    def _mend_instances(self, root: Element) -> None:
        for state in root.iterfind(".//InstanceStates/member"):
            if text(state, "InstanceId") in self.failing and text(state, "State") == "InService":
                _say(state, FAILED)


def _say(parent: Element, words: dict[str, str]) -> None:
    for tag, value in words.items():
        put(parent, tag, value)


def _add_access_logs(root: Element) -> None:
    """AWS always says whether a balancer writes access logs."""
    for attributes in root.iterfind(".//Attributes"):
        if LOGS not in {text(member, "Key") for member in attributes.iterfind("member")}:
            _say(ET.SubElement(attributes, "member"), {"Key": LOGS, "Value": "false"})
