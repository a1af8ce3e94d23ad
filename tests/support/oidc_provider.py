"""A real OpenID Connect provider on loopback, in a process of its own, and the way of a browser through it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client

from tests.support.product import free_port

CALLBACK = "http://testserver/accounts/oidc/callback/"


@dataclass(frozen=True)
class Provider:
    """Where the provider listens, and the client that was registered there."""

    issuer: str
    client_id: str
    client_secret: str

    def knows(self, sub: str, **claims: Any) -> None:
        """Have the provider say this about a person from now on."""
        requests.put(f"{self.issuer}/users/{sub}", json=claims, timeout=10).raise_for_status()

    def way_back(self, asked: str, sub: str) -> str:
        """Sign in at the provider as a person, and give the address that it sends the browser to."""
        answer = requests.post(asked, data={"sub": sub}, allow_redirects=False, timeout=10)
        return answer.headers["Location"]

    def sign_in(self, client: Client, sub: str, address: str = "/accounts/oidc/login/") -> Any:
        """Go the whole way with a test client, and give the product's answer to the provider's."""
        return come_back(client, self.way_back(client.get(address)["Location"], sub))


def come_back(client: Client, address: str) -> Any:
    """Open an address that the provider gave, in a test client, and give the test client's answer."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider for the length of a with-block, which lets nobody but a registered client ask."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    # In a process of its own, because its libraries warn of things that tests treat as errors.
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen([*command, "--require-registration", "true"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, f"{issuer}/.well-known/openid-configuration")
        made = requests.post(
            f"{issuer}/oauth2/clients",
            json={"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_post"},
            timeout=10,
        ).json()
        yield Provider(issuer, made["client_id"], made["client_secret"])
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(address, timeout=10).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the provider did not start")
