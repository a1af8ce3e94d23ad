"""The rows of the open-ports page, in blocks of one region of one account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from inventory.exposure.ledger import OpenGroup, Seen
from inventory.exposure.rules import Source
from inventory.exposure.services import Severity
from inventory.models import Account
from inventory.pages.frame import address
from inventory.pages.freshness import Mark, ScopeState
from inventory.pages.port_matrix import port_label
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.security_group import SECURITY_GROUP
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE

ROWS_ON_A_PAGE = 250
MOST_SHOWN = 3
NO_SEVERITY_RANK = len(Severity)
WHO = {
    Source.WORLD: "the whole internet",
    Source.WIDE: "a large public range",
    Source.PREFIX_LIST: "a prefix list whose entries were not read",
    Source.UNREAD: "a source that could not be read",
    Source.NARROW: "private or narrow ranges",
    Source.GROUP: "members of another group",
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something with a name, AWS's id, and its page where it has one."""

    name: str
    native_id: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Several:
    """The first few of a list, and how many others there are; `url` lists them all."""

    first: list[Named]
    others: list[Named]
    url: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One opening; `attached` None means that it is unknown what stands behind it."""

    group: Named
    is_collected: bool
    is_first_of_group: bool
    ports: str
    severity: str | None
    sources: Several
    who: str
    rule_ids: tuple[str, ...]
    rules_url: str
    attached: Several | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """One region of one account, with how fresh its rules are if they are not fresh."""

    region: str
    account: Account
    url: str
    doubt: ScopeState | None
    rows: list[Row]


GroupKey = tuple[str, str, str]


def most_severe_first(rows: Iterable[OpenGroup]) -> list[OpenGroup]:
    """By region of an account, then by group, then by opening: the worst first on each level."""
    rows = list(rows)
    worst_of_place: dict[tuple[str, int], int] = {}
    worst_of_group: dict[GroupKey, int] = {}
    for row in rows:
        rank = _rank(row)
        place, group = (row.region, row.account.pk), _group_key(row)
        worst_of_place[place] = min(rank, worst_of_place.get(place, rank))
        worst_of_group[group] = min(rank, worst_of_group.get(group, rank))

    def order(row: OpenGroup) -> tuple[Any, ...]:
        place = worst_of_place[row.region, row.account.pk], region_name(row.region), row.account.name
        group = worst_of_group[_group_key(row)], row.group.name if row.group else "", row.opening.group_id
        return *place, *group, _rank(row), row.opening.from_port or 0, row.opening.protocol, row.opening.family or "~"

    return sorted(rows, key=order)


def page_from(rows: Sequence[OpenGroup], cursor: str) -> tuple[Sequence[OpenGroup], str]:
    """One page of whole groups that begins with the group of the cursor, and the cursor of the next page ("" = none).

    A cursor that is no longer there begins at the first group.
    """
    keys = ["/".join(_group_key(row)) for row in rows]
    begin = keys.index(cursor) if cursor in keys else 0
    end = begin + ROWS_ON_A_PAGE
    while end < len(keys) and keys[end] == keys[end - 1]:
        end += 1
    return rows[begin:end], keys[end] if end < len(keys) else ""


def places(scope: PageScope, rows: Sequence[OpenGroup], everything: Sequence[OpenGroup]) -> list[Place]:
    """The rows in their order, in blocks; `everything` knows the names of groups that are sources."""
    seen = {_group_key(row): row.group for row in everything}
    states = {(one.account_id, one.region): one for one in scope.states_of([SECURITY_GROUP_RULE.slug])}
    found = []
    for (region, _), block in groupby(rows, key=lambda row: (row.region, row.account.pk)):
        several = list(block)
        account = several[0].account
        state = states.get((account.pk, region))
        found.append(
            Place(
                region=region,
                account=account,
                url=address(scope, "region", region),
                doubt=state if state and state.mark is not Mark.FRESH else None,
                rows=[
                    _row(scope, row, seen, is_first=number == 0 or _group_key(several[number - 1]) != _group_key(row))
                    for number, row in enumerate(several)
                ],
            )
        )
    return found


def _row(scope: PageScope, row: OpenGroup, seen: Mapping[GroupKey, Seen | None], *, is_first: bool) -> Row:
    opening = row.opening
    return Row(
        group=_group(scope, opening.group_id, row.group),
        is_collected=row.group is not None,
        is_first_of_group=is_first,
        ports=port_label(opening),
        severity=opening.severity,
        sources=_sources(scope, row, seen),
        who=" and ".join(words for kind, words in WHO.items() if kind in opening.kinds),
        rule_ids=opening.rule_ids,
        rules_url=address(scope, "resource-list", SECURITY_GROUP_RULE.slug, group_id=opening.group_id),
        attached=None if row.attached is None else _instances(scope, row, row.attached),
    )


def _group(scope: PageScope, native_id: str, group: Seen | None) -> Named:
    if group is None:
        return Named(name=native_id, native_id=native_id, url="")
    url = address(scope, "resource-detail", SECURITY_GROUP.slug, group.resource_id)
    return Named(name=group.name or native_id, native_id=native_id, url=url)


def _sources(scope: PageScope, row: OpenGroup, seen: Mapping[GroupKey, Seen | None]) -> Several:
    account, region, _ = _group_key(row)
    groups = Source.GROUP in row.opening.kinds
    named = [
        _group(scope, source, seen.get((account, region, source)) if groups else None) for source in row.opening.sources
    ]
    return Several(first=named[:MOST_SHOWN], others=named[MOST_SHOWN:], url="")


def _instances(scope: PageScope, row: OpenGroup, attached: Sequence[Seen]) -> Several:
    named = [
        Named(
            name=one.name or one.native_id,
            native_id=one.native_id,
            url=address(scope, "resource-detail", EC2_INSTANCE.slug, one.resource_id),
        )
        for one in sorted(attached, key=lambda one: (one.name, one.native_id))
    ]
    url = address(scope, "resource-list", EC2_INSTANCE.slug, security_groups=row.opening.group_id)
    return Several(first=named[:MOST_SHOWN], others=named[MOST_SHOWN:], url=url)


def _rank(row: OpenGroup) -> int:
    return NO_SEVERITY_RANK if row.opening.severity is None else row.opening.severity.rank


def _group_key(row: OpenGroup) -> GroupKey:
    return row.account.account_id or "", row.region, row.opening.group_id
