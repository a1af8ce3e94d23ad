"""Every commitment laid on everything that runs in one hour, in the order of AWS's bill.

Host reservations bind to their hosts, Reserved Instances come next, Savings Plans take what is left. Commitments are
shared within a billing family, as AWS does unless an organization switched sharing off, which no API tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from costs.commitments.owned import (
    Commitment,
    Cover,
    Host,
    HostReservation,
    ReservedInstances,
    SavingsPlan,
    Usage,
)
from costs.commitments.plans import PlanRound, Rates
from costs.commitments.reservations import Remaining, apply_host_reservations, apply_reserved


@dataclass(frozen=True, kw_only=True)
class Application:
    """What commitments cover in an hour.

    `doubts` says of a plan why nobody knows how much of it is used: a rate that is missing, of it or of a plan that
    goes before it.
    """

    commitments: Sequence[Commitment]
    running: Mapping[Usage, int]
    covers: Sequence[Cover]
    remaining: Remaining
    doubts: Mapping[str, str]
    unrated: Mapping[Usage, str]
    """What a plan with money left may cover, and has no rate for; with the reason."""

    @cached_property
    def covers_of(self) -> Mapping[str, Sequence[Cover]]:
        """By commitment, what it covers."""
        found: dict[str, list[Cover]] = defaultdict(list)
        for cover in self.covers:
            found[cover.commitment.id].append(cover)
        return found

    @cached_property
    def covers_on(self) -> Mapping[Usage, Sequence[Cover]]:
        """By what runs, what covers it, in the order in which the bill applies it."""
        found: dict[Usage, list[Cover]] = defaultdict(list)
        for cover in self.covers:
            found[cover.usage].append(cover)
        return found


def apply_commitments(
    running: Mapping[Usage, int],
    commitments: Iterable[Commitment],
    *,
    moment: datetime,
    rates: Rates,
    hosts: Sequence[Host] = (),
) -> Application:
    """Apply those commitments whose term includes the moment, and which have no problem, to what then runs.

    `running` holds the instances that AWS bills on-demand: neither stopped nor spot, nor on a Dedicated Host. `hosts`
    are the Dedicated Hosts.
    """
    in_force = [one for one in commitments if one.runs_at(moment)]
    applied = [one for one in in_force if not one.problem]
    everything = dict(running)
    for host in hosts:
        everything[host.usage] = everything.get(host.usage, 0) + 1
    remaining = _as_remaining(everything)
    covers = [
        *apply_host_reservations([one for one in applied if isinstance(one, HostReservation)], hosts, remaining),
        *apply_reserved([one for one in applied if isinstance(one, ReservedInstances)], remaining),
    ]
    plans = PlanRound(rates, remaining)
    covers += plans.apply([one for one in applied if isinstance(one, SavingsPlan)])
    doubtful = {plan: usages for plan, usages in plans.unrated.items() if plans.unspent[plan]}
    return Application(
        commitments=in_force,
        running=everything,
        covers=covers,
        remaining=remaining,
        doubts=_doubts(doubtful, covers),
        unrated={usage: reason for usages in doubtful.values() for usage, reason in usages.items()},
    )


def _as_remaining(running: Mapping[Usage, int]) -> Remaining:
    return {usage: Fraction(number) for usage, number in running.items()}


def _doubts(doubtful: Mapping[str, Mapping[Usage, str]], covers: Iterable[Cover]) -> dict[str, str]:
    """Plans of which nobody knows how much is used, by reason: those without a rate, and those that took such usage."""
    reasons = {plan: next(iter(usages.values())) for plan, usages in doubtful.items()}
    taken = {usage: reason for usages in doubtful.values() for usage, reason in usages.items()}
    for cover in covers:
        if isinstance(cover.commitment, SavingsPlan) and cover.usage in taken:
            reasons.setdefault(cover.commitment.id, taken[cover.usage])
    return reasons
