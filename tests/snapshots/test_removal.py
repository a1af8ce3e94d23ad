"""Removing an account: nothing of it stays, nothing of others goes, and a worker that is at it does no harm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, connection

from inventory import tasks
from inventory.exposure import stored as open_ports
from inventory.models import Account, Organization, Resource, ServiceGate, Snapshot, Visit
from inventory.registry import resource_types
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.snapshots import removal
from inventory.snapshots.plan import plan_snapshot
from inventory.snapshots.removal import holdings, remove
from tests.snapshots.cast import BEGIN, IRELAND, Aws, Take, bucket, ids, instance, volume

pytestmark = pytest.mark.django_db(transaction=True)

AwsAnswers = Callable[..., Aws]
WORLD = {IRELAND: [volume("vol-1", tags={"team": "a"}), volume("vol-2"), instance("i-1")], "global": [bucket()]}


@pytest.fixture
def other(db: None) -> Account:
    """Another account, of which as much is known."""
    return Account.objects.create(name="other", account_id="999988887777", only_regions=[IRELAND])


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again without waiting long."""
    monkeypatch.setattr(removal, "PAUSE_SECONDS", 0.01)


def rows_of(pk: int) -> dict[str, int]:
    """How many rows name the account, by table."""
    counted = {model.__name__: model._base_manager.filter(account=pk).count() for model in removal._models()}
    return {name: number for name, number in counted.items() if number}


def test_everything_of_the_account_goes_and_nothing_of_another(
    acme: Account, other: Account, take_snapshot: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "CHUNK", 2)
    take_snapshot(acme, WORLD)
    take_snapshot(acme, {IRELAND: [volume("vol-1", tags={"team": "b"})]})
    take_snapshot(other, WORLD, account_id=other.account_id)
    for account in (acme, other):
        ServiceGate.objects.create(account=account, service="iam", region=IRELAND)
        open_ports.refresh(sender=Snapshot, account_id=account.pk, snapshot_id=0)
    before = holdings(other)

    remove(acme, "ada")

    assert not Account.objects.filter(name="acme").exists()
    assert rows_of(acme.pk) == {}
    assert holdings(other) == before
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}


def test_what_refers_to_others_goes_before_them() -> None:
    ordered = removal._models()

    assert {kind.model for kind in resource_types()} < set(ordered)
    for place, model in enumerate(ordered):
        assert not removal._referred(model) & set(ordered[:place])


def test_no_row_refers_to_a_row_of_an_account_without_naming_the_account() -> None:
    belonging = set(removal._models())

    strangers = [model for model in apps.get_models(include_auto_created=True) if removal._referred(model) & belonging]

    assert set(strangers) <= belonging


def test_an_organization_that_it_reads_goes_and_the_members_stay(acme: Account, other: Account) -> None:
    organization = Organization.objects.create(organization_id="o-acme", reader=acme, member_role="r")
    Account.objects.filter(pk=other.pk).update(organization=organization)

    remove(acme, "ada")

    assert not Organization.objects.exists()
    assert Account.objects.get(pk=other.pk).organization is None


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_visit_that_runs_ends_without_a_trace(acme: Account, aws_answers: AwsAnswers, page: int) -> None:
    """Fault matrix row 42."""
    pages = count(1)

    def removed_at_a_page(operation: str) -> None:
        if next(pages) == page:
            remove(acme, "ada")
            connection.close()  # this runs in the thread that asks AWS

    snapshot = plan_snapshot(acme, BEGIN, hint_workers=False)
    visit = snapshot.visits.get(type=EBS_VOLUME.slug)
    aws_answers({IRELAND: [volume(f"vol-{number}") for number in range(3)]}, page_size=1, before_page=removed_at_a_page)

    tasks.visit(visit.pk)
    tasks.visit(visit.pk)
    tasks.announce(snapshot.pk)
    tasks.begin(acme.pk)
    tasks.tick()

    assert not Account.objects.exists()
    assert rows_of(acme.pk) == {}


@pytest.mark.usefixtures("no_pauses")
def test_a_worker_that_goes_on_writing_leaves_no_orphans(acme: Account, take_snapshot: Take) -> None:
    """Fault matrix row 42."""
    take_snapshot(acme, WORLD)
    pk = acme.pk
    began, refused = threading.Event(), threading.Event()

    def write() -> None:
        try:
            for number in count():
                Resource.objects.create(account_id=pk, scope_region="x", type="ebs-volume", native_id=str(number))
                began.set()
        except (IntegrityError, OperationalError):
            refused.set()
        finally:
            connection.close()

    worker = threading.Thread(target=write)
    worker.start()
    assert began.wait(20)
    remove(acme, "ada")
    worker.join(30)

    assert refused.is_set()
    assert not Account.objects.exists()
    assert rows_of(pk) == {}
    connection.check_constraints()


def test_a_removal_that_was_interrupted_can_be_begun_again(
    acme: Account, take_snapshot: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_snapshot(acme, WORLD)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(removal, "_delete_the_rest", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            remove(acme, "ada")
    half_way = Account.objects.get(name="acme")

    remove(half_way, "ada")

    assert half_way.is_archived
    assert "removed" in half_way.archived_because
    assert not Account.objects.exists()
    assert not Visit.objects.exists()
