"""Who sees which accounts, and by what: being a superuser, a grant of one's own, or a grant of a group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import Group, User
from django.db.models import Q

from inventory.models import Account, AccountGrant


@dataclass(kw_only=True)
class Sight:
    """One account that grants show to a person."""

    account: Account
    own: AccountGrant | None = None
    groups: list[Group] = field(default_factory=list)
    """The groups of the person that it was granted to, by name."""


def sights_of(user: User) -> list[Sight]:
    """The accounts that grants show to a person, by name; a superuser sees all others too, without a grant."""
    grants = AccountGrant.objects.filter(Q(user=user) | Q(group__user=user)).select_related("account", "group")
    found: dict[int, Sight] = {}
    for grant in grants.order_by("account__name", "group__name"):
        sight = found.setdefault(grant.account_id, Sight(account=grant.account))
        if grant.group is None:
            sight.own = grant
        else:
            sight.groups.append(grant.group)
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class Grants:
    """Every grant there is: accounts by user and by group, as ids."""

    of_users: Mapping[int, set[int]]
    of_groups: Mapping[int, set[int]]

    def seen_by(self, user: User, groups: Iterable[Group]) -> set[int]:
        """The accounts that grants show to a person who is in these groups."""
        return self.of_users.get(user.pk, set()).union(*(self.of_group(group) for group in groups))

    def of_group(self, group: Group) -> set[int]:
        """The accounts that were granted to a group."""
        return self.of_groups.get(group.pk, set())


def all_grants() -> Grants:
    """Every grant, in one query."""
    of_users: dict[int, set[int]] = {}
    of_groups: dict[int, set[int]] = {}
    for grant in AccountGrant.objects.only("account_id", "user_id", "group_id"):
        if grant.user_id is not None:
            of_users.setdefault(grant.user_id, set()).add(grant.account_id)
        elif grant.group_id is not None:
            of_groups.setdefault(grant.group_id, set()).add(grant.account_id)
    return Grants(of_users=of_users, of_groups=of_groups)
