"""Instance types: all of them by pages, and where they are offered.

DescribeInstanceTypes without names takes moto eleven seconds, so only the asked page is read. Where types are offered
moto knows from AWS; of each region's more than a thousand the emulator tells those families and sizes that somebody in
the sample organisation would choose, and by zone ids as its zones have them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS
from werkzeug import Response

from . import held, paging
from .backend import Moto
from .calls import Call
from .documents import answer, items, parse, put, text

FAMILIES = frozenset(
    {
        *("m4", "m5", "m6i", "m6g", "m7i", "m7g", "c5", "c5n", "c6g", "c7g", "r5", "r6g", "r7g"),
        *("t2", "t3", "t4g", "g4dn", "g5", "p3"),
    }
)
SIZES = frozenset({"micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "9xlarge"})
BY_ZONE_ID = "availability-zone-id"


def offerings(call: Call) -> Response:
    """The answer to DescribeInstanceTypeOfferings: by region unless zones are asked for. Raises paging.BadPage."""
    kind = call.parameters.get("LocationType", "region")
    return held.written(call, {"InstanceTypeOfferings": list(_offered(kind, call.region))})


@cache
def _offered(kind: str, region: str) -> tuple[dict[str, Any], ...]:
    found = INSTANCE_TYPE_OFFERINGS.get(kind, {}).get(region, [])
    return tuple(one for one in found if _is_told(one["InstanceType"]))


def _is_told(name: str) -> bool:
    family, _, size = name.partition(".")
    return family in FAMILIES and size in SIZES


def is_unnamed(call: Call) -> bool:
    """Whether every type of the region is asked for, which needs pages; a filtered list is left to moto."""
    return not any(name.startswith(("InstanceType.", "Filter.")) for name in call.parameters)


def describe(call: Call, moto: Moto) -> Response:
    """One page of the types that the region offers, in the order of their names. Raises BadPage."""
    page = paging.asked_page(call)
    if page is None:
        raise RuntimeError("DescribeInstanceTypes has pages in botocore's model")
    offerings = moto.ask(call.account, call.region, "ec2", {"Action": "DescribeInstanceTypeOfferings"})
    names = sorted({text(offer, "instanceType") for offer in items(parse(offerings.data), "instanceTypeOfferingSet")})
    chosen = names[page.start : page.start + page.size]
    named = {f"InstanceType.{number}": name for number, name in enumerate(chosen, start=1)}
    root = parse(moto.forward(call, {**paging.whole_list_parameters(call), **named}).data)
    if page.start + page.size < len(names):
        put(root, "nextToken", page.next_token)
    return answer(root)
