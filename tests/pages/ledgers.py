"""Ledgers for page tests, written as a worker writes them: visits with answers of AWS, recorded or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone

from inventory.models import Account, AccountGrant, Freshness, Outcome, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL, Answers, Reach, Scope, resource_type, resource_types
from inventory.snapshots import days
from inventory.snapshots.carry_out import finish_unread
from inventory.snapshots.record import Recorder

NOW = datetime(2026, 11, 20, 7, 42, tzinfo=UTC)
"""The moment at which page tests look."""

Place = tuple[str, str]
"""A region (or `global`) and a type's slug."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A visit that could not read its scope."""

    outcome: Outcome = Outcome.DENIED
    reason: str = "Your role may not call ec2:DescribeInstances. Allow it."
    action: str = "ec2:DescribeInstances"


def account(name: str = "acme", account_id: str | None = "111122223333", **columns: Any) -> Account:
    """An account, confirmed unless its id is given as None."""
    return Account.objects.create(name=name, account_id=account_id, **columns)


def operator() -> User:
    """The first user, who sees every account."""
    return User.objects.create_superuser("operator")


def reader(*granted: Account) -> User:
    """A user who sees the granted accounts only."""
    user = User.objects.create_user("reader")
    for one in granted:
        AccountGrant.objects.create(account=one, user=user)
    return user


def look(
    account: Account,
    taken_at: datetime,
    listings: Mapping[Place, Sequence[Answers] | Refused],
    regions: Sequence[str] = ("eu-central-1",),
    **columns: Any,
) -> Snapshot:
    """Take a snapshot: every type in every region is read; a place without a listing is read and empty.

    `columns` go to every visit that was read: `unread`, `quarantined`, `api_calls`.
    """
    snapshot = Snapshot.objects.create(account=account, taken_at=taken_at, planned_at=taken_at)
    places = set(_places(regions))
    empty = set() if columns else places - listings.keys() - _not_known_to_be_empty(account, taken_at)
    _read_and_empty(snapshot, sorted(empty))
    for region, slug in sorted(places - empty):
        visit = Visit.objects.create(**_planned(snapshot, region, slug), state=VisitState.RUNNING, attempts=1, fence=1)
        match listings.get((region, slug), ()):
            case Refused() as refused:
                finish_unread(visit, refused.outcome, refused.reason, action=refused.action)
            case answers:
                recorder = Recorder(
                    visit, resource_type(slug), Scope(account_id=account.account_id or "", region=region)
                )
                recorder.take(list(answers))
                recorder.publish()
                if columns:
                    Visit.objects.filter(pk=visit.pk).update(**columns)
    Snapshot.objects.filter(pk=snapshot.pk).update(finished_at=timezone.now())
    days.note(snapshot_id=snapshot.pk, account_id=account.pk)
    return snapshot


def _places(regions: Sequence[str]) -> list[Place]:
    return [
        (region, one.slug)
        for one in resource_types()
        for region in ([GLOBAL] if one.reach is Reach.GLOBAL else regions)
    ]


def _planned(snapshot: Snapshot, region: str, slug: str) -> dict[str, Any]:
    return {
        "snapshot": snapshot,
        "account": snapshot.account,
        "scope_region": region,
        "type": slug,
        "taken_at": snapshot.taken_at,
    }


def _not_known_to_be_empty(account: Account, taken_at: datetime) -> set[Place]:
    """Where something is, where a listing waits to be confirmed, or where a visit of this moment or later ended."""
    scopes = Freshness.objects.filter(account=account)
    some = scopes.exclude(counts={}) | scopes.filter(
        Q(held_missing__isnull=False) | Q(last_complete_at__gte=taken_at) | Q(latest_visit__taken_at__gte=taken_at)
    )
    return set(some.values_list("scope_region", "type"))


