"""Waste in the network: addresses, load balancers and NAT gateways that are paid for by the hour and serve nothing.

A line is what the thing itself costs by the hour. The public addresses of a balancer or a gateway are things of their
own, and are in no line as long as something uses them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q

from costs.by_the_hour import book_of
from costs.compare import MONTH_HOURS
from costs.price_book import Unit, Unpriced
from costs.usage import classic_load_balancer, elastic_ip, load_balancer, nat_gateway
from costs.usage.classic_load_balancer import ClassicUsage
from costs.usage.elastic_ip import AddressUsage
from costs.usage.load_balancer import BalancerUsage
from costs.usage.nat_gateway import GatewayUsage
from costs.waste import STOPPED_STATES, WHOSE, Kind, Line, line_of
from inventory.models import Freshness, Link
from inventory.models.since import Since, since_in_state
from inventory.resource_types.classic_load_balancer import CLASSIC_LOAD_BALANCER, ClassicBalancer
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance
from inventory.resource_types.elastic_ip import ELASTIC_IP, ElasticIp
from inventory.resource_types.load_balancer import LOAD_BALANCER, LoadBalancer
from inventory.resource_types.nat_gateway import NAT_GATEWAY, NatGateway
from inventory.resource_types.network_interface import NETWORK_INTERFACE, NetworkInterface
from inventory.resource_types.target_group import TARGET_GROUP, TargetGroup

DEAD = frozenset({"unhealthy", "unused", "draining"})
"""What Elastic Load Balancing calls targets that nothing is sent to. Others are healthy, or nobody knows yet."""
ANSWERS_ITSELF = ("redirect", "fixed-response")
"""Actions of listeners that need no target."""
NO_CLIENTS = frozenset(
    {
        *("nat_gateway", "load_balancer", "network_load_balancer", "gateway_load_balancer"),
        *("gateway_load_balancer_endpoint", "vpc_endpoint"),
    }
)
"""Types of interfaces behind which nothing goes out through a NAT gateway."""
OF_BALANCER = "amazon-elb"
"""Who asked for the interfaces of application and classic load balancers, which are of the plain type."""
HEALTH_UNREAD = "the health of its targets was not read"
USE_UNREAD = "what runs in its VPC was not read"

Place = tuple[int, str | None]
"""An account's key and a region."""


