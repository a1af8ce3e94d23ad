"""How a person stands with this installation: whether he or she may sign in, and when that was done last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.contrib.auth.models import User

from inventory.models import LastVisit
from sign_in.models import Invitation

Word = Literal["active", "invited", "deactivated", "has no way in"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One person's standing now."""

    user: User
    seen_at: datetime | None
    """The newest page or sign-in, to five minutes; None means never."""
    invitation: Invitation | None
    """The one that can still be accepted."""

    @property
    def is_new(self) -> bool:
        """Whether the person never signed in, so that an invitation can open the door."""
        return self.user.last_login is None

    @property
    def is_invited(self) -> bool:
        """Whether an invitation waits for the person, and would let him or her in."""
        return self.invitation is not None and self.is_new and self.user.is_active

    @property
    def comes_in(self) -> bool:
        """Whether the person is active, and has been here or has a password."""
        return self.user.is_active and (self.seen_at is not None or self.user.has_usable_password())

    @property
    def word(self) -> Word:
        """In a word or two."""
        if not self.user.is_active:
            return "deactivated"
        if self.comes_in:
            return "active"
        return "invited" if self.is_invited else "has no way in"

    @property
    def look(self) -> str:
        """The class of the mark beside the word."""
        return {"active": "on", "deactivated": "off"}.get(self.word, "")


def standings_of(users: Iterable[User]) -> Mapping[int, Standing]:
    """The standing of each of these users, in two queries."""
    known = list(users)
    visits = dict(LastVisit.objects.filter(user__in=known).values_list("user", "seen_at"))
    waiting = {
        one.user_id: one for one in Invitation.objects.waiting().filter(user__in=known).select_related("invited_by")
    }
    return {
        user.pk: Standing(
            user=user,
            seen_at=max(filter(None, (user.last_login, visits.get(user.pk))), default=None),
            invitation=waiting.get(user.pk),
        )
        for user in known
    }
