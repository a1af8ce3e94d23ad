"""The search for waste in the ledger, at a moment; `costs/waste.py` says what counts as waste."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet

from costs.instance_moves import InstanceMove, best_successor, book_with_successors
from costs.instance_types import type_facts
from costs.price_book import PriceBook, Unpriced
from costs.usage.ebs_volume import GONE_STATES, VolumeUsage
from costs.usage.ec2_instance import InstanceUsage
from costs.volume_moves import Move, VolumeCost, best_move, book_with_moves, cost_of
from costs.waste import STOPPED_STATES, WHOSE, ZERO, Kind, Line, Waste, line_of
from costs.waste_network import NetworkSearch
from inventory.models import Account, Link
from inventory.models.since import Since, since_in_state
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance

UNATTACHED_STATES = frozenset({"available"})
SPOT = "spot"
INSTANCE_FIELDS = (*InstanceUsage._fields, "architecture")
VOLUME_FIELDS = (*VolumeUsage._fields, "multi_attach")
AT_ONCE = 100
"""Kinds of things that one query looks for."""


def find_waste(accounts: Iterable[Account], when: datetime | None, region: str = "") -> Waste:
    """All waste of these accounts at the moment (None = now), in one region or everywhere."""
    pks = [account.pk for account in accounts]
    search, network = _Search(pks, when, region), NetworkSearch(pks, when, region)
    lines = [*search.stopped(), *search.volumes(), *search.older_instances(), *network.lines()]
    return Waste(lines, search.not_compared, network.not_judged)


@dataclass
class _Search:
    """One search, which notes what it could not judge."""

    accounts: list[int]
    when: datetime | None
    region: str
    not_compared: Counter[str] = field(default_factory=Counter)

    # --- instances ------------------------------------------------------------------------------------------------

    def stopped(self) -> Iterator[Line]:
        """Instances that stand still."""
        for values in self._stopped:
            whose, usage = values[: len(WHOSE)], InstanceUsage(*values[len(WHOSE) : -1])
            yield line_of(
                Kind.STOPPED_INSTANCE,
                EC2_INSTANCE.slug,
                whose,
                usage.region,
                what=usage.instance_type or "unread type",
                monthly_usd=ZERO,
                since=self._stopped_since.get(whose[0]),
            )

    @cached_property
    def _stopped(self) -> list[tuple[Any, ...]]:
        found = self._instances.filter(state__in=STOPPED_STATES)
        return list(found.values_list(*WHOSE, *INSTANCE_FIELDS))

    @cached_property
    def _stopped_since(self) -> dict[int, Since]:
        ids = [values[0] for values in self._stopped]
        return since_in_state(Ec2Instance, EC2_INSTANCE.slug, ids, STOPPED_STATES, self.when)

    def older_instances(self) -> Iterator[Line]:
        """Running instances that would cost less as a newer type; spot instances have a market instead of a list."""
        running = self._instances.filter(state="running").exclude(lifecycle=SPOT)
        counted = running.order_by().values_list(*INSTANCE_FIELDS).annotate(number=Count("pk"))
        counts = {(InstanceUsage(*usage), arch): number for *usage, arch, number in counted}
        facts = type_facts()
        book = book_with_successors(counts, facts)
        moves = {}
        for (usage, architecture), number in counts.items():
            match best_successor(usage, architecture, facts, book):
                case InstanceMove() as move:
                    moves[*usage, architecture] = move
                case Unpriced(reason=reason):
                    self.not_compared[reason] += number
        for values in _alike(running, INSTANCE_FIELDS, moves):
            usage = InstanceUsage(*values[len(WHOSE) : -1])
            move = moves[*usage, values[-1]]
            yield line_of(
                Kind.OLDER_TYPE,
                EC2_INSTANCE.slug,
                values[: len(WHOSE)],
                usage.region,
                what=usage.instance_type or "",
                instead=move.target.name,
                monthly_usd=move.saving_usd,
                documents=frozenset({move.now.provenance}),
            )

    # --- volumes --------------------------------------------------------------------------------------------------

    def volumes(self) -> Iterator[Line]:
        """Volumes that nobody uses, and those that would cost less as another type."""
        book = book_with_moves(self._kinds(self._volumes))
        resting = self._of_stopped()
        yield from self._idle(book, resting)
        used = self._volumes.exclude(state__in=UNATTACHED_STATES).exclude(resource__in=resting)
        moves = {}
        for (usage, attach), number in self._kinds(used).items():
            match best_move(usage, book, multi_attach=attach):
                case Move() as move:
                    moves[*usage, attach] = move
                case Unpriced(reason=reason):
                    self.not_compared[reason] += number
        for values in _alike(used, VOLUME_FIELDS, moves):
            whose, usage, attach = _volume(values)
            move = moves[*usage, attach]
            yield line_of(
                Kind.DEARER_VOLUME_TYPE,
                EBS_VOLUME.slug,
                whose,
                usage.region,
                what=_words(usage),
                instead=_words(move.target),
                monthly_usd=move.saving_usd,
                documents=move.now.documents | move.then.documents,
            )

    def _idle(self, book: PriceBook, resting: dict[int, int]) -> Iterator[Line]:
        """Volumes attached to nothing, and those of stopped instances, at all that they cost."""
        free = self._volumes.filter(state__in=UNATTACHED_STATES)
        found = [_volume(values) for values in free.values_list(*WHOSE, *VOLUME_FIELDS)]
        ids = [whose[0] for whose, *_ in found]
        since = since_in_state(EbsVolume, EBS_VOLUME.slug, ids, UNATTACHED_STATES, self.when)
        for whose, usage, _ in found:
            yield _idle_line(Kind.UNATTACHED_VOLUME, whose, usage, cost_of(usage, book), since.get(whose[0]))
        for values in self._volumes.filter(resource__in=resting).values_list(*WHOSE, *VOLUME_FIELDS):
            whose, usage, _ = _volume(values)
            stopped_since = self._stopped_since.get(resting[whose[0]])
            yield _idle_line(Kind.VOLUME_OF_STOPPED, whose, usage, cost_of(usage, book), stopped_since)

    def _kinds(self, volumes: QuerySet[EbsVolume]) -> dict[tuple[VolumeUsage, bool | None], int]:
        """How many of the volumes there are of each kind, counted by the database."""
        counted = volumes.order_by().values_list(*VOLUME_FIELDS).annotate(number=Count("pk"))
        return {(VolumeUsage(*usage), attach): number for *usage, attach, number in counted}

    def _of_stopped(self) -> dict[int, int]:
        """The volumes all of whose instances stand still: resource of the volume to that of one such instance."""
        instances = {(values[1], values[4]): values[0] for values in self._stopped}
        links = Link.objects.as_of(self.when).filter(role="attachments", account__in=self.accounts)
        volumes = links.filter(target__in=[native_id for _, native_id in instances]).values("resource")
        targets: dict[int, list[int | None]] = defaultdict(list)
        for resource, account, target in links.filter(resource__in=volumes).values_list(
            "resource_id", "account_id", "target"
        ):
            targets[resource].append(instances.get((account, target)))
        return {resource: found[0] for resource, found in targets.items() if None not in found and found[0] is not None}

    @property
    def _instances(self) -> QuerySet[Ec2Instance]:
        return self._here(Ec2Instance.revisions.as_of(self.when).filter(account__in=self.accounts))

    @property
    def _volumes(self) -> QuerySet[EbsVolume]:
        volumes = EbsVolume.revisions.as_of(self.when).filter(account__in=self.accounts)
        return self._here(volumes.exclude(state__in=GONE_STATES))

    def _here(self, revisions: QuerySet[Any]) -> QuerySet[Any]:
        return revisions.filter(region=self.region) if self.region else revisions


def _alike(revisions: QuerySet[Any], fields: tuple[str, ...], wanted: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """The rows whose fields are among the wanted values."""
    alike = [Q(**dict(zip(fields, values, strict=True))) for values in wanted]
    for start in range(0, len(alike), AT_ONCE):
        some = reduce(or_, alike[start : start + AT_ONCE])
        yield from revisions.filter(some).values_list(*WHOSE, *fields)


def _volume(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], VolumeUsage, bool | None]:
    *usage, attach = values[len(WHOSE) :]
    return values[: len(WHOSE)], VolumeUsage(*usage), attach


def _idle_line(
    kind: Kind, whose: tuple[Any, ...], usage: VolumeUsage, cost: VolumeCost | Unpriced, since: Since | None
) -> Line:
    """A volume that could be deleted, after a snapshot of it."""
    known: dict[str, Any] = {"what": _words(usage), "since": since}
    if isinstance(cost, Unpriced):
        return line_of(kind, EBS_VOLUME.slug, whose, usage.region, monthly_usd=None, reason=cost.reason, **known)
    return line_of(
        kind,
        EBS_VOLUME.slug,
        whose,
        usage.region,
        monthly_usd=cost.monthly_usd,
        documents=cost.documents,
        **known,
    )


def _words(usage: VolumeUsage) -> str:
    """`500 GiB gp3 with 3,000 IOPS and 125 MiB/s`."""
    size = "a volume of unread size" if usage.size_gib is None else f"{usage.size_gib:,} GiB"
    performance = [
        f"{figure:,} {unit}"
        for figure, unit in ((usage.iops, "IOPS"), (usage.throughput_mibps, "MiB/s"))
        if figure is not None and usage.volume_type in ("gp3", "io1", "io2")
    ]
    return f"{size} {usage.volume_type or 'of unread type'}" + (
        f" with {' and '.join(performance)}" if performance else ""
    )