@dataclass
class NetworkSearch:
    """One search, which notes what it could not judge."""

    accounts: list[int]
    when: datetime | None
    region: str
    not_judged: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[Line]:
        """Every line, priced together."""
        found = [*self._addresses(), *self._balancers(), *self._classic(), *self._gateways()]
        book = book_of(unit for _, unit in found)
        for known, unit in found:
            price = unit if isinstance(unit, Unpriced) else book.per_unit(unit)
            if isinstance(price, Unpriced):
                yield line_of(**known, monthly_usd=None, reason=price.reason)
            else:
                yield line_of(**known, monthly_usd=price.usd * MONTH_HOURS, documents=frozenset({price.provenance}))

    # --- addresses ------------------------------------------------------------------------------------------------

    def _addresses(self) -> Iterator[_Found]:
        """Elastic IPs that nothing uses, and those of instances that stand still."""
        fields = ("public_ipv4", "instance_id", *AddressUsage._fields)
        idle = list(self._here(ElasticIp).filter(is_associated=False).values_list(*WHOSE, *fields))
        since = since_in_state(
            ElasticIp, ELASTIC_IP.slug, [values[0] for values in idle], (False,), self.when, field="is_associated"
        )
        held = self._here(ElasticIp).filter(instance_id__isnull=False).values_list(*WHOSE, *fields)
        stopped = self._stopped({values[len(WHOSE) + 1] for values in held})
        resting = [values for values in held if values[len(WHOSE) + 1] in stopped]
        for values in (*idle, *resting):
            whose, (address, instance, *rest) = values[: len(WHOSE)], values[len(WHOSE) :]
            usage = AddressUsage(*rest)
            if elastic_ip.is_charged(usage):
                what = f"{address or 'an unread address'}, " + (
                    f"of the stopped instance {instance}" if instance in stopped else "associated with nothing"
                )
                yield _found(Kind.IDLE_ADDRESS, ELASTIC_IP.slug, whose, usage, elastic_ip.unit_of(usage), what, since)

    def _stopped(self, instances: Collection[str]) -> set[str]:
        """Those of the instances that stand still, whose account ever they are of."""
        found = Ec2Instance.revisions.as_of(self.when).filter(
            resource__native_id__in=instances, state__in=STOPPED_STATES
        )
        return set(found.values_list("resource__native_id", flat=True))

    # --- load balancers -------------------------------------------------------------------------------------------

    def _balancers(self) -> Iterator[_Found]:
        """Those behind which no target takes anything, as far as the health of all of them is known."""
        groups = self._groups
        listeners = self._links("listeners", LoadBalancer)
        for values in self._here(LoadBalancer).values_list(*WHOSE, "unknown", *BalancerUsage._fields):
            whose, unknown, usage = values[: len(WHOSE)], values[len(WHOSE)], BalancerUsage(*values[len(WHOSE) + 1 :])
            if not load_balancer.is_charged(usage):
                continue
            own = groups.get(whose[4], [])
            actions = [link.get("default_action") or "" for link in listeners[whose[0]]]
            if any(group.serves for group in own) or any(one in text for text in actions for one in ANSWERS_ITSELF):
                continue
            is_read = self._was_read(TARGET_GROUP.slug, (whose[1], usage.region)) and not _never(unknown, "listeners")
            if not is_read or any(group.serves is None for group in own):
                self.not_judged[HEALTH_UNREAD] += 1
                continue
            targets = sum(group.targets for group in own)
            what = f"{usage.load_balancer_type or 'of unread type'}, {_targets(targets)}"
            yield _found(Kind.BALANCER, LOAD_BALANCER.slug, whose, usage, load_balancer.unit_of(usage), what)

    def _classic(self) -> Iterator[_Found]:
        """The same of classic ones, which know their instances themselves."""
        fields = ("unknown", "healthy_instances", *ClassicUsage._fields)
        instances = self._links("instances", ClassicBalancer)
        for values in self._here(ClassicBalancer).values_list(*WHOSE, *fields):
            whose, (unknown, healthy, *rest) = values[: len(WHOSE)], values[len(WHOSE) :]
            if healthy is None or _never(unknown, "healthy_instances"):
                self.not_judged[HEALTH_UNREAD] += 1
            elif not healthy:
                usage = ClassicUsage(*rest)
                what = f"classic, {_targets(len(instances[whose[0]]))}"
                yield _found(
                    Kind.BALANCER,
                    CLASSIC_LOAD_BALANCER.slug,
                    whose,
                    usage,
                    classic_load_balancer.unit_of(usage),
                    what,
                )

    @cached_property
    def _groups(self) -> dict[str, list[_Group]]:
        """The target groups of each load balancer, by its ARN."""
        targets = self._links("targets", TargetGroup)
        known = {
            resource: _Group(
                targets=len(targets[resource]),
                serves=None
                if _never(unknown, "targets")
                else any(one.get("state") not in DEAD for one in targets[resource]),
            )
            for resource, unknown in self._here(TargetGroup).values_list("resource_id", "unknown")
        }
        found: dict[str, list[_Group]] = defaultdict(list)
        links = Link.objects.as_of(self.when).filter(role="load_balancers", resource__in=self._resources(TargetGroup))
        for resource, arn in links.values_list("resource_id", "target"):
            if resource in known:
                found[arn].append(known[resource])
        return found

    # --- NAT gateways ---------------------------------------------------------------------------------------------

    def _gateways(self) -> Iterator[_Found]:
        """Those in a VPC in which nothing runs that could go out through them."""
        gateways = list(self._here(NatGateway).values_list(*WHOSE, "vpc_id", *GatewayUsage._fields))
        used = self._used({values[len(WHOSE)] for values in gateways})
        for values in gateways:
            whose, vpc, usage = values[: len(WHOSE)], values[len(WHOSE)], GatewayUsage(*values[len(WHOSE) + 1 :])
            if not nat_gateway.is_charged(usage) or vpc in used:
                continue
            place = (whose[1], usage.region)
            if vpc is None or not all(
                self._was_read(slug, place) for slug in (NETWORK_INTERFACE.slug, EC2_INSTANCE.slug)
            ):
                self.not_judged[USE_UNREAD] += 1
                continue
            what = f"nothing runs in {vpc}"
            yield _found(Kind.GATEWAY, NAT_GATEWAY.slug, whose, usage, nat_gateway.unit_of(usage), what)

    def _used(self, vpcs: Collection[str | None]) -> set[str]:
        """The VPCs in which an interface is in use that may have something to send, of whichever account.

        Subnets can be shared with other accounts, whose interfaces only these accounts are told of.
        """
        interfaces = NetworkInterface.revisions.as_of(self.when).filter(
            Q(requester_id__isnull=True) | ~Q(requester_id=OF_BALANCER),
            Q(interface_type__isnull=True) | ~Q(interface_type__in=NO_CLIENTS),
            vpc_id__in=[vpc for vpc in vpcs if vpc],
            status="in-use",
        )
        found = set(interfaces.values_list("vpc_id", "instance_id").distinct())
        stopped = self._stopped({instance for _, instance in found if instance})
        return {vpc for vpc, instance in found if instance not in stopped}

    # --- the ledger -----------------------------------------------------------------------------------------------

    def _here(self, model: Any) -> Any:
        revisions = model.revisions.as_of(self.when).filter(account__in=self.accounts)
        return revisions.filter(region=self.region) if self.region else revisions

    def _resources(self, model: Any) -> Any:
        return self._here(model).order_by().values("resource")

    def _links(self, role: str, model: Any) -> Mapping[int, list[dict[str, Any]]]:
        """What is said of each of the links of a role, by resource."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        links = Link.objects.as_of(self.when).filter(role=role, resource__in=self._resources(model))
        for resource, detail in links.values_list("resource_id", "detail"):
            found[resource].append(detail)
        return found

    def _was_read(self, slug: str, place: Place) -> bool:
        return (slug, *place) in self._read

    @cached_property
    def _read(self) -> set[tuple[str, int, str | None]]:
        """Type, account and region of everything that had been read by the moment."""
        read = Freshness.objects.filter(
            account__in=self.accounts,
            type__in=[TARGET_GROUP.slug, NETWORK_INTERFACE.slug, EC2_INSTANCE.slug],
            first_complete_at__isnull=False,
        )
        if self.when is not None:
            read = read.filter(first_complete_at__lte=self.when)
        return set(read.values_list("type", "account_id", "scope_region"))


@dataclass(frozen=True)
class _Group:
    """A target group: how many targets it has, and whether it sends any of them something (None: nobody knows)."""

    targets: int
    serves: bool | None


_Found = tuple[dict[str, Any], Unit | Unpriced]
"""A line without its money, and what the money is for."""


def _found(
    kind: Kind,
    slug: str,
    whose: tuple[Any, ...],
    usage: Any,
    unit: Unit | Unpriced,
    what: str,
    since: Mapping[int, Since] | None = None,
) -> _Found:
    known = {"kind": kind, "slug": slug, "whose": whose, "region": usage.region, "what": what}
    return known | {"since": (since or {}).get(whose[0])}, unit


def _targets(number: int) -> str:
    return f"none of {number:,} target{'' if number == 1 else 's'} is healthy" if number else "no target"


def _never(unknown: Mapping[str, Any], field_name: str) -> bool:
    """Whether a field or role was never read."""
    return field_name in unknown and unknown[field_name] is None
