"""What a rule is, what it sees, and the list of those we know.

A rule is declared in one file of `inventory/findings/rules/`. It gets a `Look`: the ledger of one account as it was at
one moment, in some of its places, and yields a `Verdict` for each resource that it objects to. What it needs and nobody
could read makes the verdict unsure; it never makes a resource fine.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from inventory.exposure.services import Severity
from inventory.history import ResourceRevision, RevisionQuerySet
from inventory.models import Link
from inventory.registry import GLOBAL, Reach, ResourceType, resource_type

AT_ONCE = 500
"""How many rows a rule holds in memory: of some types an account has hundreds of thousands."""

if TYPE_CHECKING:
    from inventory.models import Account
    from inventory.models.since import Since


@dataclass(frozen=True, kw_only=True)
class Look:
    """The ledger of one account at a moment, in some regions (`global` among them)."""

    account: Account
    at: datetime
    regions: frozenset[str]

    def revisions(self, one: ResourceType) -> RevisionQuerySet:
        """What there was of a type, with its resources; of a type that is listed globally, all of the account."""
        rows = one.model.revisions.as_of(self.at).filter(account=self.account).light().select_related("resource")
        return rows if one.reach is Reach.GLOBAL else rows.filter(region__in=self.regions)

    def links(self, one: ResourceType, *roles: str) -> QuerySet[Link]:
        """What the links of the resources of a type said in these roles."""
        rows = Link.objects.as_of(self.at).filter(account=self.account, resource__type=one.slug, role__in=roles)
        places = {GLOBAL} if one.reach is Reach.GLOBAL else self.regions
        found: QuerySet[Link] = rows.filter(resource__scope_region__in=places)
        return found

    def never_read(self, one: ResourceType, field: str) -> Iterator[Any]:
        """The revisions, of the type's own model, of which a column or a role of links was never read."""
        rows = self.revisions(one).filter(unknown__has_key=field)
        if any(known.name == field for known in one.model._meta.fields):
            rows = rows.filter(**{f"{field}__isnull": True})
        return (row for row in rows.order_by("resource_id").iterator(AT_ONCE) if row.was_never_read(field))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a rule says of one resource. `severity` None is the rule's own."""

    resource_id: int
    region: str | None
    words: str
    severity: Severity | None = None
    is_unsure: bool = False
    since: datetime | None = None
    since_at_least: bool = False


def objection(
    row: ResourceRevision, words: str, *, severity: Severity | None = None, since: Since | None = None
) -> Verdict:
    """The rule objects to this resource, for what the words say; `since` is what history tells of it."""
    return Verdict(
        resource_id=row.resource_id,
        region=row.region,
        words=words,
        severity=severity,
        since=since.seen if since else None,
        since_at_least=bool(since and since.is_open),
    )


def doubt(row: ResourceRevision, words: str) -> Verdict:
    """The rule cannot tell, because of what the words name."""
    return Verdict(resource_id=row.resource_id, region=row.region, words=words, is_unsure=True)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule about the resources of `type`.

    `judge` reads what the types of `reads` hold, too; it is asked where something of any of them is news, and with
    `follows_the_clock` at every look. Another `version` has everything judged anew. `needs_switch` names the switch of
    an account without which the rule cannot be asked there.
    """

    slug: str
    title: str
    severity: Severity
    type: str
    why: str
    fix: str
    judge: Callable[[Look], Iterator[Verdict]]
    reads: tuple[str, ...] = ()
    follows_the_clock: bool = False
    version: int = 1
    needs_switch: str | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that it looks at, its own first."""
        return (self.type, *self.reads)

    @property
    def is_global(self) -> bool:
        """Whether its resources are listed once for the whole account."""
        return resource_type(self.type).reach is Reach.GLOBAL

    def can_be_asked(self, account: Account) -> bool:
        """Whether the account collects what the rule needs."""
        return self.needs_switch is None or self.needs_switch in account.switches


_rules: dict[str, Rule] = {}


def register(rule: Rule) -> Rule:
    """Add a rule; two rules cannot share a slug."""
    if rule.slug in _rules:
        raise ValueError(f"There are two rules called {rule.slug}: give one of them another slug.")
    _rules[rule.slug] = rule
    return rule


def discover() -> None:
    """Import every file of `inventory/findings/rules/`, which registers its rule."""
    package = importlib.import_module("inventory.findings.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def rules() -> list[Rule]:
    """Every rule, the most severe first, then by title."""
    return sorted(_rules.values(), key=lambda one: (one.severity.rank, one.title))


def rules_about(slug: str) -> list[Rule]:
    """The rules about one resource type, in the same order."""
    return [one for one in rules() if one.type == slug]


def find_rule(slug: str) -> Rule | None:
    """The rule of that slug; None for one that a release took away."""
    return _rules.get(slug)


def of_any(**columns: Any) -> Q:
    """A condition that one of the columns meets."""
    found = Q()
    for name, value in columns.items():
        found |= Q(**{name: value})
    return found
