"""Recording: what a visit found becomes history, all of it at once or nothing.

While the listing streams in, each batch is compared with the open revisions and only what differs enters the draft.
Two checks inside the publishing transaction make a late worker harmless: the visit must still be running under this
worker's fence, and no other visit of the scope may have published since this one began to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from inventory.history import ResourceRevision
from inventory.history.revision import pack_raw
from inventory.models import Freshness, Outcome, Resource, Visit, VisitState
from inventory.registry import Answers, Reach, ResourceType, Scope
from inventory.snapshots.amend import Amendments
from inventory.snapshots.brake import must_hold, pack, unpack
from inventory.snapshots.compare import Amended, Changed, Known, compare, first_seen
from inventory.snapshots.counts import count_scope
from inventory.snapshots.draft import CHUNK, Draft, insert_into
from inventory.snapshots.items import Item, Items, read_items
from inventory.snapshots.lease import Fenced
from inventory.snapshots.measure import Measured, is_due, write_measurements
from inventory.snapshots.read_again import read_again
from inventory.snapshots.stored import Stored, load_stored, part_rows

STAGES_PER_VISIT = 100
AMENDED_ROWS = 2_000


class Overtaken(Exception):
    """Another visit of the scope published while this one compared: begin again."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a visit found, in resources."""

    resources: int
    added: int
    changed: int
    gone: int
    amended: int
    quarantined: int

    @property
    def differ(self) -> bool:
        """Whether the scope holds anything else than before, or its resources are known otherwise."""
        return bool(self.added or self.changed or self.gone or self.amended)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What the listing lacks of the open revisions of its scope: pairs of revision and resource, and of how many."""

    pairs: Sequence[tuple[int, int]]
    known: int

    @property
    def resources(self) -> frozenset[int]:
        """The keys of the resources."""
        return frozenset(resource_id for _, resource_id in self.pairs)


class Recorder:
    """Records one attempt of one visit: `take` every batch, then `publish`, or `discard`."""

    def __init__(self, visit: Visit, resource_type: ResourceType, scope: Scope) -> None:
        self.visit = visit
        self.resource_type = resource_type
        self.scope = scope
        self.model = resource_type.model
        self.freshness, _ = Freshness.objects.get_or_create(
            account=visit.account, scope_region=visit.scope_region, type=visit.type
        )
        self._draft = Draft(self.model, visit.taken_at, stage_of(visit))
        self._amendments = Amendments(self.model)
        self._basis = _published(self.freshness)
        self._listed: set[int] = set()
        self._measured: Measured = {}
        self._has_nameless = False
        self._added = self._changed = self._amended = self._quarantined = 0

    @property
    def is_measuring(self) -> bool:
        """Whether it is time to measure the things of the scope again."""
        return is_due(self.resource_type, self.freshness, self.visit.taken_at)

    @property
    def is_too_late(self) -> bool:
        """Whether the scope was already read completely, or a part of it recorded, at this moment or later."""
        last = self.freshness.last_complete_at
        if last is not None and last >= self.visit.taken_at:
            return True
        later = Visit.objects.filter(
            account=self.visit.account,
            type=self.visit.type,
            scope_region=self.visit.scope_region,
            taken_at__gte=self.visit.taken_at,
            outcome=Outcome.PARTIAL,
        )
        return self.resource_type.incremental is not None and later.exists()

    def take(self, batch: Sequence[Answers]) -> None:
        """Compare one batch of answers with what is known. Raises Fenced or Overtaken."""
        items = read_items(self.resource_type, self.scope, batch)
        self._quarantined += items.nameless + len(items.unreadable)
        self._has_nameless |= items.nameless > 0
        resources = self._resources(items)
        news = {resources[one.native_id].pk: one for one in items.readable.values()}
        news = {pk: one for pk, one in news.items() if pk not in self._listed}
        self._listed.update(resource.pk for resource in resources.values())
        revisions = self._open_revisions(news)
        for pk in self._read_again(revisions.values()):
            del news[pk]
        differing = [pk for pk, one in news.items() if _may_differ(one, revisions.get(pk))]
        stored = load_stored(revisions[pk] for pk in differing if pk in revisions)
        for pk in differing:
            self._weigh(news[pk], resources[news[pk].native_id], stored.get(pk))
        self._draft.spool_if_large()
        if len(self._amendments) >= AMENDED_ROWS:
            # What an item is known to be is true whether or not the listing comes to its end.
            self._write_amendments(self._amendments)

    def take_measurements(self, measured: Measured) -> None:
        """Take what was measured of the listed things, by native id."""
        self._measured = measured

    def publish(
        self,
        *,
        outcome: Outcome = Outcome.COMPLETE,
        closes: bool = True,
        listed: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> Outcome:
        """Close, open and stamp in one transaction; `columns` are further ones of the visit.

        A listing of what is new only closes nothing (`closes`); one that ran out of time is PARTIAL and leaves its
        scope as old as it was; `listed` are the columns of the scope that say how far it came. Answers the outcome,
        or UNCONFIRMED when the brake holds the listing and nothing of it is recorded. Raises Fenced or Overtaken,
        having changed nothing.
        """
        missing = self._missing() if closes else Missing(pairs=(), known=0)
        if self._draft.has_staged:
            self._draft.spool()
        with transaction.atomic():
            freshness = self._lock()
            if must_hold(missing.resources, unpack(freshness.held_missing), missing.known):
                self._hold(freshness, missing, columns)
                return Outcome.UNCONFIRMED
            self._draft.write(missing.pairs)
            self._amendments.write()
            if self._measured:
                write_measurements(self.visit, self._listed, self._measured)
                freshness.measured_at = self.visit.taken_at
            changes = self._changes(gone=len(missing.pairs))
            if changes.differ or freshness.last_complete_at is None:
                self._count(freshness)
            if closes:
                freshness.held_missing = None
            for name, value in (listed or {}).items():
                setattr(freshness, name, value)
            self._stamp(freshness, outcome, changes, columns)
        return outcome

    def discard(self) -> None:
        """Forget what was spooled."""
        self._draft.discard()

    # --- what is known ----------------------------------------------------------------------------------------

    def _resources(self, items: Items) -> dict[str, Resource]:
        """The identities of the items, made where they are new; of unreadable items only known ones."""
        scope = {
            "account_id": self.visit.account_id,
            "scope_region": self.visit.scope_region,
            "type": self.visit.type,
        }
        mine = Resource.objects.filter(**scope)
        found = {one.native_id: one for one in mine.filter(native_id__in=[*items.readable, *items.unreadable])}
        missing = [one for one in items.readable.values() if one.native_id not in found]
        if missing:
            names = [{"native_id": one.native_id, "current_name": one.reading.name} for one in missing]
            insert_into(Resource, names, ignore_conflicts=True, **scope)
            found |= {one.native_id: one for one in mine.filter(native_id__in=[one.native_id for one in missing])}
        return found

    def _open_revisions(self, resource_ids: Iterable[int]) -> dict[int, ResourceRevision]:
        revisions = self.model.revisions.current().filter(resource__in=list(resource_ids)).light()
        return {revision.resource_id: revision for revision in revisions}

    def _read_again(self, revisions: Iterable[ResourceRevision]) -> list[int]:
        """Bring open revisions up to today's reader, in place; answers the resources whose documents it cannot read.

        This is our release and not the visit's news, so it is written at once.
        """
        stale = [one for one in revisions if one.reading_version < self.resource_type.reading_version]
        if not stale:
            return []
        amendments, unreadable = read_again(self.resource_type, self.scope, stale)
        self._quarantined += len(unreadable)
        self._amended += len(stale) - len(unreadable)
        self._write_amendments(amendments)
        return unreadable

    # --- comparing --------------------------------------------------------------------------------------------

    def _weigh(self, one: Item, resource: Resource, stored: Stored | None) -> None:
        """Draft what the item means for its open revision, if it has one."""
        if stored is None:
            self._added += 1
            new = first_seen(one.content, one.reading.unknown)
            parts = part_rows(resource.account_id, resource.pk, new.content.tags, new.content.links)
            self._open(one, resource, new)
            self._draft.open(*parts)
            return
        match compare(one.content, one.reading.unknown, stored.known, self.visit.taken_at):
            case Changed(content=content, unknown=unknown):
                self._changed += 1
                self._draft.close(stored.revision, *stored.parts_not_in(content))
                self._open(one, resource, Known(content=content, unknown=unknown))
                self._draft.open(*stored.new_parts_of(content))
            case Amended(content=content, unknown=unknown, content_differs=content_differs):
                self._amended += 1
                columns = {"raw": pack_raw(one.answers)} if content_differs else {}
                self._amendments.amend(stored, Known(content=content, unknown=unknown), **columns)

    def _open(self, one: Item, resource: Resource, new: Known) -> None:
        """Draft a new revision, and the resource's new name."""
        if resource.current_name != new.content.fields["name"]:
            resource.current_name = new.content.fields["name"]
            self._draft.rename(resource)
        columns = {
            **new.content.fields,
            "account_id": self.visit.account_id,
            "resource_id": resource.pk,
            "fingerprint": new.content.digest(),
            "unknown": dict(new.unknown),
            "reading_version": self.resource_type.reading_version,
            "raw": pack_raw(one.answers),
        }
        self._draft.open((self.model, columns))

    # --- publishing -------------------------------------------------------------------------------------------

    def _write_amendments(self, amendments: Amendments) -> None:
        with transaction.atomic():
            freshness = self._lock()
            amendments.write()
            if self.resource_type.reach is Reach.GLOBAL:  # a resource's own region may be among what is now known
                self._count(freshness)
                freshness.save(update_fields=["counts"])

    def _count(self, freshness: Freshness) -> None:
        freshness.counts = count_scope(self.resource_type, self.visit.account, self.visit.scope_region)

    def _missing(self) -> Missing:
        """What the listing lacks; nothing if an item without an id may be any of it."""
        if self._has_nameless:
            return Missing(pairs=(), known=0)
        mine = self.model.revisions.current().filter(
            account=self.visit.account, resource__scope_region=self.visit.scope_region
        )
        known = 0
        pairs = []
        for pk, resource_id in mine.values_list("pk", "resource_id").iterator(CHUNK):
            known += 1
            if resource_id not in self._listed:
                pairs.append((pk, resource_id))
        return Missing(pairs=pairs, known=known)

    def _changes(self, gone: int) -> Changes:
        return Changes(
            resources=len(self._listed),
            added=self._added,
            changed=self._changed,
            gone=gone,
            amended=self._amended,
            quarantined=self._quarantined,
        )

    def _lock(self) -> Freshness:
        """The scope's row, locked. Raises Fenced or Overtaken."""
        scopes = Freshness.objects.select_related("latest_visit").select_for_update(of=("self",))
        freshness: Freshness = scopes.get(pk=self.freshness.pk)
        visit = Visit.objects.select_for_update().get(pk=self.visit.pk)
        if visit.fence != self.visit.fence or visit.state != VisitState.RUNNING:
            raise Fenced
        if _published(freshness) != self._basis:
            raise Overtaken
        return freshness

    def _hold(self, freshness: Freshness, missing: Missing, columns: Mapping[str, Any]) -> None:
        """Keep what the listing lacks until another one agrees; the scope stays as old as it was."""
        Visit.objects.filter(pk=self.visit.pk).update(
            state=VisitState.FINISHED,
            outcome=Outcome.UNCONFIRMED,
            reason=(
                f"The listing was complete, and lacked {len(missing.pairs):,} of the {missing.known:,} known "
                f"{self.resource_type.plural}. Nothing was recorded: what the next complete listing lacks too is gone."
            ),
            finished_at=Now(),
            lease_until=None,
            quarantined=self._quarantined,
            **columns,
        )
        freshness.held_missing = pack(missing.resources)
        note_failure(freshness, self.visit)
        freshness.save(update_fields=["held_missing", "latest_visit", "failing_since"])

    def _stamp(self, freshness: Freshness, outcome: Outcome, changes: Changes, columns: Mapping[str, Any]) -> None:
        is_complete = outcome == Outcome.COMPLETE
        Visit.objects.filter(pk=self.visit.pk).update(
            state=VisitState.FINISHED,
            outcome=outcome,
            finished_at=Now(),
            lease_until=None,
            resources=changes.resources if is_complete else None,
            added=changes.added,
            changed=changes.changed,
            gone=changes.gone,
            amended=changes.amended,
            quarantined=changes.quarantined,
            **columns,
        )
        if not is_complete:
            note_failure(freshness, self.visit)
            freshness.save()
            return
        freshness.first_complete_at = freshness.first_complete_at or self.visit.taken_at
        freshness.last_complete_at = self.visit.taken_at
        freshness.last_complete_visit = self.visit
        if is_latest(freshness, self.visit):
            freshness.latest_visit = self.visit
            freshness.failing_since = None
        freshness.save()


