"""Pages over many revisions: `python -m bench.pages`.

Lists are measured against the same lists with an exact COUNT, asked in turns, and every page of the navigation against
a page that asks the ledger nothing. All are served by the product's own web server over HTTP, compressed as browsers
take them, to one signed-in superuser.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import django

from bench.fleet import ACCOUNTS
from bench.measure import load_average
from bench.navigation import pages_of
from bench.table import table
from config.processes import ended_by_signals, web_command
from tests.support.environment import ROOT, forget_variables
from tests.support.product import Product, free_port, status

REVISIONS = 1_000_000
QUICK_REVISIONS = 30_000
ROUNDS = 40
WARM_UP = 3
SERVERS = {"capped": "config.wsgi:application", "exact": "bench.exact_count:application"}
LIST = "/types/ec2-instance/"
ADDRESSES = {
    "first page": LIST,
    "by price": f"{LIST}?sort=-on_demand_monthly_usd",
    "one region": f"{LIST}?region=eu-west-1",
    "two conditions": f"{LIST}?state=stopped&instance_type=m5.large&sort=-launch_time",
}
DEEP = "page 50"
DEEP_PAGES = 49
TRIVIAL = "/accounts/password/set/"
"""A form in the look of signing in: session, user and template, and nothing of the ledger."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """How long one page took, in milliseconds."""

    name: str
    capped: Sequence[float]
    exact: Sequence[float]

    @property
    def share(self) -> float:
        """The 95th percentile of the product's page, in parts of that with an exact COUNT."""
        return percentile(self.capped, 95) / percentile(self.exact, 95)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one run measured: lists beside an exact COUNT, and the milliseconds of each page by its address."""

    lists: Sequence[Times]
    pages: Mapping[str, Sequence[float]]


def measure(revisions: int, say: Callable[[str], None], rounds: int = ROUNDS, *, accounts: int = ACCOUNTS) -> Measured:
    """Fill a ledger, serve it and time its pages."""
    with tempfile.TemporaryDirectory(prefix="skyledger-bench-") as folder, Product(Path(folder) / "s", {}) as product:
        product.manage("migrate", "--verbosity", "0")
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "bench.pages", "--fill", str(revisions), "--accounts", str(accounts)],
            cwd=ROOT,
            env=product.variables,
            check=True,
        )
        say(f"{revisions:,} revisions written in {time.perf_counter() - began:.0f} s (load average {load_average()})")
        link = urlsplit(product.manage("sign_in_link").stdout.strip())
        servers = {name: serve(product, name, application) for name, application in SERVERS.items()}
        visitor = Visitor(servers, signed_in(servers["capped"], link.path))
        lists = [visitor.time(name, address, rounds) for name, address in visitor.addresses().items()]
        return Measured(lists=lists, pages=visitor.time_pages(rounds))


class Visitor:
    """One signed-in browser, which keeps a connection to each server."""

    def __init__(self, servers: Mapping[str, str], cookie: str) -> None:
        self._cookie = cookie
        self._connections = {name: http.client.HTTPConnection(urlsplit(url).netloc) for name, url in servers.items()}

    def addresses(self) -> dict[str, str]:
        """The pages to ask for; the deep one is found as people find it, page after page."""
        address = LIST
        for _ in range(DEEP_PAGES):
            following = re.search(r'href="([^"]+)"\s+rel="next"', self._get("capped", address)[1])
            if following is None:
                break
            address = following[1].replace("&amp;", "&")
        return {**ADDRESSES, DEEP: address}

    def time(self, name: str, address: str, rounds: int) -> Times:
        """Ask both servers in turns."""
        times: dict[str, list[float]] = {server: [] for server in self._connections}
        for turn in range(WARM_UP + rounds):
            for server, taken in times.items():
                milliseconds, _ = self._get(server, address)
                if turn >= WARM_UP:
                    taken.append(milliseconds)
        return Times(name=name, capped=times["capped"], exact=times["exact"])

    def time_pages(self, rounds: int, pages: Sequence[str] = ()) -> dict[str, list[float]]:
        """Ask for these pages, or for every page of the navigation, and for the trivial one, in turns."""
        asked = pages or tuple(pages_of(self._get("capped", "/")[1]))
        times: dict[str, list[float]] = {page: [] for page in (TRIVIAL, *asked)}
        for turn in range(WARM_UP + rounds):
            for page, taken in times.items():
                milliseconds, _ = self._get("capped", page, with_rows=False)
                if turn >= WARM_UP:
                    taken.append(milliseconds)
        return times

    def _get(self, server: str, address: str, *, with_rows: bool = True) -> tuple[float, str]:
        connection = self._connections[server]
        began = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": self._cookie, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        milliseconds = 1000 * (time.perf_counter() - began)
        if answer.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        if answer.status != http.HTTPStatus.OK or (with_rows and b'scope="row"' not in body):
            raise RuntimeError(f"{address} answered {answer.status} without rows.")
        return milliseconds, body.decode()


def serve(product: Product, name: str, application: str) -> str:
    """Start a web server on a free port, wait until it is ready, and give its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    usual = web_command("127.0.0.1", port, 2, {"PORT": str(port)})
    arguments = [application if part == SERVERS["capped"] else part for part in usual.arguments]
    product.start(replace(usual, name=name, arguments=arguments))
    product.wait_for(lambda: status(f"{address}/readyz") == http.HTTPStatus.OK, "a web server that is ready")
    return address


