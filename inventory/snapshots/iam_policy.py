"""The IAM policy that a snapshot needs, made of the calls that the resource types declare.

It allows what is asked and nothing else, and denies reads of contents and secrets outright, so that they stay closed
even where another policy of the same role opens them. `sts:AssumeRole` belongs to whoever assumes the role and is no
part of the role's own policy; `sts:GetCallerIdentity` answers without any grant.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any

from inventory.registry import COST_EXPLORER, USER_DATA, Ask, Call, collected_types, resource_types

Operation = tuple[str, str]
"""A service and one of its operations, by the names that botocore gives them."""

Document = dict[str, Any]
"""An IAM policy document, as json.dumps writes it."""

ASSUME_ROLE = Call(service="sts", operation="AssumeRole")
GET_CALLER_IDENTITY = Call(service="sts", operation="GetCallerIdentity")
DESCRIBE_REGIONS = Call(service="ec2", operation="DescribeRegions")
BASE_CALLS = (ASSUME_ROLE, GET_CALLER_IDENTITY, DESCRIBE_REGIONS)
"""What is asked of every account, whatever its resource types are."""

ORGANIZATION_CALLS = tuple(
    Call(service="organizations", operation=operation)
    for operation in (
        "DescribeOrganization",
        "ListAccounts",
        "ListAccountsForParent",
        "ListOrganizationalUnitsForParent",
        "ListRoots",
    )
)
"""What is asked of the one account that lists the members of its organization."""

COST_CALL = Call(service="ce", operation="GetCostAndUsage")
"""What was billed; asked of accounts whose operator switched that on, because AWS bills every page of it."""

SWITCHED_ACTIONS = {USER_DATA: "ec2:DescribeInstanceAttribute", COST_EXPLORER: COST_CALL.action}
"""The action that each switch of an account opens, and that is denied while it is off."""

NEVER_ASKED = frozenset(
    {
        "athena:GetQueryResults",
        "autoscaling:DescribeLaunchConfigurations",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ec2:GetConsoleOutput",
        "ec2:GetConsoleScreenshot",
        "ec2:GetLaunchTemplateData",
        "ec2:GetPasswordData",
        "kinesis:GetRecords",
        "kms:Decrypt",
        "lambda:GetFunction",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:GetQueryResults",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
        "sqs:ReceiveMessage",
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:GetParameters",
    }
)
"""Actions that give contents or secrets, many of them part of AWS's own ReadOnlyAccess; the role is denied them."""

PUBLIC_PARAMETERS = "/aws/service/global-infrastructure/"
"""The parameters that may be read; the guard has the same path."""

ALLOWED_ON = {"ssm:GetParametersByPath": f"arn:*:ssm:*:*:parameter{PUBLIC_PARAMETERS}*"}
"""Actions that are allowed on these resources alone and denied on all others.

Parameters are where many keep their secrets; below this path are AWS's own, which are public and of no account, and no
account can make one there.
"""

LONGEST = 6_144
"""The characters, white space apart, that a customer-managed policy may have (IAM and AWS STS quotas)."""


def operations(calls: Iterable[Call]) -> frozenset[Operation]:
    """The calls as (service, operation)."""
    return frozenset((call.service, call.operation) for call in calls)


def declared(switches: Collection[str] = ()) -> Iterator[Call]:
    """What the collected resource types ask; a question that has a switch only where that is among `switches`."""
    for kind in collected_types():
        yield from kind.listings
        for question in kind.enrich:
            if not isinstance(question, Ask) or question.switch is None or question.switch in switches:
                yield question.call


def declared_calls() -> frozenset[Operation]:
    """Every (service, operation) of the resource types, those behind a switch among them."""
    return operations(chain.from_iterable(kind.calls for kind in resource_types()))


def allowed_calls() -> frozenset[Operation]:
    """Every (service, operation) that the product may ever ask of AWS."""
    return declared_calls() | operations((*BASE_CALLS, *ORGANIZATION_CALLS, COST_CALL))


def actions(switches: Collection[str] = ()) -> frozenset[str]:
    """The IAM actions that reading an account takes."""
    costs = (COST_CALL,) if COST_EXPLORER in switches else ()
    return frozenset(call.action for call in (*declared(switches), DESCRIBE_REGIONS, *costs))


def document(switches: Collection[str] = ()) -> Document:
    """The policy of a role that is read: what to allow, and what to deny whatever else the role may do."""
    denied = NEVER_ASKED | {action for switch, action in SWITCHED_ACTIONS.items() if switch not in switches}
    never = {"Sid": "NeverContentsOrSecrets", "Effect": "Deny", "Action": sorted(denied), "Resource": "*"}
    elsewhere = [
        {"Sid": f"{_sid('Never', action)}Elsewhere", "Effect": "Deny", "Action": [action], "NotResource": resource}
        for action, resource in sorted(ALLOWED_ON.items())
    ]
    return _document((*_allowing(actions(switches)), never, *elsewhere))


def organizations_document() -> Document:
    """The policy that listing an organization takes, in its management account or a delegated administrator's."""
    return _document(_allowing(call.action for call in ORGANIZATION_CALLS))


def size(policy: Document) -> int:
    """The characters of a policy as IAM counts them: without white space."""
    return len(json.dumps(policy, separators=(",", ":")))


def split(policy: Document, longest: int = LONGEST) -> tuple[Document, ...]:
    """The policy in as many documents as it takes for each to be short enough for IAM; nearly always one."""
    parts: list[list[dict[str, Any]]] = [[]]
    for statement in policy["Statement"]:
        if parts[-1] and size(_document((*parts[-1], statement))) > longest:
            parts.append([])
        parts[-1].append(statement)
    return tuple(_document(part) for part in parts)


def _allowing(wanted: Iterable[str]) -> Iterator[dict[str, Any]]:
    """A statement for each service, and for each action that is allowed on one resource alone."""
    by_service: dict[tuple[str, str], set[str]] = defaultdict(set)
    for action in wanted:
        resource = ALLOWED_ON.get(action, "*")
        by_service[action.partition(":")[0] if resource == "*" else action, resource].add(action)
    for (named, resource), its_actions in sorted(by_service.items()):
        yield {"Sid": _sid("Read", named), "Effect": "Allow", "Action": sorted(its_actions), "Resource": resource}


def _sid(verb: str, named: str) -> str:
    """`Read` and `ssm:GetParametersByPath` as the `ReadSsmGetParametersByPath` that a statement may be called."""
    return verb + "".join(word[:1].upper() + word[1:] for word in re.split("[-:]", named))


def _document(statements: Iterable[dict[str, Any]]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
