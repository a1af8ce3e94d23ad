"""AWS's answers as bytes: what botocore would parse into a given document, written as its service models say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.loaders import create_loader
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """botocore's description of an operation."""
    return _service_model(service).operation_model(operation)


def rendered(service: str, operation: str, document: dict[str, Any]) -> str:
    """The body of an answer that says this document."""
    model = operation_model(service, operation)
    shape = model.output_shape
    assert shape is not None, f"{operation} answers nothing"
    if model.service_model.protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        return json.dumps(document, default=str)
    inner = _members(shape, document)
    if wrapper := shape.serialization.get("resultWrapper"):
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    if payload := shape.serialization.get("payload"):
        return _members(shape, {payload: document.get(payload)})
    return f"<{operation}Response>{inner}</{operation}Response>"


def refused(service: str, code: str) -> str:
    """The body of a refusal, as the service words it."""
    error = f"<Error><Code>{code}</Code><Message>because</Message></Error>"
    match service:
        case "ec2":
            return f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"
        case "s3":
            return error
        case "savingsplans" | "monitoring":
            return json.dumps({"__type": code, "message": "because"})
    return f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"


@cache
def _service_model(service: str) -> ServiceModel:
    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


def _members(shape: StructureShape, document: dict[str, Any]) -> str:
    return "".join(
        _element(member, document[name], member.serialization.get("name", name))
        for name, member in shape.members.items()
        if document.get(name) is not None
    )


def _element(shape: Shape, value: Any, tag: str) -> str:
    match shape:
        case StructureShape():
            return f"<{tag}>{_members(shape, value)}</{tag}>"
        case ListShape() if shape.serialization.get("flattened"):
            return "".join(_element(shape.member, one, tag) for one in value)
        case ListShape():
            name = shape.member.serialization.get("name", "member")
            return f"<{tag}>{''.join(_element(shape.member, one, name) for one in value)}</{tag}>"
    return f"<{tag}>{escape(_spelt(value))}</{tag}>"


def _spelt(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)
