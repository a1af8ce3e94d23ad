"""NAT gateways, load balancers and public addresses: by the hour in every sum, once each, and as waste."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from costs import quotes
from inventory.models import Account, Freshness, Link
from tests.costs import cast
from tests.costs.bill_documents import PAYER, cur_charge, written
from tests.support.rows import FIRST_LOOK, read_everything

pytestmark = pytest.mark.django_db

IRELAND = "eu-west-1"
ADDRESS, GATEWAY, BALANCER, CLASSIC = (Decimal(usd) * 730 for usd in ("0.005", "0.048", "0.0252", "0.028"))


@pytest.fixture
def acme(tmp_path: Path) -> Account:
    """The payer's account, read in January, and prices by the hour in Ireland."""
    columns = "{sku},{family},,,,,,,EU-{usage},,,Hrs,0,{usd}"
    cast.load(
        cast.table(
            tmp_path,
            "prices_2023-02.csv",
            cast.EVERY_SKU,
            columns.format(sku="A", family="NAT Gateway", usage="NatGateway-Hours", usd="0.048"),
            columns.format(sku="B", family="Load Balancer-Application", usage="LoadBalancerUsage", usd="0.0252"),
            columns.format(sku="C", family="Load Balancer", usage="LoadBalancerUsage", usd="0.028"),
            "D,Compute Instance,m5.large,Linux,NA,No License required,Shared,Used,EU-BoxUsage:m5.large,,,Hrs,0,0.107",
        ),
        cast.table(tmp_path, "public_2024-02.csv", "region,in_use_usd_hr,idle_usd_hr", "eu-west-1,0.005,0.005"),
    )
    owner = Account.objects.create(name="acme", account_id=PAYER)
    read_everything(owner, FIRST_LOOK, IRELAND)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def thing(owner: Account, slug: str, native_id: str, region: str = IRELAND, **fields: Any) -> Any:
    return cast.row(slug, owner, {"native_id": native_id, "name": native_id, "region": region} | fields)


def address(owner: Account, native_id: str, ip: str, **fields: Any) -> Any:
    used: dict[str, Any] = {"is_associated": bool(fields), "public_ipv4_pool": "amazon", "public_ipv4": ip}
    return thing(owner, "elastic-ip", native_id, **used | fields)


def interface(owner: Account, native_id: str, ip: str | None = None, **fields: Any) -> Any:
    plain = {"public_ipv4": ip, "status": "in-use", "interface_type": "interface"}
    return thing(owner, "network-interface", native_id, **plain | fields)


def link(owner: Any, role: str, target: str = "", **detail: Any) -> None:
    Link.objects.create(
        account=owner.account,
        resource=owner.resource,
        role=role,
        target_type="load-balancer" if target else "",
        target=target,
        value="" if target else "v",
        detail=detail,
        valid_from=owner.valid_from,
    )


def rows(client: Client, url: str) -> list[dict[str, Any]]:
    answer: Any = client.get(url)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = json.loads(answer.getvalue())
    return found


