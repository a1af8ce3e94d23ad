"""Visits through all of boto3 but the socket: what AWS answers on the wire, and what the ledger then says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.aws import Access, Clients, FailureKind
from inventory.models import Account, Outcome, ServiceGate, Visit
from inventory.registry import GLOBAL, Reach, ResourceType, collected_types
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.s3_bucket import S3_BUCKET, S3Bucket
from inventory.snapshots import access, carry_out
from inventory.snapshots.plan import plan_snapshot
from tests.aws.scripted import Answer, ec2_error, volumes
from tests.aws.wire import Listing, put_in_place
from tests.snapshots.cast import IRELAND, Fails, Take, bucket, denied, freshness, history, ids, volume

PAGES = 20
KNOWN = {"vol-known-1", "vol-known-2"}

Look = Callable[..., Visit]


@pytest.fixture(scope="module")
def _clients() -> Clients:
    """Reading botocore's description of EC2 takes long."""
    return Clients(Access())


@pytest.fixture
def look(
    acme: Account, take_snapshot: Take, _clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[dict[str, str]], Answer]], Visit]:
    """Look at volumes that a function answers for, after two were known; answers the visit as it ended."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    monkeypatch.setattr("inventory.snapshots.circuit.time.sleep", lambda seconds: None)
    take_snapshot(acme, {IRELAND: [volume(native_id) for native_id in KNOWN]})
    for module in (access, carry_out):
        monkeypatch.setattr(module, "clients_for", lambda account: _clients)
    # Whose credentials they are is asked once, which counts as a call of whichever test comes first.
    put_in_place(monkeypatch, Listing([[]]).answer)
    _clients.identity()

    def look(answering: Callable[[dict[str, str]], Answer], kind: ResourceType = EBS_VOLUME) -> Visit:
        put_in_place(monkeypatch, answering)
        planned = plan_snapshot(acme, hint_workers=False).visits.filter(type=kind.slug).first()
        assert planned is not None
        visit = Visit.objects.claim(planned.pk)
        assert visit is not None
        carry_out.carry_out(visit)
        return Visit.objects.get(pk=visit.pk)

    return look


def pages(number: int = PAGES) -> list[list[str]]:
    return [[f"vol-{one}"] for one in range(number)]


def test_a_token_refused_for_good_on_any_page_publishes_nothing(look: Look) -> None:
    """Fault matrix row 8: 0 partial publications."""
    for failing in range(1, PAGES):
        listing = Listing(pages(), failures={failing: ec2_error("InvalidNextToken")})

        visit = look(listing.answer)

        assert visit.outcome == Outcome.FAILED
        assert listing.asked.count(0) == 3
        assert ids(EBS_VOLUME) == KNOWN


def test_a_token_refused_twice_on_any_page_costs_two_beginnings(look: Look) -> None:
    """Fault matrix row 8."""
    for failing in (1, PAGES // 2, PAGES - 1):
        listing = Listing(pages(), failures={failing: ec2_error("InvalidNextToken")}, times=2)

        visit = look(listing.answer)

        assert visit.outcome == Outcome.COMPLETE
        assert listing.asked.count(0) == 3
        assert ids(EBS_VOLUME) == {f"vol-{one}" for one in range(PAGES)}


def test_a_token_that_leads_back_publishes_nothing(look: Look) -> None:
    """Fault matrix row 8."""
    for length in range(1, 6):
        number = iter(range(1000))

        visit = look(lambda asked, n=number, k=length: volumes(["vol-x"], next_token=f"page-{next(n) % k}"))

        assert visit.outcome == Outcome.FAILED
        assert "the same page token twice" in visit.reason
        assert ids(EBS_VOLUME) == KNOWN


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(ec2_error("UnauthorizedOperation", 403), Outcome.DENIED), (ec2_error("InternalError", 500), Outcome.FAILED)],
    ids=["denied", "broken"],
)
def test_an_error_on_any_page_publishes_nothing(look: Look, answer: Answer, outcome: Outcome) -> None:
    """Fault matrix row 9: 0 partial publications."""
    for failing in range(PAGES):
        ServiceGate.objects.all().delete()

        visit = look(Listing(pages(), failures={failing: answer}).answer)

        assert visit.outcome == outcome
        assert ids(EBS_VOLUME) == KNOWN


@given(split=st.lists(st.lists(st.integers(0, 18).map("vol-{}".format), max_size=6), min_size=1, max_size=10))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_things_are_spread_over_pages_each_is_recorded_once(look: Look, split: Sequence[Sequence[str]]) -> None:
    """Fault matrix row 10: pages that are short, empty or name a thing again."""
    visit = look(Listing(split).answer)

    listed = {native_id for page in split for native_id in page}
    assert visit.outcome == Outcome.COMPLETE
    assert visit.resources == len(listed)
    assert ids(EBS_VOLUME) == listed
    assert EbsVolume.revisions.current().count() == len(listed)


def test_a_region_that_throttles_for_good_keeps_its_rows_and_says_so(acme: Account, look: Look) -> None:
    """Fault matrix row 2: 0 rows closed wrongly."""
    before = freshness(acme, EBS_VOLUME).last_complete_at

    visit = look(lambda asked: ec2_error("RequestLimitExceeded", 503))

    assert visit.outcome == Outcome.THROTTLED
    assert visit.gone == 0
    assert "AWS throttled ec2:DescribeVolumes in eu-west-1" in visit.reason
    assert ids(EBS_VOLUME) == KNOWN
    assert freshness(acme, EBS_VOLUME).last_complete_at == before


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_storm_of_server_errors_is_waited_out(look: Look, status: int) -> None:
    """Fault matrix row 14: of 20 visits 3 ask, so that 85 of 100 calls are saved."""
    asked = []

    def fail(request: dict[str, str]) -> Answer:
        asked.append(request)
        return ec2_error("InternalError", status)

    visits = [look(fail) for _ in range(20)]

    assert {visit.outcome for visit in visits} == {Outcome.FAILED}
    assert [visit.api_calls > 0 for visit in visits] == [True] * 3 + [False] * 17
    assert len(asked) == sum(visit.api_calls for visit in visits)
    assert ids(EBS_VOLUME) == KNOWN


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_worker_whose_clock_is_wrong_writes_the_right_moments(acme: Account, look: Look, hours: int) -> None:
    """Fault matrix row 25: validity is the moment that was planned; leases and ends are the database's."""
    right = timezone.now()
    answering = Listing(pages(2)).answer

    with pytest.MonkeyPatch.context() as monkeypatch:
        carried_out = carry_out.carry_out

        def by_a_wrong_clock(visit: Visit) -> None:
            with time_machine.travel(right + timedelta(hours=hours), tick=True):
                carried_out(visit)

        monkeypatch.setattr(carry_out, "carry_out", by_a_wrong_clock)
        visit = look(answering)

    opened = set(EbsVolume.revisions.current().values_list("valid_from", flat=True))
    assert visit.outcome == Outcome.COMPLETE
    assert opened == {visit.taken_at}
    assert visit.started_at is not None
    assert visit.finished_at is not None
    for moment in (visit.taken_at, visit.started_at, visit.finished_at):
        assert abs(moment - right) < timedelta(minutes=30)


