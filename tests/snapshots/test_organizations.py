"""Accounts follow their organization: they come, move and go; and a listing that fails changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory import tasks
from inventory.aws import AwsFailure
from inventory.models import Account, Organization, Snapshot, Visit
from inventory.registry import resource_type
from inventory.snapshots import control, organizations
from inventory.snapshots.organizations import Changes, read_organization, unique_name
from tests.snapshots.cast import Take, volume
from tests.snapshots.company import LAB, ONE, READER, ROOT, TWO, WORK, Company

ROLE = "SkyledgerReadOnly"


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    """The organization at AWS."""
    found = Company()
    monkeypatch.setattr(organizations, "clients_for", lambda account: found)
    return found


@pytest.fixture
def acme_org(db: None, company: Company) -> Organization:
    """The organization in our ledger, read by its management account and not listed yet."""
    reader = Account.objects.create(name="payer", account_id=READER)
    return Organization.objects.create(organization_id="o-acme", reader=reader, member_role=ROLE)


def called(name: str) -> Account:
    return Account.objects.get(name=name)


def everything() -> list[dict[str, Any]]:
    """Every column of every account."""
    return [dict(row) for row in Account.objects.order_by("pk").values()]


# --- coming -------------------------------------------------------------------------------------------------------


def test_active_members_become_pending_accounts_with_external_ids_of_their_own(acme_org: Organization) -> None:
    changes = read_organization(acme_org)

    one, two = called("one"), called("two")
    assert sorted(changes.added) == ["one", "two"]
    assert one.role_arn == f"arn:aws:iam::{ONE}:role/{ROLE}"
    assert one.is_pending
    assert one.pending_because
    assert one.next_due_at is None
    assert len(one.external_id) >= 43
    assert one.external_id != two.external_id
    assert one.organization == acme_org
    assert (one.unit_path, two.unit_path) == ("Root/Workloads", "Root/Laboratory")


def test_reading_again_adds_nothing(acme_org: Organization) -> None:
    read_organization(acme_org)
    before = everything()

    changes = read_organization(acme_org)

    assert everything() == before
    assert changes == Changes()


def test_an_account_that_is_known_already_is_not_added_again(acme_org: Organization) -> None:
    Account.objects.create(name="mine", account_id=ONE)
    Account.objects.create(name="soon mine", role_arn=f"arn:aws:iam::{TWO}:role/other")

    changes = read_organization(acme_org)

    assert changes.added == []
    assert called("payer").unit_path == "Root"
    assert called("mine").unit_path == "Root/Workloads"
    assert called("soon mine").unit_path == "Root/Laboratory"


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING_CLOSURE", "CLOSED", "PENDING_ACTIVATION", "SOMETHING_NEW", ""])
def test_a_member_that_is_not_active_is_not_added(acme_org: Organization, company: Company, state: str) -> None:
    company.states[ONE] = state

    read_organization(acme_org)

    assert not Account.objects.filter(name="one").exists()


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], {"one", "two"}),
        ([WORK], [], {"one"}),
        ([ROOT], [LAB], {"one"}),
        ([], [ROOT], set()),
        ([WORK, LAB], [LAB], {"one"}),
    ],
)
def test_units_are_included_and_excluded_with_all_that_is_below_them(
    acme_org: Organization, include: list[str], exclude: list[str], expected: set[str]
) -> None:
    acme_org.include_units, acme_org.exclude_units = include, exclude
    acme_org.save()

    assert set(read_organization(acme_org).added) == expected


def test_a_member_whose_unit_is_not_known_is_left_for_the_next_reading(
    acme_org: Organization, company: Company
) -> None:
    del company.units[ONE]

    first = read_organization(acme_org)
    company.units[ONE] = WORK
    second = read_organization(acme_org)

    assert (first.added, second.added) == (["two"], ["one"])


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("production", [], "production"),
        ("production", ["production"], f"production {ONE}"),
        ("R&D (old)", [], "R-D -old"),
        ("12345", [], f"account {ONE}"),
        ("", [], f"account {ONE}"),
        ("<script>", [], "script"),
        ("x" * 80, ["x" * 51], f"{'x' * 51} {ONE}"),
    ],
)
def test_a_member_is_called_as_at_aws_unless_that_cannot_be(name: str, taken: list[str], expected: str) -> None:
    assert unique_name(name, ONE, taken) == expected
    assert len(expected) <= 64


# --- going, and coming back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING_CLOSURE", "CLOSED"])
def test_what_is_suspended_or_closed_is_archived_with_date_and_reason_and_comes_back(
    acme_org: Organization, company: Company, state: str
) -> None:
    """Fault matrix row 7."""
    read_organization(acme_org)
    before = timezone.now()

    company.states[ONE] = state
    gone = read_organization(acme_org)
    archived = called("one")
    del company.states[ONE]
    back = read_organization(acme_org)

    assert (gone.archived, back.back) == (["one"], ["one"])
    assert archived.archived_at is not None
    assert archived.archived_at >= before
    assert state in archived.archived_because
    assert not called("one").is_archived
    assert called("one").external_id == archived.external_id


def test_what_is_suspended_counts_as_gone_since_the_moment_that_a_reading_speaks_of(
    acme_org: Organization, company: Company
) -> None:
    read_organization(acme_org)
    company.states[ONE] = "SUSPENDED"
    moment = timezone.now() - timedelta(days=15)

    read_organization(acme_org, at=moment)

    assert called("one").archived_at == moment


def test_the_rows_of_a_suspended_account_are_kept_and_no_snapshot_is_begun(
    acme_org: Organization, company: Company, take_snapshot: Take
) -> None:
    """Fault matrix row 7."""
    account = Account.objects.create(
        name="one", account_id=ONE, role_arn=f"arn:aws:iam::{ONE}:role/{ROLE}", only_regions=["eu-west-1"]
    )
    take_snapshot(account, {"eu-west-1": [volume()]}, account_id=ONE)
    company.states[ONE] = "SUSPENDED"

    read_organization(acme_org)
    Account.objects.update(next_due_at=None)
    tasks.begin(account.pk)

    assert resource_type("ebs-volume").model.revisions.current().count() == 1
    assert Snapshot.objects.filter(account=account).count() == 1
    assert not Visit.objects.filter(account=account, state="waiting").exists()


def test_what_left_the_organization_is_archived(acme_org: Organization, company: Company) -> None:
    read_organization(acme_org)
    del company.names[ONE], company.units[ONE]

    changes = read_organization(acme_org)

    assert changes.archived == ["one"]
    assert "left the organization" in called("one").archived_because


def test_what_was_added_with_a_way_in_of_its_own_stays_when_it_leaves(acme_org: Organization, company: Company) -> None:
    Account.objects.create(name="mine", account_id=ONE)
    read_organization(acme_org)
    del company.names[ONE], company.units[ONE]

    read_organization(acme_org)

    assert not called("mine").is_archived
    assert (called("mine").organization, called("mine").unit_path) == (None, "")


def test_what_moves_keeps_its_path_up_to_date_and_is_archived_in_a_unit_that_is_left_out(
    acme_org: Organization, company: Company
) -> None:
    acme_org.exclude_units = [LAB]
    acme_org.save()
    read_organization(acme_org)

    company.units[ONE] = ROOT
    read_organization(acme_org)
    moved = called("one")
    company.units[ONE] = LAB
    read_organization(acme_org)
    left_out = called("one")
    company.units[ONE] = WORK
    read_organization(acme_org)

    assert (moved.unit_path, moved.is_archived) == ("Root", False)
    assert (left_out.unit_path, left_out.is_archived) == ("Root/Laboratory", True)
    assert (called("one").unit_path, called("one").is_archived) == ("Root/Workloads", False)


def test_what_somebody_archived_stays_archived(acme_org: Organization) -> None:
    read_organization(acme_org)
    control.archive(called("one"), "no longer of interest", "ada")

    changes = read_organization(acme_org)

    assert changes.back == []
    assert called("one").archived_because == "no longer of interest."


# --- failing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operation",
    ["DescribeOrganization", "ListAccounts", "ListRoots", "ListAccountsForParent", "ListOrganizationalUnitsForParent"],
)
def test_a_listing_that_fails_changes_nothing_but_that_it_is_noted(
    acme_org: Organization, company: Company, operation: str
) -> None:
    read_organization(acme_org)
    del company.names[ONE], company.units[ONE]
    company.states[TWO] = "SUSPENDED"
    company.refused = operation
    before = everything()

    with pytest.raises(AwsFailure):
        read_organization(acme_org)
    first = Organization.objects.get()
    with pytest.raises(AwsFailure):
        read_organization(first)

    assert everything() == before
    assert operation in first.reason
    assert first.failing_since is not None
    assert Organization.objects.get().failing_since == first.failing_since


def test_a_reading_that_succeeds_ends_the_failing(acme_org: Organization, company: Company) -> None:
    company.refused = "ListAccounts"
    with pytest.raises(AwsFailure):
        read_organization(acme_org)
    company.refused = ""

    read_organization(acme_org)

    found = Organization.objects.get()
    assert (found.failing_since, found.reason) == (None, "")
    assert found.read_at is not None


def test_a_list_without_its_own_reader_is_not_believed(acme_org: Organization, company: Company) -> None:
    read_organization(acme_org)
    before = everything()
    company.names, company.units = {}, {}

    with pytest.raises(AwsFailure):
        read_organization(acme_org)

    assert everything() == before


@pytest.mark.parametrize("changed", [{"organization_id": "o-other"}, {"account_id": TWO}])
def test_a_reader_that_came_to_lead_elsewhere_changes_nothing(
    acme_org: Organization, company: Company, changed: dict[str, str]
) -> None:
    read_organization(acme_org)
    before = everything()
    for name, value in changed.items():
        setattr(company, name, value)

    with pytest.raises(AwsFailure):
        read_organization(acme_org)

    assert everything() == before


# --- when it is read ----------------------------------------------------------------------------------------------


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Callable[[int], None], int]]:
    """What a tick put on the queue."""
    found: list[tuple[Any, int]] = []
    monkeypatch.setattr(tasks, "hint", lambda task, ids: found.extend((task, one) for one in ids))
    return found


def test_the_tick_has_it_read_once_an_hour_and_soon_again_after_a_failure(
    acme_org: Organization, company: Company, hinted: list[Any]
) -> None:
    company.refused = "ListAccounts"

    tasks.tick()
    tasks.read_organization(acme_org.pk)
    soon = Organization.objects.get().next_due_at
    Organization.objects.update(next_due_at=timezone.now() - timedelta(seconds=1))
    company.refused = ""
    tasks.read_organization(acme_org.pk)
    later = Organization.objects.get().next_due_at

    assert (tasks.read_organization, acme_org.pk) in hinted
    assert soon is not None
    assert soon - timezone.now() < timedelta(minutes=10)
    assert later is not None
    assert later - timezone.now() > timedelta(minutes=55)


def test_a_doubled_hint_reads_it_once(acme_org: Organization, company: Company) -> None:
    tasks.read_organization(acme_org.pk)
    company.refused = "ListAccounts"

    tasks.read_organization(acme_org.pk)
    tasks.read_organization(4711)

    assert Organization.objects.get().failing_since is None


def test_an_organization_whose_reader_is_archived_or_paused_is_left_alone(acme_org: Organization) -> None:
    assert organizations.due_organizations() == [acme_org.pk]

    control.pause(acme_org.reader, "me")
    paused = organizations.due_organizations()
    control.resume(acme_org.reader, "me")
    control.archive(acme_org.reader, "gone", "ada")

    assert paused == organizations.due_organizations() == []
