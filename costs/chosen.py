"""Some of what accounts hold and pay for: all that can have a price, or what a query finds of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q

from costs.priceable import Priceable, priceables
from inventory.history import RevisionQuerySet
from inventory.models import Account
from inventory.pages.conditions import THROUGHOUT, matching
from inventory.pages.filters import Condition
from inventory.pages.query.language import Fault, QueryError
from inventory.pages.query.meaning import read_query

NOTHING_PRICED = (
    "Nothing that this asks for has a price: ask for instances, volumes, buckets, addresses, gateways or balancers."
)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a query finds in some accounts at a moment (None = now); an empty query finds everything.

    `nameable` are the accounts that the query may name; any other one looks as if it did not exist.
    """

    accounts: Sequence[Account]
    nameable: Sequence[Account]
    text: str = ""
    when: datetime | None = None

    @cached_property
    def conditions(self) -> Mapping[str, tuple[Condition, ...]]:
        """What is asked of each type that can have a price; QueryError for a query that cannot be answered."""
        slugs = [one.slug for one in priceables()]
        if not self.text:
            return dict.fromkeys(slugs, ())
        parts = read_query(self.text, self.nameable, self.when)
        found = {part.kind.slug: part.conditions for part in parts if part.kind.slug in slugs}
        if not found:
            raise QueryError(NOTHING_PRICED, fault=Fault.TOGETHER, start=0, end=len(self.text))
        return found

    @property
    def kinds(self) -> list[Priceable]:
        """The types that the query can be asked of."""
        return [one for one in priceables() if one.slug in self.conditions]

    def rows(self, kind: Priceable) -> RevisionQuerySet:
        """The revisions of one type that it finds."""
        held = kind.revisions.as_of(self.when).filter(account__in=[one.pk for one in self.accounts])
        return matching(held, self.conditions[kind.slug], self.when)

    def lives(self, kind: Priceable, since: datetime, until: datetime) -> RevisionQuerySet:
        """The revisions of one type that it finds for any time between two moments.

        Its `when` has to be a past moment: what can be asked of now alone, like a price, is then refused.
        """
        held = kind.revisions.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=since),
            account__in=[one.pk for one in self.accounts],
            valid_from__lte=until,
        )
        return matching(held, self.conditions[kind.slug], THROUGHOUT)
