"""What the options of our commands may say: which accounts, which region, which moment. Anything else exits 2."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.core.management.base import CommandError

from inventory.aws.regions import known_regions
from inventory.models import Account
from inventory.pages.moments import parse_past_moment, spell_moment
from inventory.pages.scope import is_archived, is_pruned

USAGE = 2


def chosen_accounts(name_or_id: str | None) -> list[Account]:
    """The account of that name or 12-digit id; every account for None."""
    if name_or_id is None:
        return list(Account.objects.all())
    try:
        return [Account.objects.called(name_or_id)]
    except Account.DoesNotExist:
        known = ", ".join(Account.objects.values_list("name", flat=True)) or "none yet; add one with add_account"
        raise CommandError(f"There is no account {name_or_id}. Known: {known}.", returncode=USAGE) from None


def shown_accounts(name_or_id: str | None, as_of: datetime | None, say: Callable[[str], object]) -> list[Account]:
    """The accounts whose rows a command writes, as pages choose them; `say` hears of each that is left out.

    An account that was archived by the moment is written only if it is named, and says so. One whose history of the
    moment was pruned is left out; a command that could write nothing else ends with an error.
    """
    shown = []
    accounts = chosen_accounts(name_or_id)
    pruned = [account for account in accounts if is_pruned(account, as_of)]
    for account in accounts:
        if account in pruned:
            say(f"{account.name}: pruned. Its history before {spell(account.history_from)} was deleted.")
            continue
        if is_archived(account, as_of):
            because = f": {account.archived_because}" if account.archived_because else "."
            say(f"{account.name} is archived since {spell(account.archived_at)}{because}")
            if name_or_id is None:
                say(f"{account.name} is left out; --account {account.name} writes what was last read of it.")
                continue
        shown.append(account)
    if pruned and not shown:
        raise CommandError("Nothing is known of that moment any more: the history was pruned.")
    return shown


def spell(moment: datetime | None) -> str:
    """A moment of an account for a line on stderr; empty for None."""
    return "" if moment is None else spell_moment(moment)


def chosen_region(name: str | None) -> str | None:
    """The region, which botocore must know."""
    if name is not None and name not in known_regions():
        raise CommandError(f"There is no region {name}. Write one like eu-west-1.", returncode=USAGE)
    return name


def chosen_moment(text: str | None) -> datetime | None:
    """The moment, which must have passed; None for now."""
    try:
        return None if text is None else parse_past_moment(text)
    except ValueError as error:
        raise CommandError(str(error), returncode=USAGE) from None