@pytest.mark.parametrize("code", ["RequestExpired", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "AuthFailure"])
def test_a_clock_that_aws_refuses_is_named(look: Look, code: str) -> None:
    """Fault matrix row 25."""
    visit = look(lambda asked: ec2_error(code, 400))

    assert visit.outcome == Outcome.DENIED
    assert "this machine's clock is right" in visit.reason
    assert "Allow ec2:" not in visit.reason
    assert ids(EBS_VOLUME) == KNOWN


def test_one_refused_bucket_of_a_thousand_is_the_only_one_unknown(acme: Account, take_snapshot: Take) -> None:
    """Fault matrix row 17."""
    buckets = [bucket(f"bucket-{number:04}") for number in range(1000)]
    buckets[417] = bucket("bucket-0417") | dict.fromkeys(_settings_of_buckets(), denied())

    visit = take_snapshot(acme, {GLOBAL: buckets})[GLOBAL, S3_BUCKET.slug]

    assert visit.outcome == Outcome.COMPLETE
    assert {one.name for one in S3Bucket.revisions.current() if one.unknown} == {"bucket-0417"}
    assert {note["count"] for note in visit.unread} == {1}
    assert len(visit.unread) == len(_settings_of_buckets())


def test_a_bucket_that_vanishes_between_list_and_question_fails_nothing(acme: Account, take_snapshot: Take) -> None:
    """Fault matrix row 16: the next complete list decides."""
    gone = Fails(kind=FailureKind.FAILED, code="NoSuchBucket")
    stays = bucket("stays")
    take_snapshot(acme, {GLOBAL: [stays, bucket("vanishes")]})

    during = take_snapshot(acme, {GLOBAL: [stays, bucket("vanishes") | dict.fromkeys(_settings_of_buckets(), gone)]})
    still_there = ids(S3_BUCKET)
    after = take_snapshot(acme, {GLOBAL: [stays]})

    assert during[GLOBAL, S3_BUCKET.slug].outcome == Outcome.COMPLETE
    assert still_there == {"stays", "vanishes"}
    assert after[GLOBAL, S3_BUCKET.slug].gone == 1
    assert ids(S3_BUCKET) == {"stays"}


