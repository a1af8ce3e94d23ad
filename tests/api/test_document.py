from __future__ import annotations

import json

from django.core.management import call_command
from django.test import Client, override_settings

from api.document import document, spelled
from inventory.registry import resource_types
from tests.support.environment import ROOT


def test_the_document_in_the_repository_is_up_to_date():
    kept = (ROOT / "docs" / "openapi.json").read_text()

    assert kept == spelled(document()), "run: python manage.py write_openapi"


def test_the_command_writes_the_document(tmp_path):
    (tmp_path / "docs").mkdir()

    with override_settings(BASE_DIR=tmp_path):
        call_command("write_openapi")

    assert (tmp_path / "docs" / "openapi.json").read_text() == spelled(document())


def test_anybody_can_have_the_document_by_its_address():
    answer = Client().get("/api/openapi.json")

    assert json.loads(answer.content) == document()


def test_each_column_of_each_type_has_a_typed_field():
    schemas = document()["components"]["schemas"]

    for kind in resource_types():
        name = "".join(part.capitalize() for part in kind.slug.split("-"))
        for column in kind.columns:
            assert "anyOf" in schemas[name]["properties"][column.field], (kind.slug, column.field)


def test_every_operation_says_its_scope_and_how_it_can_fail():
    for path, methods in document()["paths"].items():
        assert list(methods) == ["get"], path
        assert methods["get"]["x-scope"] in ("read:inventory", "read:costs", "read:people"), path
        assert set(methods["get"]["responses"]) == {"200", "400", "401", "403", "404", "503"}, path


def test_no_number_is_a_float():
    assert '"type": "number"' not in json.dumps(document()["components"])
