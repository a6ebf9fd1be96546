"""What a report is made of: sections of paragraphs, lists, tables and figures. How it looks is elsewhere.

In every text ``*t*`` is a symbol in italics, as the APA sets statistics; ``literal`` protects words that
come from data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_ITALIC = re.compile(r"(?<!\\)\*([^*]+?)(?<!\\)\*")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; ``lead`` are the bold words it begins with."""

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a heading; the first column is of words, the others of numbers unless ``words``."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by the name of its files."""

    name: str
    title: str
    caption: str
    alt: str


Block = Paragraph | Bullets | Facts | Grid | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    title: str
    subtitle: str
    facts: Facts
    sections: tuple[Section, ...]
    language: str = field(default="en-GB")


def literal(words: object) -> str:
    """Words from data: no symbol in them is a mark of italics, and no control character is left."""
    kept = "".join(" " if ord(one) < 32 or 0x7F <= ord(one) < 0xA0 else one for one in str(words))
    return kept.replace("*", r"\*")


def runs(text: str) -> list[tuple[str, bool]]:
    """A text in pieces: (words, italic)."""
    pieces, last = [], 0
    for found in _ITALIC.finditer(text):
        pieces.append((text[last : found.start()], False))
        pieces.append((found.group(1), True))
        last = found.end()
    pieces.append((text[last:], False))
    return [(words.replace(r"\*", "*"), italic) for words, italic in pieces if words]


def unmarked(text: str) -> str:
    """The words of a text without italics."""
    return "".join(words for words, _ in runs(text))


def plain(document: Document) -> dict[str, Any]:
    """The report as dicts and lists for templates, its sections, tables and figures numbered."""
    numbers = _Numbers()
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "language": document.language,
        "facts": _facts(document.facts),
        "sections": [
            {"number": number, "title": one.title, "blocks": [numbers.block(block) for block in one.blocks]}
            for number, one in enumerate(document.sections, start=1)
        ],
    }


def pictures(document: Document) -> Iterator[Picture]:
    """Every figure of the report, in order."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Picture):
                yield block


def _facts(facts: Facts) -> list[dict[str, Any]]:
    return [{"name": name, "value": _runs(value)} for name, value in facts.rows]


def _runs(text: str) -> list[dict[str, Any]]:
    return [{"words": words, "italic": italic} for words, italic in runs(text)]


class _Numbers:
    """Counts tables and figures through the whole report."""

    def __init__(self) -> None:
        self._tables = self._figures = 0

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Paragraph():
                return {"kind": "paragraph", "lead": block.lead, "runs": _runs(block.text)}
            case Bullets():
                return {"kind": "bullets", "items": [_runs(item) for item in block.items]}
            case Facts():
                return {"kind": "facts", "rows": _facts(block)}
            case Grid():
                return self._grid(block)
            case Picture():
                return self._picture(block)

    def _grid(self, grid: Grid) -> dict[str, Any]:
        self._tables += 1
        return {
            "kind": "grid",
            "number": self._tables,
            "title": grid.title,
            "columns": [_runs(column) for column in grid.columns],
            "rows": [[_runs(cell) for cell in row] for row in grid.rows],
            "note": _runs(grid.note),
            "words": grid.words,
        }

    def _picture(self, picture: Picture) -> dict[str, Any]:
        self._figures += 1
        return {
            "kind": "picture",
            "number": self._figures,
            "name": picture.name,
            "title": picture.title,
            "caption": _runs(picture.caption),
            "alt": picture.alt,
        }
