"""`manage.py add_organization`: one account lists the members, and they become accounts."""

from __future__ import annotations

import pytest
from django.test import Client

from demo.client import Emulator
from inventory.management.commands import add_organization as command
from inventory.models import Account, Organization
from inventory.snapshots import organizations
from tests.commands.running import Run, runner
from tests.snapshots.company import LAB, READER, WORK, Company

pytestmark = pytest.mark.django_db

ROLE = ("--member-role", "SkyledgerReadOnly")


@pytest.fixture
def add_organization(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("add_organization", capsys)


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    """The organization at AWS, and the account that may list it."""
    Account.objects.create(name="payer", account_id=READER, profile="audit")
    found = Company()
    for module in (command, organizations):
        monkeypatch.setattr(module, "clients_for", lambda account: found)
    return found


@pytest.mark.usefixtures("company")
def test_its_members_become_accounts_that_say_what_to_do_next(add_organization: Run) -> None:
    ran = add_organization("payer", *ROLE, "--include-unit", WORK, "--include-unit", LAB, "--exclude-unit", LAB)

    organization = Organization.objects.get()
    assert ran.code == 0, ran.err
    assert organization.organization_id == "o-acme"
    assert (organization.include_units, organization.exclude_units) == ([WORK, LAB], [LAB])
    assert [one.name for one in Account.objects.filter(account_id=None)] == ["one"]
    assert Account.objects.get(name="one").profile == "audit"
    assert "one" in ran.out
    assert "trust_policy" in ran.err


@pytest.mark.usefixtures("company")
def test_the_same_organization_twice_is_refused(add_organization: Run) -> None:
    add_organization("payer", *ROLE)

    ran = add_organization("payer", *ROLE)

    assert ran.code == 1
    assert "o-acme" in ran.err
    assert Organization.objects.count() == 1


def test_an_account_that_may_not_list_adds_nothing(add_organization: Run, company: Company) -> None:
    company.refused = "DescribeOrganization"

    ran = add_organization("payer", *ROLE)

    assert ran.code == 1
    assert "organizations:DescribeOrganization" in ran.err
    assert not Organization.objects.exists()


def test_an_organization_that_cannot_be_listed_yet_is_kept_and_says_why(
    add_organization: Run, company: Company
) -> None:
    company.refused = "ListAccounts"

    ran = add_organization("payer", *ROLE)

    assert ran.code == 1
    assert "organizations:ListAccounts" in ran.err
    assert "organizations:ListAccounts" in Organization.objects.get().reason


def test_a_pending_reader_is_refused(add_organization: Run) -> None:
    Account.objects.create(name="later", pending_because="no such role")

    ran = add_organization("later", *ROLE)

    assert ran.code == 1
    assert "no such role" in ran.err


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody", *ROLE], "nobody"),
        (["payer", "--member-role", "arn:aws:iam::111122223333:role/r"], "role/"),
        (["payer", "--member-role", "with blank"], "with blank"),
        (["payer", *ROLE, "--include-unit", "Workloads"], "Workloads"),
        (["payer", *ROLE, "--exclude-unit", "ou-1"], "ou-1"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_of_usage(add_organization: Run, arguments: list[str], said: str) -> None:
    ran = add_organization(*arguments)

    assert ran.code == 2
    assert said in ran.err
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ('["ou-acme-workload", "r-acme"]', ["ou-acme-workload", "r-acme"]),
        ("[]", []),
        ('["Workloads"]', None),
        ('{"ou-acme-workload": 1}', None),
        ("[7]", None),
    ],
)
def test_its_units_are_changed_on_the_admin_pages(admin_client: Client, written: str, stands: list[str] | None) -> None:
    reader = Account.objects.create(name="payer", account_id=READER)
    organization = Organization.objects.create(organization_id="o-acme", reader=reader, member_role="r")
    address = f"/admin/inventory/organization/{organization.pk}/change/"

    answer = admin_client.post(address, {"include_units": written, "exclude_units": "[]"})

    organization.refresh_from_db()
    assert answer.status_code == (200 if stands is None else 302)
    assert organization.include_units == (stands or [])


def test_over_http_the_members_of_the_sample_organization_follow_it(
    at_emulator: Emulator, add_organization: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {one.name: one for one in at_emulator.accounts}
    runner("add_account", capsys)("management")
    production = known["production"]
    Account.objects.create(name="by hand", account_id=production.account_id, role_arn=production.role_arn)

    ran = add_organization("management", *ROLE)

    accounts = {one.name: one for one in Account.objects.all()}
    assert ran.code == 0, ran.err
    assert set(accounts) == {"management", "by hand", "research"}
    assert accounts["research"].is_pending
    assert accounts["research"].role_arn == known["research"].role_arn
    assert accounts["research"].unit_path.startswith("Root/")
    assert accounts["by hand"].unit_path.endswith("/Production")
    assert {one.organization for one in accounts.values()} == {Organization.objects.get()}
