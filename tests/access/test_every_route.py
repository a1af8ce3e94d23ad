from __future__ import annotations

import io
import re
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from inventory.models import AccountGrant, Mute, Snapshot
from inventory.pages.formats import CONTENT_TYPES
from inventory.registry import resource_types
from tests.access.routes import ADMIN, API, TABLE, Who, paths, routes
from tests.access.world import ZEPHYR_ID, Estate, make_zephyr
from tests.support.left_out import FEW

# Who sees what is asked of both databases in tests/pages and tests/api.
pytestmark = pytest.mark.any_database

OVER_ALL = ("/", "/ports/", "/findings/", "/costs/", "/coverage/", "/changes/")
PRIVATE = [who for who in Who if who is not Who.ANYBODY]


def text_of(response) -> str:
    """The answer as text, without what is made anew each time: the token of forms, and the key of an MFA app."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if response["Content-Type"] == CONTENT_TYPES["xlsx"]:
        return str([list(sheet.values) for sheet in load_workbook(io.BytesIO(body)).worksheets])
    return re.sub(r"\b[A-Za-z0-9]{64}\b|\b[A-Z2-7]{32}\b|data:image/svg\+xml;base64,[\w+/=]+", "", body.decode())


def probes(estate: Estate) -> list[str]:
    """Questions by which somebody would find out what an account holds that was not granted."""
    asked = [f"/types/{of.slug}/?name__contains={estate.name}" for of in resource_types()]
    native_ids = {slug: estate.native_id(slug) for slug in FEW}
    for slug, native_id in native_ids.items():
        asked += [
            f"/types/{slug}/?name={quote(f'{estate.name} the {slug}')}",
            f"/types/{slug}/?native_id={native_id}",
            f"/types/{slug}/?region={estate.region}",
            f"/types/{slug}/?tag:{estate.name}-key={estate.name}",
            f"/types/{slug}/?as_of=2026-05-20T00:00:00Z",
        ]
    words = (estate.name, estate.region, *native_ids.values(), f"{estate.name}-key")
    asked += [f"/search/?q={word}&go=1" for word in words]
    asked += [
        f"/query/?q={quote(query)}"
        for query in (
            f"account:{estate.name}",
            f"account:{estate.name[:3]}*",
            f"-account:{ZEPHYR_ID}",
            f"region:{estate.region}",
            f"tag:{estate.name}-key={estate.name}",
            f"*{estate.name}",
            "cost>0",
            f"native_id:{estate.native_ids[0]}",
        )
    ]
    asked += [f"{path}?region={estate.region}" for path in OVER_ALL]
    asked += [
        f"/changes/?from=2026-05-01&{condition}"
        for condition in (
            f"region={estate.region}",
            f"tag:{estate.name}-key",
            "kind=gone&format=json",
            "type=ec2-instance",
        )
    ]
    asked += [f"{path}?as_of=2026-05-20T00:00:00Z" for path in OVER_ALL]
    return asked


def test_every_route_has_an_entry_and_every_entry_a_route():
    walked = {route for route in routes() if not route.startswith((ADMIN, API))}

    assert walked == set(TABLE)


def test_without_signing_in_every_page_leads_to_the_sign_in_page(acme):
    answers = {path: Client().get(path) for path in paths(acme, *PRIVATE)}

    for path, answer in answers.items():
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/"), path


def test_without_signing_in_no_form_is_taken(acme):
    answers = {path: Client().post(path) for path in paths(acme, *PRIVATE)}

    for path, answer in answers.items():
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/"), path


def test_what_is_open_to_anybody_tells_nothing_of_what_there_is(acme):
    for path in paths(acme, Who.ANYBODY):
        answer = Client().get(path)

        assert "/accounts/login/?" not in answer.get("Location", ""), path
        assert not [word for word in acme.words if word in answer.content.decode()], path


def test_a_superuser_sees_every_page_of_every_account(acme, zephyr, browser_of):
    client = browser_of("ada", is_superuser=True)

    for path in dict.fromkeys(
        [path for estate in (acme, zephyr) for path in paths(estate, Who.GRANTED, Who.OWNER, Who.OPERATOR)]
    ):
        assert client.get(path).status_code == 200, path
    for of in resource_types():
        assert zephyr.native_id(of.slug) in text_of(client.get(f"/types/{of.slug}/?format=json"))


def test_a_grant_shows_every_page_of_the_account(acme, browser_of):
    client = browser_of("rita", acme)

    for path in paths(acme, Who.GRANTED, Who.OWNER):
        answer = client.get(path)

        assert answer.status_code == 200, path
    for of in resource_types():
        assert acme.native_id(of.slug) in text_of(client.get(f"/types/{of.slug}/?format=json"))


def test_the_things_of_an_account_that_was_not_granted_are_not_found(acme, zephyr, browser_of):
    for client in (browser_of("nadia"), browser_of("rita", acme)):
        for path in paths(zephyr, Who.OWNER):
            answer = client.get(path)

            assert answer.status_code == 404, path
            assert not [word for word in zephyr.words if word in text_of(answer)], path


def test_pages_look_as_if_an_account_that_was_not_granted_did_not_exist(acme, browser_of):
    """Names, ids, facets, options and counts at once: any trace makes the two answers differ."""
    clients = {"without grants": browser_of("nadia"), "with another grant": browser_of("rita", acme)}

    def answers(asked):
        return {
            (who, path): (response.status_code, text_of(response))
            for who, client in clients.items()
            for path in asked
            for response in [client.get(path)]
        }

    with transaction.atomic():
        zephyr = make_zephyr(acme)
        pages = [*paths(zephyr, Who.GRANTED, Who.OWNER, Who.SIGNED_IN), *paths(acme, Who.OWNER)]
        asked = list(dict.fromkeys([*pages, *probes(zephyr)]))
        beside_it = answers(asked)
        transaction.set_rollback(True)
    without_it = answers(asked)

    assert [key for key, answer in beside_it.items() if answer != without_it[key]] == []
    assert [key for key, (status, _) in beside_it.items() if status >= 500] == []


@pytest.mark.parametrize("spelling", ["zephyr", ZEPHYR_ID])
def test_an_account_that_was_not_granted_cannot_be_chosen(acme, zephyr, browser_of, spelling):
    client = browser_of("rita", acme)

    for path in paths(acme, Who.GRANTED):
        mark = "&" if "?" in path else "?"
        chosen = client.get(f"{path}{mark}account={spelling}")
        invented = client.get(f"{path}{mark}account=invented")

        assert (chosen.status_code, invented.status_code) == (404, 404), path
        assert text_of(chosen).replace(spelling, "invented") == text_of(invented), path


def test_a_form_starts_snapshots_of_granted_accounts_only(acme, zephyr, browser_of):
    client = browser_of("rita", acme)

    for path in paths(acme, Who.FORM):
        looked, sent = client.get(path), client.post(path, {"account": "zephyr"})
        for spelling in ("zephyr", zephyr.account.account_id):
            assert client.post(f"{path}?account={spelling}").status_code == 404, path
        assert (looked.status_code, sent.status_code) == (405, 302), path

    assert Snapshot.objects.filter(account=acme.account).count() == 2
    assert Snapshot.objects.filter(account=zephyr.account).count() == 1


def test_a_form_about_a_thing_of_an_account_is_for_those_who_were_granted_it(acme, zephyr, browser_of):
    sent = {"reason": "accepted", "until": "2026-08-01", "text": "we know", "comment": "for a while"}
    stranger, reader = browser_of("nadia"), browser_of("rita", acme)

    for path in paths(zephyr, Who.OWNER_FORM):
        for client in (stranger, reader):
            looked, answer = client.get(path), client.post(path, sent)

            assert (looked.status_code, answer.status_code) == (405, 404), path
    for path in paths(acme, Who.OWNER_FORM):
        assert reader.post(path, sent).status_code == 302, path
    assert {one.account for one in Mute.objects.all()} == {acme.account}


def test_a_form_about_a_thing_of_one_user_exists_for_nobody_else(acme, browser_of):
    for client in (browser_of("nadia"), browser_of("rita", acme), browser_of("ada", is_superuser=True)):
        for path in paths(acme, Who.OWN_FORM):
            looked, sent = client.get(path), client.post(path, {"name": "mine", "is_shared": ""})

            assert (looked.status_code, sent.status_code) == (405, 404), path

    acme.view.refresh_from_db()
    assert (acme.view.name, acme.view.is_shared) == ("acme view", True)


def test_what_operators_decide_does_not_exist_for_anybody_else(acme, browser_of):
    clients = browser_of("nadia"), browser_of("rita", acme)

    for path in paths(acme, Who.OPERATOR, Who.OPERATOR_FORM):
        for client in clients:
            looked, sent = client.get(path), client.post(path, {"because": "I say so"})

            assert looked.status_code in (404, 405), path
            assert sent.status_code == (404 if path in paths(acme, Who.OPERATOR_FORM) else sent.status_code), path
            assert not [word for word in acme.words if word in text_of(looked) + text_of(sent)], path
    acme.account.refresh_from_db()
    assert (acme.account.paused_at, acme.account.archived_at) == (None, None)


def test_operators_decide_by_forms_that_this_site_sent(acme):
    User.objects.create(username="ada", is_superuser=True, is_staff=True)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="ada"))

    answers = {path: (client.get(path), client.post(path)) for path in paths(acme, Who.OPERATOR_FORM)}

    for path, (looked, sent) in answers.items():
        assert (looked.status_code, sent.status_code) == (405, 403), path


def test_a_grant_to_a_group_counts_for_its_members_until_it_is_taken_back(acme, browser_of):
    client = browser_of("rita")
    group = Group.objects.create(name="harbour")
    group.user_set.add(User.objects.get(username="rita"))
    path = next(iter(paths(acme, Who.OWNER)))

    before = client.get(path).status_code
    AccountGrant.objects.create(account=acme.account, group=group)
    granted = client.get(path).status_code
    group.user_set.clear()
    taken_back = client.get(path).status_code

    assert (before, granted, taken_back) == (404, 200, 404)


def test_a_superuser_who_was_deactivated_is_out_at_once(acme, browser_of):
    client = browser_of("ada", is_superuser=True)
    User.objects.update(is_active=False)

    answer = client.get("/")

    assert answer["Location"] == "/accounts/login/?next=/"


def admin_paths() -> list[str]:
    """An address for every route of the admin site."""
    written = [route for route in routes() if route.startswith(ADMIN)]
    plain = [re.sub(r"\(\?P<[a-z_]+>([a-z]+)[^)]*\)|<[^>]+>|\(\?P<url>\.\*\)", r"\1", route) for route in written]
    return ["/" + re.sub(r"[\^$]", "", re.sub(r"//", "/1/", path)) for path in plain]


def test_the_admin_site_is_closed_to_everybody_but_staff(acme, browser_of):
    reader = browser_of("rita", acme)

    for path in admin_paths():
        anonymous, signed_in = Client().get(path), reader.get(path)

        assert anonymous.status_code in (302, 301), path
        assert signed_in.status_code in (302, 301, 403), path
        assert not [word for word in acme.words if word in text_of(signed_in)], path


def test_staff_without_permissions_sees_no_account_in_the_admin_site(acme, browser_of):
    client = browser_of("rita")
    User.objects.filter(username="rita").update(is_staff=True)

    for path in admin_paths():
        answer = client.get(path)

        assert not [word for word in acme.words if word in text_of(answer)], path
