"""What operators decide about people, groups and grants. Each decision is kept with who made it, and told in the log.

The last superuser who can come in stays one: nobody can lock everybody out of these pages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q

from audit.models import Kind, record
from inventory.models import Account, AccountGrant
from sign_in.models import Invitation

DETAILS = {
    "first_name": "the first name",
    "last_name": "the last name",
    "email": "the e-mail address",
    "is_superuser": "whether the person is a superuser",
}
"""What can be changed of a person, in words."""


class LastSuperuser(Exception):
    """Without this superuser nobody could manage people any more."""


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Somebody to be invited, and what he or she will see."""

    username: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    is_superuser: bool = False
    groups: Collection[Group] = ()
    accounts: Collection[Account] = ()


# --- People -----------------------------------------------------------------------------------------------------------


def add(newcomer: Newcomer, by: str) -> User:
    """Make a user without a password, who comes in by an invitation."""
    with transaction.atomic():
        user = User.objects.create_user(
            newcomer.username,
            email=newcomer.email,
            first_name=newcomer.first_name,
            last_name=newcomer.last_name,
            is_superuser=newcomer.is_superuser,
            is_staff=newcomer.is_superuser,
        )
        user.groups.set(newcomer.groups)
        AccountGrant.objects.bulk_create(AccountGrant(account=account, user=user) for account in newcomer.accounts)
        record(by, Kind.ADDED, f"added {user.username}", whom=user.username)
        if user.is_superuser:
            record(by, Kind.SUPERUSER, f"made {user.username} a superuser", whom=user.username)
        for group in newcomer.groups:
            _record_joining(by, user, group)
        for account in newcomer.accounts:
            _record_grant(by, account, user)
    return user


def change(user: User, details: Mapping[str, str | bool], by: str) -> list[str]:
    """Store details of a person, and answer which of them changed, in words; raises LastSuperuser."""
    with transaction.atomic():
        if user.is_superuser and not details["is_superuser"]:
            _leave_a_superuser(user)
        changed = [name for name in DETAILS if getattr(user, name) != details[name]]
        for name in changed:
            setattr(user, name, details[name])
        if "is_superuser" in changed:
            # The administration site is for superusers; without permissions it would be empty for anybody else.
            user.is_staff = user.is_superuser
        if changed:
            user.save(update_fields=[*changed, "is_staff"])
        told = [DETAILS[name] for name in changed if name != "is_superuser"]
        if told:
            record(by, Kind.CHANGED, f"changed {', '.join(told)} of {user.username}", whom=user.username)
        if "is_superuser" in changed:
            words = f"made {user.username} a superuser" if user.is_superuser else f"made {user.username} no superuser"
            record(by, Kind.SUPERUSER, words, whom=user.username)
    return [DETAILS[name] for name in changed]


def deactivate(user: User, by: str) -> None:
    """Let a person in no longer, at once and by no way; what he or she may see stays noted. Raises LastSuperuser."""
    with transaction.atomic():
        _leave_a_superuser(user)
        if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            record(by, Kind.DEACTIVATED, f"deactivated {user.username}", whom=user.username)


@transaction.atomic
def activate(user: User, by: str) -> None:
    """Let a person in again."""
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        record(by, Kind.ACTIVATED, f"activated {user.username}", whom=user.username)


def remove(user: User, by: str) -> bool:
    """Forget a person who never signed in, with every grant; False for anybody else. Raises LastSuperuser."""
    with transaction.atomic():
        _leave_a_superuser(user)
        removed, _ = User.objects.filter(pk=user.pk, last_login=None).delete()
        if removed:
            record(by, Kind.REMOVED, f"removed {user.username}, who never signed in", whom=user.username)
    return bool(removed)


@transaction.atomic
def withdraw(user: User, by: str) -> bool:
    """Let a person's invitation open nothing any more; False if none did."""
    withdrawn = Invitation.objects.withdraw(user)
    if withdrawn:
        record(by, Kind.WITHDRAWN, f"withdrew the invitation of {user.username}", whom=user.username)
    return bool(withdrawn)


def _leave_a_superuser(user: User) -> None:
    """Raise LastSuperuser unless others can come in; locks them all, so that two decisions do not cross.

    Somebody who was invited and has not accepted cannot come in yet.
    """
    comes_in = Q(last_login__isnull=False) | ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    able = User.objects.select_for_update().filter(comes_in, is_superuser=True, is_active=True).order_by("pk")
    if [one.pk for one in able] == [user.pk]:
        raise LastSuperuser(
            f"{user.username} is the only superuser who can sign in. Make somebody else one first: "
            "without any, nobody could manage people and accounts."
        )


# --- Grants -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def grant(accounts: Collection[Account], to: User | Group, by: str) -> list[Account]:
    """Show accounts to a person or a group, and answer which they did not have yet."""
    whom = {"user": to} if isinstance(to, User) else {"group": to}
    new = [one for one in accounts if AccountGrant.objects.get_or_create(account=one, **whom)[1]]
    for account in new:
        _record_grant(by, account, to)
    return new


@transaction.atomic
def revoke(grant: AccountGrant, by: str) -> None:
    """Take one grant back."""
    removed, _ = AccountGrant.objects.filter(pk=grant.pk).delete()
    to = grant.user or grant.group
    if removed and to is not None:
        account = grant.account.name
        record(by, Kind.REVOKED, f"revoked {account} from {_told(to)}", whom=_name(to), account=account)


def _record_grant(by: str, account: Account, to: User | Group) -> None:
    words = f"granted {account.name} to {_told(to)}"
    record(by, Kind.GRANTED, words, whom=_name(to), account=account.name)


def _name(whom: User | Group) -> str:
    return whom.username if isinstance(whom, User) else whom.name


def _told(whom: User | Group) -> str:
    return whom.username if isinstance(whom, User) else f"the group {whom.name}"


# --- Groups -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def make_group(name: str, by: str) -> Group:
    """Make a group without members and grants."""
    made = Group.objects.create(name=name)
    record(by, Kind.GROUP_MADE, f"made the group {name}", whom=name)
    return made


@transaction.atomic
def rename_group(group: Group, name: str, by: str) -> None:
    """Give a group another name."""
    before = group.name
    group.name = name
    group.save(update_fields=["name"])
    record(by, Kind.GROUP_RENAMED, f"renamed the group {before} to {name}", whom=name)


@transaction.atomic
def delete_group(group: Group, by: str) -> None:
    """Delete a group with its grants; its members stay, and see what else shows them."""
    group.delete()
    record(by, Kind.GROUP_DELETED, f"deleted the group {group.name}", whom=group.name)


@transaction.atomic
def join(users: Collection[User], group: Group, by: str) -> None:
    """Put people into a group."""
    group.user_set.add(*users)
    for user in users:
        _record_joining(by, user, group)


@transaction.atomic
def leave(user: User, group: Group, by: str) -> None:
    """Take a person out of a group."""
    group.user_set.remove(user)
    record(by, Kind.LEFT, f"took {user.username} out of the group {group.name}", whom=user.username)


def _record_joining(by: str, user: User, group: Group) -> None:
    record(by, Kind.JOINED, f"put {user.username} into the group {group.name}", whom=user.username)
