"""STS: moto lets anybody assume any role, so the layer decides, by the role's own trust policy."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from werkzeug import Response

from demo.accounts import SECRET_ACCESS_KEY

from .backend import Moto
from .calls import Call
from .credentials import Principal, Session
from .documents import answer, parse, text
from .errors import error
from .tree import Tree

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
ROLE_ARN = re.compile(r"arn:aws:iam::(?P<account>\d{12}):role/(?:[^/]+/)*(?P<name>[^/]+)")


def respond(call: Call, moto: Moto, tree: Tree) -> Response:
    """The answer to an STS call."""
    match call.operation:
        case "AssumeRole":
            return _assume_role(call, moto, tree)
        case "GetCallerIdentity":
            who = call.principal
            return _result(call, {"Arn": who.arn, "UserId": who.user_id, "Account": who.account})
    return moto.forward(call)


def demanded_external_id(account: str, role: str, moto: Moto) -> str:
    """The external id that a role's trust policy demands; empty when it demands none, or there is no such role."""
    found = _role(account, role, moto)
    demanded = [_external_id(statement) for statement in found["policy"]["Statement"]] if found else []
    return next(filter(None, demanded), "")


def _assume_role(call: Call, moto: Moto, tree: Tree) -> Response:
    arn = call.parameters.get("RoleArn", "")
    named = ROLE_ARN.fullmatch(arn)
    is_there = named is not None and not tree.is_suspended(named["account"])
    role = _role(named["account"], named["name"], moto) if named and is_there else None
    if named is None or role is None or not _trusts(role["policy"], call.principal, call.parameters.get("ExternalId")):
        message = f"User: {call.principal.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        return error(call, 403, "AccessDenied", message)
    session = Session.begin(
        account=named["account"],
        role=named["name"],
        role_id=role["id"],
        name=call.parameters.get("RoleSessionName", ""),
        seconds=int(call.parameters.get("DurationSeconds", "3600")),
    )
    credentials = {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": SECRET_ACCESS_KEY,
        "SessionToken": session.token,
        "Expiration": session.expires,
    }
    user = {"AssumedRoleId": session.user_id, "Arn": session.arn}
    return _result(call, {"Credentials": credentials, "AssumedRoleUser": user, "PackedPolicySize": "0"})


def _role(account: str, name: str, moto: Moto) -> dict[str, Any] | None:
    """The id and the trust policy of a role, or nothing when the account has no such role."""
    response = moto.ask(account, "us-east-1", "iam", {"Action": "GetRole", "RoleName": name, "Version": "2010-05-08"})
    if response.status_code != 200:
        return None
    role = parse(response.data).find("GetRoleResult/Role")
    if role is None:
        return None
    return {"id": text(role, "RoleId"), "policy": json.loads(unquote(text(role, "AssumeRolePolicyDocument")))}


def _trusts(policy: dict[str, Any], caller: Principal, external_id: str | None) -> bool:
    """Whether a trust policy lets this caller in: its account is named, and its external id is the demanded one."""
    for statement in policy.get("Statement", []):
        principal = statement.get("Principal", {})
        trusted = principal.get("AWS", "") if isinstance(principal, dict) else principal
        is_named = any(caller.account in one for one in ([trusted] if isinstance(trusted, str) else trusted))
        if statement["Effect"] == "Allow" and is_named and _external_id(statement) in {None, external_id}:
            return True
    return False


def _external_id(statement: dict[str, Any]) -> str | None:
    """The external id that a statement demands, or nothing."""
    demanded: str | None = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
    return demanded


def _result(call: Call, fields: dict[str, Any]) -> Response:
    root = ET.Element(f"{call.operation}Response", xmlns=NAMESPACE)
    _write(ET.SubElement(root, f"{call.operation}Result"), fields)
    _write(root, {"ResponseMetadata": {"RequestId": "00000000-0000-4000-8000-000000000000"}})
    return answer(root)


def _write(parent: ET.Element, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        child = ET.SubElement(parent, name)
        if isinstance(value, dict):
            _write(child, value)
        else:
            child.text = value
