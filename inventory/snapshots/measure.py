"""Measuring: figures that change by themselves, kept beside the history of the things that they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from inventory.models import Freshness, Measurement, Resource, Visit
from inventory.registry import Measurement as Figure
from inventory.registry import ResourceType
from inventory.snapshots.draft import CHUNK

Measured = Mapping[str, Sequence[Figure]]
"""What was measured of each thing, by native id; nothing where it could not be asked for."""


def is_due(kind: ResourceType, freshness: Freshness, taken_at: datetime) -> bool:
    """Whether it is time to measure the things of a scope again."""
    every, last = kind.measured_every, freshness.measured_at
    return every is not None and (last is None or taken_at - last >= every)


def write_measurements(visit: Visit, listed: Collection[int], measured: Measured) -> None:
    """Write the figures of days that were not known yet; call it inside the publishing transaction."""
    known = Resource.objects.filter(
        account=visit.account, scope_region=visit.scope_region, type=visit.type, native_id__in=measured
    )
    resources = {native_id: pk for native_id, pk in known.values_list("native_id", "pk") if pk in listed}
    Measurement.objects.bulk_create(
        (
            Measurement(
                account=visit.account,
                resource_id=resources[native_id],
                metric=one.metric,
                dimension=one.dimension,
                value=one.value,
                measured_at=one.measured_at,
                taken_at=visit.taken_at,
            )
            for native_id, figures in measured.items()
            if native_id in resources
            for one in figures
        ),
        ignore_conflicts=True,
        batch_size=CHUNK,
    )
