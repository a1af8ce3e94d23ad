"""AWS Organizations, told from the tree: moto would give every account an id of its own choice.

Everything but DescribeOrganization is for the management account alone (AWS Organizations API Reference, read 2026-11).
"""

from __future__ import annotations

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug import Response

from demo.accounts import HOST_ACCOUNT

from .calls import Call
from .errors import error
from .tree import ARN, ORGANIZATION_ID, ROOT_ID, ROOT_NAME, Member, Tree, Unit

LARGEST_PAGE = 20
JSON = "application/x-amz-json-1.1"
POLICY_TYPES = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
NOT_MANAGEMENT = "You don't have permissions to access this resource."
NOT_A_MEMBER = "Your account is not a member of an organization."

Asked = dict[str, Any]


class Refusal(Exception):
    """The call fails with this code of AWS's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def respond(call: Call, tree: Tree) -> Response:
    """The answer to an Organizations call."""
    try:
        document = _document(call, tree)
    except Refusal as refusal:
        return error(call, 400, refusal.code, str(refusal))
    return Response(json.dumps(document), content_type=JSON)


def _document(call: Call, tree: Tree) -> dict[str, Any]:
    if call.account not in tree.members:
        raise Refusal("AWSOrganizationsNotInUseException", NOT_A_MEMBER)
    if call.operation == "DescribeOrganization":
        return {"Organization": _organization(tree)}
    if call.account != HOST_ACCOUNT:
        raise Refusal("AccessDeniedException", NOT_MANAGEMENT)
    asked: Asked = json.loads(call.request.get_data() or b"{}")
    if single := SINGLES.get(call.operation):
        return single(tree, asked)
    if listing := LISTS.get(call.operation):
        name, items = listing
        return _page(call, name, list(items(tree, asked)), asked)
    raise Refusal("UnsupportedAPIEndpointException", f"The emulator does not know organizations:{call.operation}.")


def _page(call: Call, name: str, items: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
    """One page of a list, with the next one's token when there is a next one. Raises Refusal."""
    size = asked.get("MaxResults", LARGEST_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise Refusal("InvalidInputException", "You provided a value that does not match the required range.")
    mark = f"{call.operation}/{asked.get('ParentId', '')}"
    start = _start(mark, asked.get("NextToken"))
    page: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        page["NextToken"] = base64.b64encode(f"{mark}/{start + size}".encode()).decode()
    return page


def _start(mark: str, token: str | None) -> int:
    if token is None:
        return 0
    try:
        marked, _, position = base64.b64decode(token, validate=True).decode().rpartition("/")
    except (NotBase64, UnicodeDecodeError):
        marked, position = "", ""
    if marked != mark or not position.isdigit():
        raise Refusal("InvalidInputException", "You provided an invalid token.")
    return int(position)


def _organization(tree: Tree) -> dict[str, Any]:
    management = tree.members[HOST_ACCOUNT].account
    return {
        "Id": ORGANIZATION_ID,
        "Arn": f"{ARN}:organization/{ORGANIZATION_ID}",
        "FeatureSet": "ALL",
        "MasterAccountArn": f"{ARN}:account/{ORGANIZATION_ID}/{HOST_ACCOUNT}",
        "MasterAccountId": HOST_ACCOUNT,
        "MasterAccountEmail": management.email,
        "AvailablePolicyTypes": POLICY_TYPES,
    }


def _account(tree: Tree, member: Member) -> dict[str, Any]:
    account_id = member.account.account_id
    return {
        "Id": account_id,
        "Arn": f"{ARN}:account/{ORGANIZATION_ID}/{account_id}",
        "Email": member.account.email,
        "Name": member.account.name,
        "Status": member.state,
        "State": member.state,
        "Paths": [tree.path_to(account_id)],
        "JoinedMethod": "INVITED" if member.account.was_invited else "CREATED",
        "JoinedTimestamp": member.joined_at.timestamp(),
    }


def _unit(tree: Tree, unit: Unit) -> dict[str, Any]:
    return {
        "Id": unit.unit_id,
        "Arn": f"{ARN}:ou/{ORGANIZATION_ID}/{unit.unit_id}",
        "Name": unit.name,
        "Path": tree.path_to(unit.unit_id),
    }


def _describe_account(tree: Tree, asked: Asked) -> dict[str, Any]:
    member = tree.members.get(asked["AccountId"])
    if member is None:
        message = "You specified an account that doesn't exist."
        raise Refusal("AccountNotFoundException", message)
    return {"Account": _account(tree, member)}


def _describe_unit(tree: Tree, asked: Asked) -> dict[str, Any]:
    unit = tree.units.get(asked["OrganizationalUnitId"])
    if unit is None:
        message = "You specified an organizational unit that doesn't exist."
        raise Refusal("OrganizationalUnitNotFoundException", message)
    return {"OrganizationalUnit": _unit(tree, unit)}


def _roots(tree: Tree, asked: Asked) -> Iterable[dict[str, Any]]:
    arn = f"{ARN}:root/{ORGANIZATION_ID}/{ROOT_ID}"
    return [{"Id": ROOT_ID, "Arn": arn, "Name": ROOT_NAME, "PolicyTypes": POLICY_TYPES}]


def _accounts(tree: Tree, asked: Asked) -> Iterable[dict[str, Any]]:
    return (_account(tree, member) for member in tree.members.values())


def _accounts_in(tree: Tree, asked: Asked) -> Iterable[dict[str, Any]]:
    return (_account(tree, member) for member in tree.accounts_in(_parent(tree, asked)))


def _units_in(tree: Tree, asked: Asked) -> Iterable[dict[str, Any]]:
    return (_unit(tree, unit) for unit in tree.units_in(_parent(tree, asked)))


def _children(tree: Tree, asked: Asked) -> Iterable[dict[str, Any]]:
    parent, kind = _parent(tree, asked), asked["ChildType"]
    if kind == "ACCOUNT":
        return ({"Id": member.account.account_id, "Type": kind} for member in tree.accounts_in(parent))
    return ({"Id": unit.unit_id, "Type": kind} for unit in tree.units_in(parent))


def _parents(tree: Tree, asked: Asked) -> Iterable[dict[str, Any]]:
    parent = tree.parent_of(asked["ChildId"])
    if parent is None:
        message = "You specified an organizational unit or account that doesn't exist."
        raise Refusal("ChildNotFoundException", message)
    return [{"Id": parent, "Type": "ROOT" if parent == ROOT_ID else "ORGANIZATIONAL_UNIT"}]


def _parent(tree: Tree, asked: Asked) -> str:
    """The unit or root whose children are asked for. Raises Refusal."""
    parent: str = asked["ParentId"]
    if parent != ROOT_ID and parent not in tree.units:
        raise Refusal("ParentNotFoundException", "You specified a root or organizational unit that doesn't exist.")
    return parent


SINGLES: dict[str, Callable[[Tree, Asked], dict[str, Any]]] = {
    "DescribeAccount": _describe_account,
    "DescribeOrganizationalUnit": _describe_unit,
}
LISTS: dict[str, tuple[str, Callable[[Tree, Asked], Iterable[dict[str, Any]]]]] = {
    "ListRoots": ("Roots", _roots),
    "ListAccounts": ("Accounts", _accounts),
    "ListAccountsForParent": ("Accounts", _accounts_in),
    "ListOrganizationalUnitsForParent": ("OrganizationalUnits", _units_in),
    "ListChildren": ("Children", _children),
    "ListParents": ("Parents", _parents),
}
