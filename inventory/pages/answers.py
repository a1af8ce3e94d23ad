"""Answers to what people ask of one resource, each a question with words, a moment and the things that it is about.

A panel of answers is registered for a type through `inventory/pages/extensions.py`, and shown by one template.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.history import ResourceRevision
from inventory.models import Resource
from inventory.pages.freshness import ScopeState, scope_states
from inventory.registry import GLOBAL, resource_type

TEMPLATE = "inventory/_answers_panel.html"
SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Another resource that an answer names; without an id of ours it was never seen, and is no link."""

    slug: str
    words: str
    resource_id: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One question with its answer. `since` stands behind the words; `reason` says why an answer is not known."""

    question: str
    words: str = ""
    since: datetime | None = None
    things: Sequence[Thing] = ()
    reason: str = ""
    is_unknown: bool = False
    is_warning: bool = False

    @property
    def shown(self) -> Sequence[Thing]:
        """The first few things."""
        return self.things[:SHOWN]

    @property
    def more(self) -> int:
        """How many things are not named."""
        return max(len(self.things) - SHOWN, 0)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """A panel of answers."""

    title: str
    meta: str
    answers: Sequence[Answer]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where and when a resource is looked at: its account, its region and the moment (None = now)."""

    resource: Resource
    when: datetime | None

    def revisions(self, slug: str) -> Iterable[ResourceRevision]:
        """What there is of a type in the account and the region, with its resources."""
        rows = resource_type(slug).model.revisions.as_of(self.when).filter(account=self.resource.account_id)
        found: Iterable[ResourceRevision] = rows.filter(region=self.region).select_related("resource").light()
        return found

    @property
    def region(self) -> str:
        """The region in which the resource is listed."""
        return self.resource.scope_region

    def state(self, slug: str) -> ScopeState | None:
        """How a type stands there; None if nobody looked by then."""
        wanted = {self.region, GLOBAL}
        return next(
            (
                state
                for state in scope_states([self.resource.account], self.when)
                if state.type == slug and state.region in wanted
            ),
            None,
        )

    def unread(self, *slugs: str) -> list[str]:
        """Why nothing, or nothing new, is known of some types there; empty where all were read by the latest look."""
        wanted = {self.region, GLOBAL}
        states = {
            state.type: state
            for state in scope_states([self.resource.account], self.when)
            if state.region in wanted and state.type in slugs
        }
        reasons = []
        for slug in slugs:
            state, plural = states.get(slug), resource_type(slug).plural
            if state is None or state.read_at is None:
                reasons.append(f"{plural} of this region were never read")
            elif state.failing_since is not None:
                reasons.append(
                    f"{plural} of this region could not be read since {state.failing_since:%Y-%m-%d %H:%M} UTC"
                )
        return reasons


def thing_of(revision: ResourceRevision, slug: str, note: str = "") -> Thing:
    """A resource as an answer names it."""
    words = revision.name or revision.resource.native_id
    return Thing(slug=slug, words=words, resource_id=revision.resource_id, note=note)


def joined(words: Sequence[str]) -> str:
    """Words as a sentence has them: `a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
