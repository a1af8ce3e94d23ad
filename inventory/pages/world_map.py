"""The world map of home: a mark for each region, sized by how much is there and shaped by how well that is known.

Everything is geometry in the units of `static/world.svg`, which holds the land in the same projection. A region of
which this release knows no place is not on the map; the table below the map has every region.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import radians

from inventory.aws_regions import AWS_REGIONS, Point
from inventory.pages.freshness import Mark
from inventory.pages.region_names import region_name
from inventory.pages.region_rows import RegionRow
from inventory.points_of_presence import CITIES, LISTED

UNITS_A_RADIAN, GREENWICH, EQUATOR = 180, 500, 240
"""How `static/world.svg` was drawn."""
LEFT, TOP, WIDTH, HEIGHT = 105, 0, 860, 414
RADII = ((0, 4.0), (1, 6.0), (10, 8.5), (100, 11.5), (1000, 15.0), (10_000, 19.0))
"""From how many resources on a mark has which radius."""
LETTER, LINE = 7.4, 16.0
"""How wide a letter and how high a line of a label is, at most, on the average."""
GAP = 4.0


class Shape(StrEnum):
    """What a mark says besides its size."""

    FRESH = "fresh"
    LATE = "late"
    DENIED = "denied"
    UNREAD = "unread"


DOUBTS = {
    Shape.FRESH: "",
    Shape.LATE: "older than it should be",
    Shape.DENIED: "denied at least in part",
    Shape.UNREAD: "never read",
}


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle that a mark or a label takes up."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        is_beside = self.right <= other.left or other.right <= self.left
        return not (is_beside or self.bottom <= other.top or other.bottom <= self.top)

    @property
    def is_on_the_map(self) -> bool:
        """Whether all of it can be seen."""
        return self.left >= LEFT and self.top >= TOP and self.right <= LEFT + WIDTH and self.bottom <= TOP + HEIGHT


@dataclass(frozen=True, kw_only=True)
class Label:
    """Where the words of a mark begin, end or stand in the middle (`anchor` as in SVG)."""

    x: float
    y: float
    anchor: str


@dataclass(frozen=True, kw_only=True)
class MapMark:
    """One region on the map; `label` is None where there is no room for words."""

    row: RegionRow
    region: str
    x: float
    y: float
    radius: float
    shape: Shape
    label: Label | None = None

    @property
    def name(self) -> str:
        """The region as people call it."""
        return region_name(self.region)

    @property
    def number(self) -> str:
        """How many resources there are, or a question mark."""
        return "?" if self._is_unknown else f"{self.row.total:,}"

    @property
    def words(self) -> str:
        """All that the mark says: `UAE: 24 resources, denied at least in part`."""
        if self._is_unknown:
            return f"{self.name}: {DOUBTS[self.shape] or 'never read'}"
        number = f"{self.number} resource{'' if self.row.total == 1 else 's'}"
        return ", ".join(filter(None, (f"{self.name}: {number}", DOUBTS[self.shape])))

    @property
    def _is_unknown(self) -> bool:
        """Whether nothing is known, so that 0 would be a lie."""
        return not self.row.total and (self.row.freshness is None or self.row.freshness.was_never_read)

    @property
    def side(self) -> float:
        """The side of a square that is as large as the circle, for the shape that is one."""
        return round(self.radius * 1.8, 1)

    @property
    def corner(self) -> tuple[float, float]:
        """The left upper corner of that square."""
        return round(self.x - self.side / 2, 1), round(self.y - self.side / 2, 1)

    @property
    def opposite(self) -> tuple[float, float]:
        """The right lower corner of that square."""
        return round(self.x + self.side / 2, 1), round(self.y + self.side / 2, 1)


@dataclass(frozen=True, kw_only=True)
class WorldMap:
    """Every mark, the smallest last so that it lies on top, and the regions that have no place."""

    marks: Sequence[MapMark]
    without_place: Sequence[str | None]

    @property
    def points_of_presence(self) -> str:
        """Each city of CloudFront as a dot of one path: a line without length, whose ends are round."""
        return DOTS

    @property
    def cities(self) -> int:
        """How many dots that are."""
        return len(CITIES)

    @property
    def points_of_presence_date(self) -> str:
        """The month of their list."""
        return LISTED

    @property
    def doubts(self) -> list[tuple[Shape, str]]:
        """The shapes on it that need an explanation, and their words."""
        there = {mark.shape for mark in self.marks}
        return [(shape, words) for shape, words in DOUBTS.items() if words and shape in there]

    @property
    def view_box(self) -> str:
        """The part of the drawing that is shown."""
        return f"{LEFT} {TOP} {WIDTH} {HEIGHT}"


def world_map(rows: Iterable[RegionRow]) -> WorldMap:
    """The map of these regions."""
    known = list(rows)
    placed = sorted(
        (_mark(row, row.region) for row in known if row.region in AWS_REGIONS), key=lambda mark: -mark.row.total
    )
    return WorldMap(
        marks=_with_labels(placed), without_place=[row.region for row in known if row.region not in AWS_REGIONS]
    )


def project(point: Point) -> tuple[float, float]:
    """Where a place lies on the map, in its units.

    The Natural Earth projection of T. Patterson, with the polynomials of B. Šavrič, B. Jenny, T. Patterson, D. Petrovič
    and L. Hurni, "A Polynomial Equation for the Natural Earth Projection", CaGIS 38 (2011).
    """
    east, north = radians(point.longitude), radians(point.latitude)
    n2 = north * north
    n4 = n2 * n2
    x = east * (0.8707 - 0.131979 * n2 + n4 * (-0.013791 + n4 * (0.003971 * n2 - 0.001529 * n4)))
    y = north * (1.007226 + n2 * (0.015085 + n4 * (-0.044475 + 0.028874 * n2 - 0.005916 * n4)))
    return GREENWICH + UNITS_A_RADIAN * x, EQUATOR - UNITS_A_RADIAN * y


DOTS = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in (project(Point(one.latitude, one.longitude)) for one in CITIES))


def _mark(row: RegionRow, region: str | None) -> MapMark:
    code = region or ""
    x, y = project(AWS_REGIONS[code].point)
    radius = max(size for least, size in RADII if row.total >= least)
    return MapMark(row=row, region=code, x=round(x, 1), y=round(y, 1), radius=radius, shape=_shape(row))


def _shape(row: RegionRow) -> Shape:
    if row.freshness is None:
        # Global things may live where nobody looks for anything else.
        return Shape.FRESH if row.total else Shape.UNREAD
    if row.freshness.mark is Mark.LATE and row.freshness.was_never_read:
        return Shape.UNREAD
    return {Mark.FRESH: Shape.FRESH, Mark.LATE: Shape.LATE, Mark.DENIED: Shape.DENIED}[row.freshness.mark]


def _with_labels(marks: Sequence[MapMark]) -> list[MapMark]:
    """Doubtful regions choose first where their words stand, then the fullest; an empty one that is fresh has none."""
    taken = [
        Box(left=one.x - one.radius, top=one.y - one.radius, right=one.x + one.radius, bottom=one.y + one.radius)
        for one in marks
    ]
    labels: dict[str, Label | None] = {}
    for mark in sorted(marks, key=lambda one: one.shape not in (Shape.DENIED, Shape.UNREAD)):
        label, box = (None, None) if mark.row.is_quiet else _room(mark, taken)
        labels[mark.region] = label
        if box is not None:
            taken.append(box)
    return [replace(mark, label=labels[mark.region]) for mark in marks]


def _room(mark: MapMark, taken: Sequence[Box]) -> tuple[Label, Box] | tuple[None, None]:
    """The first side of a mark on which its words meet nothing: right, left, above, below, and slantwise."""
    wide = LETTER * len(f"{mark.name} {mark.number}")
    near = mark.radius + GAP
    for anchor, x, y in (
        ("start", mark.x + near, mark.y),
        ("end", mark.x - near, mark.y),
        ("middle", mark.x, mark.y - near - LINE / 2),
        ("middle", mark.x, mark.y + near + LINE / 2),
        ("start", mark.x, mark.y - near - LINE / 2),
        ("end", mark.x, mark.y - near - LINE / 2),
        ("start", mark.x, mark.y + near + LINE / 2),
        ("end", mark.x, mark.y + near + LINE / 2),
    ):
        left = x - {"start": 0, "end": wide, "middle": wide / 2}[anchor]
        box = Box(left=left, top=y - LINE / 2, right=left + wide, bottom=y + LINE / 2)
        if box.is_on_the_map and not any(box.meets(other) for other in taken):
            return Label(x=round(x, 1), y=round(y, 1), anchor=anchor), box
    return None, None
