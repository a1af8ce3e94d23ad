"""How figures of ways of paying look. `{% load costs %}`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template
from django.template.context import RequestContext
from django.utils import timezone

from costs.compare import MONTH_HOURS
from costs.pages.sections import SECTIONS
from costs.time_run import TimeRun
from inventory.pages.frame import address
from inventory.pages.scope import PageScope

register = template.Library()

LOCK_STEPS = range(1, 4)


@register.filter
def percent(value: Decimal) -> str:
    """`33.4 %`, with a true minus."""
    return f"{value:,.1f} %".replace("-", "\N{MINUS SIGN}")


@register.filter
def places(value: Decimal, number: int) -> str:
    """A figure with so many decimals: `0.057767`, `60.1741`."""
    return f"{value:,.{number}f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def whole_money(value: Decimal) -> str:
    """Money paid once, in US dollars: `120,122`, with its cents only where it has any."""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


@register.filter
def hours(value: Decimal) -> str:
    """Hours a month from which a commitment is cheaper: `475`, or `never` beyond the hours of a month."""
    return "never" if value > MONTH_HOURS else f"{value:,.0f}"


@register.filter
def hours_of_time(value: Decimal) -> str:
    """A length of time in whole hours: `2,160`."""
    return f"{value:,.0f}"


@register.filter
def months_back(value: Decimal) -> str:
    """Months until an upfront payment has come back: `7.3`, `at once` where nothing was paid upfront."""
    return f"{value:,.1f}" if value else "at once"


@register.filter
def price_age(stood_on: date) -> str:
    """How long ago prices stood: `under a month`, `7 months`, `1 year 7 months`."""
    today = timezone.now().date()
    months = (today.year - stood_on.year) * 12 + today.month - stood_on.month - (today.day < stood_on.day)
    years, rest = divmod(max(months, 0), 12)
    words = [f"{number} {word}{'s' * (number > 1)}" for number, word in ((years, "year"), (rest, "month")) if number]
    return " ".join(words) or "under a month"


@register.filter
def measure(value: Decimal) -> str:
    """A quantity or a unit price as it is, without trailing zeros: `3,000`, `0.0455`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def cut_sign(value: Decimal) -> Decimal:
    """How much, whichever way."""
    return abs(value)


@register.filter
def measure_of_things(value: Decimal) -> str:
    """How many things, with one decimal where a part of one counts: `12`, `3.5`."""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.1f}"


@register.simple_tag
def hours_between(least: Decimal, most: Decimal) -> str:
    """Two bounds of a number of hours: `401.0 to 425.0`, or one number where they are the same."""
    return f"{least:,.1f}" if least == most else f"{least:,.1f} to {most:,.1f}"


@register.simple_tag
def beats(time_run: TimeRun, break_even_hours: Decimal) -> str:
    """Whether what ran is more than a commitment needs, in words."""
    words = {True: "it ran more.", False: "it ran no more than that.", None: "the bounds lie on both sides of it."}
    return words[time_run.beats(break_even_hours)]


@register.inclusion_tag("costs/_lock_in.html")
def lock_in(steps: int) -> dict[str, object]:
    """Three ink steps that say how strongly something ties the payer."""
    return {"steps": steps, "filled": [step <= steps for step in LOCK_STEPS]}


@register.inclusion_tag("costs/_sections.html", takes_context=True)
def cost_sections(context: RequestContext, current: str) -> dict[str, object]:
    """The pages of the costs, for the same accounts and moment: `{% cost_sections "costs" %}` on that one."""
    scope = PageScope.from_request(context["request"])
    return {
        "sections": [(one.label, address(scope, one.url_name), one.url_name == current) for one in SECTIONS],
    }
