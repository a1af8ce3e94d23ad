"""To which instance a volume was attached last, and whether that is gone."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.findings.rule import AT_ONCE, Look
from inventory.history import ResourceRevision
from inventory.models import Link, Resource
from inventory.resource_types.ec2_instance import EC2_INSTANCE


def gone_instances(look: Look, volumes: Iterable[ResourceRevision]) -> dict[int, str]:
    """Of these unattached volumes those whose last instance was seen and is no more: volume to the instance's id.

    An instance of another account, or one that was never collected, is not known to be gone.
    """
    last = _last_instances(look, [one.resource_id for one in volumes])
    named = sorted(set(last.values()))
    seen: set[str] = set()
    there: set[str] = set()
    for start in range(0, len(named), AT_ONCE):
        some = named[start : start + AT_ONCE]
        mine = Resource.objects.filter(account=look.account, type=EC2_INSTANCE.slug, native_id__in=some)
        seen.update(mine.values_list("native_id", flat=True))
        open_rows = EC2_INSTANCE.model.revisions.as_of(look.at).filter(resource__in=mine)
        there.update(open_rows.exclude(state="terminated").values_list("resource__native_id", flat=True))
    return {volume: instance for volume, instance in last.items() if instance in seen - there}


def _last_instances(look: Look, volumes: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(volumes), AT_ONCE):
        ended = Link.objects.filter(
            resource__in=volumes[start : start + AT_ONCE], role="attachments", valid_to__lte=look.at
        )
        found.update(ended.order_by("valid_to", "pk").values_list("resource_id", "target"))
    return found
