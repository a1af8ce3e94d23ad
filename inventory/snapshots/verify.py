"""Verifying: whether the ledger keeps its own rules, checked on a live database.

The rules are those that every answer about the past rests on. A ledger that was only ever written by this product
breaks none of them; a disk, a hand-made UPDATE or a mistake of ours may. Everything is read as of one moment, without
holding up the workers, and nothing is changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from inventory.history import Period, ResourceRevision
from inventory.history.revision import unpack_raw
from inventory.models import Freshness, Link, Outcome, ResourceTag, Snapshot, Visit, VisitState
from inventory.registry import ResourceType, resource_types
from inventory.snapshots.content import LINK_TEXTS
from inventory.snapshots.counts import count_scope
from inventory.snapshots.draft import CHUNK, chunks
from inventory.snapshots.stored import load_stored

STANDSTILL = timedelta(minutes=10)
"""Longer than any lease, so that whatever stands still for so long is not just about to be taken over."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One place where the ledger breaks a rule."""

    rule: str
    where: str


further_checks: list[Callable[[], Iterable[Breach]]] = []
"""What other packages keep that follows from the ledger, and must agree with it."""


def verify_history() -> Iterator[Breach]:
    """Every breach, as it is found; memory does not grow with the ledger."""
    with _one_moment():
        for kind in resource_types():
            yield from _periods(kind.model, kind.slug, ("resource_id",))
            yield from _contents(kind)
            yield from _edges(kind)
            yield from _owners(kind.model, kind.slug)
        yield from _periods(ResourceTag, "tag", ("resource_id", "key"))
        yield from _periods(Link, "link", ("resource_id", *LINK_TEXTS, "detail"))
        for model, word in ((ResourceTag, "tag"), (Link, "link")):
            yield from _owners(model, word)
        yield from _parts_without_a_resource()
        yield from _freshness()
        yield from _counts()
        yield from _standstills()
        for check in further_checks:
            yield from check()


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as it was at one moment, while others write.

    Django begins SQLite's transactions as writers, which would hold up the workers; a deferred one only reads.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _periods(model: type[Period], word: str, key: tuple[str, ...]) -> Iterator[Breach]:
    """Periods of one thing begin before they end and do not overlap; at most the last one is open."""
    columns = (*key, "valid_from", "valid_to")
    rows = model._default_manager.filter(valid_from__isnull=False).order_by(*key, "valid_from", "pk")
    for of, periods in groupby(rows.values_list(*columns).iterator(CHUNK), key=lambda row: row[: len(key)]):
        ordered = [row[len(key) :] for row in periods]
        where = f"{word} {' '.join(str(part) for part in of)}"
        if any(end is not None and end <= begin for begin, end in ordered):
            yield Breach(rule="a period begins before it ends", where=where)
        if any(end is None or end > later for (_, end), (later, _) in pairwise(ordered)):
            yield Breach(rule="periods of one thing do not overlap", where=where)


def _contents(kind: ResourceType) -> Iterator[Breach]:
    """The fingerprint of an open revision is that of its fields, tags and links, and its document can be read."""
    for some in chunks(kind.model.revisions.current().iterator(CHUNK)):
        for stored in load_stored(some).values():
            where = f"{kind.slug} {stored.revision.resource_id}"
            is_of_today = stored.revision.reading_version == kind.reading_version
            if is_of_today and stored.known.content.digest() != bytes(stored.revision.fingerprint):
                yield Breach(rule="a fingerprint is that of the content", where=where)
            try:
                unpack_raw(stored.revision.raw)
            except (zlib.error, ValueError):
                yield Breach(rule="the document of a revision can be read", where=where)


def _edges(kind: ResourceType) -> Iterator[Breach]:
    """A period begins, and ends, at the moment of a complete visit of its scope, unless that is pruned."""
    visits = Visit.objects.filter(
        account=OuterRef("account"),
        type=kind.slug,
        scope_region=OuterRef("resource__scope_region"),
        outcome__in=(Outcome.COMPLETE, Outcome.PARTIAL),
    )
    for edge in ("valid_from", "valid_to"):
        unpruned = Q(account__history_from__isnull=True) | Q(**{f"{edge}__gt": F("account__history_from")})
        seen = visits.filter(taken_at=OuterRef(edge))
        lost = kind.model.revisions.filter(unpruned, ~Exists(seen), **{f"{edge}__isnull": False})
        for pk in lost.values_list("resource_id", flat=True).iterator(CHUNK):
            yield Breach(rule="a period has the edges of complete visits", where=f"{kind.slug} {pk} ({edge})")


def _owners(model: type[Any], word: str) -> Iterator[Breach]:
    """What belongs to a resource belongs to its account."""
    strays = model._default_manager.exclude(account=F("resource__account"))
    if issubclass(model, ResourceRevision):
        strays = strays | model._default_manager.exclude(resource__type=word)
    for pk in strays.values_list("resource_id", flat=True).iterator(CHUNK):
        yield Breach(rule="what belongs to a resource belongs to its account and type", where=f"{word} {pk}")


def _parts_without_a_resource() -> Iterator[Breach]:
    """A tag or link holds only while its resource is there."""
    for kind in resource_types():
        there = kind.model.revisions.current().filter(resource=OuterRef("resource"))
        for model in (ResourceTag, Link):
            alone = model.objects.current().filter(~Exists(there), resource__type=kind.slug)
            for pk in alone.values_list("resource_id", flat=True).distinct().iterator(CHUNK):
                yield Breach(rule="tags and links end with their resource", where=f"{kind.slug} {pk}")


def _freshness() -> Iterator[Breach]:
    """A scope is as fresh as its last complete visit, and nothing in it is younger."""
    for scope in Freshness.objects.select_related("last_complete_visit").iterator(CHUNK):
        visit = scope.last_complete_visit
        if scope.last_complete_at is None:
            continue
        if visit is not None and (visit.outcome, visit.taken_at) != (Outcome.COMPLETE, scope.last_complete_at):
            yield Breach(rule="a scope is as fresh as its last complete visit", where=str(scope))
        later = Visit.objects.filter(
            account=scope.account_id,
            type=scope.type,
            scope_region=scope.scope_region,
            outcome=Outcome.COMPLETE,
            taken_at__gt=scope.last_complete_at,
        )
        if later.exists():
            yield Breach(rule="a scope is as fresh as its last complete visit", where=str(scope))


def _counts() -> Iterator[Breach]:
    """A scope keeps how many of its resources are open."""
    kinds = {kind.slug: kind for kind in resource_types()}
    for scope in Freshness.objects.select_related("account").filter(type__in=kinds).iterator(CHUNK):
        if scope.counts != count_scope(kinds[scope.type], scope.account, scope.scope_region):
            yield Breach(rule="a scope keeps how many of its resources are open", where=str(scope))


def _standstills() -> Iterator[Breach]:
    """Nothing waits for a worker that is gone."""
    dead = Visit.objects.filter(state=VisitState.RUNNING, lease_until__lt=Now() - STANDSTILL)
    yield from _breaches("a running visit has a live lease", dead)
    unfinished = Visit.objects.filter(snapshot=OuterRef("pk")).exclude(state=VisitState.FINISHED)
    stuck = Snapshot.objects.filter(~Exists(unfinished), finished_at__isnull=True, planned_at__lt=Now() - STANDSTILL)
    yield from _breaches("a snapshot ends with its last visit", stuck)


def _breaches(rule: str, rows: Iterable[Visit] | Iterable[Snapshot]) -> Iterator[Breach]:
    for one in rows:
        yield Breach(rule=rule, where=f"{one} ({one.pk})")
