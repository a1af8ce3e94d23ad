"""Periods: what held when, who may see it, and that nobody sees what is not published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction

from inventory.history.revision import pack_raw
from inventory.models import Account, AccountGrant, Resource, ResourceTag
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Account:
    return Account.objects.create(name="acme", account_id="111122223333")


def resource(account: Account, native_id: str = "vol-1") -> Resource:
    found, _ = Resource.objects.get_or_create(
        account=account, scope_region="eu-west-1", type=EBS_VOLUME.slug, native_id=native_id
    )
    return found


def revision(account: Account, begin: datetime | None, end: datetime | None = None, **columns: Any) -> EbsVolume:
    """A revision that holds from the first moment until the second."""
    native_id = columns.pop("native_id", "vol-1")
    return EbsVolume.revisions.create(
        account=account,
        resource=resource(account, native_id),
        region="eu-west-1",
        fingerprint=b"",
        raw=pack_raw({"DescribeVolumes": {"VolumeId": native_id, "At": NOON}}),
        valid_from=begin,
        valid_to=end,
        **columns,
    )


def test_a_period_holds_from_its_beginning_until_before_its_end(acme: Account) -> None:
    revision(acme, NOON, NOON + HOUR)

    held = {
        moment: EbsVolume.revisions.as_of(moment).exists()
        for moment in (NOON - TICK, NOON, NOON + HOUR - TICK, NOON + HOUR)
    }

    assert list(held.values()) == [False, True, True, False]


def test_an_open_period_still_holds(acme: Account) -> None:
    opened = revision(acme, NOON)

    assert EbsVolume.revisions.current().get() == opened
    assert EbsVolume.revisions.as_of(None).get() == opened
    assert EbsVolume.revisions.as_of(NOON + 1000 * HOUR).get() == opened
    assert opened.is_open
    assert opened.began == NOON


def test_of_two_periods_that_meet_one_holds_at_any_moment(acme: Account) -> None:
    first = revision(acme, NOON, NOON + HOUR)
    second = revision(acme, NOON + HOUR)

    assert EbsVolume.revisions.as_of(NOON + HOUR - TICK).get() == first
    assert EbsVolume.revisions.as_of(NOON + HOUR).get() == second


def test_nobody_sees_a_row_before_it_is_published(acme: Account) -> None:
    staged = revision(acme, None, staged_by=7)

    assert not EbsVolume.revisions.current().exists()
    assert not EbsVolume.revisions.as_of(NOON + HOUR).exists()
    assert not EbsVolume.revisions.changed_between(NOON - HOUR, NOON + HOUR).exists()
    with pytest.raises(ValueError, match="staged"):
        _ = staged.began


def test_a_change_belongs_to_the_moment_at_which_it_was_seen(acme: Account) -> None:
    opened = revision(acme, NOON, NOON + HOUR)

    def changed(after: datetime, until: datetime) -> list[EbsVolume]:
        return list(EbsVolume.revisions.changed_between(after, until))

    assert changed(NOON - TICK, NOON) == [opened]
    assert changed(NOON, NOON + HOUR - TICK) == []
    assert changed(NOON, NOON + HOUR) == [opened]
    assert changed(NOON + HOUR, NOON + 2 * HOUR) == []


def test_the_database_refuses_a_second_open_revision(acme: Account) -> None:
    revision(acme, NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        revision(acme, NOON + HOUR)

    revision(acme, NOON - HOUR, NOON)
    revision(acme, None, staged_by=7)
    revision(acme, NOON, native_id="vol-2")


def test_the_database_refuses_a_second_open_value_of_a_tag(acme: Account) -> None:
    tag = {"account": acme, "resource": resource(acme), "key": "owner"}
    ResourceTag.objects.create(**tag, value="a", valid_from=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        ResourceTag.objects.create(**tag, value="b", valid_from=NOON + HOUR)


def test_lists_leave_the_document_in_the_database(acme: Account) -> None:
    revision(acme, NOON)

    light = EbsVolume.revisions.light().get()

    assert "raw" in light.get_deferred_fields()
    assert light.raw_document == {"DescribeVolumes": {"VolumeId": "vol-1", "At": NOON.isoformat()}}


def test_a_field_that_was_never_read_is_told_from_one_that_is_kept(acme: Account) -> None:
    read = revision(acme, NOON, unknown={"iops": None, "state": NOON.isoformat()})

    found = EbsVolume.revisions.get(pk=read.pk)

    assert found.was_never_read("iops")
    assert found.kept_since("iops") is None
    assert not found.was_never_read("state")
    assert found.kept_since("state") == NOON.isoformat()
    assert not found.was_never_read("size_gib")
    assert found.kept_since("size_gib") is None


def test_rows_are_seen_by_those_to_whom_their_account_was_granted(acme: Account) -> None:
    other = Account.objects.create(name="other", account_id="444455556666")
    revision(acme, NOON)
    revision(other, NOON)
    reader, stranger = User.objects.create_user("reader"), User.objects.create_user("stranger")
    operator = User.objects.create_superuser("operator")
    AccountGrant.objects.create(account=acme, user=reader)

    def seen(user: User | AnonymousUser) -> list[str]:
        return sorted(EbsVolume.revisions.visible_to(user).values_list("account__name", flat=True))

    assert seen(reader) == ["acme"]
    assert seen(operator) == ["acme", "other"]
    assert seen(stranger) == []
    assert seen(AnonymousUser()) == []
