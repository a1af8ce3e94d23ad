"""How values look on every page: money, moments, ages, marks, icons and addresses. `{% load ledger %}`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.pages import frame, moments
from inventory.pages.freshness import Mark
from inventory.pages.provenance import ANCHOR, ScopeFilter
from inventory.pages.query.saved import OpenView, with_notes
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.registry import GLOBAL, Reach, ResourceType, resource_type

register = template.Library()
register.filter("region_name", region_name)

LONGEST_READ = 20
"""The length up to which an id of words is shown whole in a table."""
HEXADECIMAL_END = re.compile(r"[0-9a-f]{8}$")

SEVERITY_SHAPES = {
    "critical": SafeString('<path d="M5.5 0 11 5.5 5.5 11 0 5.5z"/>'),
    "high": SafeString('<path d="M5.5.6 11 10.4H0z"/>'),
    "medium": SafeString('<path d="M1.3 1.3h8.4v8.4H1.3z"/>'),
    "low": SafeString('<circle cx="5.5" cy="5.5" r="4" fill="none" stroke="currentColor" stroke-width="2"/>'),
}
FRESHNESS_SHAPES = {
    Mark.FRESH: SafeString('<circle class="dot" cx="4.5" cy="4.5" r="2.5"/>'),
    Mark.LATE: SafeString(
        '<circle class="ring" cx="4.5" cy="4.5" r="3.7"/><path class="arc" d="M4.5 4.5V.8A3.7 3.7 0 0 1 4.5 8.2z"/>'
    ),
    Mark.DENIED: SafeString('<path class="box" d="M.6.6h7.8v7.8H.6z"/><path class="box" d="M.6 8.4 8.4.6"/>'),
}
MARK_CLASSES = {Mark.FRESH: "ok", Mark.LATE: "late", Mark.DENIED: "deny"}


# --- Figures ----------------------------------------------------------------------------------------------------------


@register.filter
def money(value: Decimal) -> str:
    """Money of a month or a year, in US dollars: `1,106.39`, with a true minus."""
    return _true_minus(f"{value:,.2f}")


@register.filter
def signed_money(value: Decimal) -> str:
    """A difference of money: `+118.40`, with a true minus; one of less than half a cent has no sign."""
    return _true_minus(f"{value:+,.2f}") if round(value, 2) else "0.00"


@register.filter
def hourly(value: Decimal) -> str:
    """Money of an hour, in US dollars: `0.09600`."""
    return _true_minus(f"{value:,.5f}")


@register.filter
def number(value: int | Decimal) -> str:
    """A count or a measure, with thousands apart: `1,004`."""
    return _true_minus(f"{value:,}")


@register.filter
def short_name(one: ResourceType, number: int = 2) -> str:
    """The head of a narrow column, `Instances` for EC2 instances, or `Instance` for one; the whole is for `title`."""
    return (one.label if number == 1 else one.plural).rsplit(" ", 1)[-1].capitalize()


@register.filter
def short_id(value: str) -> str:
    """The end of a long id, enough to tell it apart in a table: `…a1f6`. The whole belongs into `title`.

    An id that people can read, like the zone `use1-az1`, is shown as it is.
    """
    is_read = len(value) <= LONGEST_READ and not HEXADECIMAL_END.search(value)
    return value if is_read or len(value) <= 8 else f"…{value[-4:]}"


@register.filter
def shell_word(value: str) -> str:
    """A name as one word of a command that people copy into a shell."""
    return shlex.quote(value)


def _true_minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


# --- Time -------------------------------------------------------------------------------------------------------------


@register.filter
def moment(when: datetime) -> SafeString:
    """`05:38`, `yesterday 22:41`, `17 Nov`, with the exact moment in the title."""
    return _time(when, moments.moment_words(when))


@register.filter
def exact_moment(when: datetime) -> SafeString:
    """`05:38`, `yesterday 22:41`, `17 Nov 05:38`."""
    return _time(when, moments.exact_moment_words(when))


@register.filter
def full_moment(when: datetime) -> SafeString:
    """`17 Nov 2026, 05:38`."""
    return _time(when, moments.full_moment_words(when))


@register.filter
def exact_moment_in_zone(when: datetime) -> SafeString:
    """`05:38 UTC`, or `06:38 CET (05:38 UTC)`: for a sentence in which no zone was named yet."""
    return format_html("{} {}", exact_moment(when), moments.zone_words(when))


@register.filter
def full_moment_in_zone(when: datetime) -> SafeString:
    """`17 Nov 2026, 05:38 UTC`, or `17 Nov 2026, 06:38 CET (05:38 UTC)`."""
    return format_html("{} {}", full_moment(when), moments.zone_words(when))


@register.filter
def iso(when: datetime) -> str:
    """The moment for an address."""
    return moments.spell_moment(when)


@register.filter
def age(when: datetime, until: datetime | None = None) -> str:
    """How long before `until` (now): `4 min`, `12 h`, `3 d`."""
    return moments.age_words(_since(when, until))


@register.filter
def age_letters(when: datetime, until: datetime | None = None) -> str:
    """As `age`, for a narrow cell: `4m`."""
    return moments.age_letters(_since(when, until))


@register.filter
def duration(length: timedelta) -> str:
    """How long something took: `0.4 s`, `41 s`, `3 min 04 s`."""
    seconds = length.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


@register.filter
def span(length: timedelta) -> str:
    """A length of time that somebody chose: `45 s`, `15 min`, `4 h`, `7 d`."""
    seconds = round(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _since(when: datetime, until: datetime | None) -> timedelta:
    return (until or timezone.now()) - when


def _time(when: datetime, words: str) -> SafeString:
    title = f"{moments.full_moment_words(when)} {moments.zone_words(when)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', moments.spell_moment(when), title, words)


# --- Marks ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of static/icons.svg; it is decoration, so words stand beside it or in an aria-label."""
    return format_html(
        '<svg class="i" aria-hidden="true" viewBox="0 0 24 24"><use href="{}#{}"/></svg>', static("icons.svg"), name
    )


