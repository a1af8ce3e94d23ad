"""`manage.py remove_account`: it says what goes, and does it when it is meant."""

from __future__ import annotations

import pytest
from django.test import Client

from inventory.models import Account, Organization, Resource
from tests.commands.running import Run, runner
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def remove_account(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("remove_account", capsys)


@pytest.fixture
def acme(db: None) -> Account:
    """An account of which something is known."""
    account = Account.objects.create(name="acme", account_id="111122223333")
    read_everything(account)
    Resource.objects.create(account=account, scope_region="eu-west-1", type="ebs-volume", native_id="vol-1")
    return account


def test_without_yes_it_says_what_would_go_and_leaves_it(remove_account: Run, acme: Account) -> None:
    Organization.objects.create(organization_id="o-acme", reader=acme, member_role="r")

    ran = remove_account("acme")

    assert ran.code == 1
    assert "1 resources" in ran.err
    assert "o-acme" in ran.err
    assert "--yes" in ran.err
    assert Resource.objects.exists()
    assert not Account.objects.get().is_archived


def test_with_yes_it_goes(remove_account: Run, acme: Account) -> None:
    ran = remove_account("111122223333", "--yes")

    assert ran.code == 0, ran.err
    assert "acme" in ran.out
    assert not Account.objects.exists()
    assert not Resource.objects.exists()


def test_that_an_organization_would_add_it_again_is_told(remove_account: Run, acme: Account) -> None:
    reader = Account.objects.create(name="payer", account_id="999988887777")
    acme.organization = Organization.objects.create(organization_id="o-acme", reader=reader, member_role="r")
    acme.save()

    ran = remove_account("acme", "--yes")

    assert ran.code == 0
    assert "o-acme" in ran.err
    assert Account.objects.get() == reader


def test_an_account_that_is_not_known_is_a_mistake_of_usage(remove_account: Run, acme: Account) -> None:
    assert remove_account("nobody", "--yes").code == 2
    assert Account.objects.exists()


def test_the_admin_pages_delete_no_account(admin_client: Client, acme: Account) -> None:
    """Fault matrix row 42."""
    answer = admin_client.post(f"/admin/inventory/account/{acme.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert Account.objects.get() == acme
