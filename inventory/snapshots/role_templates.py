"""A role that Skyledger may assume, as CloudFormation and Terraform make it.

Whoever assumes it must say the external id, and one principal may: a role that trusts a whole account, or asks for no
external id, can be used by others through a service that it trusts (the confused deputy).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from inventory.snapshots.iam_policy import Document

ROLE_NAME = "SkyledgerReadOnly"
DESCRIPTION = "Lets Skyledger read what is in this account. It can neither change anything nor read contents."
PRINCIPAL = "The ARN of the role or user that Skyledger runs as."
EXTERNAL_ID = "The account's external id, which Skyledger made up."
SESSION_SECONDS = 3600

LEAST_EXTERNAL_ID = 22
"""The characters that 128 random bits take when written in base64."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role to be made, with its policies; a principal or external id that is empty is asked of who makes it."""

    policies: tuple[Document, ...]
    principal: str = ""
    external_id: str = field(default="", repr=False)
    name: str = ROLE_NAME
    path: str = "/"


def trust_document(principal: Any, external_id: Any) -> Document:
    """The trust policy: that principal may assume the role, and only with that external id."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "SkyledgerWithItsExternalId",
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


def cloudformation(role: Role) -> str:
    """A CloudFormation template, in JSON, of the role and its policies."""
    policies = {
        f"Policy{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": policy, "Roles": [{"Ref": "Role"}]},
        }
        for number, policy in enumerate(role.policies, 1)
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": DESCRIPTION,
        "Parameters": {
            "PrincipalArn": {"Type": "String", "Description": PRINCIPAL, **_default(role.principal)},
            "ExternalId": {
                "Type": "String",
                "Description": EXTERNAL_ID,
                "NoEcho": True,
                "MinLength": LEAST_EXTERNAL_ID,
                **_default(role.external_id),
            },
            "RoleName": {"Type": "String", "Description": "What to call the role.", "Default": role.name},
        },
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Ref": "RoleName"},
                    "Path": role.path,
                    "Description": DESCRIPTION,
                    "MaxSessionDuration": SESSION_SECONDS,
                    "AssumeRolePolicyDocument": trust_document({"Ref": "PrincipalArn"}, {"Ref": "ExternalId"}),
                },
            },
            **policies,
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }
    return json.dumps(template, indent=2) + "\n"


def terraform(role: Role) -> str:
    """A Terraform module, in HCL, of the role and its policies."""
    return "\n".join((*_variables(role), *_role(role), *_policies(role), _block('output "role_arn"', _ROLE_ARN)))


_ROLE_ARN = "value = aws_iam_role.skyledger.arn"


def _default(value: str) -> dict[str, str]:
    return {"Default": value} if value else {}


def _variables(role: Role) -> Iterator[str]:
    yield _block("terraform", "required_providers {", '  aws = { source = "hashicorp/aws" }', "}")
    yield _variable("principal_arn", PRINCIPAL, role.principal)
    yield _variable(
        "external_id",
        EXTERNAL_ID,
        role.external_id,
        "sensitive   = true",
        "validation {",
        f"  condition     = length(var.external_id) >= {LEAST_EXTERNAL_ID}",
        f'  error_message = "An external id of fewer than {LEAST_EXTERNAL_ID} characters can be guessed."',
        "}",
    )
    yield _variable("role_name", "What to call the role.", role.name)


def _variable(name: str, description: str, default: str, *more: str) -> str:
    given = [f"default     = {_text(default)}"] if default else []
    return _block(f'variable "{name}"', "type        = string", f"description = {_text(description)}", *given, *more)


def _role(role: Role) -> Iterator[str]:
    # HCL fills in what stands in ${}.
    trust = trust_document("${var.principal_arn}", "${var.external_id}")
    yield _block(
        'resource "aws_iam_role" "skyledger"',
        "name                 = var.role_name",
        f"path                 = {_text(role.path)}",
        f"description          = {_text(DESCRIPTION)}",
        f"max_session_duration = {SESSION_SECONDS}",
        f"assume_role_policy   = jsonencode({json.dumps(trust, indent=2)})",
    )


def _policies(role: Role) -> Iterator[str]:
    for number, policy in enumerate(role.policies, 1):
        yield _block(
            f'resource "aws_iam_policy" "skyledger_{number}"',
            f'name   = "${{var.role_name}}-{number}"',
            f"policy = jsonencode({json.dumps(policy, indent=2)})",
        )
        yield _block(
            f'resource "aws_iam_role_policy_attachment" "skyledger_{number}"',
            "role       = aws_iam_role.skyledger.name",
            f"policy_arn = aws_iam_policy.skyledger_{number}.arn",
        )


def _block(head: str, *lines: str) -> str:
    inside = "\n".join(f"  {line}" for line in "\n".join(lines).splitlines())
    return f"{head} {{\n{inside}\n}}\n"


def _text(value: str) -> str:
    """A string of HCL, in which nothing is filled in."""
    return re.sub(r"([$%])\{", r"\1\1{", json.dumps(value))
