"""Style sheets and scripts are served without anything being collected or set first."""

from __future__ import annotations

import sys
import urllib.request

from config.processes import Command
from tests.support.environment import ROOT
from tests.support.product import free_port, status


def test_every_static_file_is_served_with_debug_off(client, settings) -> None:
    files = [file.relative_to(ROOT / "static") for file in (ROOT / "static").rglob("*") if file.is_file()]

    statuses = {str(file): client.get(f"/static/{file}").status_code for file in files}

    assert files
    assert settings.DEBUG is False
    assert set(statuses.values()) == {200}


def test_runserver_shows_pages_with_their_style_sheets(make_product) -> None:
    product = make_product()
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    product.start(Command(name="web", arguments=(sys.executable, "manage.py", "runserver", "--noreload", str(port))))
    product.wait_for(lambda: status(f"{address}/readyz") == 200, "a development server that is ready")

    with urllib.request.urlopen(f"{address}/", timeout=10) as page:
        assert "/accounts/login/" in page.url
        assert "static/" in page.read().decode()
    assert status(f"{address}/static/css/tokens.css") == 200
