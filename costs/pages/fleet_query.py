"""What the address of the fleet's pages asks for: whose instances, in which state and region, and those that a query or
a saved view finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from django.http import HttpRequest

from costs.pages.falling_use import PARAMETER, Choice, FallingUse
from costs.pages.narrowed import Narrowed
from costs.priceable import priceable
from costs.usage.ec2_instance import CHARGED_STATES, InstanceUsage
from costs.usage_counts import count_placed, placed_counts
from inventory.history import RevisionQuerySet
from inventory.pages.columns import NAME
from inventory.pages.filters import Condition
from inventory.pages.frame import address
from inventory.pages.list_query import QUERY, ListQuery
from inventory.pages.orders import read_order
from inventory.pages.query.language import QueryError, Term
from inventory.pages.query.meaning import read_query_of
from inventory.pages.region_names import region_name
from inventory.pages.scope import BadAddress, PageScope
from inventory.resource_types.ec2_instance import EC2_INSTANCE

RUNNING, STOPPED = "running", "stopped"
STATES = {RUNNING: CHARGED_STATES, STOPPED: frozenset({"stopping", "stopped"})}


@dataclass(frozen=True)
class FleetQuery(Narrowed):
    """Some instances, and by how much their use is taken to fall."""

    scope: PageScope
    url_name: str
    """The page that is asked."""
    state: str = RUNNING
    region: str = ""
    text: str = ""
    """The query that they meet, in the words of the query language; empty: all."""
    falls: FallingUse = field(default_factory=FallingUse)

    everything = "all instances"

    @classmethod
    def from_request(cls, request: HttpRequest, url_name: str) -> Self:
        """What this address asks for; BadAddress for a state or a share that the pages do not know."""
        state = request.GET.get("state", RUNNING)
        if state not in STATES:
            raise BadAddress(f"“{state}” is no state that can be compared. Write {' or '.join(STATES)}.")
        return cls(
            PageScope.from_request(request),
            url_name,
            state,
            request.GET.get("region", ""),
            request.GET.get(QUERY, "").strip(),
            FallingUse.from_request(request),
        )

    # --- which instances --------------------------------------------------------------------------------------

    @cached_property
    def _reading(self) -> tuple[tuple[Term, Condition], ...] | QueryError:
        """What the query asks of instances, or why it cannot be read."""
        if not self.text:
            return ()
        try:
            return read_query_of(EC2_INSTANCE, self.text, self.scope.visible, self.scope.as_of)
        except QueryError as error:
            return error

    @property
    def error(self) -> QueryError | None:
        """Why the query finds nothing; None if it can be read."""
        return self._reading if isinstance(self._reading, QueryError) else None

    @property
    def revisions(self) -> RevisionQuerySet:
        """Every instance that the query finds, whatever its state and region; none for a query that cannot be read."""
        if isinstance(self._reading, QueryError):
            return EC2_INSTANCE.model.revisions.none()
        order = read_order(EC2_INSTANCE, NAME.field, self.scope.as_of, None)
        return ListQuery(type=EC2_INSTANCE, scope=self.scope, asked=self._reading, order=order).rows()

    @cached_property
    def placed(self) -> dict[tuple[InstanceUsage, str], int]:
        """How many of them there are of each usage in each zone, whatever their state and region."""
        instances = priceable(EC2_INSTANCE.slug)
        if self.text:
            counts = count_placed(instances, self.revisions)
        else:
            counts = placed_counts(instances, self.scope.accounts, self.scope.as_of)
        return {(usage, zone or ""): number for (usage, zone), number in counts.items()}

    @cached_property
    def chosen(self) -> dict[tuple[InstanceUsage, str], int]:
        """Those of the chosen state and region."""
        return {(usage, zone): number for (usage, zone), number in self.placed.items() if self._is_chosen(usage)}

    def number_in(self, state: str) -> int:
        """How many of the same region are in a state."""
        return sum(number for (usage, _), number in self.placed.items() if self.is_here(usage) and _is_in(usage, state))

    def is_here(self, usage: InstanceUsage) -> bool:
        """Whether it is in the chosen region."""
        return self.region in ("", usage.region)

    def _is_chosen(self, usage: InstanceUsage) -> bool:
        return self.is_here(usage) and _is_in(usage, self.state)

    # --- addresses --------------------------------------------------------------------------------------------

    @property
    def states(self) -> list[Choice]:
        """The states that can be compared."""
        return [Choice(label=state, url=self.address(state=state), is_current=state == self.state) for state in STATES]

    @property
    def regions(self) -> list[Choice]:
        """The regions that have instances of the chosen state, and all of them."""
        found = {usage.region for usage, _ in self.placed if usage.region and _is_in(usage, self.state)}
        names = sorted((region_name(region), region) for region in found)
        return [
            Choice(label="all regions", url=self.address(region=""), is_current=not self.region),
            *(
                Choice(label=name, url=self.address(region=region), is_current=region == self.region)
                for name, region in names
            ),
        ]

    @property
    def region_words(self) -> str:
        """The chosen region as people call it."""
        return region_name(self.region) if self.region else "all regions"

    @property
    def uses(self) -> list[Choice]:
        """The shares by which use may fall."""
        return self.falls.choices(lambda one: self.address(falls=one.spelled))

    @property
    def own_parameters(self) -> Iterable[tuple[str, str]]:
        """State, region and share, as far as they are not the usual ones."""
        return self._parameters({QUERY: ""}).items()

    @property
    def instances_url(self) -> str:
        """The list of the instances that are compared, the dearest first; at a past moment no price can sort them."""
        filters = {"state": self.state} | {
            key: value for key, value in (("region", self.region), (QUERY, self.text)) if value
        }
        if self.scope.as_of is None:
            filters["sort"] = "-on_demand_monthly_usd"
        return address(self.scope, "resource-list", EC2_INSTANCE.slug, **filters)

    def address(self, **changes: str) -> str:
        """The same page with other parameters; an empty one falls away."""
        return address(self.scope, self.url_name, **self._parameters(changes))

    def _parameters(self, changes: dict[str, str]) -> dict[str, str]:
        state = "" if self.state == RUNNING else self.state
        own = {"state": state, "region": self.region, QUERY: self.text, PARAMETER: self.falls.spelled}
        if changes.get("state") == RUNNING:
            changes = changes | {"state": ""}
        return {key: value for key, value in (own | changes).items() if value}

    def can_be_asked(self, query: str) -> bool:
        """Whether the query is about instances."""
        try:
            read_query_of(EC2_INSTANCE, query, self.scope.visible, self.scope.as_of)
        except QueryError:
            return False
        return True


def _is_in(usage: InstanceUsage, state: str) -> bool:
    return usage.state in STATES[state]
