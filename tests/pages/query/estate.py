"""What tests of queries ask about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from costs.models import Quote
from inventory.models import Account, Resource
from tests.pages.ledgers import NOW, account, bucket, group, instance, look, volume

HERE = "eu-central-1"
INSTANCES, VOLUMES, GROUPS = (HERE, "ec2-instance"), (HERE, "ebs-volume"), (HERE, "security-group")
AN_HOUR_AGO, LAST_WEEK = NOW - timedelta(hours=1), NOW - timedelta(days=7)


def tags(**values: str) -> Any:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def make_estate() -> tuple[Account, Account]:
    """Two accounts with instances and volumes; one instance had another name last week, one has a price."""
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    stopped = {"Name": "stopped"}
    front = instance(1, Tags=tags(Name="Web-Front", owner="alice"), PrivateIpAddress="10.0.3.17")
    back = instance(2, Tags=tags(Name="web, back", owner="bob"), State=stopped)
    listings: Any = {
        INSTANCES: [front, back, instance(3, name="db")],
        VOLUMES: [volume(1, Tags=tags(Name="web-data", owner="Alan")), volume(2, Encrypted=True, Size=500)],
        GROUPS: [group(1, "webserver")],
        ("global", "s3-bucket"): [bucket("web-logs")],
    }
    look(acme, LAST_WEEK, {**listings, INSTANCES: [instance(1, name="old-front")]})
    look(acme, AN_HOUR_AGO, listings)
    look(zephyr, AN_HOUR_AGO, {INSTANCES: [instance(9, name="web-zephyr", Tags=tags(Name="web-zephyr", hidden="yes"))]})
    for number, price in ((1, "80.5"), (2, None)):
        resource = Resource.objects.get(native_id=f"i-{number:017x}")
        place = {"account": acme, "type": "ec2-instance", "resource": resource}
        Quote.objects.update_or_create(resource=resource, defaults={**place, "on_demand_monthly_usd": price})
    return acme, zephyr
