from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

PUBLIC = "https://ledger.example"

pytestmark = pytest.mark.any_database


@pytest.fixture
def product(make_product):
    """An installation."""
    return make_product()


@pytest.fixture
def ask(product):
    """Ask its web server, whose public address is https, as the proxy in front of it does."""
    address = urlsplit(product.start_web(PUBLIC_URL=PUBLIC))

    def answer(path, host="ledger.example", **headers):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.request("GET", path, headers={"Host": host, **headers})
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    return answer


def test_an_https_address_is_enforced_by_redirect_hsts_and_cookies(ask):
    plain = ask("/accounts/login/")
    secure = ask("/accounts/login/", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})
    elsewhere = ask("/accounts/login/", host="evil.example", **{"X-Forwarded-Proto": "https"})

    assert (plain.status, plain.headers["Location"]) == (301, f"{PUBLIC}/accounts/login/")
    assert secure.status == 200
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    assert "; Secure" in secure.headers["Set-Cookie"]
    assert elsewhere.status == 400


def test_the_web_server_logs_no_token(product, ask):
    link = product.manage("sign_in_link", PUBLIC_URL=PUBLIC).stdout.strip()
    path = link.removeprefix(PUBLIC)

    shown = ask(path, **{"X-Forwarded-Proto": "https"})
    refused = ask(f"{path}wrong/", **{"X-Forwarded-Proto": "https"})
    missing = ask(path.replace("sign-in/", "sign-in/x"), **{"X-Forwarded-Proto": "https"})

    assert (shown.status, refused.status, missing.status) == (200, 404, 404)
    product.wait_for(lambda: "/sign-in/(hidden)" in product.log("web"), "a line about the refused link")
    assert path.split("/")[-2] not in product.log("web")
