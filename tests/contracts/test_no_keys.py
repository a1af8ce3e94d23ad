"""There is nowhere to put an access key: no column, no field of a form, no option of a command."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.management import get_commands, load_command_class
from django.test import RequestFactory
from django.urls import get_resolver

OURS = ("config", "costs", "inventory", "sign_in")
LOOKS_LIKE_A_KEY = re.compile(r"(access|api)[_-]?key|secret|(session|aws)[_-]?token|credential", re.IGNORECASE)


def columns() -> Iterator[str]:
    """Every column of every model of ours."""
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            yield from (f"{model._meta.label}.{field.name}" for field in model._meta.get_fields())


def form_fields() -> Iterator[str]:
    """Every field of every form of ours, those of the admin site among them."""
    assert get_resolver().url_patterns, "importing the pages defines their forms"
    for form in _subclasses(forms.BaseForm):
        if form.__module__.split(".")[0] in OURS:
            yield from (f"{form.__name__}.{name}" for name in getattr(form, "base_fields", {}))
    for model, site in admin.site._registry.items():
        if model._meta.app_label in OURS:
            fields = site.get_form(RequestFactory().get("/")).base_fields
            yield from (f"admin of {model._meta.label}.{name}" for name in fields)


def options() -> Iterator[str]:
    """Every option of every command of ours."""
    for name, package in get_commands().items():
        if str(package).split(".")[0] in OURS:
            parser = load_command_class(str(package), name).create_parser("manage.py", name)
            yield from (f"{name} {action.dest}" for action in parser._actions)


def _subclasses(kind: type[object]) -> Iterator[type[object]]:
    children: list[type[object]] = kind.__subclasses__()
    for one in children:
        yield one
        yield from _subclasses(one)


@pytest.mark.parametrize(
    ("walk", "known"),
    [
        (columns, "inventory.Account.role_arn"),
        (form_fields, "admin of inventory.Account.only_regions"),
        (options, "add_account role_arn"),
    ],
)
def test_nothing_takes_an_access_key(walk, known) -> None:
    found = list(walk())

    assert known in found
    assert [one for one in found if LOOKS_LIKE_A_KEY.search(one)] == []


@pytest.mark.parametrize(
    "name", ["access_key", "aws_access_key_id", "secret", "AccessKey", "session_token", "--access-key", "credentials"]
)
def test_the_walk_would_notice_one(name: str) -> None:
    assert LOOKS_LIKE_A_KEY.search(name)
