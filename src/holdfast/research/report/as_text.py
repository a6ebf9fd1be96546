"""The report as plain text of 80 columns, in the form of the seed's ``ab_testing_report.txt``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from holdfast.research.report.content import (
    Block,
    Bullets,
    Document,
    Facts,
    Grid,
    Paragraph,
    Picture,
    unmarked,
)
from holdfast.research.report.wording import FIRM, MINUS

WIDTH = 80
_NARROWEST = 9
"""Columns of a table become names and values, one below the other, when they would be narrower."""


def as_text(document: Document) -> str:
    """The whole report; no line is longer than 80 characters."""
    lines = ["=" * WIDTH, *_centred(document.title.upper()), *_centred(document.subtitle), "=" * WIDTH, ""]
    lines += [*_facts(document.facts), ""]
    counter = _Counter()
    for number, section in enumerate(document.sections, start=1):
        lines += ["-" * WIDTH, f"{number}. {section.title.upper()}", "-" * WIDTH, ""]
        for block in section.blocks:
            lines += [*_block(block, counter), ""]
    lines.append("=" * WIDTH)
    return "\n".join(line.rstrip() for line in lines).replace(MINUS, "-").replace(FIRM, " ") + "\n"


class _Counter:
    def __init__(self) -> None:
        self.tables = self.figures = 0


def _centred(text: str) -> list[str]:
    return [line.center(WIDTH) for line in _wrapped(text, WIDTH - 4)]


def _block(block: Block, counter: _Counter) -> list[str]:
    match block:
        case Paragraph():
            return _wrapped(f"{block.lead} {unmarked(block.text)}".strip(), WIDTH)
        case Bullets():
            return [line for item in block.items for line in _wrapped(unmarked(item), WIDTH, "- ", "  ")]
        case Facts():
            return _facts(block)
        case Grid():
            counter.tables += 1
            return list(_grid(block, counter.tables))
        case Picture():
            counter.figures += 1
            head = (
                f"Figure {counter.figures}. {unmarked(block.title)}. See figures/{block.name}.png, .pdf, .svg"
            )
            return [*_wrapped(head, WIDTH), *_wrapped(block.alt, WIDTH, "   ", "   ")]


def _facts(facts: Facts) -> list[str]:
    lines = []
    for name, value in facts.rows:
        lines += _wrapped(unmarked(value) or "-", WIDTH, f"{name[:27]}: ".ljust(30), " " * 30)
    return lines


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest) or [first]


def _grid(grid: Grid, number: int) -> Iterator[str]:
    yield from _wrapped(f"Table {number}. {unmarked(grid.title)}", WIDTH)
    yield ""
    columns = [unmarked(column) for column in grid.columns]
    rows = [[unmarked(cell) for cell in row] for row in grid.rows]
    widths = _widths(columns, rows)
    if widths is None:
        yield from _records(columns, rows)
    else:
        yield from _ruled(columns, rows, widths, words=grid.words)
    if grid.note:
        yield ""
        yield from _wrapped(f"Note. {unmarked(grid.note)}", WIDTH)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int] | None:
    """A width for each column that fits the page; None when some column would become too narrow."""
    wanted = [max([1, len(name), *(len(row[place]) for row in rows)]) for place, name in enumerate(columns)]
    words = [
        max((len(word) for text in (name, *(row[place] for row in rows)) for word in text.split()), default=1)
        for place, name in enumerate(columns)
    ]
    room = WIDTH - 2 * (len(columns) - 1)
    widths = [min(want, max(word, _NARROWEST)) for want, word in zip(wanted, words, strict=True)]
    if sum(widths) > room:
        return None
    while sum(widths) < room and widths != wanted:
        lines = [want / width for want, width in zip(wanted, widths, strict=True)]
        widths[lines.index(max(lines))] += 1
    return widths


def _ruled(
    columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], *, words: bool
) -> Iterator[str]:
    yield from _line(columns, widths, words=words)
    yield "  ".join("-" * width for width in widths)
    for row in rows:
        yield from _line(row, widths, words=words)


def _line(cells: Sequence[str], widths: Sequence[int], *, words: bool) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    for depth in range(max(map(len, wrapped))):
        parts = []
        for place, (lines, width) in enumerate(zip(wrapped, widths, strict=True)):
            text = lines[depth] if depth < len(lines) else ""
            parts.append(text.ljust(width) if words or place == 0 else text.rjust(width))
        yield "  ".join(parts)


def _records(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield from _wrapped(row[0] or "-", WIDTH, "* ", "  ")
        for name, cell in zip(columns[1:], row[1:], strict=True):
            yield from _wrapped(cell or "-", WIDTH, f"    {name[:26]}: ".ljust(32), " " * 32)
