"""The grammar of filters, and which rows each condition finds, now and at a past moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from inventory.models import Account
from inventory.pages.conditions import matching
from inventory.pages.filter_faults import FilterError
from inventory.pages.filters import from_address, from_expressions
from inventory.registry import ResourceType, resource_type
from tests.pages import ledgers
from tests.support import rows

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def found(
    slug: str, expressions: Iterable[str], accounts: Iterable[Account] = (), as_of: datetime | None = None
) -> set[str]:
    """The native ids of the rows that meet these expressions."""
    kind = resource_type(slug)
    conditions = from_expressions(kind, expressions, list(accounts))
    matched = matching(kind.model.revisions.as_of(as_of), conditions, as_of)
    return set(matched.values_list("resource__native_id", flat=True))


@pytest.fixture
def volumes(db: None) -> ResourceType:
    kind = resource_type("ebs-volume")
    account = ledgers.account()
    values: list[dict[str, Any]] = [
        {"native_id": "small", "volume_type": "gp2", "size_gib": 8, "encrypted": True, "created": MARCH},
        {"native_id": "large", "volume_type": "gp3", "size_gib": 500, "encrypted": False, "created": APRIL},
        {"native_id": "none", "volume_type": None, "size_gib": None, "encrypted": None, "kms_key": None},
        {
            "native_id": "unread",
            "unknown": {"volume_type": None, "size_gib": None, "encrypted": None, "attachments": None, "tags": None},
        },
        {"native_id": "kept", "volume_type": "gp2", "unknown": {"volume_type": MARCH.isoformat()}, "size_gib": 1},
        {"native_id": "kept none", "volume_type": None, "unknown": {"volume_type": MARCH.isoformat()}, "size_gib": 2},
    ]
    rows.add_rows(kind, account, values)
    return kind


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (["volume_type=gp2"], {"small", "kept"}),
        (["volume_type=gp2", "volume_type=gp3"], {"small", "kept", "large"}),
        (["volume_type=gp2", "size_gib=8"], {"small"}),
        (["-volume_type=gp2"], {"large", "none", "kept none"}),
        (["-volume_type=gp2", "-volume_type=gp3"], {"none", "kept none"}),
        (["volume_type="], {"none", "kept none"}),
        (["-volume_type="], {"small", "large", "kept"}),
        (["volume_type=unknown"], {"unread"}),
        (["-volume_type=unknown"], {"small", "large", "none", "kept", "kept none"}),
        (["volume_type=unknown", "volume_type=gp3"], {"unread", "large"}),
        (["volume_type__contains=P2"], {"small", "kept"}),
        (["volume_type__like=GP*"], {"small", "large", "kept"}),
        (["volume_type__like=*2"], {"small", "kept"}),
        (["volume_type__like=g*2", "volume_type__like=*3"], {"small", "large", "kept"}),
        (["volume_type__like=gp_"], set()),
        (["volume_type__like=gp%25"], set()),
        (["volume_type__like=gp\\*"], set()),
        (["-volume_type__like=*2"], {"large", "none", "kept none"}),
        (["size_gib__gt=8"], {"large"}),
        (["size_gib__lt=8"], {"kept", "kept none"}),
        (["created__gt=2026-03-01"], {"large"}),
        (["created__lt=2026-04-01"], {"small"}),
        (["word=LA"], {"large"}),
        (["word=kept"], {"kept", "kept none"}),
        (["word=*none"], {"none", "kept none"}),
        (["word=kept", "word=*none"], {"kept none"}),
        (["-word=kept", "-word=*none"], {"small", "large", "unread"}),
        (["size_gib__gte=8"], {"small", "large"}),
        (["size_gib__lte=8"], {"small", "kept", "kept none"}),
        (["size_gib__gte=8", "size_gib__lte=100"], {"small"}),
        (["size_gib=99999999999"], set()),
        (["encrypted=true"], {"small"}),
        (["encrypted=no"], {"large"}),
        (["-encrypted=true"], {"large", "none", "kept", "kept none"}),
        (["encrypted=unknown"], {"unread"}),
        (["created=2026-03-01"], {"small"}),
        (["created__lte=2026-04-01"], {"small", "large"}),
        (["created__gte=2026-03-01T00:00:01Z"], {"large"}),
        (["native_id=small"], {"small"}),
        (["native_id__contains=LL"], {"small"}),
        (["region=eu-central-1"], {"small", "large", "none", "unread", "kept", "kept none"}),
        (["region=eu-west-1"], set()),
    ],
)
def test_a_condition_tells_values_none_and_unknown_apart(
    volumes: ResourceType, expressions: list[str], expected: set[str]
):
    assert found("ebs-volume", expressions) == expected


@pytest.mark.parametrize("field", ["volume_type", "size_gib", "encrypted", "attachments", "created"])
def test_a_value_everything_else_and_unknown_are_all_there_is(volumes: ResourceType, field: str):
    value = {"volume_type": "gp2", "size_gib": "8", "encrypted": "true", "created": "2026-03-01"}.get(field, "i-1")

    parts = [found("ebs-volume", [text]) for text in (f"{field}={value}", f"-{field}={value}", f"{field}=unknown")]

    assert sum(len(part) for part in parts) == volumes.model.revisions.current().count() == len(set.union(*parts))


def test_unknown_is_also_found_where_aws_itself_says_unknown(db: None):
    kind = resource_type("ebs-volume")
    rows.add_rows(kind, ledgers.account(), [{"native_id": "odd", "state": "unknown"}, {"native_id": "b", "state": "x"}])

    assert found("ebs-volume", ["state=unknown"]) == {"odd"}


@pytest.fixture
def tagged(db: None) -> Account:
    """Two volumes: one attached and tagged until April, then not; the other the other way round; and a bare one."""
    acme = ledgers.account()
    attached: dict[str, Any] = {"Attachments": [{"InstanceId": "i-1", "Device": "/dev/sda1"}]}
    tags: dict[str, Any] = {"Tags": [{"Key": "env", "Value": "prod"}, {"Key": "a=b&c", "Value": "50% <b>"}]}
    place = ("eu-central-1", "ebs-volume")
    ledgers.look(acme, MARCH, {place: [ledgers.volume(1, **attached, **tags), ledgers.volume(2), ledgers.volume(3)]})
    ledgers.look(acme, APRIL, {place: [ledgers.volume(1), ledgers.volume(2, **attached, **tags), ledgers.volume(3)]})
    return acme


ONE, TWO, THREE = (f"vol-{number:017x}" for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("expression", "in_march", "now"),
    [
        ("tag:env=prod", {ONE}, {TWO}),
        ("tag:env=dev", set(), set()),
        ("tag:env", {ONE}, {TWO}),
        ("-tag:env", {TWO, THREE}, {ONE, THREE}),
        ("-tag:env=prod", {TWO, THREE}, {ONE, THREE}),
        ("-tag:env=dev", {ONE, TWO, THREE}, {ONE, TWO, THREE}),
        ("tag:env=", set(), set()),
        ("tag:a%3Db%26c=50%25%20%3Cb%3E", {ONE}, {TWO}),
        ("attachments=i-1", {ONE}, {TWO}),
        ("-attachments=i-1", {TWO, THREE}, {ONE, THREE}),
        ("attachments=", {TWO, THREE}, {ONE, THREE}),
        ("attachments__contains=I-", {ONE}, {TWO}),
        ("attachments__like=*-1", {ONE}, {TWO}),
        ("-attachments__like=*-1", {TWO, THREE}, {ONE, THREE}),
        ("tag__like:env=PR*", {ONE}, {TWO}),
        ("tag__like:env=*dev*", set(), set()),
        ("-tag__like:env=pr*", {TWO, THREE}, {ONE, THREE}),
    ],
)
def test_tags_and_links_are_asked_at_the_same_moment(
    tagged: Account, expression: str, in_march: set[str], now: set[str]
):
    assert found("ebs-volume", [expression], as_of=MARCH) == in_march
    assert found("ebs-volume", [expression]) == now


def test_unread_tags_are_neither_there_nor_absent(volumes: ResourceType):
    assert "unread" not in found("ebs-volume", ["-tag:env"])
    assert "none" in found("ebs-volume", ["-tag:env"])


def test_a_count_can_be_asked_and_is_unknown_where_rules_were_never_read(db: None):
    acme, other = ledgers.account(), ledgers.account("other", "222233334444")
    group_place, rule_place = ("eu-central-1", "security-group"), ("eu-central-1", "security-group-rule")
    rules = [ledgers.rule(1, 1, 22), ledgers.rule(2, 1, 80), ledgers.rule(3, 1, 0, IsEgress=True)]
    ledgers.look(acme, MARCH, {group_place: [ledgers.group(1), ledgers.group(2)], rule_place: rules})
    ledgers.look(other, MARCH, {group_place: [ledgers.group(3)], rule_place: ledgers.Refused()})
    first, second, third = (f"sg-{number:017x}" for number in (1, 2, 3))

    assert found("security-group", ["inbound_rules=2"]) == {first}
    assert found("security-group", ["inbound_rules=0"]) == found("security-group", ["inbound_rules="]) == {second}
    assert found("security-group", ["inbound_rules__lte=2"]) == {first, second}
    assert found("security-group", ["outbound_rules__gte=1"]) == {first}
    assert found("security-group", ["inbound_rules__gt=1"]) == {first}
    assert found("security-group", ["inbound_rules__lt=2"]) == {second}
    assert found("security-group", ["-inbound_rules=2"]) == {second}
    assert found("security-group", ["inbound_rules=unknown"]) == {third}
    assert found("security-group", ["-inbound_rules=unknown"]) == {first, second}


def test_an_account_is_named_or_given_by_its_digits(db: None):
    acme, other = ledgers.account(), ledgers.account("other", "222233334444")
    kind = resource_type("ebs-volume")
    rows.add_rows(kind, acme, [{"native_id": "a"}])
    rows.add_rows(kind, other, [{"native_id": "b"}])

    assert found("ebs-volume", ["account=acme"], [acme, other]) == {"a"}
    assert found("ebs-volume", ["account=222233334444"], [acme, other]) == {"b"}
    assert found("ebs-volume", ["-account=acme"], [acme, other]) == {"b"}
    with pytest.raises(FilterError, match="other"):
        found("ebs-volume", ["account=other"], [acme])


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("colour=red", ["colour", "volume_type", "tag:<key>"]),
        ("sise_gib=8", ["There is no column “sise_gib”. Did you mean size_gib?"]),
        ("size_gib>=8", ["“size_gib>=8” is written as in a query; a condition is written size_gib__gte=8."]),
        ("-state:in-use", ["a condition is written -state=in-use."]),
        ("encrypted=ture", ["Did you mean true?"]),
        ("size_gib=big", ["big", "size_gib", "whole number"]),
        ("size_gib__gte=1.5", ["1.5", "whole number"]),
        ("size_gib=" + "9" * 30, ["too large"]),
        ("encrypted=maybe", ["maybe", "true or false"]),
        ("created__gte=yesterday", ["yesterday", "2026-04-01"]),
        ("created__lte=9999-12-31", ["9999-12-31"]),
        ("volume_type__gte=gp2", ["volume_type__gte", "volume_type__contains"]),
        ("size_gib__contains=1", ["size_gib__contains", "size_gib__gte"]),
        ("-size_gib__gte=1", ["-size_gib__gte"]),
        ("volume_type__gt=gp2", ["volume_type__gt", "volume_type__like"]),
        ("word__like=a", ["word__like", "-word"]),
        ("volume_type__like=" + "*a" * 6, ["too many *"]),
        ("tag__gte:env=1", ["There is no column"]),
        ("tag__like:env", ["tag__like:env", "no value"]),
        ("on_demand_monthly_usd=", ["never none", "on_demand_monthly_usd=unknown"]),
        ("volume_type", ["volume_type", "no value"]),
        ("tag:=x", ["tag:<key>"]),
        ("volume_type=%00", ["NUL"]),
        ("=", ["There is no column"]),
    ],
)
def test_an_impossible_condition_is_named_with_what_is_possible(expression: str, says: list[str]):
    with pytest.raises(FilterError) as error:
        from_expressions(resource_type("ebs-volume"), [expression], [])

    assert all(word in str(error.value) for word in says)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999999", "1e-9", "123456789012345"])
def test_a_number_that_the_column_cannot_hold_is_refused(text: str):
    with pytest.raises(FilterError, match=text):
        from_expressions(resource_type("ec2-instance"), [f"memory_gib={text}"], [])


def test_a_decimal_is_compared_as_a_number(db: None):
    kind = resource_type("ec2-instance")
    rows.add_rows(kind, ledgers.account(), [{"native_id": "nano", "memory_gib": Decimal("0.5")}])

    assert found("ec2-instance", ["memory_gib=0.50"]) == {"nano"}
    assert found("ec2-instance", ["memory_gib__gte=0.5001"]) == set()


def test_an_address_and_a_filter_option_are_read_alike_but_for_the_plus_of_forms():
    kind = resource_type("ebs-volume")

    [in_address] = from_address(kind, "tag:Cost%20centre=a+b%2Bc", [])
    [in_option] = from_expressions(kind, ["tag:Cost%20centre=a%20b+c"], [])

    assert in_address == in_option
    assert in_address.texts == ("a b+c",)


@pytest.mark.parametrize(
    "query",
    [
        "volume_type=gp2&volume_type=gp3&-state=in-use&size_gib__gte=5",
        "tag:a%3Db%26c=50%25%20%3Cb%3E&-tag:owner&tag:env&tag:env=",
        "tag__like:a=*b&-tag__like:a=c*&-volume_type__like=gp*&size_gib__gt=3&word=a&word=b&-word=c",
        "name__contains=%2B%22%27%E2%80%AE",
    ],
)
def test_a_condition_is_written_as_it_was_read(query: str):
    kind = resource_type("ebs-volume")
    conditions = from_address(kind, query, [])

    again = "&".join(expression for condition in conditions for expression in condition.expressions)

    assert from_address(kind, again, []) == conditions


def test_what_else_stands_in_an_address_is_left_out():
    conditions = from_address(resource_type("ebs-volume"), "sort=name&&state=x&as_of=", [], beside={"sort", "as_of"})

    assert [condition.key for condition in conditions] == ["state"]


def test_more_conditions_than_anyone_can_read_are_refused():
    with pytest.raises(FilterError, match="too many"):
        from_expressions(resource_type("ebs-volume"), [f"native_id={number}" for number in range(101)], [])
