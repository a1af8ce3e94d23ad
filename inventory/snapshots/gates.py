"""Request budgets: what all workers together may ask of one service, in one region of one account.

AWS counts the requests of an account for each region in token buckets. Ours are a quarter as large and fill a quarter
as fast, so that whoever else works in the account finds three quarters left; they are rows of the database, counted by
its clock under a row lock, so that every worker on every machine sees the same count. A process takes a few tokens at
once, which it must use within a second; what it did not use it gives back when it comes again.

EC2: 100 tokens and 20 a second for each Describe operation, 50 and 10 for seven of them when neither a page size nor a
filter is sent, which we never do.
AWS, "Request throttling for the Amazon EC2 API", read 2026-11-22:
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html

CloudWatch: 50 GetMetricData a second. AWS, "CloudWatch service quotas", read 2026-11-28:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html

Elastic Load Balancing: 40 tokens and 10 a second for all that only reads, in a bucket for classic load balancers and in
another one for the others. AWS, "Request throttling for the Elastic Load Balancing API", read 2026-11-29:
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html

Parameter Store: 40 a second for the three operations that read parameters, unless an account pays for more. AWS, "AWS
Systems Manager endpoints and quotas", as Classmethod quoted it on 2022-09-02 (dev.classmethod.jp).

For the other services AWS publishes no rate of the operations that we ask, so these are our own, chosen low. The
settings of buckets are asked one by one, seven for each bucket. SageMaker's ListTrainingJobs is reported to be refused
above 2 a second (aws-solutions/deepracer-on-aws, issue 87).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now

from inventory.aws import AwsFailure, FailureKind
from inventory.models import ServiceGate
from inventory.snapshots.keeper import Keeper


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A token bucket: requests that may be sent at once, and how many more each second."""

    burst: int
    per_second: float


BUDGETS = {
    "cloudwatch": Budget(burst=12, per_second=12),
    "ec2": Budget(burst=25, per_second=5),
    "elb": Budget(burst=10, per_second=2.5),
    "elbv2": Budget(burst=10, per_second=2.5),
    "s3": Budget(burst=100, per_second=50),
    "sagemaker": Budget(burst=2, per_second=0.5),
    "ssm": Budget(burst=10, per_second=10),
}
OTHER = Budget(burst=10, per_second=2)

_keeper = Keeper()

BLOCK = 5
BLOCK_SECONDS = 1.0
# Longer than any sound visit waits: one of 8 questions at once, with 16 workers at the same service.
PATIENCE = 60.0


@dataclass
class _Block:
    """Tokens that this process holds, until they expire."""

    held: int = 0
    expires: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self) -> bool:
        """Use one token, if there is one that has not expired."""
        if self.held < 1 or time.monotonic() > self.expires:
            return False
        self.held -= 1
        return True


class Gates:
    """The gate of one account, as `inventory.aws.Gate` describes it."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self._blocks: dict[tuple[str, str], _Block] = {}
        self._making = threading.Lock()

    def take(self, service: str, region: str) -> None:
        """Wait until the budget lets one request go. Raises AwsFailure when that takes longer than a minute."""
        block = self._block(service, region)
        gives_up = time.monotonic() + PATIENCE
        with block.lock:
            while not block.use():
                pause = _keeper.do(lambda: self._draw(service, region, block))
                if time.monotonic() + pause > gives_up:
                    raise AwsFailure(
                        FailureKind.THROTTLED,
                        f"The request budget of {service} in {region} was used up for {PATIENCE:.0f} s, by other "
                        "visits or because AWS throttled them; it is tried again at the next snapshot.",
                        action=f"{service}:*",
                    )
                time.sleep(pause)

    def throttled(self, service: str, region: str) -> None:
        """Empty the budget, so that every worker slows down."""
        self._block(service, region).held = 0
        rows = _rows(self.account_id, service, region)
        _keeper.do(lambda: rows.update(tokens=0, counted_at=Now()))

    def _block(self, service: str, region: str) -> _Block:
        with self._making:
            return self._blocks.setdefault((service, region), _Block())

    def _draw(self, service: str, region: str, block: _Block) -> float:
        """Fill the block as far as the budget allows; answers the seconds to wait if it got nothing, else 0."""
        budget = BUDGETS.get(service, OTHER)
        with transaction.atomic():
            row, now = locked_gate(self.account_id, service, region)
            # A server whose clock was set back must not count the same second twice.
            counted_at = max(now, row.counted_at)
            grown = (counted_at - row.counted_at).total_seconds() * budget.per_second
            tokens = budget.burst if row.tokens is None else min(budget.burst, row.tokens + grown + block.held)
            block.held = min(int(tokens), BLOCK)
            block.expires = time.monotonic() + BLOCK_SECONDS
            _rows(self.account_id, service, region).update(tokens=tokens - block.held, counted_at=counted_at)
        return 0.0 if block.held else (1 - tokens) / budget.per_second


@lru_cache(maxsize=256)
def gates_of(account_id: int) -> Gates:
    """The gate of an account, by its key; kept for the life of the process."""
    return Gates(account_id)


def _rows(account_id: int, service: str, region: str) -> models.QuerySet[ServiceGate]:
    rows: models.QuerySet[ServiceGate] = ServiceGate.objects.filter(account=account_id, service=service, region=region)
    return rows


def locked_gate(account_id: int, service: str, region: str) -> tuple[ServiceGate, datetime]:
    """The row of a service, locked until the transaction ends, and the time by the database's clock."""
    rows = _rows(account_id, service, region).select_for_update(of=("self",)).annotate(now=Now())
    row: Any = rows.first()
    if row is None:
        made = ServiceGate(account_id=account_id, service=service, region=region)
        ServiceGate.objects.bulk_create([made], ignore_conflicts=True)
        row = rows.get()
    return row, row.now