def test_each_hour_counts_once_in_every_sum(acme, operator):
    gateway = thing(acme, "nat-gateway", "nat-1", state="available")
    thing(acme, "nat-gateway", "nat-2", state="deleted")
    balancer = thing(acme, "load-balancer", "arn:1", load_balancer_type="application", state="active")
    thing(acme, "load-balancer", "arn:2", load_balancer_type="gateway", state="active")
    thing(acme, "classic-load-balancer", "clb")
    address(acme, "eipalloc-1", "198.51.100.1", network_interface_id="eni-1")
    address(acme, "eipalloc-2", "198.51.100.2")
    address(acme, "eipalloc-3", "203.0.113.3", public_ipv4_pool="ipv4pool-ec2-1", is_associated=True)
    elsewhere = thing(acme, "elastic-ip", "eipalloc-4", "eu-west-3", is_associated=True, public_ipv4="198.51.100.4")
    paid_as_elastic = interface(acme, "eni-1", "198.51.100.1")
    own = interface(acme, "eni-2", "198.51.100.9")
    interface(acme, "eni-3")
    quotes.refresh(Account.objects.all())

    by_type = {row["value"]: row for row in rows(operator, "/costs/by/?by=type&format=json")}
    assert {kind: Decimal(row["monthly_usd"]) for kind, row in by_type.items()} == {
        "nat-gateway": GATEWAY,
        "load-balancer": BALANCER,
        "classic-load-balancer": CLASSIC,
        "elastic-ip": 2 * ADDRESS,
        "network-interface": ADDRESS,
    }
    assert [by_type[one]["unpriced"] for one in ("load-balancer", "elastic-ip", "nat-gateway")] == [1, 1, 0]
    by_region = {row["value"]: row for row in rows(operator, "/costs/by/?by=region&format=json")}
    assert Decimal(by_region[IRELAND]["monthly_usd"]) == GATEWAY + BALANCER + CLASSIC + 3 * ADDRESS
    by_payment = {row["value"]: row for row in rows(operator, "/costs/by/?by=payment&format=json")}
    assert Decimal(by_payment["network"]["monthly_usd"]) == GATEWAY + BALANCER + CLASSIC + 3 * ADDRESS
    home = operator.get("/").content.decode()
    assert f"{GATEWAY + BALANCER + CLASSIC + 3 * ADDRESS:,.2f}" in home

    def page(revision: Any) -> str:
        return " ".join(
            operator.get(f"/types/{revision.resource.type}/{revision.resource_id}/").content.decode().split()
        )

    assert "35.04</b> a month of 730 hours, at $0.048 an hour" in page(gateway)
    assert "capacity units, data transfer and its public addresses are billed beside it" in page(balancer)
    assert "no loaded list has a price for an hour of a public IPv4 address in use in eu-west-3" in page(elsewhere)
    assert "3.65</b> a month" in page(own)
    assert "What it costs" not in page(paid_as_elastic)
    assert "35.04" in operator.get("/types/nat-gateway/").content.decode()

    address(acme, "eipalloc-5", "198.51.100.9", network_interface_id="eni-2")
    other = Freshness.objects.get(type="vpc").last_complete_visit
    Freshness.objects.filter(type="elastic-ip").update(last_complete_visit=other)
    anew = {row["value"]: row["monthly_usd"] for row in rows(operator, "/costs/by/?by=type&format=json")}
    assert (Decimal(anew["elastic-ip"]), "network-interface" in anew) == (3 * ADDRESS, False)


