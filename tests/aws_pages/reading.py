"""One page of AWS's answers for each resource type, scrubbed, and the answers that enrich its items.

`<slug>.json` holds `page`, an answer of the type's listing; `also`, answers of its further listings by operation;
`asked`, the answers about each item by its native id and operation, null where AWS says that there is none; and
`looked_up`, the answers about what several items share.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore.model import OperationModel, ServiceModel

from inventory.registry import Answers, Ask, Call, LookUp, Measures, ResourceType, Scope

SCOPE = Scope(account_id="111122223333", region="eu-west-1")
FOLDER = Path(__file__).parent


def document(resource_type: ResourceType) -> dict[str, Any]:
    """The type's file as it stands."""
    found: dict[str, Any] = json.loads((FOLDER / f"{resource_type.slug}.json").read_text())
    return found


def answers_of(resource_type: ResourceType) -> list[Answers]:
    """Each item of the type's page with its enrichments, as the collector hands them to the reader."""
    file = document(resource_type)
    items: list[Answers] = [
        {call.operation: item} for call in resource_type.listings for item in listed(call, page_of(resource_type, call))
    ]
    for question in resource_type.enrich:
        for answers in items:
            match question:
                case Ask(measures=Measures()):
                    continue  # What is measured is no part of what is read.
                case Ask(call=call, keep=keep):
                    asked = file["asked"].get(resource_type.native_id(answers), {})
                    if call.operation in asked:
                        answer = parsed(call, asked[call.operation])
                        answers[call.operation] = None if answer is None else keep(answer)
                case LookUp(call=call):
                    known = jmespath.search(call.items, parsed(call, file["looked_up"][call.operation]))
                    by_name = {one[question.item_key]: one for one in known}
                    if (name := question.key(answers)) and (found := by_name.get(name)):
                        answers[call.operation] = found
    return items


def page_of(resource_type: ResourceType, call: Call) -> dict[str, Any]:
    """The page of answers of one of the type's listings."""
    file = document(resource_type)
    found: dict[str, Any] = file["page"] if call is resource_type.call else file["also"][call.operation]
    return found


def listed(call: Call, page: dict[str, Any], scope: Scope = SCOPE) -> list[Any]:
    """The items of a page as the collector hands them on."""
    items = call.kept(jmespath.search(call.items, parsed(call, page)) or [], scope)
    return call.grouped(items) if call.grouped_by else list(items)


def operation_model(call: Call) -> OperationModel:
    """What botocore knows of an operation. Raises OperationNotFoundError."""
    return _service_model(call.service).operation_model(call.operation)


def parsed(call: Call, answer: Any) -> Any:
    """An answer as botocore hands it over: with moments where the file has texts."""
    return _parsed(operation_model(call).output_shape, answer)


def _parsed(shape: Any, value: Any) -> Any:
    if shape is None or value is None:
        return value
    match shape.type_name:
        case "structure":
            return {name: _parsed(shape.members[name], held) for name, held in value.items()}
        case "list":
            return [_parsed(shape.member, held) for held in value]
        case "timestamp":
            return datetime.fromisoformat(value)
        case _:
            return value


@cache
def _service_model(service: str) -> ServiceModel:
    return _session().get_service_model(service)


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()
