"""The neighbourhood of one resource as a drawing: the thing, and a branch for each relation that holds anything.

What it names stands on the left, what names it on the right; where one side is empty, the other has its room. The
drawing has a fixed height for each line, so that every line is a target of at least 24 px (WCAG 2.2, 2.5.8). The table
of relations below it says the same and more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from inventory.pages.cells import Item
from inventory.pages.relations import Related

WIDTH = 452
LINE = 24
GAP = 12
SHOWN = 4
"""How many of one relation are drawn."""

BOX_WIDTH, BOX_HEIGHT = 124, 44
STEM, BESIDE = 26, 10
"""From the box to a branch, and from a branch to its words."""
FONT = 12
NARROW_LETTERS, WIDE_LETTERS = frozenset("iljtfr.,:;'/-_ "), frozenset("mwMW@%…")


@dataclass(frozen=True, kw_only=True)
class Twig:
    """One line of a branch: a resource, what is unknown, or how many more there are."""

    words: str
    title: str
    url: str
    y: int
    look: str = ""
    """`unseen` for what was never collected, `unknown` for what nobody could look for, `more` for the rest."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One relation: its head, the line that leads to it, and its twigs."""

    related: Related
    x: int
    y: int
    sign: int
    """1 where its words stand to the right of its line, -1 where they stand to the left."""
    path: str
    twigs: Sequence[Twig]

    @property
    def words_x(self) -> int:
        """Where its words begin, or end."""
        return self.x + self.sign * BESIDE

    @property
    def head_x(self) -> int:
        """The same for its head, which has an icon on the line."""
        return self.x + self.sign * 12

    @property
    def chip_x(self) -> int:
        """The left edge of the chip that says unknown."""
        return self.words_x - 7 if self.sign > 0 else self.words_x - 55

    @property
    def icon_x(self) -> int:
        """Where the icon of its head stands."""
        return self.x - 7

    @property
    def hit_x(self) -> int:
        """The left edge of what can be pressed."""
        return self.x if self.sign > 0 else 0

    @property
    def hit_width(self) -> int:
        """As far as its words may reach."""
        return WIDTH - self.x if self.sign > 0 else self.x

    @property
    def anchor(self) -> str:
        """SVG's word for the side on which its words are held."""
        return "start" if self.sign > 0 else "end"


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """The drawing: its size, the box in its middle and the branches."""

    name: str
    height: int
    box_x: int
    box_y: int
    branches: Sequence[Branch]
    width: int = WIDTH
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT

    @property
    def middle(self) -> int:
        """The middle of the box."""
        return self.box_x + BOX_WIDTH // 2


def neighbourhood_of(name: str, relations: Sequence[Related]) -> Neighbourhood | None:
    """The drawing of these relations around the resource of that name; None where nothing is related to it."""
    drawn = [related for related in relations if related.number != 0]
    if not drawn:
        return None
    left = [related for related in drawn if not related.is_inverse]
    right = [related for related in drawn if related.is_inverse]
    height = max(_height(left), _height(right), BOX_HEIGHT + GAP)
    beside = (WIDTH - BOX_WIDTH) // (2 if left and right else 1)
    room = beside - STEM - BESIDE
    box_x = (WIDTH - BOX_WIDTH) // 2 if left and right else 1 if right else WIDTH - BOX_WIDTH - 1
    return Neighbourhood(
        name=cut(name, BOX_WIDTH - 8),
        height=height,
        box_x=box_x,
        box_y=(height - BOX_HEIGHT) // 2,
        branches=[*_branches(left, -1, box_x, height, room), *_branches(right, 1, box_x, height, room)],
    )


def cut(words: str, room: int) -> str:
    """As much of a text as there is room for."""
    if _width(words) <= room:
        return words
    shown = words
    while shown and _width(f"{shown}…") > room:
        shown = shown[:-1]
    return f"{shown}…"


def _width(words: str) -> Decimal:
    """About how wide a text is, rather too wide than too narrow: a browser alone knows."""
    return FONT * sum((_of_letter(letter) for letter in words), Decimal(0))


def _of_letter(letter: str) -> Decimal:
    if letter in NARROW_LETTERS:
        return Decimal("0.38")
    return Decimal("0.88") if letter in WIDE_LETTERS else Decimal("0.66") if letter.isupper() else Decimal("0.6")


def _lines(related: Related) -> int:
    """How many lines its branch has, its head among them."""
    if related.number is None:
        return 2
    shown = min(len(related.items), SHOWN)
    return 1 + shown + (related.number > shown)


def _height(side: Sequence[Related]) -> int:
    return sum(_lines(related) * LINE for related in side) + GAP * max(len(side) - 1, 0)


def _branches(side: Sequence[Related], sign: int, box_x: int, height: int, room: int) -> Iterator[Branch]:
    from_x = box_x + BOX_WIDTH if sign > 0 else box_x
    from_y, x = height // 2, from_x + sign * STEM
    top = (height - _height(side)) // 2
    for related in side:
        y = top + LINE // 2
        bend = from_x + sign * 13
        stem = y + (_lines(related) - 1) * LINE
        yield Branch(
            related=related,
            x=x,
            y=y,
            sign=sign,
            path=f"M{from_x} {from_y}C{bend} {from_y} {bend} {y} {x} {y}V{stem}",
            twigs=list(_twigs(related, y, room)),
        )
        top += _lines(related) * LINE + GAP


def _twigs(related: Related, y: int, room: int) -> Iterator[Twig]:
    if related.number is None:
        yield Twig(words="unknown", title=related.reason, url=related.url, y=y + LINE, look="unknown")
        return
    shown = related.items[:SHOWN]
    for place, item in enumerate(shown, start=1):
        yield _twig(item, y + place * LINE, room)
    if rest := related.number - len(shown):
        words = f"and {rest:,} more"
        yield Twig(words=words, title="", url=related.all_url, y=y + (len(shown) + 1) * LINE, look="more")


def _twig(item: Item, y: int, room: int) -> Twig:
    title = ", ".join(dict.fromkeys(filter(None, (item.words, item.whole, item.note))))
    return Twig(words=cut(item.words, room), title=title, url=item.url, y=y, look="" if item.url else "unseen")
