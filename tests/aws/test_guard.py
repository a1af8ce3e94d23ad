"""Skyledger reads: what was not declared is refused before anything is signed or sent, whoever asks it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from inventory.aws import Access, Clients, OperationForbidden, guard
from inventory.aws.sessions import open_session
from inventory.snapshots import iam_policy
from tests.aws.scripted import ScriptedAws, assumed, identity, volumes
from tests.support.environment import ROOT
from tests.support.parsing import parsed

Make = Callable[..., Clients]
ROLE = "arn:aws:iam::111122223333:role/reader"
WRITES = [
    ("ec2", "TerminateInstances", {"InstanceIds": ["i-1"]}),
    ("ec2", "CreateTags", {"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": "b"}]}),
    ("s3", "PutObject", {"Bucket": "b", "Key": "k", "Body": b"x"}),
    ("s3", "DeleteBucket", {"Bucket": "b"}),
    ("sts", "GetSessionToken", {}),
]
SECRETS = [
    ("s3", "GetObject", {"Bucket": "b", "Key": "k"}),
    ("ec2", "GetConsoleOutput", {"InstanceId": "i-1"}),
    ("ec2", "GetPasswordData", {"InstanceId": "i-1"}),
    ("ssm", "GetParametersByPath", {"Path": "/production/database"}),
]
PACKAGES = ("config", "costs", "inventory", "sign_in")
AWS = ROOT / "inventory" / "aws"
MAKERS = ("Session", "get_session", "boto3.client", "boto3.resource")


@pytest.mark.parametrize(("service", "operation", "arguments"), [*WRITES, *SECRETS])
def test_what_nobody_declared_is_refused_and_reaches_nobody(
    aws: ScriptedAws, make_clients: Make, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(OperationForbidden, match=f"{service}:{operation} was refused"):
        make_clients().ask(service, operation, "eu-west-1", f"{service}:{operation}", **arguments)

    assert not aws.asked


def test_a_role_is_not_even_assumed_twice_for_it(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", assumed("ASIAONE", (datetime.now(UTC) + timedelta(hours=1)).isoformat()))
    aws.answers("GetCallerIdentity", identity("111122223333"))
    clients = make_clients(role_arn=ROLE, external_id="between-us")
    clients.identity()
    aws.asked.clear()

    with pytest.raises(OperationForbidden):
        clients.ask("ec2", "StopInstances", "eu-west-1", "ec2:StopInstances", InstanceIds=["i-1"])

    assert not aws.asked


def test_a_listing_of_what_nobody_declared_is_refused(aws: ScriptedAws, make_clients: Make) -> None:
    with pytest.raises(OperationForbidden):
        list(make_clients().pages("ec2", "DescribeFlowLogs", "eu-west-1", "ec2:DescribeFlowLogs", "FlowLogs"))

    assert not aws.asked


def test_an_address_that_would_write_is_not_signed(aws: ScriptedAws) -> None:
    client: Any = open_session(Access()).client("s3", region_name="eu-west-1")

    with pytest.raises(OperationForbidden):
        client.generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"})


def test_nothing_may_pass_before_it_is_told_what_may(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("DescribeVolumes", volumes([]))
    guard.allow(())

    with pytest.raises(OperationForbidden):
        make_clients().ask("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes")

    assert not aws.asked


def test_the_product_starts_with_the_declared_calls_and_no_others() -> None:
    for_tests = {("kms", "ListKeys")}

    assert guard.allowed() - for_tests == iam_policy.allowed_calls()


def test_nobody_but_this_package_knows_boto3() -> None:
    importers = {file.parent for file, tree in modules() if imports(tree) & {"boto3", "botocore"}}

    assert importers == {AWS}


def test_every_session_that_is_made_is_watched() -> None:
    made = [call for file, tree in modules() if file.parent == AWS for call in sessions_made(tree)]

    assert len(made) >= 2
    assert [call for call in made if not call.is_watched] == []


@pytest.mark.parametrize(
    "source",
    [
        "boto3.Session()",
        "boto3.client('s3')",
        "session.Session(profile='x')",
        "get_session().create_client('s3')",
        "own = get_session()",
    ],
)
def test_a_session_that_is_not_watched_would_be_found(source: str) -> None:
    assert [call.is_watched for call in sessions_made(ast.parse(source))] == [False]


@dataclass(frozen=True)
class Made:
    """A place in the source where a session is made, and whether the guard sees to it there."""

    source: str
    is_watched: bool


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    """Every module of the product, read."""
    files = chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES)
    return [(file, parsed(file)) for file in files]


def imports(tree: ast.Module) -> set[str]:
    """The packages that a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module)):
                found.add(module.partition(".")[0])
    return found


def sessions_made(tree: ast.Module) -> Iterator[Made]:
    """Every call that makes a session, or a client without one; one that only wraps another session makes none."""
    watched = {id(node.args[0]) for node in ast.walk(tree) if is_call_of(node, "watch") and node.args}
    for node in ast.walk(tree):
        wraps = isinstance(node, ast.Call) and any(one.arg == "botocore_session" for one in node.keywords)
        if any(is_call_of(node, maker) for maker in MAKERS) and not wraps:
            yield Made(ast.unparse(node), id(node) in watched)


def is_call_of(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    """Whether it calls a function of that name, bare or after its module's."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called == name or called.endswith(f".{name}")
