"""What every registered resource type keeps to, so that a new one is tested before its author writes a line."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.model import Shape, StructureShape
from botocore.validate import ParamValidator
from django.db.models import Model

from inventory.aws.paging import paging_of
from inventory.history import ResourceRevision
from inventory.history.revision import pack_raw, unpack_raw
from inventory.registry import (
    GLOBAL,
    Ask,
    Call,
    Kind,
    LookUp,
    Reach,
    ResourceType,
    Scope,
    resource_type,
    resource_types,
)
from inventory.snapshots.content import content_of_reading
from tests.aws_pages import reading

TYPES = list(resource_types())
CALLS = sorted({(one.slug, call.operation) for one in TYPES for call in one.calls})
SECRET = "correct-horse-battery-staple"
"""It stands in the boot script of the page of instances."""
IAM_ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+")

every_type = pytest.mark.parametrize("kind", TYPES, ids=lambda one: one.slug)
every_listing = pytest.mark.parametrize(
    ("kind", "call"),
    [pytest.param(kind, call, id=f"{kind.slug} {call.operation}") for kind in TYPES for call in kind.listings],
)
every_call = pytest.mark.parametrize(("slug", "operation"), CALLS)


def scope_of(kind: ResourceType) -> Scope:
    return Scope(account_id="111122223333", region=GLOBAL if kind.reach is Reach.GLOBAL else "eu-west-1")


def call_of(slug: str, operation: str) -> Call:
    return next(call for call in resource_type(slug).calls if call.operation == operation)


def errors_in(answer: Any, shape: Any) -> str:
    found: str = ParamValidator().validate(answer, shape).generate_report()
    return found


def token_of(shape: Shape | None) -> list[str]:
    """The members of an answer that tell of a next page."""
    members = shape.members if isinstance(shape, StructureShape) else {}
    return [name for name in members if "token" in name.lower() or "marker" in name.lower()]


@every_call
def test_every_operation_is_known_to_botocore_and_only_reads(slug: str, operation: str) -> None:
    model = reading.operation_model(call_of(slug, operation))

    assert model.name.startswith(("Describe", "Get", "List", "Head"))
    assert model.output_shape is not None


@every_call
def test_every_iam_action_is_written_as_policies_write_it(slug: str, operation: str) -> None:
    call = call_of(slug, operation)
    model = reading.operation_model(call)

    assert IAM_ACTION.fullmatch(call.action)
    # Both services of load balancers sign as elasticloadbalancing, which is their name in IAM too.
    assert call.action.partition(":")[0] in {call.service, model.service_model.signing_name}


@every_call
def test_an_operation_that_gives_a_token_is_one_that_we_can_page(slug: str, operation: str) -> None:
    call = call_of(slug, operation)

    tokens = token_of(reading.operation_model(call).output_shape)

    assert not tokens or paging_of(call.service, call.operation) is not None


@every_listing
def test_every_listing_that_can_be_paged_asks_for_pages(kind: ResourceType, call: Call) -> None:
    model = reading.operation_model(call)

    assert bool(token_of(model.output_shape)) == bool(call.page_size)
    if call.page_size:
        name, size = call.page_size
        limits = model.input_shape.members[name].metadata if model.input_shape else {}
        assert limits.get("min", 1) <= size <= limits.get("max", size)


@every_type
def test_every_type_has_a_page_of_answers_that_fits_the_service_model(kind: ResourceType) -> None:
    file = reading.document(kind)

    for call in kind.listings:
        assert not errors_in(reading.page_of(kind, call), reading.operation_model(call).output_shape)
    for question in kind.enrich:
        match question:
            case Ask(call=call):
                given = [answers[call.operation] for answers in file["asked"].values() if call.operation in answers]
            case LookUp(call=call):
                given = [file["looked_up"][call.operation]]
        for answer in given:
            # Without an answer there must be an error code by which AWS says that there is none.
            assert answer is not None or (isinstance(question, Ask) and question.absent)
            assert answer is None or not errors_in(answer, reading.operation_model(call).output_shape)


@every_listing
def test_every_listed_item_is_found_by_its_path_and_known_by_its_key(kind: ResourceType, call: Call) -> None:
    items = reading.listed(call, reading.page_of(kind, call))
    ids = [kind.native_id({call.operation: item}) for item in items]

    assert len(set(ids)) == len(items) >= (3 if call is kind.call else 1)
    assert all(ids)


@every_type
def test_every_ask_is_put_as_the_service_wants_it(kind: ResourceType) -> None:
    for answers in reading.answers_of(kind):
        for question in kind.enrich:
            if isinstance(question, Ask) and not question.wanted(answers):
                continue
            model = reading.operation_model(question.call)
            match question:
                case Ask():
                    arguments = question.arguments_at(answers, datetime(2026, 3, 1, tzinfo=UTC))
                case LookUp():
                    arguments = question.arguments_for([question.key(answers) or "a name"])
            assert not errors_in({**arguments, **question.call.arguments}, model.input_shape)


@every_type
def test_every_item_is_read_into_columns_that_store_it(kind: ResourceType) -> None:
    for answers in reading.answers_of(kind):
        read = kind.read(answers, scope_of(kind))

        content = content_of_reading(kind.model, read)

        assert read.native_id == kind.native_id(answers)
        assert set(read.fields) == own_fields(kind)
        assert read.unknown <= {*content.fields, *roles(kind), "tags"}
        assert {link.role for link in read.links} <= roles(kind)


@every_type
def test_a_release_reads_the_same_from_the_stored_document(kind: ResourceType) -> None:
    for answers in reading.answers_of(kind):
        fresh = content_of_reading(kind.model, kind.read(answers, scope_of(kind)))

        document = unpack_raw(pack_raw(answers))
        again = content_of_reading(kind.model, kind.read(document, scope_of(kind)))

        assert again.digest() == fresh.digest()


@every_type
def test_a_missing_enrichment_makes_fields_unknown_and_gives_them_no_value(kind: ResourceType) -> None:
    for answers in reading.answers_of(kind):
        whole = kind.read(answers, scope_of(kind))
        for operation in answers.keys() - {call.operation for call in kind.listings}:
            rest = {name: answer for name, answer in answers.items() if name != operation}

            read = kind.read(rest, scope_of(kind))

            lost = read.unknown - whole.unknown
            assert lost, f"without {operation} nothing is unknown"
            values = {**read.fields, "region": read.region}
            assert all(values.get(field) is None for field in lost)
            assert {name: value for name, value in values.items() if name not in lost}.items() <= {
                **whole.fields,
                "region": whole.region,
            }.items()


@every_type
def test_no_secret_is_kept_of_an_answer_that_is_asked_for_behind_a_switch(kind: ResourceType) -> None:
    given = reading.document(kind).get("asked", {})
    for question in kind.enrich:
        if isinstance(question, Ask) and question.switch:
            answers = [one[question.call.operation] for one in given.values() if question.call.operation in one]

            kept = [question.keep(answer) for answer in answers]

            came = {text for answer in answers for text in texts_in(answer)}
            stays = {text for answer in kept for text in texts_in(answer)}
            assert any(SECRET in base64.b64decode(text).decode(errors="replace") for text in came if len(text) % 4 == 0)
            assert not came & stays
            assert not any(SECRET in text for text in stays)


def texts_in(value: Any) -> list[str]:
    """Every text in an answer."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for held in value.values() for text in texts_in(held)]
        case list():
            return [text for held in value for text in texts_in(held)]
        case _:
            return []