def _read_and_empty(snapshot: Snapshot, places: Sequence[Place]) -> None:
    """What recorders leave of visits that find nothing where nothing was, in bulk: most places of a look are so."""
    found_nothing = dict.fromkeys(("resources", "added", "changed", "gone", "amended", "quarantined"), 0)
    visits = Visit.objects.bulk_create(
        Visit(
            **_planned(snapshot, region, slug),
            **found_nothing,
            state=VisitState.FINISHED,
            outcome=Outcome.COMPLETE,
            finished_at=timezone.now(),
            attempts=1,
            fence=1,
        )
        for region, slug in places
    )
    Freshness.objects.bulk_create(
        [
            Freshness(
                account=snapshot.account,
                scope_region=visit.scope_region,
                type=visit.type,
                first_complete_at=snapshot.taken_at,
                last_complete_at=snapshot.taken_at,
                latest_visit=visit,
                last_complete_visit=visit,
            )
            for visit in visits
        ],
        update_conflicts=True,
        unique_fields=["account", "scope_region", "type"],
        update_fields=["last_complete_at", "failing_since", "latest_visit", "last_complete_visit"],
    )
    Freshness.objects.filter(account=snapshot.account, first_complete_at__isnull=True).update(
        first_complete_at=F("last_complete_at")
    )


def instance(number: int, *, name: str = "", zone: str = "eu-central-1a", **answer: Any) -> Answers:
    """An instance of this number, as DescribeInstances lists it."""
    return {
        "DescribeInstances": {
            "InstanceId": f"i-{number:017x}",
            "InstanceType": "m5.large",
            "State": {"Name": "running"},
            "PlatformDetails": "Linux/UNIX",
            "UsageOperation": "RunInstances",
            "Placement": {"AvailabilityZone": zone, "Tenancy": "default"},
            "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"},
            "Tags": [{"Key": "Name", "Value": name or f"web-{number}"}],
            **answer,
        },
        "DescribeInstanceTypes": {
            "CurrentGeneration": True,
            "VCpuInfo": {"DefaultVCpus": 2},
            "MemoryInfo": {"SizeInMiB": 8192},
            "NetworkInfo": {"NetworkPerformance": "Up to 10 Gigabit"},
            "EbsInfo": {"EbsOptimizedInfo": {"BaselineBandwidthInMbps": 650, "MaximumBandwidthInMbps": 4750}},
        },
    }


def volume(number: int, *, zone: str = "eu-central-1a", **answer: Any) -> Answers:
    """A volume of this number, as DescribeVolumes lists it."""
    return {
        "DescribeVolumes": {
            "VolumeId": f"vol-{number:017x}",
            "State": "available",
            "VolumeType": "gp2",
            "Size": 100,
            "Encrypted": False,
            "AvailabilityZone": zone,
            **answer,
        }
    }


def zone(zone_id: str, name: str, **answer: Any) -> Answers:
    """A zone of this id and name, as DescribeAvailabilityZones lists it."""
    return {
        "DescribeAvailabilityZones": {
            "ZoneId": zone_id,
            "ZoneName": name,
            "ZoneType": "availability-zone",
            "State": "available",
            "OptInStatus": "opt-in-not-required",
            **answer,
        }
    }


def group(number: int, name: str = "web", **answer: Any) -> Answers:
    """A security group of this number, as DescribeSecurityGroups lists it."""
    return {"DescribeSecurityGroups": {"GroupId": f"sg-{number:017x}", "GroupName": name, "VpcId": "vpc-1", **answer}}


def rule(number: int, group_number: int, port: int, source: str = "0.0.0.0/0", **answer: Any) -> Answers:
    """An inbound TCP rule of this number, as DescribeSecurityGroupRules lists it."""
    return {
        "DescribeSecurityGroupRules": {
            "SecurityGroupRuleId": f"sgr-{number:017x}",
            "GroupId": f"sg-{group_number:017x}",
            "IsEgress": False,
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "CidrIpv4": source,
            **answer,
        }
    }


def bucket(name: str, region: str | None = "eu-central-1") -> Answers:
    """A bucket as ListBuckets lists it, with none of its settings read."""
    listed = {"Name": name, "CreationDate": datetime(2026, 1, 1, tzinfo=UTC)}
    return {"ListBuckets": listed | ({"BucketRegion": region} if region else {})}
