"""What is compressed on its way to the browser, and what a list weighs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.utils import timezone

from tests.pages.ledgers import account, instance, look, operator

LIST = "/types/ec2-instance/"
STYLES = "/static/css/components.css"
MOST_BYTES = 150_000
LINKED = re.compile(r'<link [^>]*href="([^"]+)"|<script [^>]*src="([^"]+)"|<use href="([^"#]+)')
NAMED_IN_STYLES = re.compile(r"url\(['\"]?([^'\")]+)")


@pytest.fixture
def browser_like(client: Client) -> Client:
    """A client that takes compressed answers, as every browser does."""
    client.defaults["HTTP_ACCEPT_ENCODING"] = "gzip, deflate, br"
    return client


@pytest.fixture
def signed_in(browser_like, db):
    """Somebody who sees more instances than stand on one page."""
    listing = {("eu-central-1", "ec2-instance"): [instance(number) for number in range(1, 41)]}
    look(account(), timezone.now() - timedelta(minutes=4), listing)
    browser_like.force_login(operator())
    return browser_like


def sent(answer) -> bytes:
    """What goes over the wire."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def needed_for(client: Client, page: str) -> Iterator[tuple[str, int]]:
    """The page and everything that a browser loads for it, each with its bytes on the wire."""
    body = sent(client.get(page))
    yield page, len(body)
    wanted = {next(filter(None, found)) for found in LINKED.findall(gzip.decompress(body).decode())}
    seen = set()
    while wanted:
        address = wanted.pop()
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        content = sent(answer)
        yield address, len(content)
        if address.endswith(".css"):
            text = gzip.decompress(content).decode()
            named = {urljoin(address, one) for one in NAMED_IN_STYLES.findall(text) if not one.startswith("data:")}
            wanted |= named - seen


def test_a_list_and_all_that_it_needs_is_less_than_150_kb(signed_in):
    weights = dict(needed_for(signed_in, LIST))

    assert len([address for address in weights if address.endswith((".css", ".js", ".woff2", ".svg"))]) > 8
    assert sum(weights.values()) < MOST_BYTES, weights


def test_exports_are_compressed_while_they_are_written(signed_in):
    answer = signed_in.get(LIST, {"format": "csv"})

    assert answer.streaming
    assert answer["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(sent(answer)).decode().splitlines()) == 41


@pytest.mark.parametrize(
    ("address", "headers", "encoding"),
    [
        (STYLES, {}, "gzip"),
        (STYLES, {"Accept-Encoding": "identity"}, None),
        (STYLES, {"Range": "bytes=0-999"}, None),
        ("/static/fonts/ibm-plex-sans-latin-wght-normal.woff2", {}, None),
    ],
)
def test_only_whole_texts_are_compressed_for_those_who_take_them_so(browser_like, address, headers, encoding):
    answer = browser_like.get(address, headers=headers)

    assert answer.get("Content-Encoding") == encoding
