"""The cells of the grid on the coverage page: `{% load coverage %}`, then `{% scope_cell page cell account region %}`.

Written here and not as a template, because the grid has hundreds of them.
"""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.models import Account, Visit
from inventory.pages.coverage import Cell, CoveragePage, Look
from inventory.pages.frame import address
from inventory.pages.provenance import ANCHOR
from inventory.registry import GLOBAL
from inventory.templatetags.ledger import age, age_letters, number

NOT_LISTED = SafeString('<td class="na"><span aria-hidden="true">·</span><span class="sr">not listed there</span></td>')
CELL = '<td class="{}"><a href="{}" aria-label="{}, {}, {}: {}, {}" title="{}{}"><span>{}{}</span></a></td>'

register = template.Library()


@register.simple_tag
def scope_cell(page: CoveragePage, cell: Cell | None, account: Account, region: str) -> SafeString:
    """One scope: how old what the pages show of it is, and why; it leads to the reason, or to what is listed there."""
    if cell is None:
        return NOT_LISTED
    word = cell.word or "complete"
    old, letters = _ages(page, cell)
    named = (cell.type.plural, account.name, region, word, old)
    return format_html(
        CELL,
        cell.look,
        _url(page, cell, account, region),
        *named,
        word,
        _figures(cell.visit),
        letters,
        _mark(page, cell),
    )


def _url(page: CoveragePage, cell: Cell, account: Account, region: str) -> str:
    if cell.reason:
        return f"#{cell.reason.anchor}"
    if cell.look is Look.NEVER:
        return f"#{ANCHOR}"
    own = {} if region == GLOBAL else {"region": region}
    return address(page.scope, "resource-list", cell.type.slug, account=account.name, **own)


def _ages(page: CoveragePage, cell: Cell) -> tuple[str, str]:
    """How old it is in words, and in as few letters as the cell has room for."""
    if cell.look is Look.NEVER:
        return "never looked at", "never"
    if cell.state is None:
        return "first look", "first"
    if cell.state.read_at is None:
        return "never read", "never"
    as_of = page.scope.as_of
    return f"{age(cell.state.read_at, as_of)} old", age_letters(cell.state.read_at, as_of)


def _figures(visit: Visit | None) -> str:
    """What the latest look found, and what it took."""
    if visit is None:
        return ""
    found = "" if visit.resources is None else f"{number(visit.resources)} resources, "
    took = "" if visit.seconds is None else f", {visit.seconds} s"
    return f": {found}{number(visit.api_calls)} calls{took}"


def _mark(page: CoveragePage, cell: Cell) -> str:
    if cell.reason and cell.look is Look.COMPLETE:
        return "*"
    return f" {cell.word}" if cell.word and page.is_wide else ""
