"""From a load balancer over its target group to the instances behind it and the group that starts them, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import Resource
from tests.pages.ledgers import account, instance, look, operator
from tests.pages.test_images_and_disks import HERE, group
from tests.support.browser import sign_in

# What a browser does with a page is the same on either database.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

ARN = f"arn:aws:elasticloadbalancing:{HERE}:111122223333"
BALANCER, TARGETS = f"{ARN}:loadbalancer/app/shop/50dc6c495c0c9188", f"{ARN}:targetgroup/shop-web/6d0ecf831eec9f09"
WEB = f"i-{1:017x}"


@pytest.fixture
def web(live_server) -> str:
    """The address of a balancer whose one target fell ill between two looks."""
    acme, now = account(), timezone.now()
    look(acme, now - timedelta(hours=2), listings("healthy"))
    look(acme, now - timedelta(hours=1), listings("unhealthy"))
    return f"{live_server.url}/types/load-balancer/{Resource.objects.get(native_id=BALANCER).pk}/"


def listings(state: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    balancer = {"LoadBalancerArn": BALANCER, "LoadBalancerName": "shop", "Type": "application"}
    targets = {
        "TargetGroupArn": TARGETS,
        "TargetGroupName": "shop-web",
        "TargetType": "instance",
        "LoadBalancerArns": [BALANCER],
    }
    health = {"Target": {"Id": WEB, "Port": 80}, "TargetHealth": {"State": state}}
    return {
        (HERE, "load-balancer"): [{"DescribeLoadBalancers": balancer, "DescribeListeners": {"Listeners": []}}],
        (HERE, "target-group"): [
            {"DescribeTargetGroups": targets, "DescribeTargetHealth": {"TargetHealthDescriptions": [health]}}
        ],
        (HERE, "ec2-instance"): [instance(1, name="web-1")],
        (HERE, "auto-scaling-group"): [group("fleet", TargetGroupARNs=[TARGETS], Instances=[{"InstanceId": WEB}])],
    }


def follow(page: Page, label: str, name: str) -> None:
    """Follow a relation of the table below the drawing."""
    section = page.locator("section", has=page.get_by_role("heading", name="Relations", exact=True))
    row = section.locator("tr, li, dt", has_text=label).last
    row.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_balancer_leads_to_its_targets_what_starts_them_and_back(open_page, web, live_server):
    page = open_page()
    sign_in(page, operator(), live_server.url)
    page.goto(web)

    follow(page, "Target groups", "shop-web")
    changes = page.locator("section", has=page.get_by_role("heading", name="Changes"))
    expect(changes).to_contain_text(f"{WEB} healthy")
    expect(changes).to_contain_text(f"{WEB} unhealthy")
    follow(page, "Targets", "web-1")
    follow(page, "Auto Scaling group", "fleet")
    follow(page, "Target groups", "shop-web")
    follow(page, "Load balancers", "shop")

    expect(page).to_have_url(web)
