"""The openings of the ledger's security groups at a moment, and the instances that stand behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q

from inventory.exposure.openings import Opening, openings
from inventory.exposure.rules import EVERY_PROTOCOL, Rule, Wide
from inventory.models import Account, Freshness, Link
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance
from inventory.resource_types.security_group import SecurityGroup
from inventory.resource_types.security_group_rule import SecurityGroupRule

# AWS answers with these names; a client may have written the number, which means the same.
PROTOCOL_NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
ATTACHED_BY = "security_groups"
RULE_FIELDS = ("direction", "from_port", "to_port", "cidr_ipv4", "cidr_ipv6", "prefix_list_id")

RECORD_KEYS = (
    "account",
    "region",
    "group_id",
    "rule_ids",
    "direction",
    "protocol",
    "from_port",
    "to_port",
    "family",
    "source",
    "severity",
    "service",
    "attached",
)

Place = tuple[int, str]
"""An account's key and a region."""


class Seen(NamedTuple):
    """A resource by AWS's id, with its name and the key of its page; a tuple, because a fleet has thousands."""

    native_id: str
    name: str
    resource_id: int


@dataclass(frozen=True, kw_only=True)
class OpenGroup:
    """One opening, where it is, and what is attached to its group.

    `group` is None where the group itself was not collected. `attached` is None where it is unknown: the instances of
    the region were not read by that moment, or the groups of one of them were not.
    """

    account: Account
    region: str
    opening: Opening
    group: Seen | None
    attached: tuple[Seen, ...] | None

    def record(self) -> dict[str, Any]:
        """As the command line and the page's JSON and CSV give it, by `RECORD_KEYS`; `attached` None means unknown."""
        opening = self.opening
        return {
            "account": self.account.account_id,
            "region": self.region,
            "group_id": opening.group_id,
            "rule_ids": list(opening.rule_ids),
            "direction": opening.direction,
            "protocol": opening.protocol,
            "from_port": opening.from_port,
            "to_port": opening.to_port,
            "family": opening.family,
            "source": list(opening.sources),
            "severity": opening.severity,
            "service": opening.service,
            "attached": None if self.attached is None else [instance.native_id for instance in self.attached],
        }


def open_groups(accounts: Iterable[Account], at: datetime | None = None, region: str | None = None) -> list[OpenGroup]:
    """Every opening of these accounts at a moment (None = now), by account, region, group and port."""
    by_key = {account.pk: account for account in accounts}
    ours = Q(account_id__in=list(by_key))
    here = ours & Q(region=region) if region else ours
    wide = wide_setting()
    groups, attached = groups_at(here, at), _attached(ours, at)
    rules_of = rules_at(here, at, by_key)
    # Where there is no rule, nobody need look through the instances for one whose groups could not be read.
    uncertain = _uncertain(here, at) if rules_of else set()
    read = _read(ours, at)
    found = []
    for place, rules in rules_of.items():
        for opening in openings(rules, wide):
            instances = attached.get((place, opening.group_id))
            is_known = instances or (place in read and place not in uncertain)
            found.append(
                OpenGroup(
                    account=by_key[place[0]],
                    region=place[1],
                    opening=opening,
                    group=groups.get((place, opening.group_id)),
                    attached=tuple(sorted(instances or ())) if is_known else None,
                )
            )
    return sorted(found, key=_in_order)


def wide_setting() -> Wide:
    """What counts as wide in this installation."""
    return Wide(settings.WIDE_IPV4_PREFIX, settings.WIDE_IPV6_PREFIX)


def _in_order(row: OpenGroup) -> tuple[Any, ...]:
    opening = row.opening
    port = -1 if opening.from_port is None else opening.from_port
    family = opening.family or "none"  # sorts after both families
    return row.account.name, row.region, opening.group_id, opening.direction, opening.protocol, family, port


def rules_at(here: Q, at: datetime | None, accounts: Mapping[int, Account]) -> dict[Place, list[Rule]]:
    """The rules that meet a condition at that moment (None = now), by place; `accounts` are theirs, by key."""
    found: dict[Place, list[Rule]] = defaultdict(list)
    others = ("account_id", "region", "resource__native_id", "group_id", "protocol")
    referenced = ("referenced_group_id", "referenced_account")
    for row in SecurityGroupRule.revisions.as_of(at).filter(here).values(*RULE_FIELDS, *others, *referenced):
        # A rule whose protocol could not be read may allow every one of them.
        protocol = row["protocol"] or EVERY_PROTOCOL
        group, owner = row["referenced_group_id"], row["referenced_account"]
        is_foreign = group and owner and owner != accounts[row["account_id"]].account_id
        found[row["account_id"], row["region"]].append(
            Rule(
                rule_id=row["resource__native_id"],
                group_id=row["group_id"] or "",
                protocol=PROTOCOL_NAMES.get(protocol, protocol),
                referenced_group=f"{owner}/{group}" if is_foreign else group,
                **{field: row[field] for field in RULE_FIELDS},
            )
        )
    return found


def groups_at(here: Q, at: datetime | None) -> dict[tuple[Place, str], Seen]:
    """The security groups that meet a condition at that moment (None = now), by place and AWS's id."""
    rows = SecurityGroup.revisions.as_of(at).filter(here)
    fields = rows.values_list("account_id", "region", "resource__native_id", "name", "resource_id")
    return {((account, region), group[0]): Seen(*group) for account, region, *group in fields}


def _attached(ours: Q, at: datetime | None) -> dict[tuple[Place, str], list[Seen]]:
    """The instances that had a group at that moment, by place and group; they bear their newest names."""
    found: dict[tuple[Place, str], list[Seen]] = defaultdict(list)
    links = Link.objects.as_of(at).filter(ours, role=ATTACHED_BY, resource__type=EC2_INSTANCE.slug)
    of_instance = ("resource__native_id", "resource__current_name", "resource_id")
    for account, region, group_id, *instance in links.values_list(
        "account_id", "resource__scope_region", "target", *of_instance
    ):
        found[(account, region), group_id].append(Seen(*instance))
    return found


def _read(ours: Q, at: datetime | None) -> set[Place]:
    """Where instances had been listed completely by that moment."""
    scopes = Freshness.objects.filter(ours, type=EC2_INSTANCE.slug, first_complete_at__isnull=False)
    if at:
        scopes = scopes.filter(first_complete_at__lte=at)
    return set(scopes.values_list("account_id", "scope_region"))


def _uncertain(here: Q, at: datetime | None) -> set[Place]:
    """Where the groups of some instance could not be read."""
    rows = Ec2Instance.revisions.as_of(at).filter(here, unknown__has_key=ATTACHED_BY)
    return set(rows.values_list("account_id", "region").distinct())
