"""The page of an instance: its type taken apart, how to connect and why that fails, and its boot script."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from inventory.history.revision import pack_raw
from inventory.models import Account, Freshness, Resource
from inventory.pages.connect import Connect, Weight, gather
from inventory.pages.login_names import login_names
from inventory.resource_types.ec2_instance import Ec2Instance, masked_user_data
from tests.findings.cast import IRELAND, Ledger

pytestmark = pytest.mark.django_db

READY: dict[str, Any] = {
    "state": "running",
    "instance_type": "m5.2xlarge",
    "operating_system": "linux",
    "public_ipv4": "198.18.0.9",
    "private_ipv4": "10.0.0.9",
    "key_name": "ops",
    "instance_profile": "arn:aws:iam::111122223333:instance-profile/web",
    "image_id": "ami-1",
}


@pytest.fixture
def acme() -> Ledger:
    return Ledger()


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def add_instance(ledger: Ledger, *ports: int, source: str = "0.0.0.0/0", **fields: Any) -> Ec2Instance:
    """An instance with a group that lets these ports in; everything is ready to connect unless told."""
    for port in ports:
        ledger.add(
            "security-group-rule",
            direction="inbound",
            group_id="sg-1",
            protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=source,
        )
    row = ledger.add("ec2-instance", native_id="i-1", links={"security_groups": ["sg-1"]}, **READY | fields)
    assert isinstance(row, Ec2Instance)
    return row


def ways(row: Ec2Instance) -> dict[str, Any]:
    found = gather(row.resource, row, None)
    assert isinstance(found, Connect)
    return {way.name: way for way in found.ways}


def against(way: Any, weight: Weight = Weight.FAILS) -> str:
    return " ".join(one.words for one in way.reasons if one.weight is weight)


def image(ledger: Ledger, name: str) -> None:
    Resource.objects.create(
        account=ledger.account, scope_region=IRELAND, type="image", native_id="ami-1", current_name=name
    )


def text(client: Client, row: Ec2Instance) -> str:
    response = client.get(f"/types/ec2-instance/{row.resource_id}/")
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_nothing_stands_against_an_instance_that_is_ready(acme):
    image(acme, "al2023-ami-2023.5-kernel-6.1-x86_64")

    found = ways(add_instance(acme, 22))

    assert not any(way.fails or way.is_unknown for way in found.values())
    assert found["SSH"].lines == ["chmod 400 ops.pem", "ssh -i ops.pem ec2-user@198.18.0.9"]
    assert found["PuTTY"].lines == ['putty -ssh -i "ops.ppk" ec2-user@198.18.0.9']
    assert found["EC2 Instance Connect"].lines == [
        "aws ec2-instance-connect ssh --instance-id i-1 --os-user ec2-user --region eu-west-1"
    ]
    assert found["Session Manager"].lines == ["aws ssm start-session --target i-1 --region eu-west-1"]
    assert "AWS-StartPortForwardingSession" in found["Port forwarding"].lines[0]


@pytest.mark.parametrize("name", ['a";reboot;"', "$(reboot)", "`id`", "-oProxyCommand=x y;z", "a\nb"])
def test_a_key_name_that_means_something_to_a_shell_is_no_part_of_a_command(acme, name):
    lines = [line for way in ways(add_instance(acme, 22, key_name=name)).values() for line in way.lines]

    assert "ssh -i KEY.pem ec2-user@198.18.0.9" in lines
    assert not any(name in line for line in lines)


def test_a_stopped_instance_fails_in_every_way(acme):
    found = ways(add_instance(acme, 22, state="stopped"))

    assert all("start it first" in against(way) for way in found.values())


def test_without_a_rule_for_port_22_the_reason_is_the_security_group(acme):
    found = ways(add_instance(acme, 443))

    assert "A timeout is a security-group issue" in against(found["SSH"])
    assert "A timeout is a security-group issue" in against(found["EC2 Instance Connect"])
    assert not found["Session Manager"].fails


def test_a_rule_for_some_addresses_is_no_failure_and_is_said(acme):
    found = ways(add_instance(acme, 22, source="10.0.0.0/8"))

    assert not found["SSH"].fails
    assert "from 10.0.0.0/8 only" in against(found["SSH"], Weight.NOTE)


def test_without_a_public_address_ssh_fails_and_instance_connect_takes_an_endpoint(acme):
    found = ways(add_instance(acme, 22, public_ipv4=None))

    assert "no public IPv4 address" in against(found["SSH"])
    assert "10.0.0.9" in against(found["SSH"])
    assert found["EC2 Instance Connect"].is_unknown
    assert found["EC2 Instance Connect"].lines[0].endswith("--connection-type eice")
    assert not found["Session Manager"].fails


def test_without_a_key_pair_ssh_fails_and_without_a_profile_session_manager_does(acme):
    found = ways(add_instance(acme, 22, key_name=None, instance_profile=None))

    assert "without a key pair" in against(found["SSH"])
    assert not found["EC2 Instance Connect"].fails
    assert "no instance profile" in against(found["Session Manager"])


def test_rules_that_were_never_read_leave_it_unknown(acme):
    Freshness.objects.filter(type="security-group-rule").update(first_complete_at=None)

    found = ways(add_instance(acme))

    assert found["SSH"].is_unknown
    assert "never read" in against(found["SSH"], Weight.UNKNOWN)


def test_windows_is_reached_by_remote_desktop(acme):
    found = ways(add_instance(acme, 3389, operating_system="windows"))

    assert list(found) == ["Remote Desktop", "Session Manager", "Port forwarding"]
    assert found["Remote Desktop"].lines[1] == "mstsc /v:198.18.0.9"
    assert not found["Remote Desktop"].fails


def test_a_terminated_instance_has_no_way_in(acme):
    row = add_instance(acme, state="terminated")

    assert gather(row.resource, row, None) is None


@pytest.mark.parametrize(
    ("name", "system", "expected"),
    [
        ("ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server", "linux", ("ubuntu",)),
        ("debian-12-amd64-20240717", "linux", ("admin",)),
        ("RHEL-9.4.0_HVM", "rhel", ("ec2-user", "root")),
        ("bitnami-wordpress-6.5-debian-12", "linux", ("bitnami",)),
        ("", "windows", ("Administrator",)),
        ("", "suse", ("ec2-user", "root")),
    ],
)
def test_the_user_follows_from_the_image_or_the_system(name, system, expected):
    assert login_names(name, system).names == expected


def test_where_nothing_tells_the_user_several_are_named(acme, browser):
    page = text(browser, add_instance(acme, 22))

    assert not login_names("", "linux").is_sure
    assert "ec2-user , ubuntu , admin" in page
    assert "the name of its image is not known" in page


def test_the_page_takes_the_type_apart_and_says_what_it_is_made_for(acme, browser):
    page = text(browser, add_instance(acme, 22, ebs_maximum_mbps=4750, unknown={"network_performance": None}))

    assert "General purpose" in page
    assert "5th generation of the family" in page
    assert "2 times an xlarge" in page
    assert "4,750 Mbit/s" in page
    assert "Network unknown" in page


def with_script(ledger: Ledger, script: bytes) -> Ec2Instance:
    answer = masked_user_data({"UserData": {"Value": base64.b64encode(script).decode()}})
    row = add_instance(ledger, 22, user_data_bytes=len(script))
    raw = pack_raw({"DescribeInstances": {"InstanceId": "i-1"}, "DescribeInstanceAttribute": answer})
    Ec2Instance.revisions.filter(pk=row.pk).update(raw=raw)
    return row


def test_a_boot_script_is_shown_without_its_secrets(acme, browser):
    Account.objects.update(collects_user_data=True)

    page = text(browser, with_script(acme, b"#!/bin/sh\nexport TOKEN=canary\nyum install -y httpd\n"))

    assert "yum install -y httpd" in page
    assert "export TOKEN=[masked]" in page
    assert "canary" not in page


def test_without_the_switch_the_page_says_that_scripts_are_not_collected(acme, browser):
    page = text(browser, add_instance(acme, 22, unknown={"user_data_bytes": None}))

    assert "not collected" in page
    assert "It has none." not in page


def test_a_key_in_a_boot_script_is_a_finding_and_worse_without_a_profile(acme):
    Account.objects.update(collects_user_data=True)
    for native_id, profile in (("i-bare", None), ("i-profile", "arn:x")):
        acme.add(
            "ec2-instance", native_id=native_id, state="running", user_data_holds_key=True, instance_profile=profile
        )
    acme.add("ec2-instance", native_id="i-fine", state="running", user_data_holds_key=False)
    acme.add("ec2-instance", native_id="i-unread", state="running", unknown={"user_data_holds_key": None})

    found = acme.verdicts("instance-key-in-boot-script")

    assert {name: (one.severity, one.is_unsure) for name, one in found.items()} == {
        "i-bare": (None, False),
        "i-profile": ("high", False),
        "i-unread": (None, True),
    }


def test_where_scripts_are_not_collected_the_rule_is_not_asked(acme, browser):
    acme.add("ec2-instance", native_id="i-1", state="running", unknown={"user_data_holds_key": None})
    acme.judge()

    response = browser.get("/findings/")

    assert "User data is not collected in 1 account" in " ".join(response.content.decode().split())
    assert browser.get("/api/v1/findings?rule=instance-key-in-boot-script").json()["items"] == []


def test_an_instance_of_a_previous_generation_is_found_and_one_of_unread_type_is_unsure(acme):
    acme.add("ec2-instance", native_id="i-old", state="running", instance_type="m3.large", is_current_generation=False)
    acme.add("ec2-instance", native_id="i-new", state="running", is_current_generation=True)
    acme.add("ec2-instance", native_id="i-unread", state="running", unknown={"is_current_generation": None})

    found = acme.verdicts("instance-previous-generation")

    assert {name: one.is_unsure for name, one in found.items()} == {"i-old": False, "i-unread": True}
