"""How an instance is paid, on its detail page: which commitments cover which share of its hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from costs.commitments.bought import Bought
from costs.commitments.ledger import has_commitments, standing_of
from costs.commitments.shares import Share, Shares, shares_of
from inventory.models import Resource
from inventory.pages.extensions import Panel
from inventory.resource_types.ec2_instance import EC2_INSTANCE


@dataclass(frozen=True, kw_only=True)
class CoverPanel:
    """How the hours of one instance are paid.

    A commitment of another account is not named: whoever may see this instance may not see that account.
    """

    paid: Shares
    own: dict[str, Bought]
    """What the instance's own account bought, by id."""

    @property
    def rows(self) -> list[tuple[Share, Bought | None]]:
        """Each share with what pays it; None for something of another account."""
        return [(share, self.own.get(share.commitment.id)) for share in self.paid.shares]


def cover_panel() -> Panel:
    """The panel on an instance's detail page."""
    return Panel(type=EC2_INSTANCE.slug, template="costs/_cover_panel.html", gather=gather_cover)


def gather_cover(resource: Resource, revision: Any, when: datetime | None) -> CoverPanel | None:
    """How the instance was paid at the moment; None where nothing was committed to, or nothing could pay it."""
    if revision.valid_to is not None and (when is None or revision.valid_to <= when):
        return None
    if not has_commitments([resource.account], when):
        return None
    standing = standing_of([resource.account], when)
    paid = shares_of(resource, revision, standing, when)
    if paid is None:
        return None
    account_id = resource.account.account_id
    own = {one.commitment.id: one for one in standing.bought if one.commitment.account == account_id}
    return CoverPanel(paid=paid, own=own)