def test_global_things_are_listed_once_whatever_the_number_of_regions(acme: Account, take_snapshot: Take) -> None:
    """Fault matrix row 19: 0 duplicate keys over 30 regions."""
    acme.only_regions = [f"xx-test-{number}" for number in range(30)]
    acme.save()

    visits: dict[Any, Visit] = take_snapshot(acme, {GLOBAL: [bucket("one"), bucket("two")]})

    reaches = [kind.reach for kind in collected_types()]
    assert len(visits) == 30 * reaches.count(Reach.REGIONAL) + reaches.count(Reach.GLOBAL)
    assert sorted(S3Bucket.revisions.current().values_list("name", flat=True)) == ["one", "two"]


def test_an_id_that_two_accounts_show_is_kept_in_both(acme: Account, take_snapshot: Take) -> None:
    """Fault matrix row 20."""
    other = Account.objects.create(name="other", account_id="999988887777", only_regions=[IRELAND])
    take_snapshot(acme, {IRELAND: [volume("vol-shared")]})
    take_snapshot(other, {IRELAND: [volume("vol-shared")]}, account_id="999988887777")

    take_snapshot(other, {IRELAND: []}, account_id="999988887777")

    open_ones = EbsVolume.revisions.current().filter(resource__native_id="vol-shared")
    assert [one.account for one in open_ones] == [acme]
    assert EbsVolume.revisions.filter(resource__native_id="vol-shared").count() == 2


def _settings_of_buckets() -> list[str]:
    return [one for one in bucket() if one != "ListBuckets"]


@given(shows=st.lists(st.booleans(), min_size=1, max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_thing_that_comes_and_goes_has_periods_that_never_overlap(look: Look, shows: list[bool]) -> None:
    """Fault matrix row 18: AWS lists a new thing late, and an old one once more."""
    native_id = f"vol-flickers-{Visit.objects.count()}"

    taken = [look(lambda asked, shown=shown: volumes([native_id] if shown else [])).taken_at for shown in shows]

    is_there = dict(zip(taken, shows, strict=True))
    changes = [at for at, before in zip(taken, [False, *shows], strict=False) if is_there[at] != before]
    ends: list[Any] = [*changes, None] if shows[-1] else changes
    assert history(EBS_VOLUME, native_id) == list(zip(ends[::2], ends[1::2], strict=True))
