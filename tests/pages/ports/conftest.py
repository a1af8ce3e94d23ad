"""An account with open ports, who reads them, and the moment at which that is done.

Django's models are imported inside the fixtures: pytest loads this file before the settings stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from inventory.models import Account


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    from tests.pages.ledgers import NOW

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme(db: None) -> Account:
    from tests.pages.ledgers import account

    return account("acme")


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """A factory of clients, each signed in as a user."""
    from django.test import Client

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def client(db: None, browser_of: Callable[[User], Client]) -> Client:
    from tests.pages.ledgers import operator

    return browser_of(operator())


@pytest.fixture
def estate(acme: Account) -> Account:
    """Three groups: one open to the world, one to a large range and a group, one attached to nothing."""
    from tests.pages.ledgers import group, instance, look, rule
    from tests.pages.ports.openings import GROUPS, INSTANCES, JUST_NOW, RULES, WITHOUT_IPV4

    look(
        acme,
        JUST_NOW,
        {
            GROUPS: [group(1, "bastion"), group(2, "database"), group(3, "forgotten")],
            RULES: [
                rule(1, 1, 22),
                rule(2, 1, 443, "10.0.0.0/8"),
                rule(3, 2, 5432, "52.0.0.0/8"),
                rule(
                    4,
                    2,
                    5432,
                    ReferencedGroupInfo={"GroupId": f"sg-{1:017x}", "UserId": "111122223333"},
                    **WITHOUT_IPV4,
                ),
                rule(5, 3, 3389, CidrIpv6="::/0", **WITHOUT_IPV4),
                rule(6, 3, 53, IpProtocol="udp"),
                rule(7, 3, 443, PrefixListId="pl-1", **WITHOUT_IPV4),
                rule(8, 1, 0, IsEgress=True, IpProtocol="-1", FromPort=-1, ToPort=-1),
            ],
            INSTANCES: [
                instance(1, name="jump", SecurityGroups=[{"GroupId": f"sg-{1:017x}"}]),
                *(instance(n, name=f"db-{n}", SecurityGroups=[{"GroupId": f"sg-{2:017x}"}]) for n in range(2, 7)),
            ],
        },
    )
    return acme
