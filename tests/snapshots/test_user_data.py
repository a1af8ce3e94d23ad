"""User data is asked for only where an account's operator switched it on, and its secrets are kept nowhere."""

from __future__ import annotations

import base64
from typing import cast

import pytest

from inventory.history.revision import unpack_raw
from inventory.models import Account, Outcome
from inventory.registry import Answers
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance
from tests.snapshots.cast import BEGIN, DAY, IRELAND, SWITCHED_OFF, Take, current, denied, history, instance

QUESTION = "DescribeInstanceAttribute"
SCRIPT = b"#!/bin/sh\nexport DATABASE_PASSWORD=canary-in-the-script\n"


def with_script(script: bytes = SCRIPT) -> Answers:
    """An instance with user data."""
    held = {"Value": base64.b64encode(script).decode()} if script else {}
    return {**instance(), QUESTION: {"InstanceId": "i-1", "UserData": held}}


def machine() -> Ec2Instance:
    return cast(Ec2Instance, current(EC2_INSTANCE, "i-1"))


@pytest.fixture
def curious(acme: Account) -> Account:
    """An account whose operator switched it on."""
    acme.collects_user_data = True
    acme.save()
    return acme


def test_without_the_switch_nobody_asks_and_nothing_is_known(acme: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(acme, {IRELAND: [with_script()]})[IRELAND, EC2_INSTANCE.slug]

    assert machine().unknown == SWITCHED_OFF
    assert machine().was_never_read("user_data_bytes")
    assert QUESTION not in unpack_raw(machine().raw)
    assert (visit.outcome, visit.unread) == (Outcome.COMPLETE, [])


def test_with_the_switch_the_script_is_known_and_its_secrets_are_kept_nowhere(
    curious: Account, take_snapshot: Take
) -> None:
    take_snapshot(curious, {IRELAND: [with_script()]})

    assert machine().user_data_bytes == len(SCRIPT)
    assert machine().unknown == {}
    assert "canary" not in str(unpack_raw(machine().raw))
    (part,) = unpack_raw(machine().raw)[QUESTION]["BootScript"]["parts"]
    assert part["text"] == "#!/bin/sh\nexport DATABASE_PASSWORD=[masked]\n"


def test_an_instance_without_user_data_is_known_to_have_none(curious: Account, take_snapshot: Take) -> None:
    take_snapshot(curious, {IRELAND: [with_script(b"")]})

    assert machine().user_data_bytes is None
    assert machine().unknown == {}


def test_switching_it_on_and_off_is_no_change_of_the_instance(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [with_script()]})
    Account.objects.update(collects_user_data=True)
    take_snapshot(Account.objects.get(), {IRELAND: [with_script()]})
    Account.objects.update(collects_user_data=False)

    take_snapshot(Account.objects.get(), {IRELAND: [with_script()]})

    assert history(EC2_INSTANCE, "i-1") == [(BEGIN, None)]
    assert machine().user_data_bytes == len(SCRIPT)
    assert machine().kept_since("user_data_bytes") == (BEGIN + 2 * DAY).isoformat()


def test_another_size_is_a_change(curious: Account, take_snapshot: Take) -> None:
    take_snapshot(curious, {IRELAND: [with_script()]})

    take_snapshot(curious, {IRELAND: [with_script(SCRIPT + b"reboot\n")]})

    assert history(EC2_INSTANCE, "i-1") == [(BEGIN, BEGIN + DAY), (BEGIN + DAY, None)]


def test_a_refusal_leaves_the_instance_and_names_the_action(curious: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(curious, {IRELAND: [with_script(), denied(QUESTION)]})[IRELAND, EC2_INSTANCE.slug]

    assert [note["action"] for note in visit.unread] == ["ec2:DescribeInstanceAttribute"]
    assert machine().unknown == SWITCHED_OFF
