"""The cells of lists and detail pages: `{% load cells %}`, then `{% cell one %}`.

Written here and not as a template, because a list has hundreds of them; and with one escaping of each text, because
Django's `format_html` asks each value again whether it is safe, which nothing here is.
"""

from __future__ import annotations

from html import escape

from django import template
from django.utils.safestring import SafeString

from inventory.pages.cells import Cell, Item, Look

DASH = "\N{EN DASH}"

register = template.Library()


@register.simple_tag
def cell(value: Cell | None) -> SafeString:
    """One value of one resource: never empty, and safe whatever AWS's texts hold; nothing for no cell at all."""
    return SafeString("" if value is None else _html(value))


def _html(value: Cell) -> str:
    match value.look:
        case Look.UNKNOWN:
            return _unknown(value)
        case Look.NOT_RECORDED:
            return '<span class="q s12">not recorded then</span>'
        case Look.NONE:
            kept = " keep" if value.is_kept else ""
            return f'<span class="none{kept}" title="{escape(value.reason)}">{DASH}</span>'
        case _:
            more = f' <span class="q">+{value.more}</span>' if value.more else ""
            has_notes = value.shows_notes and any(item.note for item in value.items)
            return ("<br>" if has_notes else ", ").join(_item(value, one) for one in value.items) + more


def _unknown(value: Cell) -> str:
    words = f"<span>{escape(value.word)}</span>"
    if value.url:
        return f'<a class="unk" href="{escape(value.url)}" title="{escape(value.reason)}">{words}</a>'
    return f'<span class="unk" title="{escape(value.reason)}">{words}</span>'


def _item(value: Cell, item: Item) -> str:
    words = f"<bdi>{escape(item.words)}</bdi>"
    if value.is_kept:
        text = f'<a class="c keep" href="{escape(value.url)}" title="{escape(value.reason)}">{words}</a>'
    elif item.url:
        text = f'<a class="c" href="{escape(item.url)}" title="{escape(item.title)}">{words}</a>'
    else:
        text = f'<span class="{_class(value, item)}" title="{escape(item.title)}">{words}</span>'
    return f'{text} <span class="src">{escape(item.note)}</span>' if value.shows_notes and item.note else text


def _class(value: Cell, item: Item) -> str:
    if value.look is Look.STATE:
        return f"st {value.state}"
    if value.is_code:
        return "mono s12"
    return "zero" if item.words == "0" else ""
