"""Failures on request: which calls are denied, delayed, throttled, cut short or fail in any other way.

Orders stand in the order in which they were given, and for each kind of failure the last one that fits a call counts.
`allow` undoes all earlier ones for the calls that it fits. The story gives orders too (a region that is denied);
`clear` forgets only those that came from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import UnknownServiceError

from demo.accounts import account_id

from . import models
from .calls import Call

KINDS = ("deny", "allow", "delay", "throttle", "truncate", "error", "reset", "trickle")
TIMED = ("delay", "trickle")
ANYWHERE = "*"
GLOBAL = "global"
# A bare operation is looked for in these services.
COMMON_SERVICES = (
    *("ec2", "autoscaling", "elb", "elbv2", "s3", "sts", "iam", "kms", "organizations", "savingsplans", "ssm"),
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order: what happens to which calls. `services` and `action` may hold wildcards; `times` 0 means always.

    `seconds` is how much later an answer comes, or each byte of one that trickles. An error has AWS's `code` and an
    HTTP `status`.
    """

    kind: str
    region: str
    services: tuple[str, ...]
    action: str
    account: str = ""
    seconds: float = 0.0
    times: int = 0
    code: str = ""
    status: int = 400
    from_story: bool = False

    def fits(self, call: Call) -> bool:
        """Whether this order is about a call."""
        names = (call.operation, models.iam_action(call.service, call.operation).partition(":")[2])
        return (
            self.region in {ANYWHERE, call.region, GLOBAL if call.is_global else call.region}
            and any(fnmatchcase(call.service, service) for service in self.services)
            and any(fnmatchcase(name, self.action) for name in names)
            and self.account in {"", call.account}
        )


@dataclass
class Faults:
    """The orders that now stand, oldest first, and how often each was carried out."""

    orders: list[Order] = field(default_factory=list)
    carried_out: dict[int, int] = field(default_factory=dict)

    def give(self, order: Order) -> None:
        """Let an order stand from now on."""
        self.orders.append(order)

    def clear(self) -> None:
        """Forget every order that came from outside."""
        self.orders = [order for order in self.orders if order.from_story]

    def for_call(self, call: Call) -> Mapping[str, Order]:
        """What now happens to a call, by kind; counts as carried out."""
        if call.is_inside:
            return {}
        chosen: dict[str, Order] = {}
        for order in self.orders:
            if not order.fits(call):
                continue
            if order.kind == "allow":
                chosen.clear()
            elif not order.times or self.carried_out.get(id(order), 0) < order.times:
                chosen[order.kind] = order
        for order in chosen.values():
            self.carried_out[id(order)] = self.carried_out.get(id(order), 0) + 1
        return chosen


def order_from(given: Mapping[str, Any], *, from_story: bool = False) -> Order:
    """Read an order from kind, region and action, and perhaps account, seconds, times, code and status.

    An action is `ec2:DescribeInstances`, or `DescribeInstances`, and may hold `*`. Raises ValueError, whose message
    says what to write instead.
    """
    kind, region = str(given["kind"]), str(given["region"])
    if kind not in KINDS:
        raise ValueError(f"there is no order {kind!r}; the orders are {', '.join(KINDS)}")
    if region not in {ANYWHERE, GLOBAL, *models.regions()}:
        raise ValueError(f"there is no region {region!r}; write a region such as eu-west-1, or global, or *")
    services, action = _action(str(given["action"]))
    seconds, times = float(given.get("seconds") or 0), int(given.get("times") or 0)
    if seconds < 0 or times < 0:
        raise ValueError("seconds and times cannot be negative")
    if kind in TIMED and not seconds:
        raise ValueError(f"a {kind} needs its seconds")
    code, status = str(given.get("code") or ""), int(given.get("status") or 400)
    if kind == "error" and (not code or not 400 <= status <= 599):
        raise ValueError("an error needs AWS's code, such as InternalError, and a status from 400 to 599")
    account = account_id(str(given["account"])) if given.get("account") else ""
    return Order(
        kind=kind,
        region=region,
        services=services,
        action=action,
        account=account,
        seconds=seconds,
        times=times,
        code=code,
        status=status,
        from_story=from_story,
    )


def _action(written: str) -> tuple[tuple[str, ...], str]:
    """The services and the operation of a written action, which botocore must know."""
    service, _, operation = written.rpartition(":")
    services = (service,) if service else COMMON_SERVICES
    if ANYWHERE in service:
        return services, operation
    found = tuple(name for name in services if _knows(name, operation))
    if not found:
        raise ValueError(f"AWS has no action {written!r}; write one such as ec2:DescribeInstances")
    return found, operation


def _knows(service: str, operation: str) -> bool:
    try:
        names = models.service_model(service).operation_names
    except UnknownServiceError:
        return False
    known = {*names, *(models.iam_action(service, name).partition(":")[2] for name in names)}
    return any(fnmatchcase(name, operation) for name in known)
