"""Adding an account on its page: what is kept, what is refused, and who may."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from inventory.models import Account
from inventory.signals import check_wanted
from tests.pages.ledgers import account, operator, reader
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

ADD = "/settings/accounts/add/"
ROLE = "arn:aws:iam::111122223333:role/SkyledgerReadOnly"


@pytest.fixture
def asked(monkeypatch):
    """The accounts that workers were asked to test, of which there are none here."""
    heard: list[int] = []

    def listen(account_id, **_):
        heard.append(account_id)

    monkeypatch.setattr(check_wanted, "receivers", [])
    check_wanted.sender_receivers_cache.clear()
    check_wanted.connect(listen, weak=False)
    return heard


@pytest.fixture
def client(asked):
    """Somebody who operates the product."""
    client = Client()
    client.force_login(operator())
    return client


def add(client, **fields):
    return client.post(ADD, {"name": "research", "role_arn": ROLE, **fields})


def test_an_account_is_kept_as_pending_with_an_external_id_of_its_own_and_a_worker_asked_to_try(client, asked):
    answer = add(client)

    added = Account.objects.get()
    page = Reading(client.get(answer["Location"]))
    assert (added.name, added.role_arn, added.is_pending) == ("research", ROLE, True)
    assert len(base64.urlsafe_b64decode(added.external_id + "=")) == 32
    assert asked == [added.pk]
    assert f'"sts:ExternalId": "{added.external_id}"' in page.words
    assert "research is kept as pending until its role can be assumed" in page.words


def test_an_external_id_and_a_profile_may_be_given(client):
    add(client, external_id="between-us", profile="audit")

    added = Account.objects.get()
    assert (added.external_id, added.profile) == ("between-us", "audit")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Say what to call the account."),
        ({"name": "111122223333"}, "not digits alone"),
        ({"name": "<script>"}, "A name has up to 64 letters"),
        ({"name": "acme"}, "There is already an account called acme"),
        ({"role_arn": ""}, "Say which role opens the account."),
        ({"role_arn": "arn:aws:iam::111122223333:user/u"}, "A role's ARN looks like"),
        ({"role_arn": "arn:aws:iam::444455556666:role/Taken"}, "acme is read through this role already."),
        ({"external_id": "with blank"}, "An external id has 2 to 1224 letters"),
        ({"profile": "[default]"}, "A profile is named as"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_kept(client, asked, fields, said):
    account("acme", role_arn="arn:aws:iam::444455556666:role/Taken")

    answer = add(client, **fields)

    page = Reading(answer)
    assert answer.status_code == 400
    assert said in page.words
    assert "Nothing was added." in page.words
    assert list(Account.objects.values_list("name", flat=True)) == ["acme"]
    assert asked == []


def test_a_reader_finds_no_such_page(asked):
    client = Client()
    client.force_login(reader(account("acme")))

    answers = [client.get(ADD), add(client)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Account.objects.filter(name="research").exists()
