"""What a command that writes rows must say on stderr: what was never read, and what could not be read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from inventory.models import Account
from inventory.pages.freshness import summarise
from inventory.pages.moments import spell_moment
from inventory.pages.scope import PageScope
from inventory.pages.unread import unread
from inventory.registry import GLOBAL, ResourceType


def missing_words(
    kinds: Sequence[ResourceType], accounts: Sequence[Account], region: str | None, as_of: datetime | None
) -> Iterator[str]:
    """One line for each type that was never read, and for each reason why rows are old or missing."""
    named = accounts[0] if len(accounts) == 1 else None
    scope = PageScope(user=AnonymousUser(), visible=tuple(accounts), account=named, as_of=as_of)
    for kind in kinds:
        states = scope.states_of([kind.slug], [] if region is None else [region, GLOBAL])
        summary = summarise(states)
        if summary is None or summary.was_never_read:
            when = f"by {spell_moment(as_of)}" if as_of else "yet"
            where = f" in {region}" if region else ""
            yield f"{kind.plural}{where} had never been read {when}: nothing is known, which is not none."
        for entry in unread(scope, states):
            since = f" since {spell_moment(entry.since)}" if entry.since else ""
            actions = f" ({', '.join(entry.actions)})" if entry.actions else ""
            yield f"{entry.account.name}, {', '.join(entry.regions)}: {entry.word}{since}{actions}. {entry.reason}"
