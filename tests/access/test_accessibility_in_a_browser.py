"""Every page passes axe at desk and phone width, light and dark, and keeps the content security policy."""

from __future__ import annotations

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from tests.access.routes import Who, paths
from tests.access.world import Estate, make_acme
from tests.support.browser import sign_in
from tests.support.chromium import DESK, PHONE
from tests.support.left_out import FEW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PAGES = (Who.ANYBODY, Who.SIGNED_IN, Who.GRANTED, Who.OWNER, Who.OPERATOR)
# What passes need not be described, which takes most of the time.
FAULTS = {"resultTypes": ["violations"]}
EVERYTHING = {**FAULTS, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {**FAULTS, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
AXE = Axe().axe_script
# The types whose pages have parts of their own; those of the others differ in their columns only.
TYPES = {*FEW, "image", "ebs-snapshot", "launch-template", "load-balancer"}
SIZES = {"desk": DESK, "phone": PHONE}
LOOKS = {"light": EVERYTHING, "dark": COLOURS}


@pytest.fixture
def acme(transactional_db: None) -> Estate:
    """Written anew: Chromium is shown what was committed."""
    return make_acme()


def test_axe_finds_no_fault_on_any_page(live_server, acme, open_page):
    user = User.objects.create(username="ada", is_superuser=True, is_staff=True)
    faults, looked_at = [], 0
    page = open_page()
    sign_in(page, user, live_server.url)

    for path in paths(acme, *PAGES):
        if path.startswith("/types/") and path.split("/")[2] not in TYPES:
            continue
        answer = page.request.get(f"{live_server.url}{path}", max_redirects=0)
        if answer.status != 200 or not answer.body().decode(errors="replace").lstrip().lower().startswith(
            "<!doctype html"
        ):
            continue
        page.goto(f"{live_server.url}{path}")
        page.evaluate(AXE)
        for (size, viewport), (scheme, options) in product(SIZES.items(), LOOKS.items()):
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate("options => axe.run(options)", options)["violations"]
            where = f"{path} {size} {scheme}"
            faults += [f"{where} {one['id']}: {node['target']}" for one in found for node in one["nodes"]]
        looked_at += 1

    assert looked_at > 20
    assert not faults, "\n".join(faults)
