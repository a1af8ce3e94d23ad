"""What asking Cost Explorer has cost, beside the settings of an account."""

from __future__ import annotations

from costs.cost_explorer import paid
from inventory.models import Account


def account_note(account: Account) -> str:
    """How many pages were paid for so far, in a sentence; empty where there were none."""
    pages, usd = paid([account])
    if not pages:
        return ""
    return f"{pages:,} page{'s were' if pages > 1 else ' was'} paid for so far: USD {usd:,.2f}."
