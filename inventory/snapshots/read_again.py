"""Reading again: when a release of ours reads more from AWS's answers, open revisions are read again in place.

They are read from the documents that they were made from, so that our release is no change in the customer's account.
"""

from __future__ import annotations

from collections.abc import Sequence

from inventory.history import ResourceRevision
from inventory.history.revision import unpack_raw
from inventory.registry import Answers, ResourceType, Scope
from inventory.snapshots.amend import Amendments
from inventory.snapshots.compare import Known
from inventory.snapshots.content import content_of_reading
from inventory.snapshots.items import UNREADABLE
from inventory.snapshots.stored import load_stored


def read_again(kind: ResourceType, scope: Scope, stale: Sequence[ResourceRevision]) -> tuple[Amendments, list[int]]:
    """What today's reader says of revisions that an older one read, and the resources whose documents it cannot read.

    Nothing is written yet.
    """
    documents = dict(kind.model.revisions.filter(pk__in=[one.pk for one in stale]).values_list("pk", "raw"))
    amendments = Amendments(kind.model)
    unreadable = []
    for resource_id, stored in load_stored(stale).items():
        try:
            known = _known_from(kind, scope, unpack_raw(documents[stored.revision.pk]), stored.known)
        except UNREADABLE:
            unreadable.append(resource_id)
        else:
            amendments.amend(stored, known, reading_version=kind.reading_version)
    return amendments, unreadable


def _known_from(kind: ResourceType, scope: Scope, document: Answers, known: Known) -> Known:
    """What an open revision says under today's reader, from the documents it was read from."""
    reading = kind.read(document, scope)
    content = content_of_reading(kind.model, reading)
    kept = {part: since for part, since in known.unknown.items() if since is not None}
    return Known(
        content=content.with_part_of(known.content, kept.keys() & reading.unknown),
        unknown=dict.fromkeys(sorted(reading.unknown)) | kept,
    )
