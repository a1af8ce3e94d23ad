from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
ANSWERS = {
    "a page": ("/accounts/login/", {}, 200),
    "a redirect": ("/", {}, 302),
    "a static file": ("/static/css/tokens.css", {}, 200),
    "a missing static file": ("/static/missing.css", {}, 404),
    "a probe": ("/healthz", {}, 200),
    "a missing page": ("/missing/", {}, 404),
    "a refused link": ("/sign-in/wrong/", {}, 404),
    "a refused host": ("/", {"Host": "evil.example"}, 400),
    "a bad request": ("/doubts/", {}, 400),
    "a denied page": ("/denies/", {}, 403),
    "a fault": ("/fails/", {}, 500),
}
ERROR_PAGES = {
    name: ANSWERS[name] for name in ("a missing page", "a refused host", "a bad request", "a denied page", "a fault")
}


@pytest.fixture(autouse=True)
def _pages_that_fail(settings):
    settings.ROOT_URLCONF = "tests.sign_in.broken_pages"


def get(path, headers):
    return Client(raise_request_exception=False).get(path, headers=headers)


def policy_of(answer):
    directives = (directive.split() for directive in answer["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in directives}


@pytest.mark.parametrize(("path", "headers", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_carries_the_security_headers(db, path, headers, status):
    answer = get(path, headers)

    assert answer.status_code == status
    assert policy_of(answer) == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] in ("same-origin", "strict-origin")
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(("path", "headers", "status"), ANSWERS.values(), ids=ANSWERS)
def test_only_static_files_are_kept_by_browsers_and_proxies(db, path, headers, status):
    kept = get(path, headers)["Cache-Control"]

    assert ("public" in kept) == (path == "/static/css/tokens.css")
    assert ("no-store" in kept) == (path != "/static/css/tokens.css")


@pytest.mark.parametrize(("path", "headers", "status"), ERROR_PAGES.values(), ids=ERROR_PAGES)
def test_an_error_page_stands_alone_and_leads_back(path, headers, status):
    # Without the db fixture, asking the database for anything would fail.
    answer = get(path, headers)

    page = answer.content.decode()
    assert answer.status_code == status
    assert page.startswith("<!DOCTYPE html>")
    assert '<a href="/">' in page
    assert "a fault" not in page
    assert "Traceback" not in page


def test_a_form_that_is_not_accepted_says_what_to_do(db):
    page = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ada"})

    assert page.status_code == 403
    assert "reload the page" in page.content.decode()
    assert policy_of(page) == POLICY


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "evil example", "<script>", "testserver@evil"],
)
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_a_host_name_that_is_not_ours_never_comes_back(db, host, header):
    for path in ("/", "/accounts/login/", "/missing/"):
        answer = get(path, {header: host})

        assert host not in answer.content.decode()
        assert "evil" not in answer.get("Location", "")
        assert header != "Host" or answer.status_code == 400


def test_a_part_of_a_page_asked_for_without_a_session_reloads_the_whole_page(db):
    answer = Client().get("/", headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


def test_a_form_sent_without_a_session_does_not_lead_back_to_an_address_that_only_takes_forms(db):
    answer = Client().post("/accounts/password/set/", {"password1": "x"})

    assert answer["Location"] == "/accounts/login/"


def test_the_admin_site_has_no_sign_in_page_of_its_own(db):
    answer = Client().get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert Client().post("/admin/login/", {"username": "ada", "password": "x"}).status_code == 302


def test_the_admin_site_is_closed_to_users_who_are_not_staff(db):
    client = Client()
    client.force_login(User.objects.create_user("rita"))

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
