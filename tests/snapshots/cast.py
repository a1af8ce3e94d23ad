"""AWS for tests of snapshots: what it answers in place of boto3, and how a snapshot of it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from inventory.aws import Access, AwsFailure, FailureKind, ListingBroken
from inventory.history import ResourceRevision
from inventory.models import Account, Freshness, Visit
from inventory.registry import GLOBAL, Answers, Ask, ResourceType, resource_types

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
IRELAND = "eu-west-1"
SWITCHED_OFF = dict.fromkeys(("user_data_bytes", "user_data_digest", "user_data_holds_key"))
"""What is never read of an instance unless its account's operator switches it on."""

Take = Callable[..., dict[tuple[str, str], Visit]]
"""`take_snapshot(account, answers, at=None)`: the visits of a snapshot, by region and type."""


@dataclass(frozen=True, kw_only=True)
class Fails:
    """Calls that fail: of one operation or of all, after so many items of a listing, and perhaps only a few times."""

    kind: FailureKind
    code: str = ""
    operation: str = ""
    after: int = 0
    times: int | None = None
    is_broken: bool = False

    def failure(self, action: str) -> AwsFailure:
        """What is raised."""
        made = ListingBroken if self.is_broken else AwsFailure
        return made(self.kind, f"{action} failed in a test.", code=self.code, action=action)


def denied(operation: str = "", **details: Any) -> Fails:
    """A refusal for want of a permission."""
    return Fails(kind=FailureKind.DENIED, code="UnauthorizedOperation", operation=operation, **details)


def unreachable(operation: str = "") -> Fails:
    """No answer at all."""
    return Fails(kind=FailureKind.UNREACHABLE, code="ConnectTimeoutError", operation=operation)


def broken(operation: str = "", **details: Any) -> Fails:
    """A listing that breaks and may succeed from its first page."""
    return Fails(kind=FailureKind.FAILED, operation=operation, is_broken=True, **details)


Answer = Answers | Fails


def nothing(operation: str) -> None:
    """What is done before a page unless a test says so."""


@dataclass
class Aws:
    """One account at AWS, in place of `inventory.aws.Clients`.

    `answers` holds, by region, items with their enrichments, and calls that fail. An enrichment that an item lacks is
    denied; one that is None is answered by the code with which AWS says that there is none.
    """

    answers: Mapping[str, Sequence[Answer]]
    account_id: str
    page_size: int = 1000
    calls: int = 0
    asked: list[str] = field(default_factory=list)
    before_page: Callable[[str], None] = nothing
    access: Access = field(default_factory=Access)
    home_region: str = "us-east-1"
    takes_any_external_id: bool = False
    unreached: AwsFailure | None = None
    _failed: dict[int, int] = field(default_factory=dict)

    def identity(self) -> str:
        """The account that the credentials lead to."""
        if self.unreached is not None:
            raise self.unreached
        return self.account_id

    def accepts_wrong_external_id(self) -> bool:
        """Whether the role lets itself be assumed with any external id."""
        return self.takes_any_external_id

    def pages(
        self, service: str, operation: str, region: str, action: str, items: str, **arguments: Any
    ) -> Iterator[list[Any]]:
        """The pages of a listing, or the answers to a look-up by name."""
        self._count(operation)
        names = arguments.get("InstanceTypes")
        if "Filters" in arguments:
            return
        found = [one[operation] for one in self._items(region) if operation in one]
        fails = self._fails(region, operation)
        if names is not None:
            if fails:
                raise fails.failure(action)
            yield [one for one in found if one["InstanceType"] in names]
            return
        if fails:
            found = found[: fails.after]
        for start in range(0, max(len(found), 0 if fails else 1), self.page_size):
            self.before_page(operation)
            yield found[start : start + self.page_size]
        if fails:
            raise fails.failure(action)

    def ask(self, service: str, operation: str, region: str, action: str, **arguments: Any) -> Any:
        """One answer about one item."""
        self._count(operation)
        if fails := self._fails(region, operation):
            raise fails.failure(action)
        kind, question = _question(operation)
        if question.measures:
            return self._measured(operation, str(arguments))
        named = set(arguments.values())
        about = next(
            one
            for region_items in self.answers
            for one in self._items(region_items)
            if kind.call.operation in one and kind.native_id(one) in named
        )
        match about.get(operation, denied()):
            case Fails() as fails:
                raise fails.failure(action)
            case None:
                raise AwsFailure(FailureKind.FAILED, "none", code=min(question.absent), action=action)
            case answer:
                return answer

    def _measured(self, operation: str, asked: str) -> Any:
        """What was measured of the thing that the question names; nothing unless its answers say so."""
        found = next(
            one
            for items in self.answers.values()
            for one in items
            if isinstance(one, dict) and "ListBuckets" in one and f'"{one["ListBuckets"].get("Name")}"' in asked
        )
        match found.get(operation, {"MetricDataResults": []}):
            case Fails() as fails:
                raise fails.failure("cloudwatch:GetMetricData")
            case answer:
                return answer

    def _count(self, operation: str) -> None:
        self.calls += 1
        self.asked.append(operation)

    def _items(self, region: str) -> list[Answers]:
        key = GLOBAL if region == self.home_region and region not in self.answers else region
        return [one for one in self.answers.get(key, ()) if isinstance(one, dict)]

    def _fails(self, region: str, operation: str) -> Fails | None:
        everywhere = [
            *self.answers.get(region, ()),
            *(self.answers.get(GLOBAL, ()) if region == self.home_region else ()),
        ]
        for one in everywhere:
            if isinstance(one, Fails) and one.operation in {"", operation}:
                failed = self._failed[id(one)] = self._failed.get(id(one), 0) + 1
                if one.times is None or failed <= one.times:
                    return one
        return None


