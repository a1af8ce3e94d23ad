"""Which ports opened to the whole internet since a moment, worked out from the ledger.

An opening is new if the world can come in through it now and could not, at that moment, through all of its ports. Only
groups of which a rule began since then are looked at: an opening needs one. What was seen then is what the complete
look before that moment had seen, so that an opening is dated by the look that saw it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from inventory.exposure.ledger import Place, Seen, groups_at, rules_at, wide_setting
from inventory.exposure.openings import Opening, openings
from inventory.exposure.rules import EVERY_PROTOCOL, INBOUND, Source
from inventory.models import Account, Freshness
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE, SecurityGroupRule

GroupKey = tuple[Place, str]
"""A place and AWS's id of a security group."""


@dataclass(frozen=True, kw_only=True)
class NewOpening:
    """One opening that let in the whole internet after a moment; `group` is None where it was not collected."""

    account: Account
    region: str
    opening: Opening
    group: Seen | None
    seen_at: datetime
    """The look that saw the newest of its rules."""


@dataclass(frozen=True, kw_only=True)
class NewOpenings:
    """Every one of them, and the places of which nobody knows what was open at that moment."""

    openings: Sequence[NewOpening]
    unknown: frozenset[Place]


def newly_open_to_world(accounts: Sequence[Account], since: datetime) -> NewOpenings:
    """What opened to the world after `since`, the newest first; four queries however much there is."""
    by_key = {account.pk: account for account in accounts}
    unknown = _not_known_at(by_key, since)
    began = _began(by_key, since, unknown)
    if not began:
        return NewOpenings(openings=(), unknown=unknown)
    touched = Q(account_id__in=list(by_key), group_id__in={group_id for _, group_id in began}, direction=INBOUND)
    before = _open_to_world(touched, since, by_key)
    found = [
        (place, opening)
        for (place, group_id), now in _open_to_world(touched, None, by_key).items()
        if (place, group_id) in began
        for opening in now
        if not _was_open(opening, before.get((place, group_id), ()))
    ]
    groups = groups_at(_groups_of(found), None) if found else {}
    new = [
        NewOpening(
            account=by_key[place[0]],
            region=place[1],
            opening=opening,
            group=groups.get((place, opening.group_id)),
            seen_at=max(at for rule, at in began[place, opening.group_id].items() if rule in opening.rule_ids),
        )
        for place, opening in found
        if began[place, opening.group_id].keys() & set(opening.rule_ids)
    ]
    return NewOpenings(openings=sorted(new, key=lambda one: one.seen_at, reverse=True), unknown=unknown)


def _began(
    accounts: Mapping[int, Account], since: datetime, unknown: frozenset[Place]
) -> dict[GroupKey, dict[str, datetime]]:
    """By group, the inbound rules that began after the moment and still hold, and when each was seen."""
    rows = SecurityGroupRule.revisions.current().filter(
        account__in=list(accounts), valid_from__gt=since, direction=INBOUND
    )
    found: dict[GroupKey, dict[str, datetime]] = defaultdict(dict)
    for account, region, group_id, rule, at in rows.values_list(
        "account_id", "region", "group_id", "resource__native_id", "valid_from"
    ):
        if (account, region) not in unknown:
            found[(account, region), group_id or ""][rule] = at
    return found


def _not_known_at(accounts: Mapping[int, Account], since: datetime) -> frozenset[Place]:
    """Where the rules had not been read by that moment, or what was read then has been pruned."""
    scopes = Freshness.objects.filter(account__in=list(accounts), type=SECURITY_GROUP_RULE.slug)
    return frozenset(
        (account, region)
        for account, region, first in scopes.values_list("account_id", "scope_region", "first_complete_at")
        if first is None or first > since or _is_pruned(accounts[account], since)
    )


def _is_pruned(account: Account, moment: datetime) -> bool:
    return account.history_from is not None and moment < account.history_from


def _open_to_world(rules: Q, at: datetime | None, accounts: Mapping[int, Account]) -> dict[GroupKey, list[Opening]]:
    found: dict[GroupKey, list[Opening]] = defaultdict(list)
    wide = wide_setting()
    for place, several in rules_at(rules, at, accounts).items():
        for opening in openings(several, wide):
            if Source.WORLD in opening.kinds:
                found[place, opening.group_id].append(opening)
    return found


def _was_open(opening: Opening, before: Sequence[Opening]) -> bool:
    """Whether the world came in through every one of its ports already, by the same family of addresses."""
    same = [
        one for one in before if one.family == opening.family and one.protocol in (opening.protocol, EVERY_PROTOCOL)
    ]
    if opening.from_port is None or opening.to_port is None or any(one.from_port is None for one in same):
        return bool(same)
    missing = opening.from_port
    for first, last in sorted((one.from_port or 0, one.to_port or 0) for one in same):
        if first <= missing <= last:
            missing = last + 1
    return missing > opening.to_port


def _groups_of(found: Sequence[tuple[Place, Opening]]) -> Q:
    accounts = {account for (account, _), _ in found}
    return Q(account_id__in=accounts, resource__native_id__in={opening.group_id for _, opening in found})