def _published(freshness: Freshness) -> tuple[object, ...]:
    """What changes whenever a visit of the scope publishes."""
    return freshness.last_complete_visit_id, freshness.listed_until, freshness.full_tried_at


def is_latest(freshness: Freshness, visit: Visit) -> bool:
    """Whether no later visit of the scope has ended yet; visits may end in another order than they were planned in."""
    return freshness.latest_visit is None or freshness.latest_visit.taken_at <= visit.taken_at


def note_failure(freshness: Freshness, visit: Visit) -> None:
    """Note on the scope that its latest visit did not refresh it; nothing is written yet."""
    if is_latest(freshness, visit):
        freshness.latest_visit = visit
        freshness.failing_since = freshness.failing_since or visit.taken_at


def stage_of(visit: Visit) -> int:
    """The number under which this attempt stages rows; an attempt that lost its fence has another one."""
    return visit.pk * STAGES_PER_VISIT + visit.fence


def _may_differ(one: Item, revision: ResourceRevision | None) -> bool:
    """The quick look, which is the end of the matter for nearly every item of a repeated snapshot.

    Unread fields are taken from the revision here. Unread tags and links stand in tables of their own, and get a
    thorough look.
    """
    if revision is None or one.reading.unknown != revision.unknown.keys():
        return True
    if not one.reading.unknown <= one.content.fields.keys():
        return True
    kept = {field: getattr(revision, field) for field in one.reading.unknown}
    return one.content.with_fields(kept).digest() != bytes(revision.fingerprint)
