"""The search for waste in the ledger, at a moment; `costs/waste.py` says what counts as waste."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any

from django.db.models import Count, Q, QuerySet

from costs.instance_moves import InstanceMove, best_successor, book_with_successors
from costs.instance_types import type_facts
from costs.price_book import PriceBook, Provenance, Unpriced
from costs.usage.ebs_volume import GONE_STATES, VolumeUsage
from costs.usage.ec2_instance import InstanceUsage
from costs.volume_moves import Move, VolumeCost, best_move, book_with_moves, cost_of
from costs.waste import STOPPED_STATES, WHOSE, ZERO, Kind, Line, Others, Waste, line_of
from costs.waste_network import NetworkSearch
from inventory.models import Account, Link
from inventory.models.since import Since, since_in_state
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance

UNATTACHED_STATES = frozenset({"available"})
SPOT = "spot"
INSTANCE_FIELDS = (*InstanceUsage._fields, "architecture")
VOLUME_FIELDS = (*VolumeUsage._fields, "multi_attach")
TYPE = 1
"""Where the type stands in both."""
ID = "resource__native_id"
AT_ONCE = 100
"""Kinds of things that one query looks for."""

_Alike = tuple[Any, ...]
"""What things have in common that would cost less as the same other thing."""


def find_waste(
    accounts: Iterable[Account], when: datetime | None, region: str = "", most_alike: int | None = None
) -> Waste:
    """All waste of these accounts at the moment (None = now), in one region or everywhere.

    Of things that would cost less as something else a fleet can have very many. With `most_alike` only so many of a
    kind are lines, those that save most; the others are counted.
    """
    pks = [account.pk for account in accounts]
    search, network = _Search(pks, when, region, most_alike), NetworkSearch(pks, when, region)
    lines = [*search.stopped(), *search.volumes(), *search.older_instances(), *network.lines()]
    return Waste(lines, search.others, search.not_compared, network.not_judged)


@dataclass(frozen=True, kw_only=True)
class _Cheaper:
    """So many things that are alike, and what each would cost less as something else."""

    region: str | None
    number: int
    what: str
    instead: str
    monthly_usd: Decimal
    documents: frozenset[Provenance]


@dataclass
class _Search:
    """One search, which notes what it left out and what it could not judge."""

    accounts: list[int]
    when: datetime | None
    region: str
    most: int | None
    others: dict[Kind, Others] = field(default_factory=dict)
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
                    moves[*usage, architecture] = _Cheaper(
                        region=usage.region,
                        number=number,
                        what=usage.instance_type or "",
                        instead=move.target.name,
                        monthly_usd=move.saving_usd,
                        documents=frozenset({move.now.provenance}),
                    )
                case Unpriced(reason=reason):
                    self.not_compared[reason] += number
        return self._cheaper(Kind.OLDER_TYPE, EC2_INSTANCE.slug, running, INSTANCE_FIELDS, moves)

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
                    moves[*usage, attach] = _Cheaper(
                        region=usage.region,
                        number=number,
                        what=_words(usage),
                        instead=_words(move.target),
                        monthly_usd=move.saving_usd,
                        documents=move.now.documents | move.then.documents,
                    )
                case Unpriced(reason=reason):
                    self.not_compared[reason] += number
        yield from self._cheaper(Kind.DEARER_VOLUME_TYPE, EBS_VOLUME.slug, used, VOLUME_FIELDS, moves)

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

    # --- either ---------------------------------------------------------------------------------------------------

    def _cheaper(
        self, kind: Kind, slug: str, revisions: QuerySet[Any], fields: tuple[str, ...], moves: Mapping[_Alike, _Cheaper]
    ) -> Iterator[Line]:
        """The things that would cost less as something else, told apart by these fields; notes what is left out."""
        shown: Counter[_Alike] = Counter()
        for values in self._dearest(revisions, fields, moves):
            alike = values[len(WHOSE) :]
            move = moves[alike]
            shown[alike] += 1
            yield line_of(
                kind,
                slug,
                values[: len(WHOSE)],
                move.region,
                what=move.what,
                instead=move.instead,
                monthly_usd=move.monthly_usd,
                documents=move.documents,
            )
        left = [(move, move.number - shown[alike]) for alike, move in moves.items() if move.number > shown[alike]]
        self.others[kind] = Others(
            number=sum(number for _, number in left),
            monthly_usd=sum((move.monthly_usd * number for move, number in left), ZERO),
            documents=frozenset().union(*(move.documents for move, _ in left)),
        )

    def _dearest(
        self, revisions: QuerySet[Any], fields: tuple[str, ...], moves: Mapping[_Alike, _Cheaper]
    ) -> Iterator[tuple[Any, ...]]:
        """The rows that save most, as many as are asked for; among those that save as much, the first by their id."""
        if self.most is None:
            types = {alike[TYPE] for alike in moves}
            rows = revisions.filter(**{f"{fields[TYPE]}__in": types}).values_list(*WHOSE, *fields)
            yield from (row for row in rows if row[len(WHOSE) :] in moves)
            return
        all_of: list[_Alike] = []
        some_of: list[_Alike] = []
        left = self.most
        by_saving = sorted(moves, key=lambda alike: -moves[alike].monthly_usd)
        for _, level in groupby(by_saving, lambda alike: moves[alike].monthly_usd):
            some_of = list(level)
            number = sum(moves[alike].number for alike in some_of)
            if number > left:
                break
            all_of, some_of, left = [*all_of, *some_of], [], left - number
        yield from _first_of(revisions, fields, all_of, self.most)
        yield from _first_of(revisions, fields, some_of, left)

    # --- the ledger -----------------------------------------------------------------------------------------------

    @property
    def _instances(self) -> QuerySet[Ec2Instance]:
        return self._here(Ec2Instance.revisions.as_of(self.when).filter(account__in=self.accounts))

    @property
    def _volumes(self) -> QuerySet[EbsVolume]:
        volumes = EbsVolume.revisions.as_of(self.when).filter(account__in=self.accounts)
        return self._here(volumes.exclude(state__in=GONE_STATES))

    def _here(self, revisions: QuerySet[Any]) -> QuerySet[Any]:
        return revisions.filter(region=self.region) if self.region else revisions


def _first_of(
    revisions: QuerySet[Any], fields: tuple[str, ...], wanted: Sequence[_Alike], most: int
) -> list[tuple[Any, ...]]:
    """The first rows by their id whose fields are among the wanted values."""
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(wanted), AT_ONCE):
        some = [Q(**dict(zip(fields, values, strict=True))) for values in wanted[start : start + AT_ONCE]]
        rows = revisions.filter(reduce(or_, some)).order_by(ID).values_list(*WHOSE, *fields)
        found += rows[:most]
    return sorted(found, key=itemgetter(WHOSE.index(ID)))[:most]


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
