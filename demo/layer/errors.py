"""AWS's error documents, in the form of the service that is asked."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from werkzeug import Response

from . import models
from .calls import Call

XML = "application/xml"
REST_XML_SERVICES = frozenset({"s3", "cloudfront", "route53"})


def error(call: Call, status: int, code: str, message: str) -> Response:
    """The answer of a call that failed with this code of AWS's."""
    if call.request.method == "HEAD":
        return Response(status=status)
    if call.service == "ec2":
        return _xml(status, "Response/Errors/Error", code, message)
    if call.service in REST_XML_SERVICES:
        return _xml(status, "Error" if call.service == "s3" else "ErrorResponse/Error", code, message)
    if "Action" in call.parameters:
        return _xml(status, "ErrorResponse/Error", code, message)
    document = json.dumps({"__type": code, "message": message})
    return Response(document, status=status, headers={"x-amzn-errortype": code}, content_type="application/json")


def denied(call: Call, *, by_organization: bool) -> Response:
    """The answer to a caller whom no policy allows this operation, or whose organization denies it."""
    action = models.iam_action(call.service, call.operation)
    why = (
        "with an explicit deny in a service control policy"
        if by_organization
        else f"because no identity-based policy allows the {action} action"
    )
    reason = f"User: {call.principal.arn} is not authorized to perform: {action} {why}"
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {reason}"
        return error(call, 403, "UnauthorizedOperation", message)
    if call.service in REST_XML_SERVICES or "Action" in call.parameters:
        return error(call, 403, "AccessDenied", reason)
    return error(call, 400, "AccessDeniedException", reason)


def throttled(call: Call) -> Response:
    """The answer to a caller who asks too often."""
    if call.service == "ec2":
        return error(call, 503, "RequestLimitExceeded", "Request limit exceeded.")
    if call.service == "s3":
        return error(call, 503, "SlowDown", "Please reduce your request rate.")
    if "Action" in call.parameters:
        return error(call, 400, "Throttling", "Rate exceeded")
    return error(call, 400, "ThrottlingException", "Rate exceeded")


def unidentified(call: Call, problem: str) -> Response | None:
    """The refusal of credentials with this problem (as in Principal), or nothing when they have none."""
    expired = problem == "expired"
    if not problem:
        return None
    if call.service == "ec2":
        code = "RequestExpired" if expired else "AuthFailure"
        return error(call, 400 if expired else 401, code, _REFUSALS[expired])
    if call.service == "s3":
        return error(call, 400, "ExpiredToken" if expired else "InvalidToken", _REFUSALS[expired])
    return error(call, 403, "ExpiredToken" if expired else "InvalidClientTokenId", _REFUSALS[expired])


_REFUSALS = {
    True: "The security token included in the request is expired",
    False: "AWS was not able to validate the provided access credentials",
}


def _xml(status: int, path: str, code: str, message: str) -> Response:
    outer, *inner = path.split("/")
    root = ET.Element(outer)
    place = root
    for name in inner:
        place = ET.SubElement(place, name)
    ET.SubElement(place, "Code").text = code
    ET.SubElement(place, "Message").text = message
    return Response(ET.tostring(root, encoding="utf-8", xml_declaration=True), status=status, content_type=XML)