def _question(operation: str) -> tuple[ResourceType, Ask]:
    return next(
        (kind, question)
        for kind in resource_types()
        for question in kind.enrich
        if isinstance(question, Ask) and question.call.operation == operation
    )


def current(kind: ResourceType, native_id: str) -> ResourceRevision:
    """The open revision of a resource."""
    found: ResourceRevision = kind.model.revisions.current().get(resource__native_id=native_id)
    return found


def history(kind: ResourceType, native_id: str) -> list[tuple[datetime | None, datetime | None]]:
    """The periods of a resource, oldest first."""
    periods = kind.model.revisions.filter(resource__native_id=native_id).order_by("valid_from")
    return list(periods.values_list("valid_from", "valid_to"))


def ids(kind: ResourceType, when: datetime | None = None) -> set[str]:
    """The native ids of what is there at a moment; now without one."""
    return set(kind.model.revisions.as_of(when).values_list("resource__native_id", flat=True))


def freshness(account: Account, kind: ResourceType, region: str = IRELAND) -> Freshness:
    """How fresh a scope is."""
    return Freshness.objects.get(account=account, type=kind.slug, scope_region=region)


def volume(native_id: str = "vol-1", *, tags: Mapping[str, str] | None = None, **answer: Any) -> Answers:
    """A volume as DescribeVolumes lists it."""
    listed = {"VolumeId": native_id, "State": "available", "VolumeType": "gp3", "Size": 100, "Encrypted": True}
    return {"DescribeVolumes": listed | {"Tags": _tags(tags or {})} | answer}


def attached(*instances: str, device: str = "/dev/sdf") -> list[dict[str, Any]]:
    """The attachments of a volume."""
    return [{"InstanceId": one, "Device": device, "DeleteOnTermination": False} for one in instances]


def instance(
    native_id: str = "i-1", *, vcpu: int | None = 2, tags: Mapping[str, str] | None = None, **answer: Any
) -> Answers:
    """An instance as DescribeInstances lists it, with what AWS says of its type unless `vcpu` is None."""
    listed = {
        "InstanceId": native_id,
        "InstanceType": "m5.large",
        "State": {"Name": "running"},
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "Tags": _tags(tags or {}),
    } | answer
    found: Answers = {"DescribeInstances": listed}
    if vcpu is not None:
        size = {
            "CurrentGeneration": True,
            "VCpuInfo": {"DefaultVCpus": vcpu},
            "MemoryInfo": {"SizeInMiB": 8192},
            "NetworkInfo": {"NetworkPerformance": "Up to 10 Gigabit"},
            "EbsInfo": {"EbsOptimizedInfo": {"BaselineBandwidthInMbps": 650, "MaximumBandwidthInMbps": 4750}},
        }
        found["DescribeInstanceTypes"] = {"InstanceType": listed["InstanceType"]} | size
    return found


def bucket(name: str = "logs", *, created: datetime = BEGIN, region: str | None = IRELAND, **answers: Any) -> Answers:
    """A bucket with no settings but those that are given; one that is given as `denied()` is refused."""
    listed = {"Name": name, "CreationDate": created} | ({"BucketRegion": region} if region else {})
    settings: Answers = {
        "GetPublicAccessBlock": None,
        "GetBucketPolicyStatus": None,
        "GetBucketAcl": {"Grants": []},
        "GetBucketOwnershipControls": None,
        "GetBucketEncryption": None,
        "GetBucketVersioning": {},
        "GetBucketTagging": None,
    }
    return {"ListBuckets": listed} | settings | answers


def tag_set(**tags: str) -> dict[str, Any]:
    """GetBucketTagging's answer."""
    return {"TagSet": _tags(tags)}


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
