"""Reserved Instances and host reservations laid on what runs, as AWS's bill does it hour by hour.

EC2 User Guide, "How Reserved Instance discounts are applied": zonal ones take instances of exactly their type in their
zone, then regional ones take any zone and, where size flexibility applies, any size of the family from the smallest to
the largest, the last one perhaps in part. Whoever bought comes first, then the other accounts of the organization; a
zonal one of another account goes before a regional one of one's own, so that both are used.

Of several that fit equally AWS does not say which goes first; here it is the one bought first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product

from costs.commitments.owned import Cover, Host, HostReservation, Pool, ReservedInstances, Usage
from costs.commitments.sizes import is_flexible, units_of

Remaining = dict[Usage, Fraction]
"""What runs and nothing covers yet, in things for an hour."""


def apply_reserved(owned: Iterable[ReservedInstances], remaining: Remaining) -> Iterator[Cover]:
    """Cover what runs, and take it from `remaining`."""
    in_order = sorted(owned, key=lambda one: (one.start, one.id))
    unused = {one.id: one.size for one in in_order}
    by_pool: dict[tuple[str, Pool], list[Usage]] = defaultdict(list)
    for usage in sorted(remaining, key=lambda one: (units_of(one.instance_type) or 0, one)):
        by_pool[usage.billing_family, usage.pool].append(usage)
    for is_zonal, is_own in product((True, False), repeat=2):
        for one in in_order:
            if bool(one.zone) is not is_zonal:
                continue
            for usage in by_pool[one.billing_family, one.pool]:
                ratio = _instances_a_piece(one, usage)
                if (usage.account == one.account) is not is_own or ratio is None:
                    continue
                amount = min(unused[one.id] * ratio, remaining[usage])
                if amount:
                    unused[one.id] -= amount / ratio
                    remaining[usage] -= amount
                    yield Cover(commitment=one, usage=usage, amount=amount, spent=amount / ratio)


def apply_host_reservations(
    owned: Iterable[HostReservation], hosts: Iterable[Host], remaining: Remaining
) -> Iterator[Cover]:
    """Cover the hosts that reservations are bound to, and take them from `remaining`."""
    by_id: Mapping[str, Host] = {host.id: host for host in hosts}
    for one in sorted(owned, key=lambda one: (one.start, one.id)):
        bound = [host for host in by_id.values() if host.id in one.hosts or host.reservation == one.id]
        amounts: dict[Usage, int] = defaultdict(int)
        for host in sorted(bound)[: one.count]:
            amounts[host.usage] += 1
        for usage, number in amounts.items():
            amount = min(Fraction(number), remaining[usage])
            if amount:
                remaining[usage] -= amount
                yield Cover(commitment=one, usage=usage, amount=amount, spent=amount)


def _instances_a_piece(one: ReservedInstances, usage: Usage) -> Fraction | None:
    """How many instances of a kind one Reserved Instance covers for an hour; None if it does not apply to them."""
    if usage.instance_type == one.instance_type:
        return Fraction(1) if one.zone in ("", usage.zone) else None
    if one.zone or not is_flexible(one.instance_type, one.operation, one.tenancy):
        return None
    own, theirs = units_of(one.instance_type), units_of(usage.instance_type)
    return own / theirs if own and theirs else None
