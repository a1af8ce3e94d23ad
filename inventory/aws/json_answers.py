"""Answers in JSON that are none: botocore does not refuse them, and so they are refused here.

botocore keeps a body that it cannot read as JSON as a message, and takes an empty one for an object without members.
What was asked for is then absent from the answer: a list that was cut short would look empty, and all that it held
deleted.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

ERRORS = 300


def refuse_broken_json(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
    """Raise ResponseParserError for a successful answer whose body is no JSON; listens to botocore's `before-parse`."""
    body = response_dict["body"]
    is_json = "json" in operation_model.service_model.resolved_protocol and operation_model.output_shape is not None
    if not is_json or response_dict["status_code"] >= ERRORS or not isinstance(body, bytes):
        return
    try:
        json.loads(body)
    except ValueError as error:
        raise ResponseParserError(f"{operation_model.name} was answered by what is no JSON.") from error