@register.simple_tag
def severity_mark(severity: str) -> SafeString:
    """The shape of a severity: put it into `<span class="sev critical">` with a word, a port or a count."""
    return format_html('<svg viewBox="0 0 11 11" aria-hidden="true">{}</svg>', SEVERITY_SHAPES[severity])


@register.simple_tag
def freshness_mark(mark: Mark) -> SafeString:
    """The shape of a freshness; words stand beside it."""
    return format_html(
        '<svg class="fm {}" viewBox="0 0 9 9" aria-hidden="true">{}</svg>', MARK_CLASSES[mark], FRESHNESS_SHAPES[mark]
    )


@register.filter
def freshness_class(mark: Mark) -> str:
    """The class of `<a class="age …">` for a freshness."""
    return MARK_CLASSES[mark]


@register.simple_tag
def unknown(word: str, url: str = "", reason: str = "") -> SafeString:
    """A hatched chip for what is not known, a link to the reason: `{% unknown 'unpriced' url reason %}`."""
    if url:
        return format_html('<a class="unk" href="{}" title="{}"><span>{}</span></a>', url, reason, word)
    return format_html('<span class="unk" title="{}"><span>{}</span></span>', reason, word)


# --- The page ---------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def ledger_frame(context: RequestContext) -> frame.Frame:
    """What surrounds the page: `{% ledger_frame as frame %}`."""
    return frame.gather_frame(_request(context))


@register.simple_tag(takes_context=True)
def address(context: RequestContext, name: str, *path: object, **parameters: object) -> str:
    """A page for the same accounts and moment: `{% address 'resource-list' 'ec2-instance' region='eu-west-1' %}`."""
    return frame.address(PageScope.from_request(_request(context)), name, *path, **parameters)


@register.simple_tag(takes_context=True)
def list_address(context: RequestContext, slug: str, region: str | None = "total", account: str = "") -> str:
    """The list of a type, in one region (None: unread; `total`: everywhere) and of one account if it is given."""
    parameters = {} if region == "total" else {"region": region or "unknown"}
    if account:
        parameters["account"] = account
    return frame.address(PageScope.from_request(_request(context)), "resource-list", slug, **parameters)


@register.simple_tag(takes_context=True)
def looks_address(
    context: RequestContext, types: str | Sequence[str] = (), region: str | None = "total", account: str = ""
) -> str:
    """The looks behind a figure of these types (none: of all), in one region or everywhere, of one account or of all.

    Types that are listed once for the whole account stand behind the figures of their own regions too.
    """
    slugs = (types,) if isinstance(types, str) else tuple(types)
    regions: tuple[str, ...] = ()
    if region not in ("total", None):
        is_global = [resource_type(slug).reach is Reach.GLOBAL for slug in slugs]
        regions = tuple(
            filter(None, (GLOBAL if any(is_global) else "", "" if is_global and all(is_global) else region))
        )
    chosen = ScopeFilter(types=slugs, regions=regions)
    return f"{chosen.url(PageScope.from_request(_request(context)), account)}#{ANCHOR}"


@register.simple_tag(takes_context=True)
def same_scope(context: RequestContext, url: str) -> str:
    """The address that an extension gave, for the same accounts and moment: `{% same_scope figure.url as url %}`."""
    return frame.in_scope(PageScope.from_request(_request(context)), url) if url else ""


@register.simple_tag(takes_context=True)
def noted(context: RequestContext, views: Sequence[OpenView]) -> list[OpenView]:
    """Saved views with what other packages say of them: `{% noted views as views %}`."""
    return with_notes(PageScope.from_request(_request(context)), views)


def _request(context: RequestContext) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request
