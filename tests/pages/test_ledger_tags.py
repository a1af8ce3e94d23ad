from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.template import Context, Template

from tests.pages.ledgers import NOW


def render(source, **values):
    return Template("{% load ledger %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("{{ value|money }}", Decimal("1106.385"), "1,106.38"),
        ("{{ value|money }}", Decimal(-48), "\N{MINUS SIGN}48.00"),
        ("{{ value|signed_money }}", Decimal("118.4"), "+118.40"),
        ("{{ value|signed_money }}", Decimal("-12.1"), "\N{MINUS SIGN}12.10"),
        ("{{ value|hourly }}", Decimal("0.096"), "0.09600"),
        ("{{ value|number }}", 1004, "1,004"),
        ("{{ value|short_id }}", "i-07be4412c09d3a1f6", "\N{HORIZONTAL ELLIPSIS}a1f6"),
        ("{{ value|short_id }}", "logs", "logs"),
        ("{{ value|short_id }}", "use1-wl1-bos-wlz1", "use1-wl1-bos-wlz1"),
        ("{{ value|duration }}", timedelta(seconds=0.42), "0.4 s"),
        ("{{ value|duration }}", timedelta(seconds=41), "41 s"),
        ("{{ value|duration }}", timedelta(minutes=3, seconds=4), "3 min 04 s"),
        ("{{ value|region_name }}", "eu-central-1", "Frankfurt"),
        ("{{ value|region_name }}", "mars-north-1", "mars-north-1"),
        ("{{ value|region_name }}", None, "Region unknown"),
    ],
)
def test_values_are_written_in_one_way(source, value, text):
    assert render(source, value=value) == text


def test_moments_carry_the_exact_time_for_machines_and_in_the_title():
    with time_machine.travel(NOW, tick=False):
        html = render("{{ value|moment }}", value=datetime(2026, 11, 17, 5, 39, tzinfo=UTC))

    assert html == '<time datetime="2026-11-17T05:39:00Z" title="17 Nov 2026, 05:39 UTC">17 Nov</time>'


def test_an_age_ends_at_the_moment_of_the_page():
    read_at = NOW - timedelta(hours=3)

    with time_machine.travel(NOW, tick=False):
        assert render("{{ value|age }}", value=read_at) == "3 h"
        assert render("{{ value|age:until }}", value=read_at, until=NOW - timedelta(hours=2)) == "60 min"


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low"])
def test_every_severity_has_a_shape_of_its_own(severity):
    shapes = {one: render("{% severity_mark one %}", one=one) for one in ("critical", "high", "medium", "low")}

    assert list(shapes.values()).count(shapes[severity]) == 1


def test_a_chip_for_the_unknown_escapes_its_words():
    html = render("{% unknown word url reason %}", word="<b>", url="/coverage/", reason='"no"')

    assert html == '<a class="unk" href="/coverage/" title="&quot;no&quot;"><span>&lt;b&gt;</span></a>'
