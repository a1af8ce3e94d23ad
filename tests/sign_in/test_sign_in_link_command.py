from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from tests.support.product import Product


def printed(*arguments):
    """What the command writes to stdout."""
    stdout = io.StringIO()
    call_command("sign_in_link", *arguments, stdout=stdout, stderr=io.StringIO())
    return stdout.getvalue()


@pytest.mark.django_db
def test_the_command_prints_one_address_that_signs_in(settings):
    settings.PUBLIC_URL = "https://ledger.example"

    (address,) = printed().split()

    assert address.startswith("https://ledger.example/sign-in/")
    assert Client().post(address.removeprefix("https://ledger.example")).status_code == 302


@pytest.mark.django_db
def test_the_command_makes_a_link_for_a_named_user(reader, superuser):
    client = Client()

    client.post("/" + printed("--user", "rita").split("/", 3)[-1].strip())

    assert client.session["_auth_user_id"] == str(reader.pk)


@pytest.mark.django_db
def test_the_command_refuses_a_user_who_does_not_exist():
    with pytest.raises(CommandError, match="no user named nobody"):
        printed("--user", "nobody")


@pytest.mark.django_db
def test_the_command_refuses_a_user_who_is_not_active(reader):
    User.objects.update(is_active=False)

    with pytest.raises(CommandError, match="not active"):
        printed("--user", "rita")


@pytest.mark.django_db
def test_the_command_refuses_to_guess_whom_to_sign_in(reader):
    with pytest.raises(CommandError, match="--user"):
        printed()


def test_before_the_first_migration_the_command_says_to_migrate(tmp_path):
    with Product(tmp_path, {}) as product:
        refused = product.manage("sign_in_link", exit_code=1)

    assert "manage.py migrate" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""
