"""What a complete visit writes: one period for each time that something looked the same."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.history import ResourceRevision
from inventory.models import Account, Freshness, Link, Outcome, Resource, ResourceTag, Visit
from inventory.registry import GLOBAL
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.s3_bucket import S3_BUCKET
from tests.snapshots.cast import (
    BEGIN,
    DAY,
    IRELAND,
    Take,
    attached,
    bucket,
    current,
    freshness,
    history,
    ids,
    instance,
    tag_set,
    volume,
)
from tests.support.left_out import FEW

HERE = (IRELAND, EBS_VOLUME.slug)
FIRST, SECOND, THIRD = BEGIN, BEGIN + DAY, BEGIN + 2 * DAY


def counts(visit: Visit) -> tuple[int | None, int, int, int]:
    """Resources listed, added, changed and gone."""
    return visit.resources, visit.added, visit.changed, visit.gone


def tags_at(native_id: str, when: datetime) -> dict[str, str]:
    """The tags that a resource had."""
    return dict(ResourceTag.objects.as_of(when).filter(resource__native_id=native_id).values_list("key", "value"))


def targets_at(native_id: str, role: str, when: datetime) -> set[str]:
    """What a resource referred to."""
    links = Link.objects.as_of(when).filter(resource__native_id=native_id, role=role)
    return set(links.values_list("target", flat=True))


def test_what_is_new_begins_with_the_visits_moment(acme: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2")]})[HERE]

    assert visit.outcome == Outcome.COMPLETE
    assert counts(visit) == (2, 2, 0, 0)
    assert history(EBS_VOLUME, "vol-1") == [(FIRST, None)]
    revision = current(EBS_VOLUME, "vol-1")
    assert isinstance(revision, EbsVolume)
    assert (revision.region, revision.size_gib, revision.account) == (IRELAND, 100, acme)


def test_what_stays_the_same_is_not_written_again(acme: Account, take_snapshot: Take) -> None:
    things = {
        IRELAND: [volume(tags={"Name": "data"}, Attachments=attached("i-1")), instance()],
        GLOBAL: [bucket(GetBucketTagging=tag_set(owner="ops"))],
    }
    take_snapshot(acme, things)
    before = every_row()

    visits = take_snapshot(acme, things)

    assert counts(visits[HERE]) == (1, 0, 0, 0)
    assert {visit.outcome for visit in visits.values()} == {Outcome.COMPLETE}
    assert every_row() == before


def test_what_changes_begins_a_new_period(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(Size=100)]})

    visit = take_snapshot(acme, {IRELAND: [volume(Size=200)]})[HERE]

    assert counts(visit) == (1, 0, 1, 0)
    assert history(EBS_VOLUME, "vol-1") == [(FIRST, SECOND), (SECOND, None)]
    assert sizes_at(FIRST) == [100]
    assert sizes_at(SECOND - DAY / 2) == [100]
    assert sizes_at(SECOND) == [200]


def test_what_a_complete_listing_lacks_is_gone(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1", tags={"a": "b"}, Attachments=attached("i-1")), volume("vol-2")]})

    visit = take_snapshot(acme, {IRELAND: [volume("vol-2")]})[HERE]

    assert counts(visit) == (1, 0, 0, 1)
    assert ids(EBS_VOLUME) == {"vol-2"}
    assert ids(EBS_VOLUME, FIRST) == {"vol-1", "vol-2"}
    assert (tags_at("vol-1", FIRST), tags_at("vol-1", SECOND)) == ({"a": "b"}, {})
    assert targets_at("vol-1", "attachments", FIRST) == {"i-1"}
    assert targets_at("vol-1", "attachments", SECOND) == set()


def test_what_comes_back_is_the_same_resource_in_a_new_period(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    take_snapshot(acme, {IRELAND: []})

    take_snapshot(acme, {IRELAND: [volume()]})

    assert history(EBS_VOLUME, "vol-1") == [(FIRST, SECOND), (THIRD, None)]
    assert Resource.objects.filter(native_id="vol-1").count() == 1


def test_a_changed_tag_is_a_change_and_only_its_own_row_ends(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(tags={"kept": "1", "changed": "old", "removed": "1"})]})

    take_snapshot(acme, {IRELAND: [volume(tags={"kept": "1", "changed": "new", "added": "1"})]})

    assert tags_at("vol-1", FIRST) == {"kept": "1", "changed": "old", "removed": "1"}
    assert tags_at("vol-1", SECOND) == {"kept": "1", "changed": "new", "added": "1"}
    assert ResourceTag.objects.get(key="kept").valid_from == FIRST
    assert len(history(EBS_VOLUME, "vol-1")) == 2


def test_a_changed_link_is_a_change_and_only_its_own_row_ends(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(Attachments=attached("i-1", "i-2"))]})

    take_snapshot(acme, {IRELAND: [volume(Attachments=attached("i-2", "i-3"))]})

    assert targets_at("vol-1", "attachments", FIRST) == {"i-1", "i-2"}
    assert targets_at("vol-1", "attachments", SECOND) == {"i-2", "i-3"}
    assert Link.objects.get(target="i-2").valid_from == FIRST


def test_another_detail_of_a_link_is_a_change(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(Attachments=attached("i-1", device="/dev/sdf"))]})

    take_snapshot(acme, {IRELAND: [volume(Attachments=attached("i-1", device="/dev/sdg"))]})

    devices = [link.detail["device_name"] for link in Link.objects.order_by("valid_from")]
    assert devices == ["/dev/sdf", "/dev/sdg"]
    assert len(history(EBS_VOLUME, "vol-1")) == 2


def test_the_order_of_tags_and_links_is_no_change(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(tags={"a": "1", "b": "2"}, Attachments=attached("i-1", "i-2"))]})

    take_snapshot(acme, {IRELAND: [volume(tags={"b": "2", "a": "1"}, Attachments=attached("i-2", "i-1"))]})

    assert history(EBS_VOLUME, "vol-1") == [(FIRST, None)]


def test_the_newest_name_is_kept_for_search(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume(tags={"Name": "old name"})]})
    assert Resource.objects.get(native_id="vol-1").current_name == "old name"

    take_snapshot(acme, {IRELAND: [volume(tags={"Name": "new name"})]})

    assert Resource.objects.get(native_id="vol-1").current_name == "new name"


def test_the_same_id_in_two_accounts_is_two_resources(acme: Account, take_snapshot: Take) -> None:
    other = Account.objects.create(name="other", account_id="444455556666", only_regions=[IRELAND])
    take_snapshot(acme, {IRELAND: [volume()]})
    take_snapshot(other, {IRELAND: [volume(Size=8)]}, account_id="444455556666")

    take_snapshot(other, {IRELAND: []}, account_id="444455556666")

    assert list(EbsVolume.revisions.current().values_list("account__name", "size_gib")) == [("acme", 100)]


def test_the_same_bucket_list_in_many_regions_is_visited_once(acme: Account, take_snapshot: Take) -> None:
    acme.only_regions = [IRELAND, "us-east-1", "eu-south-1"]
    acme.save()

    visits = take_snapshot(acme, {GLOBAL: [bucket("logs"), bucket("site", region="us-east-1")]})

    assert [region for region, slug in visits if slug == S3_BUCKET.slug] == [GLOBAL]
    assert {region for region, slug in visits if slug == EBS_VOLUME.slug} == set(acme.only_regions)
    assert dict(S3_BUCKET.model.revisions.current().values_list("name", "region")) == {
        "logs": IRELAND,
        "site": "us-east-1",
    }


def test_a_resource_counted_twice_over_pages_is_one(acme: Account, take_snapshot: Take) -> None:
    twice = [volume("vol-1"), volume("vol-2"), volume("vol-1"), volume("vol-2"), volume("vol-3")]

    visit = take_snapshot(acme, {IRELAND: twice}, page_size=2)[HERE]

    assert counts(visit) == (3, 3, 0, 0)
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2", "vol-3"}


def test_a_resource_twice_on_one_page_is_one(acme: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-1")]})[HERE]

    assert counts(visit) == (1, 1, 0, 0)


def test_the_original_answers_are_kept_with_the_revision(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [instance("i-1", vcpu=4)]})

    document = current(EC2_INSTANCE, "i-1").raw_document

    assert document["DescribeInstances"]["InstanceId"] == "i-1"
    assert document["DescribeInstanceTypes"]["VCpuInfo"] == {"DefaultVCpus": 4}


@pytest.mark.parametrize("created", [BEGIN, BEGIN.replace(microsecond=123456)])
def test_a_recreated_bucket_is_another_incarnation(acme: Account, take_snapshot: Take, created: datetime) -> None:
    take_snapshot(acme, {GLOBAL: [bucket(created=created - DAY)]})

    take_snapshot(acme, {GLOBAL: [bucket(created=created)]})

    incarnations = S3_BUCKET.model.revisions.order_by("valid_from").values_list("incarnation", flat=True)
    assert history(S3_BUCKET, "logs") == [(FIRST, SECOND), (SECOND, None)]
    assert len(set(incarnations)) == 2


def test_the_past_is_read_as_it_was(acme: Account, take_snapshot: Take) -> None:
    for listed in ([volume("vol-1")], [volume("vol-1"), volume("vol-2")], [volume("vol-2", Size=9)], []):
        take_snapshot(acme, {IRELAND: listed})

    assert [sorted(ids(EBS_VOLUME, BEGIN + DAY * day)) for day in range(-1, 5)] == [
        [],
        ["vol-1"],
        ["vol-1", "vol-2"],
        ["vol-2"],
        [],
        [],
    ]


def test_what_changed_between_two_moments_is_what_opened_or_closed(acme: Account, take_snapshot: Take) -> None:
    for listed in ([volume("vol-1")], [volume("vol-1"), volume("vol-2")], [volume("vol-2")]):
        take_snapshot(acme, {IRELAND: listed})

    def changed(after: datetime, until: datetime) -> list[str]:
        rows = EbsVolume.revisions.changed_between(after, until)
        return sorted(rows.values_list("resource__native_id", flat=True))

    assert changed(FIRST - DAY, FIRST) == ["vol-1"]
    assert changed(FIRST, SECOND) == ["vol-2"]
    assert changed(SECOND, THIRD) == ["vol-1"]
    assert changed(FIRST, THIRD) == ["vol-1", "vol-2"]
    assert changed(THIRD, THIRD + DAY) == []


@pytest.mark.parametrize("number", [1, 100, 101])
def test_an_unchanged_listing_costs_a_few_queries_for_each_hundred(
    acme: Account, take_snapshot: Take, number: int
) -> None:
    def listed_queries(amount: int) -> int:
        things = {IRELAND: [volume(f"vol-{one}", tags={"a": "b"}) for one in range(amount)]}
        take_snapshot(acme, things)
        with CaptureQueriesContext(connection) as queries:
            take_snapshot(acme, things)
        return len(queries)

    empty = listed_queries(0)

    # Each hundred: the lease, the identities and the open revisions.
    assert listed_queries(number) - empty == 3 * -(-number // 100)


def test_a_scope_is_as_fresh_as_its_last_complete_visit(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    visit = take_snapshot(acme, {IRELAND: [volume()]})[HERE]

    scope = freshness(acme, EBS_VOLUME)

    assert (scope.first_complete_at, scope.last_complete_at) == (FIRST, SECOND)
    assert scope.last_complete_visit == scope.latest_visit == visit
    assert Freshness.objects.filter(account=acme).count() == len(FEW)


def sizes_at(when: datetime) -> list[int | None]:
    return list(EbsVolume.revisions.as_of(when).values_list("size_gib", flat=True))


def every_row() -> list[tuple[object, ...]]:
    """Every row of history, with all its columns."""
    models: list[type[ResourceRevision | ResourceTag | Link | Resource]] = [
        *(kind.model for kind in (EBS_VOLUME, EC2_INSTANCE, S3_BUCKET)),
        ResourceTag,
        Link,
        Resource,
    ]
    return [
        tuple(bytes(value) if isinstance(value, memoryview) else str(value) for value in row)
        for model in models
        for row in model._default_manager.order_by("pk").values_list()
    ]
