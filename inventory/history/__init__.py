"""How the past is kept: identities with periods of sameness."""

from __future__ import annotations

from inventory.history.fingerprint import fingerprint
from inventory.history.period import Period, PeriodQuerySet, RevisionQuerySet
from inventory.history.revision import ResourceRevision, base_indexes, open_index
from inventory.history.terms import term_index

__all__ = [
    "Period",
    "PeriodQuerySet",
    "ResourceRevision",
    "RevisionQuerySet",
    "base_indexes",
    "fingerprint",
    "open_index",
    "term_index",
]