def signed_in(server: str, path: str) -> str:
    """Follow a sign-in link, press its button, and give the cookies that stay."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    with browser.open(server + path) as answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
    if token is None:
        raise RuntimeError("The sign-in link shows no button.")
    with browser.open(server + path, data=f"csrfmiddlewaretoken={token[1]}".encode()):
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent of the values lie."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def report(revisions: int, measured: Measured) -> str:
    """The tables, in Markdown."""
    return "\n\n".join(
        (
            f"List pages at {revisions:,} revisions",
            _table_of_lists(measured.lists),
            f"Every page at {revisions:,} revisions, in parts of a page that asks the ledger nothing",
            table_of_pages(measured.pages),
        )
    )


def _table_of_lists(measured: Sequence[Times]) -> str:
    heads = ("list page", "p50 ms", "p95 ms", "with COUNT p50", "p95", "p95 x")
    rows = [
        (
            one.name,
            *(f"{percentile(times, percent):.1f}" for times in (one.capped, one.exact) for percent in (50, 95)),
            f"{one.share:.2f}",
        )
        for one in measured
    ]
    return table(heads, rows)


def table_of_pages(measured: Mapping[str, Sequence[float]]) -> str:
    """Each page in parts of the trivial one."""
    trivial = percentile(measured[TRIVIAL], 95)
    rows = [
        (page, f"{percentile(times, 50):.1f}", f"{percentile(times, 95):.1f}", f"{percentile(times, 95) / trivial:.1f}")
        for page, times in measured.items()
    ]
    return table(("page", "p50 ms", "p95 ms", "p95 x"), rows)


def _fill(revisions: int, accounts: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from bench.ledger import fill  # noqa: PLC0415 - models can be imported only now

    fill(revisions, accounts)


def main() -> None:
    """Fill a ledger, or measure its pages."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--revisions", type=int, default=REVISIONS)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--fill", type=int, help="only write so many revisions into the ledger of this environment")
    options = parser.parse_args()
    if options.fill:
        _fill(options.fill, options.accounts)
        return
    forget_variables()
    with ended_by_signals():
        measured = measure(
            options.revisions, lambda line: print(line, file=sys.stderr, flush=True), accounts=options.accounts
        )
    print(report(options.revisions, measured))


if __name__ == "__main__":
    main()
