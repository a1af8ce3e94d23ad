"""Which services are offered where, as the public parameters of Parameter Store tell it.

moto knows them from AWS, and walks through all of them for each question. Of each region's hundreds the emulator tells
those that somebody in the sample organisation would look for; a page holds ten of them, as at AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from moto.utilities.utils import load_resource
from werkzeug import Response

from .backend import Moto
from .calls import Call
from .errors import error

JSON = "application/x-amz-json-1.1"
LARGEST_PAGE = 10
SERVICES_OF = re.compile(r"/aws/service/global-infrastructure/regions/(?P<region>[a-z0-9-]+)/services/?")
TOLD = frozenset(
    chain(
        ("apprunner", "athena", "autoscaling", "backup", "batch", "bedrock", "cloudwatch", "dynamodb", "ebs", "ec2"),
        ("ecs", "efs", "eks", "elasticache", "elb", "emr", "fargate", "forecast", "fsx-lustre", "glue", "kendra"),
        ("kms", "lambda", "lightsail", "outposts", "polly", "quicksight", "rds", "redshift", "s3", "sagemaker"),
        ("savingsplans", "secretsmanager", "sqs", "ssm", "textract", "transcribe", "vpc", "workspaces"),
    )
)


def respond(call: Call, moto: Moto) -> Response:
    """The answer to a call to Systems Manager; what is not about services moto answers."""
    asked = json.loads(call.request.get_data() or b"{}")
    place = SERVICES_OF.fullmatch(str(asked.get("Path", "")))
    if call.operation != "GetParametersByPath" or place is None:
        return moto.forward(call)
    size = asked.get("MaxResults", LARGEST_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        return error(call, 400, "ValidationException", f"Value at 'maxResults' must be between 1 and {LARGEST_PAGE}")
    token = asked.get("NextToken", "0")
    if not token.isdecimal():
        return error(call, 400, "InvalidNextToken", "The specified token isn't valid.")
    names = services(place["region"])
    start = int(token)
    document: dict[str, Any] = {
        "Parameters": [_parameter(call, place["region"], name) for name in names[start : start + size]]
    }
    if start + size < len(names):
        document["NextToken"] = str(start + size)
    return Response(json.dumps(document), content_type=JSON)


def services(region: str) -> Sequence[str]:
    """The services that the emulator tells of a region."""
    return sorted(TOLD & _known().get(region, {}).get("services", {}).keys())


@cache
def _known() -> dict[str, dict[str, Any]]:
    tree = load_resource("ssm/resources/regions.json")
    known: dict[str, dict[str, Any]] = tree["aws"]["service"]["global-infrastructure"]["regions"]
    return known


def _parameter(call: Call, region: str, name: str) -> dict[str, Any]:
    path = f"/aws/service/global-infrastructure/regions/{region}/services/{name}"
    return {
        "Name": path,
        "Type": "String",
        "Value": name,
        "Version": 1,
        "LastModifiedDate": 1559345820.0,
        "ARN": f"arn:aws:ssm:{call.region}::parameter{path}",
        "DataType": "text",
    }
