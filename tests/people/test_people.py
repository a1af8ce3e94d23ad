"""The pages of people and groups: what they say, and what their forms do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.models import Scope, Token
from inventory.models import Account, AccountGrant, LastVisit
from sign_in.links import new_invitation
from tests.pages.ledgers import account
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

LIST = "/settings/users/"
DETAILS = {"first_name": "", "last_name": "", "email": ""}


def page_of(user):
    return f"{LIST}{user.pk}/"


def group_of(name, *members, shows=()):
    group = Group.objects.create(name=name)
    group.user_set.add(*members)
    for one in shows:
        AccountGrant.objects.create(account=one, group=group)
    return group


def send(client, path, **fields):
    return Reading(client.post(f"{LIST}{path}", fields, follow=True))


def sees(user):
    return [one.name for one in Account.objects.visible_to(User.objects.get(pk=user.pk))]


def test_the_list_says_who_may_sign_in_and_how_much_each_sees(client, ada, rita, acme):
    beta, gamma = account("beta", "444455556666"), account("gamma", "777788889999")
    group_of("platform", rita, shows=[acme, beta])
    for one in (beta, gamma):
        AccountGrant.objects.create(account=one, user=rita)
    Token.objects.issue(rita, name="report", scopes=[Scope.COSTS], lifetime=timedelta(days=1))
    Token.objects.issue(rita, name="old", scopes=[Scope.COSTS], lifetime=timedelta(days=1))[0].delete()
    new_invitation(User.objects.create_user("noor"), ada)
    User.objects.create_user("zed", is_active=False)
    User.objects.create_user("wim")

    page = Reading(client.get(LIST))

    rows = page.tables["People"][1:]
    assert [row[0] for row in rows] == ["ada you", "noor", "rita rita@example.com", "wim", "zed"]
    assert rows[0][1:5] == ["active", "every account", "\N{EN DASH}", "0"]
    assert rows[1][1].startswith("invited until ")
    assert rows[2][1:] == ["active", "3 accounts", "platform", "1", "never here"]
    assert [rows[3][1], rows[4][1]] == ["has no way in", "deactivated"]
    assert "2 may sign in, 1 of them a superuser who sees every account · 1 invited" in page.words
    assert page.table("Groups") == {"Group": ["Members", "Shows accounts"], "platform": ["1 member", "2 accounts"]}
    assert "People" in page.current


def test_the_list_counts_the_accounts_that_a_person_really_sees(client, rita, acme):
    group_of("platform", rita, shows=[acme, account("beta", "444455556666")])
    AccountGrant.objects.create(account=acme, user=rita)
    account("gamma", "777788889999")

    told = Reading(client.get(LIST)).table("People")["rita rita@example.com"][1]

    assert told == f"{len(sees(rita))} accounts" == "2 accounts"


def test_the_newest_page_or_sign_in_is_when_somebody_was_here_last(client, rita):
    now = timezone.now()
    User.objects.filter(pk=rita.pk).update(last_login=now - timedelta(days=400))
    LastVisit.objects.create(user=rita, seen_at=now - timedelta(days=380))

    told = Reading(client.get(LIST)).table("People")["rita rita@example.com"][-1]

    assert f"{now - timedelta(days=380):%b %Y}" in told


def test_the_list_of_a_chosen_account_has_those_who_see_it_and_says_by_what(client, rita, acme):
    group_of("platform", rita, shows=[acme])
    AccountGrant.objects.create(account=acme, user=rita)
    User.objects.create_user("stranger")

    page = Reading(client.get(LIST, {"account": "acme"}))

    people = page.table("People")
    assert "People who see acme" in page.words
    assert people["ada you"][1] == "as a superuser"
    assert people["rita rita@example.com"][1] == "by a grant, through platform"
    assert not [name for name in people if name.startswith("stranger")]


def test_the_number_of_queries_grows_neither_with_people_nor_with_groups(client, acme):
    def fill(number):
        for one in range(number):
            user = User.objects.create_user(f"user-{number}-{one}")
            group_of(f"group-{number}-{one}", user, shows=[acme])
            new_invitation(user)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        return len(asked)

    fill(1)
    client.get(LIST)
    few = queries()
    fill(5)

    # Seven for the page: grants, users, their groups, visits, invitations, tokens, groups; the others for the frame.
    assert queries() == few <= 15


def test_the_page_of_a_person_tells_own_grants_from_those_of_groups(client, rita, acme):
    group_of("platform", rita, shows=[acme, account("beta", "444455556666")])
    AccountGrant.objects.create(account=acme, user=rita)

    page = Reading(client.get(page_of(rita)))

    assert page.tables["Accounts granted"][1:] == [
        ["acme 111122223333", "own grant, platform", "Revoke acme"],
        ["beta 444455556666", "platform", ""],
    ]


def test_an_invitation_shows_its_address_once_and_lets_the_person_in(client, acme, settings):
    settings.PUBLIC_URL = "http://testserver"
    group = group_of("platform", shows=[account("beta", "444455556666")])
    form = {**DETAILS, "username": "noor", "first_name": "Noor", "groups": [group.pk], "accounts": [acme.pk]}

    answer = client.post(f"{LIST}invite/", form)
    noor = User.objects.get(username="noor")
    address = answer.content.decode().split('id="address">')[1].split("<")[0]
    later = client.get(page_of(noor)).content.decode()
    guest = Client()
    guest.post(address, {"password1": "correct horse battery", "password2": "correct horse battery"})

    assert address.startswith("http://testserver/invitation/")
    assert address not in later
    assert "invited until" in later
    assert "beta" in Reading(guest.get("/coverage/")).links
    assert sees(noor) == ["acme", "beta"]
    assert not User.objects.get(username="noor").is_staff


def test_an_invited_superuser_sees_everything_and_is_let_into_the_administration(client):
    client.post(f"{LIST}invite/", {**DETAILS, "username": "noor", "is_superuser": "on"})

    noor = User.objects.get(username="noor")
    assert (noor.is_superuser, noor.is_staff, noor.has_usable_password()) == (True, True, False)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"username": ""}, "Write the name to sign in with."),
        ({"username": "RITA"}, "There is a user named RITA already."),
        ({"username": "rita@example.com"}, "is somebody else's e-mail address"),
        ({"username": "no or"}, "letters, digits"),
        ({"username": "noor", "email": "Rita@Example.com"}, "somebody else's address already"),
        ({"username": "noor", "email": "noor"}, "This is no e-mail address."),
        ({"username": "noor", "first_name": "No\nor"}, "Write it in one line."),
    ],
)
def test_an_invitation_that_cannot_be_made_is_refused_with_the_reason(client, rita, acme, fields, complaint):
    answer = client.post(f"{LIST}invite/", {**DETAILS, **fields, "accounts": [acme.pk]})

    page = Reading(answer)
    assert answer.status_code == 400
    assert complaint in page.words
    assert f'value="{acme.pk}" checked' in " ".join(answer.content.decode().split())
    assert User.objects.count() == 2


def test_somebody_who_was_here_gets_a_sign_in_link_and_keeps_the_password(client, rita, settings):
    settings.PUBLIC_URL = "http://testserver"
    Client().force_login(rita)

    answer = client.post(f"{page_of(rita)}link/")
    address = answer.content.decode().split('id="address">')[1].split("<")[0]
    guest = Client()
    guest.post(address)

    assert address.startswith("http://testserver/sign-in/")
    assert guest.session["_auth_user_id"] == str(rita.pk)
    assert User.objects.get(pk=rita.pk).check_password("correct horse battery")


def test_nobody_who_is_deactivated_gets_a_link(client, rita):
    User.objects.filter(pk=rita.pk).update(is_active=False)

    page = send(client, f"{rita.pk}/link/")

    assert "rita is deactivated: no link would let him or her in." in page.words


def test_a_withdrawn_invitation_leaves_a_person_without_a_way_in(client, ada):
    noor = User.objects.create_user("noor")
    address = new_invitation(noor, ada)

    page = send(client, f"{noor.pk}/withdraw/")

    assert "The invitation of noor is withdrawn" in page.words
    assert "has no way in" in page.words
    assert Client().get(f"/invitation/{address.split('/')[-2]}/").status_code == 410


def test_somebody_who_never_came_is_removed_and_somebody_who_did_stays(client, rita, acme):
    noor = User.objects.create_user("noor")
    AccountGrant.objects.create(account=acme, user=noor)
    Client().force_login(rita)

    send(client, f"{noor.pk}/remove/")
    page = send(client, f"{rita.pk}/remove/")

    assert [user.username for user in User.objects.order_by("username")] == ["ada", "rita"]
    assert not AccountGrant.objects.exists()
    assert "rita has signed in since, and can only be deactivated." in page.words


def test_granting_shows_an_account_at_once_and_revoking_hides_it(client, rita, acme):
    guest = Client()
    guest.force_login(rita)

    granted = send(client, "grants/", user=rita.pk, accounts=[acme.pk])
    seen = guest.get("/coverage/?account=acme").status_code
    revoked = send(client, f"grants/{AccountGrant.objects.get().pk}/revoke/")
    hidden = guest.get("/coverage/?account=acme").status_code

    assert "rita sees acme from now on." in granted.words
    assert "rita sees acme no more." in revoked.words
    assert (seen, hidden) == (200, 404)


def test_a_grant_of_a_group_reaches_its_members_until_one_is_taken_out(client, rita, acme):
    group = group_of("platform")

    send(client, "grants/", group=group.pk, accounts=[acme.pk])
    before = sees(rita)
    send(client, "groups/join/", group=group.pk, users=[rita.pk])
    inside = sees(rita)
    page = send(client, "groups/leave/", group=group.pk, users=[rita.pk])

    assert (before, inside, sees(rita)) == ([], ["acme"], [])
    assert "rita is not in platform any more." in page.words


def test_revoking_says_what_still_shows_the_account(client, ada, rita, acme):
    group_of("platform", rita, shows=[acme])
    own = AccountGrant.objects.create(account=acme, user=rita)
    for_ada = AccountGrant.objects.create(account=acme, user=ada)

    told = [send(client, f"grants/{one.pk}/revoke/").words for one in (own, for_ada)]

    assert "rita sees it all the same, through platform." in told[0]
    assert "ada sees it all the same, as a superuser." in told[1]


def test_granting_twice_is_one_grant_and_granting_nothing_is_refused(client, rita, acme):
    send(client, "grants/", user=rita.pk, accounts=[acme.pk])

    again = send(client, "grants/", user=rita.pk, accounts=[acme.pk])
    nothing = send(client, "grants/", user=rita.pk)

    assert "rita had been granted that already." in again.words
    assert "Choose an account to grant" in nothing.words
    assert AccountGrant.objects.count() == 1


@pytest.mark.parametrize("whom", [{}, {"user": "999"}, {"group": "x"}])
def test_nothing_is_granted_to_nobody(client, acme, whom):
    answer = client.post(f"{LIST}grants/", {**whom, "accounts": [acme.pk]})

    assert answer.status_code == 404
    assert not AccountGrant.objects.exists()


def test_nothing_is_granted_to_a_person_and_a_group_at_once(client, rita, acme):
    group = group_of("platform")

    answer = client.post(f"{LIST}grants/", {"user": rita.pk, "group": group.pk, "accounts": [acme.pk]})

    assert answer.status_code == 404
    assert not AccountGrant.objects.exists()


def test_a_group_is_made_renamed_and_deleted_with_its_grants(client, rita, acme):
    made = send(client, "groups/", name="platform")
    group = Group.objects.get()
    send(client, "groups/join/", group=group.pk, users=[rita.pk])
    send(client, "grants/", group=group.pk, accounts=[acme.pk])

    renamed = send(client, f"groups/{group.pk}/rename/", name="Platform team")
    deleted = send(client, f"groups/{group.pk}/delete/")

    assert "platform is made." in made.words
    assert "1 member sees 1 account through it" in renamed.words
    assert "The group Platform team is deleted" in deleted.words
    assert (sees(rita), Group.objects.count()) == ([], 0)


@pytest.mark.parametrize(("name", "complaint"), [("", "Write the name"), ("Platform", "already"), ("a\nb", "one line")])
def test_a_group_needs_a_name_of_its_own(client, name, complaint):
    group_of("platform")
    other = group_of("other")

    made = client.post(f"{LIST}groups/", {"name": name})
    renamed = client.post(f"{LIST}groups/{other.pk}/rename/", {"name": name})

    assert [made.status_code, renamed.status_code] == [400, 400]
    assert complaint in Reading(made).words
    assert complaint in Reading(renamed).words
    assert sorted(Group.objects.values_list("name", flat=True)) == ["other", "platform"]


def test_details_are_stored_and_a_wrong_one_is_refused(client, rita, ada):
    User.objects.filter(pk=ada.pk).update(email="ada@example.com")
    filled = {"first_name": "Rita", "last_name": "Kowalczyk", "email": "rk@example.com"}

    page = send(client, f"{rita.pk}/details/", **filled)
    refused = client.post(f"{page_of(rita)}details/", {**filled, "email": "ADA@example.com"})
    rita.refresh_from_db()

    assert "The first name, the last name, the e-mail address changed." in page.words
    assert refused.status_code == 400
    assert "somebody else's address already" in Reading(refused).words
    assert (rita.get_full_name(), rita.email) == ("Rita Kowalczyk", "rk@example.com")


def test_whoever_is_deactivated_is_out_at_once_and_back_when_activated(client, rita, acme):
    AccountGrant.objects.create(account=acme, user=rita)
    guest = Client()
    guest.force_login(rita)

    page = send(client, f"{rita.pk}/deactivate/")
    out = guest.get("/")
    send(client, f"{rita.pk}/activate/")
    back = guest.get("/")

    assert "rita is deactivated" in page.words
    assert (out.status_code, back.status_code) == (302, 200)
    assert sees(rita) == ["acme"]
