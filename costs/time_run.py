"""How many of the last hours one instance ran, as far as looks tell, to stand beside the hours that break even."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from costs.compare import MONTH_HOURS
from costs.looks import looks_at_instances
from costs.running import Ran, Seen, ran, stretches
from costs.usage.ec2_instance import CHARGED_STATES
from inventory.models import Resource
from inventory.resource_types.ec2_instance import Ec2Instance

DAYS = 30


@dataclass(frozen=True, kw_only=True)
class TimeRun:
    """The hours run in a window, between two bounds."""

    since: datetime
    until: datetime
    hours: Ran

    @property
    def least_a_month(self) -> Decimal:
        """At least, as hours of a month that goes on like this."""
        return self.hours.a_month(self.hours.at_least, MONTH_HOURS)

    @property
    def most_a_month(self) -> Decimal:
        """At most."""
        return self.hours.a_month(self.hours.at_most, MONTH_HOURS)

    def beats(self, break_even_hours: Decimal) -> bool | None:
        """Whether that is more than a commitment needs; None where the bounds lie on both sides."""
        if self.least_a_month > break_even_hours:
            return True
        return False if self.most_a_month <= break_even_hours else None


def time_run(resource: Resource, when: datetime | None) -> TimeRun | None:
    """How long it ran in the thirty days before a moment (None = now); None where nobody looked in them.

    Before the first look in the window nothing is known, so the window begins there.
    """
    until = when or timezone.now()
    looks = looks_at_instances([resource.account], until - timedelta(days=DAYS), until, resource.scope_region)
    moments = looks.get((resource.account_id, resource.scope_region), [])
    if not moments or moments[0] >= until:
        return None
    since = moments[0]
    times = stretches(_periods(resource, since, until), moments, until)
    return TimeRun(since=since, until=until, hours=ran(times, since, until))


def _periods(resource: Resource, since: datetime, until: datetime) -> list[Seen]:
    rows = Ec2Instance.revisions.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=since), resource=resource, valid_from__lte=until
    ).order_by("valid_from")
    return [
        Seen(begin, None if end is not None and end > until else end, launched, runs=state in CHARGED_STATES)
        for begin, end, launched, state in rows.values_list("valid_from", "valid_to", "launch_time", "state")
    ]
