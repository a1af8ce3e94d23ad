from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle\s*=|\son[a-z]+\s*=|javascript:|\shx-on", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)


def source(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_a_template_holds_neither_script_nor_style(path):
    assert INLINE.findall(source(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_a_template_loads_nothing_from_elsewhere(path):
    assert ELSEWHERE.findall(re.sub(r"<a\s[^>]*>", "", source(path))) == []


@pytest.mark.parametrize(
    "inline",
    ['<p style="color:red">', "<a onclick='x()'>", "<script>x()</script>", "<style>", '<a href="javascript:x()">'],
)
def test_the_search_finds_what_is_inline(inline):
    assert INLINE.search(inline)
