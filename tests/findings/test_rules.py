"""What each rule objects to, what it lets pass, and what it is unsure of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inventory.findings.rule import rules
from inventory.models import Freshness
from inventory.registry import resource_types
from inventory.resource_types.s3_bucket import PUBLIC_ACCESS_BLOCKS
from tests.findings.cast import DAY, FIRST, Ledger

pytestmark = pytest.mark.django_db

BLOCKED = dict.fromkeys(PUBLIC_ACCESS_BLOCKS, True)
OPEN = dict.fromkeys(PUBLIC_ACCESS_BLOCKS, False)


@pytest.fixture
def acme() -> Ledger:
    return Ledger()


def unsure(verdicts):
    return {name for name, one in verdicts.items() if one.is_unsure}


def sure(verdicts):
    return {name for name, one in verdicts.items() if not one.is_unsure}


def instance(ledger: Ledger, native_id: str, **fields):
    return ledger.add("ec2-instance", native_id=native_id, **{"state": "running", "imdsv2": "required"} | fields)


def rule_of(ledger: Ledger, group: str, port: int | None, **fields):
    ports = {"from_port": port, "to_port": port, "protocol": "tcp"} if port else {"protocol": "-1"}
    known = {"direction": "inbound", "group_id": group, "cidr_ipv4": "0.0.0.0/0"} | ports | fields
    return ledger.add("security-group-rule", **known)


def test_every_rule_says_why_and_how_and_looks_at_types_that_exist():
    slugs = {one.slug for one in resource_types()}

    for rule in rules():
        assert rule.why.endswith((".", ")")), rule.slug
        assert rule.fix.endswith("."), rule.slug
        assert set(rule.types) <= slugs, rule.slug


def test_imdsv1_is_found_where_the_token_is_optional_and_the_instance_is_not_over(acme):
    instance(acme, "i-old", imdsv2="optional")
    instance(acme, "i-new")
    instance(acme, "i-over", imdsv2="optional", state="terminated")
    instance(acme, "i-unread", imdsv2=None, unknown={"imdsv2": None})

    found = acme.verdicts("instance-imdsv1")

    assert (sure(found), unsure(found)) == ({"i-old"}, {"i-unread"})


def test_a_volume_attached_to_nothing_is_found_with_the_look_since_when(acme):
    acme.add("ebs-volume", native_id="vol-used", state="in-use")
    free = acme.add("ebs-volume", native_id="vol-free", state="in-use")
    with acme.look("ebs-volume"):
        acme.change(free, state="available")
    with acme.look():
        pass

    found = acme.verdicts("volume-unattached")

    assert sure(found) == {"vol-free"}
    assert (found["vol-free"].since, found["vol-free"].since_at_least) == (FIRST + DAY, False)


def test_what_was_unattached_when_it_was_first_seen_is_so_since_then_at_least(acme):
    acme.add("ebs-volume", native_id="vol-free", state="available")

    found = acme.verdicts("volume-unattached")

    assert (found["vol-free"].since, found["vol-free"].since_at_least) == (FIRST, True)


def test_a_volume_whose_instance_is_terminated_was_left_behind_and_is_not_said_twice(acme):
    machine = instance(acme, "i-1")
    volume = acme.add("ebs-volume", native_id="vol-1", state="in-use", links={"attachments": ["i-1"]})
    with acme.look("ebs-volume", "ec2-instance"):
        acme.change(machine, state="terminated")
        acme.change(volume, state="available")
        volume.resource.links.update(valid_to=acme.at)

    left, free = acme.verdicts("volume-left-behind"), acme.verdicts("volume-unattached")

    assert (sure(left), free) == ({"vol-1"}, {})
    assert "i-1" in left["vol-1"].words


def test_a_volume_that_was_taken_from_a_living_instance_was_not_left_behind(acme):
    instance(acme, "i-1")
    volume = acme.add("ebs-volume", native_id="vol-1", state="in-use", links={"attachments": ["i-1"]})
    with acme.look("ebs-volume"):
        acme.change(volume, state="available")
        volume.resource.links.update(valid_to=acme.at)

    assert acme.verdicts("volume-left-behind") == {}
    assert sure(acme.verdicts("volume-unattached")) == {"vol-1"}


def test_a_default_group_with_rules_is_worse_where_instances_use_it(acme):
    acme.add("security-group", native_id="sg-used", name="default", is_default=True)
    acme.add("security-group", native_id="sg-free", name="default", is_default=True)
    acme.add("security-group", native_id="sg-bare", name="default", is_default=True)
    acme.add("security-group", native_id="sg-own", name="web", is_default=False)
    for group in ("sg-used", "sg-free", "sg-own"):
        rule_of(acme, group, 443)
    instance(acme, "i-1", links={"security_groups": ["sg-used"]})

    found = acme.verdicts("security-group-default-rules")

    assert sure(found) == {"sg-used", "sg-free"}
    assert (found["sg-used"].severity, found["sg-free"].severity) == ("medium", None)
    assert "1 instance uses it" in found["sg-used"].words


def test_a_group_that_opens_ssh_to_the_world_is_found_and_one_that_opens_https_is_not(acme):
    for group in ("sg-ssh", "sg-web", "sg-own", "sg-list"):
        acme.add("security-group", native_id=group, is_default=False)
    rule_of(acme, "sg-ssh", 22)
    rule_of(acme, "sg-web", 443)
    rule_of(acme, "sg-own", 22, cidr_ipv4="10.0.0.0/8")
    rule_of(acme, "sg-list", 22, cidr_ipv4=None, prefix_list_id="pl-1")
    instance(acme, "i-1", links={"security_groups": ["sg-ssh"]})

    found = acme.verdicts("security-group-open-admin")

    assert (sure(found), unsure(found)) == ({"sg-ssh"}, {"sg-list"})
    assert "TCP 22 (SSH and SFTP)" in found["sg-ssh"].words
    assert "1 instance is behind it" in found["sg-ssh"].words


def test_an_instance_is_exposed_by_an_address_and_a_rule_of_the_same_family(acme):
    acme.add("security-group", native_id="sg-4", is_default=False)
    acme.add("security-group", native_id="sg-6", is_default=False)
    rule_of(acme, "sg-4", 5432)
    rule_of(acme, "sg-6", 22, cidr_ipv4=None, cidr_ipv6="::/0")
    instance(acme, "i-4", public_ipv4="198.18.0.1", links={"security_groups": ["sg-4"]})
    instance(acme, "i-private", links={"security_groups": ["sg-4"]})
    instance(acme, "i-other", public_ipv4="198.18.0.2", links={"security_groups": ["sg-6"]})
    instance(acme, "i-6", links={"security_groups": ["sg-6"], "ipv6_addresses": ["2a05::1"]})
    instance(acme, "i-unread", public_ipv4="198.18.0.3", unknown={"security_groups": None})

    found = acme.verdicts("instance-exposed-admin")

    assert (sure(found), unsure(found)) == ({"i-4", "i-6"}, {"i-unread"})
    assert "TCP 5432 (PostgreSQL)" in found["i-4"].words


def test_an_instance_is_stopped_for_long_after_90_days_and_not_before(acme):
    running = instance(acme, "i-1")
    with acme.look("ec2-instance"):
        acme.change(running, state="stopped")
    with acme.look(days=89.9):
        pass
    before = acme.verdicts("instance-stopped-long")
    with acme.look(days=0.2):
        pass

    assert before == {}
    assert sure(acme.verdicts("instance-stopped-long")) == {"i-1"}
    assert [one.since for one in acme.verdicts("instance-stopped-long").values()] == [FIRST + DAY]


def test_a_bucket_is_public_by_policy_or_acl_unless_its_own_settings_make_that_void(acme):
    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    settled = {"policy_status": "no policy", "ownership": "BucketOwnerPreferred", "encryption": "AES256"}

    def bucket(name: str, **fields):
        acme.add("s3-bucket", native_id=name, **settled | fields)

    bucket("by-policy", **OPEN | {"policy_status": "public"})
    bucket("policy-restricted", **OPEN | {"policy_status": "public", "restrict_public_buckets": True})
    bucket("by-acl", **OPEN, links={"acl_grants": [everybody]})
    bucket("acl-ignored", **OPEN | {"ignore_public_acls": True}, links={"acl_grants": [everybody]})
    bucket("acl-off", **OPEN | {"ownership": "BucketOwnerEnforced"}, links={"acl_grants": [everybody]})
    bucket("private", **BLOCKED)
    bucket("unread", **BLOCKED | {"policy_status": None}, unknown={"policy_status": None})

    found = acme.verdicts("bucket-public")

    assert (sure(found), unsure(found)) == ({"by-policy", "by-acl"}, {"unread"})


def test_a_bucket_without_the_whole_block_or_without_encryption_is_found(acme):
    acme.add("s3-bucket", native_id="whole", encryption="AES256", **BLOCKED)
    acme.add("s3-bucket", native_id="half", encryption=None, **BLOCKED | {"block_public_acls": False})
    unread = {"encryption": None, **dict.fromkeys(PUBLIC_ACCESS_BLOCKS)}
    acme.add("s3-bucket", native_id="unread", unknown=unread)

    block, encryption = acme.verdicts("bucket-no-block"), acme.verdicts("bucket-unencrypted")

    assert (sure(block), unsure(block)) == ({"half"}, {"unread"})
    assert block["half"].words.startswith("BlockPublicAcls is off")
    assert (sure(encryption), unsure(encryption)) == ({"half"}, {"unread"})


@pytest.mark.parametrize(
    ("slug", "rule"),
    [("reserved-instance", "reserved-instance-expiring"), ("savings-plan", "savings-plan-expiring")],
)
def test_a_purchase_that_ends_within_a_month_is_found(acme, slug, rule):
    acme.add(slug, native_id="soon", state="active", end=acme.at + timedelta(days=29))
    acme.add(slug, native_id="later", state="active", end=acme.at + timedelta(days=31))
    acme.add(slug, native_id="over", state="retired", end=acme.at - timedelta(days=1))

    assert sure(acme.verdicts(rule)) == {"soon"}


def test_an_image_of_ones_own_that_is_public_is_found_and_that_of_another_account_is_not(acme):
    acme.add("image", native_id="ami-open", is_own=True, is_public=True)
    acme.add("image", native_id="ami-closed", is_own=True, is_public=False)
    acme.add("image", native_id="ami-of-amazon", is_own=False, is_public=True)
    acme.add("image", native_id="ami-unread", is_own=True, is_public=None, unknown={"is_public": None})

    found = acme.verdicts("image-public")

    assert (sure(found), unsure(found)) == ({"ami-open"}, {"ami-unread"})


def test_a_public_snapshot_is_found_and_one_whose_sharing_was_never_read_is_in_doubt(acme):
    acme.add("ebs-snapshot", native_id="snap-open", is_public=True)
    acme.add("ebs-snapshot", native_id="snap-closed", is_public=False)
    acme.add("ebs-snapshot", native_id="snap-unread", is_public=None, unknown={"is_public": None})

    found = acme.verdicts("snapshot-public")

    assert (sure(found), unsure(found)) == ({"snap-open"}, {"snap-unread"})


def test_a_snapshot_whose_image_is_no_more_is_left_behind_once_images_were_read(acme):
    acme.add("image", native_id="ami-here", is_own=True)
    acme.add("ebs-snapshot", native_id="snap-needed", image_id="ami-here")
    acme.add("ebs-snapshot", native_id="snap-left", image_id="ami-gone")
    acme.add("ebs-snapshot", native_id="snap-of-a-volume", image_id=None)

    found = acme.verdicts("snapshot-left-behind")
    Freshness.objects.filter(type="image").update(first_complete_at=None)
    unread = acme.verdicts("snapshot-left-behind")

    assert (sure(found), unsure(found)) == ({"snap-left"}, set())
    assert (sure(unread), unsure(unread)) == (set(), {"snap-left"})


def test_an_address_that_points_to_nothing_is_found(acme):
    acme.add("elastic-ip", native_id="eipalloc-used", is_associated=True)
    acme.add("elastic-ip", native_id="eipalloc-idle", is_associated=False)
    acme.add("elastic-ip", native_id="eipalloc-unread", is_associated=None, unknown={"is_associated": None})

    found = acme.verdicts("elastic-ip-idle")

    assert (sure(found), unsure(found)) == ({"eipalloc-idle"}, {"eipalloc-unread"})


def test_a_target_group_is_found_where_targets_fail_and_none_is_healthy(acme):
    unread = {"healthy_targets": None, "unhealthy_targets": None}
    acme.add("target-group", native_id="tg-down", healthy_targets=0, unhealthy_targets=2)
    acme.add("target-group", native_id="tg-half", healthy_targets=1, unhealthy_targets=1)
    acme.add("target-group", native_id="tg-empty", healthy_targets=0, unhealthy_targets=0)
    acme.add("target-group", native_id="tg-unread", **unread, unknown=unread)

    found = acme.verdicts("target-group-no-healthy-target")

    assert (sure(found), unsure(found)) == ({"tg-down"}, {"tg-unread"})


def test_an_image_that_is_deprecated_by_now_is_found_once_while_instances_run_from_it(acme):
    acme.add("image", native_id="ami-old", deprecated_at=FIRST - DAY)
    acme.add("image", native_id="ami-new", deprecated_at=FIRST + 300 * DAY)
    acme.add("image", native_id="ami-left", deprecated_at=FIRST - DAY)
    instance(acme, "i-1", image_id="ami-old")
    instance(acme, "i-2", image_id="ami-old")
    instance(acme, "i-new", image_id="ami-new")
    instance(acme, "i-over", image_id="ami-left", state="terminated")

    found = acme.verdicts("image-deprecated-in-use")

    assert sure(found) == {"ami-old"}
    assert found["ami-old"].words == "It is deprecated since 31 December 2025, and 2 instances run from it."
