"""Tables as text: figures under their heads, right-aligned, words left-aligned."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a column is right-aligned where every cell begins like a number."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    is_figure = [all(cell[:1].isdigit() or cell in {"", "-"} for cell in column[1:]) for column in columns]
    rule = [f"{'-' * (width - 1)}:" if right else "-" * width for width, right in zip(widths, is_figure, strict=True)]
    return "\n".join(_line(cells, widths, is_figure) for cells in (heads, rule, *rows))


def spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, and the range where there is more than one value: `12.3 (11.9 to 14.0)`."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _line(cells: Sequence[str], widths: Sequence[int], is_figure: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, is_figure, strict=True)
    )
    return f"| {' | '.join(padded)} |"
