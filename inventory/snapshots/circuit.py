"""The circuit breaker: a service that does not answer is left alone for a while.

A visit that waits for a dead endpoint keeps its worker for minutes, and one that is throttled to the end takes from
others what it cannot use. After three visits in a row that a service failed, in one region of one account, further ones
end at once; where it fails in three regions and answers in none, one failure of a region is enough. Then one visit
tries it for all.

A service is left alone for a minute at the most, and for half of the account's interval: a visit that is refused in the
last moment of an outage comes again one interval later, and every scope must be read within its interval and 90 s of
the outage's end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now

from inventory.aws import AwsFailure, FailureKind
from inventory.models import Account, ServiceGate
from inventory.snapshots.gates import locked_gate
from inventory.snapshots.plan import interval_of

OPENS_AFTER = 3
REGIONS_EVERYWHERE = 3
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(seconds=60)
TRY = timedelta(seconds=60)
WAITS_FOR_A_TRY = 3

STS = "sts:"
FINE = {"failures": 0, "open_until": None, "tried_until": None, "outcome": "", "reason": ""}


class LeftAlone(AwsFailure):
    """The service is left alone for now: nothing was asked."""


class TriedByAnother(Exception):
    """Another visit tries the service right now: this one can wait and see."""


@dataclass(kw_only=True)
class Circuit:
    """What a visit has to do with: a service in a region of an account, and STS in the account's home region."""

    account: Account
    service: str
    region: str
    home_region: str
    _had_failed: bool = False

    def check(self) -> None:
        """Make sure that the service may be asked. Raises LeftAlone, or TriedByAnother after some seconds."""
        for _ in range(WAITS_FOR_A_TRY):
            if self._may_pass():
                return
            time.sleep(1)
        raise TriedByAnother

    def answered(self) -> None:
        """Note that a visit had its answer, were it a refusal: the service lives."""
        ServiceGate.objects.bulk_create(
            [ServiceGate(account=self.account, service=self.service, region=self.region, answered_at=Now())],
            update_conflicts=True,
            unique_fields=["account", "service", "region"],
            update_fields=["answered_at", *FINE],
        )
        if self._had_failed:
            ServiceGate.objects.filter(self._mine(), failures__gt=0).update(**FINE)

    def failed(self, failure: AwsFailure) -> None:
        """Note how a visit failed. Only what the service itself could not do counts; the rest are answers."""
        if isinstance(failure, LeftAlone):
            return
        if not failure.is_outage:
            self.answered()
            return
        service, region = ("sts", self.home_region) if failure.action.startswith(STS) else (self.service, self.region)
        with transaction.atomic():
            row, _ = locked_gate(self.account.pk, service, region)
            mine = ServiceGate.objects.filter(pk=row.pk)
            mine.update(
                failures=F("failures") + 1,
                failed_at=Now(),
                tried_until=None,
                outcome=failure.kind.value,
                reason=failure.reason,
            )
            if row.failures + 1 >= OPENS_AFTER or self._fails_everywhere(service):
                mine.update(open_until=Now() + self._pause(row.failures + 1))

    def _mine(self) -> Q:
        return Q(account=self.account) & (
            Q(service=self.service, region=self.region) | Q(service="sts", region=self.home_region)
        )

    def _may_pass(self) -> bool:
        """Whether no circuit is open, or this visit is the one to try. Raises LeftAlone while nobody may."""
        failing = list(ServiceGate.objects.filter(self._mine(), failures__gt=0).annotate(now=Now()))
        self._had_failed = bool(failing)
        rows = [row for row in failing if row.open_until is not None]
        for row in rows:
            if row.open_until > row.now:
                raise _left_alone(row)
        if not rows:
            return True
        free = Q(tried_until__isnull=True) | Q(tried_until__lte=Now())
        with transaction.atomic():
            taken = ServiceGate.objects.filter(free, pk__in=[row.pk for row in rows]).update(tried_until=Now() + TRY)
            if taken < len(rows):
                transaction.set_rollback(True)
        return taken == len(rows)

    def _fails_everywhere(self, service: str) -> bool:
        """Whether enough regions failed since any of them answered."""
        regions = ServiceGate.objects.filter(account=self.account, service=service)
        answered_at = regions.aggregate(latest=Max("answered_at"))["latest"]
        failing = regions.filter(failures__gt=0)
        if answered_at is not None:
            failing = failing.filter(failed_at__gt=answered_at)
        return failing.count() >= REGIONS_EVERYWHERE

    def _pause(self, failures: int) -> timedelta:
        """How long the service is left alone: twice as long after each further failure, up to the longest."""
        grown = FIRST_PAUSE * (1 << min(max(failures - OPENS_AFTER, 0), 10))
        half: timedelta = interval_of(self.account) / 2
        return min(grown, LONGEST_PAUSE, half)


def _left_alone(row: Any) -> LeftAlone:
    times = "the last visit" if row.failures == 1 else f"{row.failures} visits in a row"
    return LeftAlone(
        FailureKind(row.outcome),
        f"{row.service} in {row.region} failed {times} and is left alone until {row.open_until:%H:%M:%S} UTC; nothing "
        f"was asked. The last failure: {row.reason}",
    )
