"""What tests of the emulator ask it, in plain boto3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from demo.accounts import MANAGEMENT
from demo.client import Emulator

ONCE = Config(retries={"total_max_attempts": 1})
# Nothing of the story is there, so that tests may make things of their own.
EMPTY_REGION = "ap-south-1"


def instances(client: Any, **arguments: Any) -> list[dict[str, Any]]:
    """Every instance of one region, page by page."""
    pages = client.get_paginator("describe_instances").paginate(**arguments)
    return [instance for page in pages for reservation in page["Reservations"] for instance in reservation["Instances"]]


def tags(thing: dict[str, Any]) -> dict[str, str]:
    """The tags of an EC2 answer's item."""
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])}


def named(things: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one thing with this Name tag."""
    (found,) = [thing for thing in things if tags(thing).get("Name") == name]
    return found


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What plain boto3 lists in every region of every live account, but in the region that is denied."""

    instances: list[dict[str, Any]]
    volumes: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    rules: list[dict[str, Any]]


@cache
def truth(emulator: Emulator) -> Truth:
    """List the whole organisation, once; nobody changes it."""
    found = Truth(instances=[], volumes=[], groups=[], rules=[])
    for account in (MANAGEMENT, *emulator.accounts):
        for region in account.regions:
            if (account.name, region) != ("production", "eu-west-2"):
                ec2 = emulator.client("ec2", account.name, region)
                found.instances.extend(instances(ec2))
                found.volumes.extend(ec2.describe_volumes()["Volumes"])
                found.groups.extend(ec2.describe_security_groups()["SecurityGroups"])
                found.rules.extend(ec2.describe_security_group_rules()["SecurityGroupRules"])
    return found


def host_client(emulator: Emulator, service: str, region: str = "us-east-1") -> Any:
    """A client with the credentials that the product was given, without any role."""
    names = emulator.environment
    session: Any = boto3.Session(names["AWS_ACCESS_KEY_ID"], names["AWS_SECRET_ACCESS_KEY"], region_name=region)
    return session.client(service, endpoint_url=emulator.endpoint_url, config=ONCE)


def refused(ask: Callable[[], Any]) -> tuple[int, str, str]:
    """The status, the code and the message with which AWS refuses."""
    with pytest.raises(ClientError) as refusal:
        ask()
    answer = refusal.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]
