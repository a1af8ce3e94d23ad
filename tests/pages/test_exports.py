"""Long exports: how far they are, how they end, and cancelling one."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from itertools import repeat

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Kind, record
from inventory.models import Export, ExportOutcome
from inventory.pages import changes, export_progress, listing
from inventory.pages.export_progress import ExportProgress
from inventory.pages.formats import BROKEN_OFF, Cancelled
from tests.pages import exports
from tests.pages.ledgers import account, look, operator, reader, rule, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "eu-central-1"
LIST = "/types/ebs-volume/"


@pytest.fixture
def ada():
    return operator()


@pytest.fixture
def client(ada):
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def _soon(monkeypatch):
    """Every export counts as long."""
    monkeypatch.setattr(export_progress, "EVERY_SECONDS", 0.01)


def progress(user, total=3):
    return ExportProgress(user, "EBS volumes", "ebs-volume.csv", lambda: total)


def export_of(user, **facts):
    now = timezone.now()
    usual = {"what": "EBS volumes", "file_name": "a.csv", "rows": 7, "total": 9, "begun_at": now, "told_at": now}
    return Export.objects.create(user=user, **{**usual, **facts})


def told(**facts):
    """Wait until the thread has told this."""
    until = time.monotonic() + 20
    while not Export.objects.filter(**facts).exists():
        assert time.monotonic() < until, list(Export.objects.values())
        time.sleep(0.01)


@pytest.mark.usefixtures("_soon")
def test_a_long_export_tells_how_far_it_is_and_that_it_is_done(ada):
    goes_on = threading.Event()
    one = progress(ada)

    def rows():
        yield 1
        told(rows=1, total=3, outcome=ExportOutcome.RUNNING)
        goes_on.set()
        yield from (2, 3)

    sent = list(one.followed(str(row) for row in one.counted(rows)))

    assert sent == ["1", "2", "3"]
    assert goes_on.is_set()
    assert Export.objects.values_list("rows", "outcome").get() == (3, ExportOutcome.DONE)


@pytest.mark.usefixtures("_soon")
def test_a_cancelled_export_breaks_off(ada):
    one = progress(ada)

    def rows():
        yield 1
        told(outcome=ExportOutcome.RUNNING)
        Export.objects.update(outcome=ExportOutcome.CANCELLED)
        yield from repeat(2)

    with pytest.raises(Cancelled):
        all(one.followed(str(row) for row in one.counted(rows)))

    assert Export.objects.get().outcome == ExportOutcome.CANCELLED


@pytest.mark.usefixtures("_soon")
def test_an_export_that_the_browser_left_or_that_failed_says_so(ada):
    def rows(then):
        yield 1
        told(outcome=ExportOutcome.RUNNING)
        yield 2
        raise then

    left, failed = progress(ada), progress(ada)
    pieces = left.followed(str(row) for row in left.counted(lambda: rows(RuntimeError())))
    assert [next(pieces), next(pieces)] == ["1", "2"]
    pieces.close()
    assert Export.objects.get().outcome == ExportOutcome.LEFT
    Export.objects.all().delete()

    with pytest.raises(RuntimeError):
        list(failed.followed(str(row) for row in failed.counted(lambda: rows(RuntimeError()))))
    assert Export.objects.get().outcome == ExportOutcome.FAILED


def test_a_short_export_leaves_no_trace(client):
    look(account(), timezone.now(), {(HERE, "ebs-volume"): [volume(1)]})

    assert len(exports.data(client, f"{LIST}?format=json")) == 1
    assert not Export.objects.exists()


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize("output_format", ["csv", "json", "xlsx"])
def test_an_export_of_a_list_is_followed_in_every_format(client, monkeypatch, output_format):
    look(account(), timezone.now(), {(HERE, "ebs-volume"): [volume(number, Size=number) for number in range(1, 4)]})
    every_row = listing.every_row

    def slowly(query):
        yield from every_row(query)
        told(total=2)

    monkeypatch.setattr(listing, "every_row", slowly)
    exports.content(client, f"{LIST}?format={output_format}&size_gib__gte=2")

    one = Export.objects.get()
    assert (one.rows, one.total, one.outcome) == (2, 2, ExportOutcome.DONE)
    assert one.file_name.endswith(f".{output_format}")
    assert one.what.startswith("EBS volumes where size")
    assert f"{one.file_name} EBS volumes where size" in Reading(client.get("/exports/")).words


@pytest.mark.usefixtures("_soon")
def test_an_export_of_changes_is_followed_too(client, monkeypatch):
    acme, now = account(), timezone.now()
    look(acme, now - timedelta(hours=1), {(HERE, "ebs-volume"): [volume(1)]})
    look(acme, now, {(HERE, "ebs-volume"): [volume(1), volume(2), volume(3)]})
    exported = changes.exported

    def slowly(query):
        yield from exported(query)
        told(total=2)

    monkeypatch.setattr(changes, "exported", slowly)
    since = f"{now - timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"
    rows = exports.table(client, f"/changes/?format=csv&kind=added&from={since}")

    one = Export.objects.get()
    assert len(rows) == 2 + len(["the keys"])
    assert (one.rows, one.total, one.outcome, one.file_name) == (2, 2, ExportOutcome.DONE, "changes.csv")
    assert one.what.startswith("Changes after 2")


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize(
    ("address", "file_name", "what", "rows", "total"),
    [
        ("/ports/?format=csv&port=22", "open-ports.csv", "Open ports, inbound, port 22 is reached", 2, 2),
        (
            "/findings/?format=json&rule=security-group-open-admin",
            "findings.json",
            "Findings, the rule is “Security group opens SSH, RDP, a database or the like to the world”",
            0,
            0,
        ),
        ("/costs/storage/?format=xlsx", "storage.xlsx", "Volume costs", 1, 1),
        ("/costs/waste/?format=csv", "waste.csv", "Waste", 1, None),
        ("/settings/decisions/?format=csv&by=ada", "decisions-2", "Decisions, by ada", 1, 1),
    ],
)
def test_an_export_of_another_page_is_followed_too(client, monkeypatch, address, file_name, what, rows, total):
    looks = {
        (HERE, "ebs-volume"): [volume(1)],
        (HERE, "security-group-rule"): [rule(1, 1, 22), rule(2, 2, 22)],
    }
    look(account(), timezone.now(), looks)
    record("ada", Kind.GROUP_MADE, "made the group harbour")
    counted = ExportProgress.counted

    def slowly(self, found):
        yield from counted(self, found)
        told(total=total)

    monkeypatch.setattr(ExportProgress, "counted", slowly)
    exports.content(client, address)

    one = Export.objects.get()
    assert (one.rows, one.total, one.outcome, one.what) == (rows, total, ExportOutcome.DONE, what)
    assert one.file_name.startswith(file_name)


def test_the_page_says_how_far_each_export_is_and_how_it_ended(client, ada):
    export_of(ada, file_name="a.csv")
    export_of(ada, file_name="b.csv", total=None)
    export_of(ada, file_name="f.csv", total=None, rows=0)
    export_of(ada, file_name="c.csv", outcome=ExportOutcome.FAILED)
    export_of(ada, file_name="d.csv", told_at=timezone.now() - timedelta(minutes=2))
    export_of(reader(), file_name="e.csv")

    page = Reading(client.get("/exports/")).words

    assert "a.csv EBS volumes 7 rows of 9 Cancel" in page
    assert "b.csv EBS volumes 7 rows Cancel" in page
    assert "f.csv EBS volumes finding the rows Cancel" in page
    assert "c.csv EBS volumes failed" in page
    assert "d.csv EBS volumes broke off: its process fell silent" in page
    assert "e.csv" not in page


def test_only_ones_own_export_can_be_cancelled_and_only_while_it_runs(client, ada):
    own, over, foreign = export_of(ada), export_of(ada, outcome=ExportOutcome.DONE), export_of(reader())

    statuses = [client.post(f"/exports/{one.pk}/cancel/").status_code for one in (own, over, foreign)]

    assert statuses == [302, 302, 404]
    assert list(Export.objects.order_by("pk").values_list("outcome", flat=True)) == ["cancelled", "done", "running"]


def test_a_file_that_breaks_off_does_not_pass_for_a_whole_one(client, monkeypatch, caplog):
    look(account(), timezone.now(), {(HERE, "ebs-volume"): [volume(1), volume(2)]})
    every_row = listing.every_row

    def rows(query):
        yield next(every_row(query))
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(listing, "every_row", rows)

    *_, last = exports.table(client, f"{LIST}?format=csv")
    assert last == [BROKEN_OFF]
    with pytest.raises(ValueError, match=r"delimiter|Expecting"):
        exports.data(client, f"{LIST}?format=json")
    assert exports.content(client, f"{LIST}?format=xlsx") == b""
    assert caplog.text.count("broke off") == 3
