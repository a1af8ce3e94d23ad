"""Comparing: what one reading means for the open revision of its resource.

Four rules keep the unknown from looking like a change, and a change from hiding behind it:

- An unread part takes its last known value before anything is compared, so that turning unknown is no change.
- A part that was never read and now is fills the open revision in place: it became known, it did not change.
- A part that was unread for a while and comes back with another value did change.
- A resource that was deleted and made again under its old name takes nothing over from the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inventory.snapshots.content import Content

Unknown = Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Same:
    """Nothing changed."""


@dataclass(frozen=True, kw_only=True)
class Amended:
    """Nothing changed in the account, but we know more or less of it: the open revision is amended in place."""

    content: Content
    unknown: Unknown
    content_differs: bool


@dataclass(frozen=True, kw_only=True)
class Changed:
    """It looks different: the open revision closes, one with this content opens."""

    content: Content
    unknown: Unknown


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the open revision says."""

    content: Content
    unknown: Unknown = field(default_factory=dict)


def first_seen(read: Content, unread: frozenset[str]) -> Known:
    """What a resource's first revision says: its unread parts were never read."""
    return Known(content=read, unknown=dict.fromkeys(sorted(unread)))


def keep_unread(read: Content, unread: frozenset[str], known: Known, when: datetime) -> Known:
    """The reading with its unread parts as last known, each unknown since it first was."""
    since = when.isoformat()
    return Known(
        content=read.with_part_of(known.content, unread),
        unknown={part: known.unknown.get(part, since) for part in sorted(unread)},
    )


def compare(read: Content, unread: frozenset[str], known: Known, when: datetime) -> Same | Amended | Changed:
    """What the reading of a moment says beside what is known."""
    if _was_recreated(read, known.content):
        new = first_seen(read, unread)
        return Changed(content=new.content, unknown=new.unknown)
    now = keep_unread(read, unread, known, when)
    became_known = [part for part, since in known.unknown.items() if since is None and part not in unread]
    filled = known.content.with_part_of(now.content, became_known)
    if now.content.digest() != filled.digest():
        return Changed(content=now.content, unknown=now.unknown)
    if became_known or dict(now.unknown) != dict(known.unknown):
        return Amended(content=filled, unknown=now.unknown, content_differs=bool(became_known))
    return Same()


def _was_recreated(read: Content, known: Content) -> bool:
    before, after = known.fields["incarnation"], read.fields["incarnation"]
    return bool(before and after and before != after)