@every_type
def test_every_field_is_shown(kind: ResourceType) -> None:
    assert own_fields(kind) <= {column.field for column in kind.columns}


@every_type
@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_every_item_has_a_page_in_the_console_of_its_partition_and_region(
    kind: ResourceType, region: str, host: str
) -> None:
    for answers in reading.answers_of(kind):
        read = kind.read(answers, scope_of(kind))
        values = {**read.fields, "region": region, "native_id": read.native_id}

        url = urlsplit(kind.console_url_of(values))

        assert (url.scheme, url.netloc) in (("https", host), ("https", host.removeprefix(f"{region}.")))
        assert f"region={region}" in url.query or region not in url.netloc


@every_type
def test_nothing_that_aws_names_leads_out_of_the_console(kind: ResourceType) -> None:
    hostile = "@evil.example/#?x=<script>&y=\n\u202e"
    fields = dict.fromkeys(own_fields(kind), hostile)

    url = kind.console_url_of({**fields, "region": hostile, "native_id": hostile})

    assert f".{urlsplit(url).netloc}".endswith(".console.aws.amazon.com")
    assert not set("<>@\n\u202e") & set(url)


@every_type
def test_without_an_id_there_is_no_address_in_the_console(kind: ResourceType) -> None:
    url = kind.console_url_of({"region": "eu-west-1", "native_id": ""})

    # Places have no page each: one of their region, which needs no id, shows them together.
    assert not url or kind.is_place


def own_fields(kind: ResourceType) -> set[str]:
    """The columns that are the type's own."""
    shared = {field.name for field in ResourceRevision._meta.get_fields()}
    return model_fields(kind.model) - shared - {"id"}


def model_fields(model: type[Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def roles(kind: ResourceType) -> set[str]:
    return {column.field for column in kind.columns if column.kind is Kind.MANY}


def test_the_pages_hold_hostile_texts_and_every_kind_of_absence() -> None:
    texts = "".join(all_texts())

    assert "<script>" in texts
    assert "=cmd|" in texts
    assert "\u202e" in texts
    assert "\n" in texts
    assert any(len(text) == 256 for text in all_texts())


def all_texts() -> Iterator[str]:
    for kind in TYPES:
        for answers in reading.answers_of(kind):
            yield from kind.read(answers, scope_of(kind)).tags.values()
