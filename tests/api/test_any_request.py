"""Whatever the API is asked that its document allows, or nearly allows, it answers as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from pytest_django import DjangoDbBlocker
from schemathesis.checks import CHECKS

from api.document import document
from api.models import Scope, Token
from api.resources import OWN
from inventory.pages.filters import POSSIBLE
from inventory.registry import resource_types
from tests.access.world import Estate, make_zephyr
from tests.support.once import written_once

# Requests are refused or taken before any database is asked.
pytestmark = pytest.mark.any_database

CHOSEN = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EXAMPLES = 4
"""For each operation and way of making them: enough to meet every kind of parameter, and a few seconds in all."""


def shortened() -> dict[str, Any]:
    """The document with one filter of each kind of column, another operator each, where a list has all of them."""
    short = deepcopy(document())
    for number, kind in enumerate(resource_types()):
        of_each_kind = {column.kind: column for column in kind.columns}.values()
        kept = {
            POSSIBLE[column.kind][(number + place) % len(POSSIBLE[column.kind])].spelled(column.field)
            for place, column in enumerate(of_each_kind)
        }
        operation = short["paths"][f"/api/v1/resources/{kind.slug}"]["get"]
        operation["parameters"] = [one for one in operation["parameters"] if one["name"] in kept.union(OWN)]
    return short


schema = schemathesis.openapi.from_dict(shortened())
schema.app = get_wsgi_application()


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Let requests share the test's connection, as Django's own client does: each would close it at its end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def _issued(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with written_once(django_db_blocker):
        make_zephyr(Estate("acme", "111122223333", "eu-west-1"))
        owner = User.objects.create(username="ada", is_superuser=True)
        _, secret = Token.objects.issue(owner, name="any request", scopes=list(Scope), lifetime=timedelta(days=1))
        yield secret


@pytest.fixture
def secret(_issued: str, db: None, _one_connection: None) -> str:
    """The token of somebody who may see everything there is: two small accounts."""
    return _issued


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_describes(case: schemathesis.Case[Any], secret: str) -> None:
    checks: Any = CHECKS.get_by_names(CHOSEN)

    # Over WSGI schemathesis asks for gzip and does not unpack it.
    answer = case.call(headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"})

    case.validate_response(answer, checks=checks)
