"""Regions: which an account may use, and the refusal of the others.

moto calls some regions open that must be opted in to, and answers for all of them.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from werkzeug import Response

from demo.accounts import ACCOUNTS

from . import models
from .calls import Call
from .documents import answer
from .errors import error
from .facts import numbered

# The regions that need no opt-in (AWS Account Management Reference Guide, "Region availability", read 2026-11).
OPEN_REGIONS = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
        *("ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    }
)
OPTED_IN = {account.account_id: account.opted_in for account in ACCOUNTS}


def opt_in_status(account: str, region: str) -> str:
    """What DescribeRegions says of a region."""
    if region in OPEN_REGIONS:
        return "opt-in-not-required"
    return "opted-in" if region in OPTED_IN.get(account, frozenset()) else "not-opted-in"


def refusal(call: Call) -> Response | None:
    """AWS's refusal of a call to a region that the account has not enabled, or nothing."""
    is_enabled = call.region in models.regions() and opt_in_status(call.account, call.region) != "not-opted-in"
    if is_enabled or call.is_global:
        return None
    message = "AWS was not able to validate the provided access credentials"
    if call.service == "ec2":
        return error(call, 401, "AuthFailure", message)
    return error(call, 403, "InvalidClientTokenId", "The security token included in the request is invalid")


def describe(call: Call) -> Response:
    """The answer to DescribeRegions: the enabled regions, or with AllRegions every one."""
    asked = {call.parameters[name] for name in numbered(call.parameters, "RegionName")}
    if unknown := sorted(asked - set(models.regions())):
        return error(call, 400, "InvalidParameterValue", f"Invalid region names: [{', '.join(unknown)}]")
    everything = call.parameters.get("AllRegions") == "true"
    root = ET.Element("DescribeRegionsResponse", xmlns="http://ec2.amazonaws.com/doc/2016-11-15")
    regions = ET.SubElement(root, "regionInfo")
    for region in models.regions():
        status = opt_in_status(call.account, region)
        is_asked = (not asked or region in asked) and (everything or status != "not-opted-in")
        if is_asked and _passes(call, region, status):
            item = ET.SubElement(regions, "item")
            ET.SubElement(item, "regionName").text = region
            ET.SubElement(item, "regionEndpoint").text = f"ec2.{region}.amazonaws.com"
            ET.SubElement(item, "optInStatus").text = status
    return answer(root)


def _passes(call: Call, region: str, status: str) -> bool:
    values = {"region-name": region, "opt-in-status": status, "endpoint": f"ec2.{region}.amazonaws.com"}
    return all(
        values.get(call.parameters[f"{given}.Name"])
        in {call.parameters[value] for value in numbered(call.parameters, f"{given}.Value")}
        for given in numbered(call.parameters, "Filter")
    )
