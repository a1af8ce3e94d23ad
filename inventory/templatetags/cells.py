"""The cells of lists and detail pages: `{% load cells %}`, then `{% cell one %}`.

Written here and not as a template, because a list has hundreds of them.
"""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inventory.pages.cells import Cell, Item, Look

DASH = "\N{EN DASH}"

register = template.Library()


@register.simple_tag
def cell(value: Cell | None) -> SafeString:
    """One value of one resource: never empty, and safe whatever AWS's texts hold; nothing for no cell at all."""
    if value is None:
        return SafeString("")
    match value.look:
        case Look.UNKNOWN:
            return _unknown(value)
        case Look.NOT_RECORDED:
            return SafeString('<span class="q s12">not recorded then</span>')
        case Look.NONE:
            kept = " keep" if value.is_kept else ""
            return format_html('<span class="none{}" title="{}">{}</span>', kept, value.reason, DASH)
        case _:
            more = format_html(' <span class="q">+{}</span>', value.more) if value.more else ""
            has_notes = value.shows_notes and any(item.note for item in value.items)
            between = SafeString("<br>") if has_notes else ", "
            return format_html(
                "{}{}", format_html_join(between, "{}", ((_item(value, one),) for one in value.items)), more
            )


def _unknown(value: Cell) -> SafeString:
    if value.url:
        words = (value.url, value.reason, value.word)
        return format_html('<a class="unk" href="{}" title="{}"><span>{}</span></a>', *words)
    return format_html('<span class="unk" title="{}"><span>{}</span></span>', value.reason, value.word)


def _item(value: Cell, item: Item) -> SafeString:
    if value.is_kept:
        text = format_html(
            '<a class="c keep" href="{}" title="{}"><bdi>{}</bdi></a>', value.url, value.reason, item.words
        )
    elif item.url:
        text = format_html('<a class="c" href="{}" title="{}"><bdi>{}</bdi></a>', item.url, item.title, item.words)
    else:
        text = format_html(
            '<span class="{}" title="{}"><bdi>{}</bdi></span>', _class(value, item), item.title, item.words
        )
    return format_html('{} <span class="src">{}</span>', text, item.note) if value.shows_notes and item.note else text


def _class(value: Cell, item: Item) -> str:
    if value.look is Look.STATE:
        return f"st {value.state}"
    if value.is_code:
        return "mono s12"
    return "zero" if item.words == "0" else ""
