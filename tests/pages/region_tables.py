"""What regions pages show, read as tables, and an account in two regions to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.test import Client

from inventory.exposure.stored import refresh
from inventory.registry import Answers
from tests.pages.ledgers import (
    NOW,
    Place,
    Refused,
    account,
    bucket,
    instance,
    look,
    rule,
    volume,
)
from tests.pages.reading import Reading

HERE, THERE = "eu-central-1", "us-east-1"
INSTANCES, RULES = (HERE, "ec2-instance"), (HERE, "security-group-rule")
JUST_NOW = NOW - timedelta(minutes=4)
ALL, CHOICE, SIDES = "Regions, the dearest first", "Regions of AWS to choose from", "Regions side by side"


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def open_regions(user, query=""):
    return Reading(client_of(user).get(f"/regions/{query}"))


def open_choice(user, query=""):
    return Reading(client_of(user).get(f"/regions/choose/{query}"))


def choice(page):
    """The rows to choose from, by region, each by the head of its column."""
    head, *rows = page.tables[CHOICE]
    return {row[1].split(" ")[-1]: dict(zip(head[2:], row[2:], strict=True)) for row in rows if len(row) > 1}


def sides(page):
    """The rows of the side-by-side table by their first cell."""
    return {row[0]: row[1:] for row in page.tables[SIDES] if len(row) > 1}


def acme_in_two_regions():
    acme = account(region_states={HERE: "opt-in-not-required", "eu-central-2": "not-opted-in"})
    listings: dict[Place, Sequence[Answers] | Refused] = {
        INSTANCES: [instance(1), instance(2), instance(3, zone="eu-central-1b")],
        (HERE, "ebs-volume"): [volume(1, zone="eu-central-1b")],
        RULES: [rule(1, 1, 22)],
        (THERE, "security-group-rule"): Refused(action="ec2:DescribeSecurityGroupRules"),
        ("global", "s3-bucket"): [bucket("logs", HERE)],
    }
    look(acme, JUST_NOW, listings, (HERE, THERE))
    refresh(account_id=acme.pk)
    return acme


def offering(name, *zones):
    return {
        "DescribeInstanceTypeOfferings": {
            "InstanceType": name,
            "Items": [{"InstanceType": name, "Location": zone} for zone in zones],
        }
    }


def services(region, *names):
    return {
        "DescribeRegions": {"RegionName": region},
        "GetParametersByPath": {"Parameters": [{"Value": name} for name in names]},
    }


def acme_with_offers():
    """Two instances run in Frankfurt, where everything is read; of Zurich the services are known, of Milan nothing."""
    acme = account()
    listings = {
        INSTANCES: [instance(1), instance(2)],
        (HERE, "instance-type-offering"): [offering("m5.large", "euc1-az1")],
        ("global", "region-services"): [
            services(HERE, "ec2", "bedrock", "kms"),
            services("eu-central-2", "ec2", "kms"),
            services("eu-south-1"),
        ],
    }
    look(acme, JUST_NOW, listings)
    return acme
