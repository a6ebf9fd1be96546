"""Reading the word lists of this package.

An entry is ``field | field | word, word, word`` (``-`` for an empty field); a line that
begins with space continues the one before.
"""

from __future__ import annotations

import re

_CONTINUED = re.compile(r"\n[ \t]+")


def entries(block: str) -> list[list[str]]:
    """The fields of every entry of a block, stripped."""
    lines = _CONTINUED.sub(" ", block.strip()).splitlines()
    return [[field.strip() for field in line.split("|")] for line in lines if line.strip()]


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def listed(field: str) -> tuple[str, ...]:
    """The comma-separated items of a field, without empty ones; ``-`` is an empty field."""
    return tuple(item for item in (part.strip() for part in field.split(",")) if item not in {"", "-"})
