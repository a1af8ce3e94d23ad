"""`manage.py invite_user` and `grant_account`."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from inventory.models import Account
from tests.commands.running import Run, runner
from tests.pages.ledgers import account

pytestmark = pytest.mark.django_db

CHOICE = {"password1": "correct horse battery", "password2": "correct horse battery"}


@pytest.fixture
def invite_user(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("invite_user", capsys)


@pytest.fixture
def grant_account(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("grant_account", capsys)


def seen_by(name):
    return [one.name for one in Account.objects.visible_to(User.objects.get(username=name))]


def test_an_invitation_from_the_command_line_lets_somebody_in(invite_user, settings):
    settings.PUBLIC_URL = "https://ledger.example"
    account()
    Group.objects.create(name="platform")

    ran = invite_user("noor", "--email", "noor@example.com", "--account", "acme", "--group", "platform")
    (address,) = ran.out.split()
    answer = Client().post(address.removeprefix("https://ledger.example"), CHOICE)

    noor = User.objects.get(username="noor")
    assert (ran.code, answer.status_code) == (0, 302)
    assert "within 7 days" in ran.err
    assert (noor.email, [group.name for group in noor.groups.all()]) == ("noor@example.com", ["platform"])
    assert seen_by("noor") == ["acme"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("Rita",), "There is a user named Rita already."),
        (("noor", "--account", "nowhere"), "There is no account nowhere."),
        (("noor", "--group", "nobody"), "There is no group named nobody."),
        (("noor", "--email", "noor"), "This is no e-mail address."),
    ],
)
def test_an_invitation_that_cannot_be_made_is_refused(invite_user, arguments, complaint):
    User.objects.create_user("rita")

    ran = invite_user(*arguments)

    assert ran.code == 2
    assert complaint in ran.err
    assert not ran.out
    assert User.objects.count() == 1


@pytest.mark.parametrize("whom", [("--user", "rita"), ("--group", "platform")], ids=["user", "group"])
def test_accounts_are_granted_and_revoked(grant_account, whom):
    rita = User.objects.create_user("rita")
    Group.objects.create(name="platform").user_set.add(rita)
    account()
    account("beta", "444455556666")

    granted = grant_account("acme", "444455556666", *whom)
    seen = seen_by("rita")
    revoked = grant_account("acme", *whom, "--revoke")

    assert (granted.code, revoked.code) == (0, 0)
    assert f"2 accounts are granted to {whom[1]}." in granted.out
    assert f"1 grants are revoked from {whom[1]}." in revoked.out
    assert (seen, seen_by("rita")) == (["acme", "beta"], ["beta"])


def test_a_grant_to_nobody_is_refused(grant_account):
    account()

    ran = grant_account("acme", "--user", "nobody")

    assert (ran.code, "There is no user named nobody." in ran.err) == (2, True)
