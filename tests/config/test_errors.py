"""A database that is away is told from a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.pages.test_budget import ENDLESS


def get_while(error: Exception, client: Client, address: str) -> Any:
    """An answer while every statement fails."""

    def refuse(execute: Callable[..., Any], *call: Any) -> Any:
        raise error

    client.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        return client.get(address)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/types/ebs-volume/", "/coverage/"])
@pytest.mark.parametrize(
    "error", [OperationalError("server closed the connection"), InterfaceError("connection already closed")], ids=repr
)
def test_while_the_database_is_away_pages_say_so_and_when_to_come_again(error: Exception, address: str) -> None:
    """Fault matrix rows 35 and 38."""
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))

    answer = get_while(error, client, address)

    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "The database does not answer" in answer.content.decode()
    assert "server closed" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/types/ebs-volume/?name__contains=a", "/api/v1/accounts"])
def test_a_database_that_works_too_long_for_one_page_is_stopped_and_the_page_says_so(
    address: str, settings: Any
) -> None:
    settings.PAGE_TIME_LIMIT = 0.2
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("operator"))
    client.get("/keys/")

    def prolong(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        is_of_the_page = 'FROM "inventory_account"' in sql
        return execute(*((ENDLESS, None) if is_of_the_page else (sql, params)), many, context)

    connection.close()  # PostgreSQL hears of the limit when a process that serves pages connects.
    try:
        with connection.execute_wrapper(prolong):
            answer = client.get(address)
        again = client.get("/keys/")
    finally:
        connection.close()

    assert answer.status_code == 400
    assert "was stopped after 0.2 seconds" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert again.status_code == 200


@pytest.mark.django_db
def test_a_fault_of_ours_is_no_database_that_is_away() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))

    answer = get_while(ZeroDivisionError(), client, "/")

    assert answer.status_code == 500
    assert "failed to make this page" in answer.content.decode()