def test_what_serves_nothing_is_waste_and_what_nobody_knows_is_not(acme, operator):
    for number, vpc in enumerate(("vpc-idle", "vpc-used", "vpc-asleep", None)):
        thing(acme, "nat-gateway", f"nat-{number}", state="available", vpc_id=vpc)
    thing(acme, "nat-gateway", "nat-gone", state="deleted", vpc_id="vpc-idle")
    interface(acme, "eni-nat", vpc_id="vpc-idle", interface_type="nat_gateway")
    interface(acme, "eni-balancer", vpc_id="vpc-idle", requester_id="amazon-elb")
    interface(acme, "eni-lambda", vpc_id="vpc-used", interface_type="lambda")
    asleep = thing(acme, "ec2-instance", "i-asleep", state="stopped", instance_type="m5.large")
    interface(acme, "eni-asleep", vpc_id="vpc-asleep", instance_id="i-asleep")
    address(acme, "idle", "198.51.100.2")
    address(acme, "of stopped", "198.51.100.3", instance_id=asleep.resource.native_id)
    address(acme, "used", "198.51.100.4", network_interface_id="eni-lambda")
    for name, states in (("none", ()), ("sick", ("unhealthy", "unused")), ("well", ("unhealthy", "healthy"))):
        thing(acme, "load-balancer", f"arn:{name}", load_balancer_type="application", state="active")
        group = thing(acme, "target-group", f"group:{name}")
        link(group, "load_balancers", f"arn:{name}")
        for state in states:
            link(group, "targets", state=state)
    redirect = thing(acme, "load-balancer", "arn:redirect", load_balancer_type="application", state="active")
    link(redirect, "listeners", default_action="redirect")
    thing(acme, "load-balancer", "arn:unread", load_balancer_type="application", state="active")
    unread = thing(acme, "target-group", "group:unread", unknown={"targets": None, "healthy_targets": None})
    link(unread, "load_balancers", "arn:unread")
    thing(acme, "classic-load-balancer", "classic-empty", healthy_instances=0)
    thing(acme, "classic-load-balancer", "classic-used", healthy_instances=1)

    lines = {row["native_id"]: row for row in rows(operator, "/costs/waste/?format=json")}
    assert {key: Decimal(row["monthly_usd"]) for key, row in lines.items() if row["type"] != "ec2-instance"} == {
        "nat-0": GATEWAY,
        "nat-2": GATEWAY,
        "idle": ADDRESS,
        "of stopped": ADDRESS,
        "arn:none": BALANCER,
        "arn:sick": BALANCER,
        "classic-empty": CLASSIC,
    }
    assert lines["arn:none"]["what"] == "application, no target"
    assert lines["arn:sick"]["what"] == "application, none of 2 targets is healthy"
    assert lines["of stopped"]["what"] == "198.51.100.3, of the stopped instance i-asleep"
    assert lines["idle"]["since"] is not None
    page = " ".join(operator.get("/costs/waste/").content.decode().split())
    assert "the health of its targets was not read" in page
    assert "what runs in its VPC was not read" in page

    Freshness.objects.filter(type__in=("target-group", "network-interface")).update(first_complete_at=None)
    Link.objects.all().delete()
    said = StringIO()
    call_command("waste", "--format=json", stdout=StringIO(), stderr=said)
    assert "Not judged: 5: the health of its targets was not read" in said.getvalue()
    assert "Not judged: 3: what runs in its VPC was not read" in said.getvalue()


def test_an_estimate_beside_a_bill_holds_the_hours_and_nothing_of_what_is_billed_by_use(
    acme, operator, tmp_path, settings
):
    october = datetime(2026, 10, 1, tzinfo=UTC)
    thing(acme, "nat-gateway", "nat-1", state="available")
    thing(acme, "load-balancer", "arn:1", load_balancer_type="application", state="active")
    address(acme, "eipalloc-1", "198.51.100.1", network_interface_id="eni-1")
    interface(acme, "eni-1", "198.51.100.1")
    interface(acme, "eni-2", "198.51.100.9")
    use = {
        "line_item_usage_start_date": f"{october:%Y-%m-%d}T00:00:00Z",
        "line_item_usage_end_date": "2026-10-11T00:00:00Z",
    }
    charges = [
        cur_charge("11.52", **use, line_item_usage_type="EU-NatGateway-Hours"),
        cur_charge("4", **use, line_item_usage_type="EU-NatGateway-Bytes"),
        cur_charge("6.048", **use, line_item_usage_type="EU-LoadBalancerUsage", line_item_product_code="AWSELB"),
        cur_charge("1", **use, line_item_usage_type="EU-LCUUsage", line_item_product_code="AWSELB"),
        cur_charge("2.4", **use, line_item_usage_type="EU-PublicIPv4:InUseAddress", line_item_product_code="AmazonVPC"),
    ]
    call_command("load_bill", str(written(tmp_path / "cur.csv", charges)))

    found = {row["name"]: row for row in rows(operator, "/costs/bill/?format=json")}
    assert {name: (Decimal(row["estimate"]), row["not_estimated"]) for name, row in found.items()} == {
        "AmazonEC2": (Decimal("11.52"), "4"),
        "AWSELB": (Decimal("6.048"), "1"),
        "AmazonVPC": (Decimal("2.4"), "0"),
    }
    assert {Decimal(row["rest"]) for row in found.values()} == {0}

    settings.LEFT_OUT_TYPES = frozenset({"classic-load-balancer"})
    without = {row["name"]: row for row in rows(operator, "/costs/bill/?format=json")}
    assert (without["AWSELB"]["estimate"], without["AWSELB"]["not_estimated"]) == (None, "7.048")
    assert Decimal(without["AmazonVPC"]["rest"]) == 0
