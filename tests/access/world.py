"""Accounts that hold one of everything: every registered type, tags, links, an open port, and a region that denies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User

from costs.models import Bill, BillSource, Budget
from inventory.history.revision import pack_raw
from inventory.models import (
    Account,
    AccountGrant,
    Freshness,
    Link,
    Outcome,
    Resource,
    ResourceTag,
    SavedView,
    Snapshot,
    Visit,
    VisitState,
)
from inventory.registry import GLOBAL, Reach, ResourceType, resource_types
from inventory.signals import snapshot_completed
from inventory.snapshots.counts import count_scope
from tests.support.rows import enabled

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TAKEN_AT = NOW - timedelta(hours=1)
BEGIN = NOW - timedelta(days=30)
ZEPHYR_ID = "999988887777"
SHARED = "eu-west-1"
"""A region of every account."""


class Estate:
    """One account with one resource of every type in each of its regions; all its words begin with its name."""

    def __init__(self, name: str, account_id: str, *regions: str) -> None:
        self.name = name
        self.region = regions[-1]
        self.account = Account.objects.create(name=name, account_id=account_id, region_states=enabled(*regions))
        self.snapshot = Snapshot.objects.create(
            account=self.account, taken_at=TAKEN_AT, planned_at=TAKEN_AT, finished_at=TAKEN_AT
        )
        self.native_ids: list[str] = []
        for region in regions:
            self.resources = {one.slug: self._resource(one, region) for one in resource_types()}
            self.refer_to(self.native_id("security-group", region))
        self._look()
        keeper = User.objects.create(username=f"{name}-keeper")
        crew = Group.objects.create(name=f"{name} crew")
        crew.user_set.add(keeper)
        self.grant = AccountGrant.objects.create(account=self.account, group=crew)
        self.view = SavedView.objects.create(owner=keeper, name=f"{name} view", query=f"account:{name}", is_shared=True)
        self._bill()
        self.budget = Budget.objects.create(
            view=self.view, monthly_usd=Decimal(100), set_by=keeper.username, set_at=TAKEN_AT
        )
        # What follows a snapshot: open ports and quotes are worked out and stored.
        snapshot_completed.send(sender=Snapshot, snapshot_id=self.snapshot.pk, account_id=self.account.pk)

    @property
    def words(self) -> list[str]:
        """What nobody may read who was not granted this account; its last region is its alone."""
        return [self.name, str(self.account.account_id), self.region, *self.native_ids]

    def native_id(self, slug: str, region: str = "") -> str:
        """The id of the one resource of this type in a region, the last one unless told."""
        return f"{self.name}-{slug}-{region or self.region}"

    def _resource(self, of: ResourceType, region: str) -> Resource:
        resource = Resource.objects.create(
            account=self.account,
            scope_region=_scope(of, region),
            type=of.slug,
            native_id=self.native_id(of.slug, region),
            current_name=f"{self.name} the {of.slug}",
        )
        of.model.revisions.create(
            account=self.account,
            resource=resource,
            # What AWS tells every account alike is the same whoever reads it, and shown to everybody.
            region=SHARED if of.is_public else region,
            name=resource.current_name,
            valid_from=BEGIN,
            fingerprint=b"",
            raw=pack_raw({of.call.operation: {of.id_key: resource.native_id}}),
            **self._fields(of.slug, region),
        )
        ResourceTag.objects.create(
            account=self.account, resource=resource, key=f"{self.name}-key", value=self.name, valid_from=BEGIN
        )
        self.native_ids.append(resource.native_id)
        return resource

    def _fields(self, slug: str, region: str) -> dict[str, Any]:
        """What a resource needs to be counted, opened and priced."""
        if slug == "security-group-rule":
            ports = {"direction": "inbound", "protocol": "tcp", "from_port": 22, "to_port": 22}
            return {"group_id": self.native_id("security-group", region), "cidr_ipv4": "0.0.0.0/0", **ports}
        if slug == "ec2-instance":
            return {"state": "running", "instance_type": "m5.large", "operating_system": "linux", "tenancy": "default"}
        return {}

    def refer_to(self, group: str, account_id: str = "", region: str = "") -> None:
        """Let the instance of the last region name a security group, which may be another account's."""
        Link.objects.create(
            account=self.account,
            resource=self.resources["ec2-instance"],
            role="security_groups",
            target_type="security-group",
            target=group,
            target_account=account_id,
            target_region=region,
            valid_from=BEGIN,
        )

    def _bill(self) -> None:
        """What the account was billed for May, by itself."""
        bill = Bill.objects.create(
            source=BillSource.CUR,
            billing_account=str(self.account.account_id),
            month=date(2026, 5, 1),
            charged_from=datetime(2026, 5, 1, tzinfo=UTC),
            charged_until=datetime(2026, 5, 20, tzinfo=UTC),
            by_day=True,
            tags=["team"],
            files=[f"{self.name}.csv.gz"],
            charges=2,
            digest=self.name,
            loaded_at=BEGIN,
        )
        for kind, service in (("usage", f"{self.name} service"), ("tax", "AmazonEC2")):
            bill.lines.create(
                usage_account=str(self.account.account_id),
                day=bill.month,
                service=service,
                region=self.region,
                tags=f'{{"team": "{self.name}"}}',
                kind=kind,
                currency="USD",
                billed=Decimal("12.34"),
                listed=Decimal(0),
                charges=1,
            )

    def _look(self) -> None:
        """Everything was read, but one type was denied."""
        scopes = {(of.slug, _scope(of, region)): of for region in self.account.regions for of in resource_types()}
        for (slug, scope_region), of in scopes.items():
            is_denied = slug == "ebs-volume"
            visit = Visit.objects.create(
                snapshot=self.snapshot,
                account=self.account,
                scope_region=scope_region,
                type=slug,
                taken_at=TAKEN_AT,
                planned_at=TAKEN_AT,
                finished_at=TAKEN_AT,
                state=VisitState.FINISHED,
                outcome=Outcome.DENIED if is_denied else Outcome.COMPLETE,
                reason=f"{self.name} says no" if is_denied else "",
                action=of.call.action if is_denied else "",
            )
            Freshness.objects.create(
                account=self.account,
                scope_region=scope_region,
                type=slug,
                first_complete_at=BEGIN,
                last_complete_at=BEGIN if is_denied else TAKEN_AT,
                failing_since=TAKEN_AT if is_denied else None,
                counts=count_scope(of, self.account, scope_region),
                latest_visit=visit,
                last_complete_visit=None if is_denied else visit,
            )


def zephyr_group() -> tuple[str, str, str]:
    """A security group of the account that nobody was granted: its id, account and region."""
    return "zephyr-security-group-sa-east-1", ZEPHYR_ID, "sa-east-1"


def make_acme() -> Estate:
    """The account that some users were granted; its instance names a group of zephyr."""
    acme = Estate("acme", "111122223333", "eu-west-1")
    acme.refer_to(*zephyr_group())
    return acme


def make_zephyr(acme: Estate) -> Estate:
    """The account that nobody was granted; its instance names a group of acme."""
    zephyr = Estate("zephyr", ZEPHYR_ID, "eu-west-1", "sa-east-1")
    zephyr.refer_to(acme.native_id("security-group"), str(acme.account.account_id), acme.region)
    return zephyr


def _scope(of: ResourceType, region: str) -> str:
    return GLOBAL if of.reach is Reach.GLOBAL else region
