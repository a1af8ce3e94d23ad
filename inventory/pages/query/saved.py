"""The saved views that a user may open: the own, and those of others that the user's accounts can answer.

A shared query may name an account. To somebody who may not see that account it does not exist, and neither does the
view: its words would tell the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory.models import SavedView
from inventory.pages.extensions import ViewNote, extensions
from inventory.pages.query.language import QueryError
from inventory.pages.query.meaning import read_query
from inventory.pages.scope import PageScope


@dataclass(frozen=True, kw_only=True)
class OpenView:
    """One view as one user sees it."""

    view: SavedView
    is_own: bool
    notes: Sequence[ViewNote] = ()
    """What other packages say of it, where a page asked them."""

    @property
    def whose(self) -> str:
        """Who keeps it, and whether others see it."""
        if not self.is_own:
            return f"by {self.view.owner.get_username()}"
        return "shared with others" if self.view.is_shared else "yours alone"


def open_views(scope: PageScope) -> list[OpenView]:
    """Every view that the user may open, by name; one query."""
    views = SavedView.objects.open_to(scope.user).select_related("owner")
    opened = [OpenView(view=view, is_own=view.owner_id == scope.user.pk) for view in views]
    return [one for one in opened if one.is_own or _can_be_read(one.view.query, scope)]


def with_notes(scope: PageScope, opened: Sequence[OpenView]) -> list[OpenView]:
    """The same views with what other packages say of them."""
    views = [one.view for one in opened]
    said = [gather(scope, views) for gather in extensions.view_notes] if views else []
    return [replace(one, notes=[notes[one.view.pk] for notes in said if one.view.pk in notes]) for one in opened]


def _can_be_read(query: str, scope: PageScope) -> bool:
    try:
        read_query(query, scope.visible, None)
    except QueryError:
        return False
    return True
