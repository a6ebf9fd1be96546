"""Splitting a text into words, numbers and signs, folded so that spellings compare equal.

Case, accents and compatibility forms (``SpO₂``, ``kyslík``, typographic apostrophes) do not matter
after folding. Hyphens, underscores, control and formatting characters separate words and are dropped;
a dash with space around it stays, because it separates thoughts. Dotted abbreviations (``i.v.``)
become one word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAXIMUM_CHARACTERS = 40_000
"""What lies beyond is kept as text but not read."""

_LETTER = r"[^\W\d_]"
_REST = r"[^\W_\u0300-\u036f]|[\u0300-\u036f]"
_TOKEN = re.compile(
    rf"(?:{_LETTER}\.){{1,5}}{_LETTER}(?![^\W_])\.?"
    rf"|\d+(?:[.,]\d+)*"
    rf"|{_LETTER}(?:{_REST})*(?:['\u2019\u02bc\u00b4`](?:{_REST})+)*"
    rf"|\n"
    rf"|(?<!\S)[-\u2013](?!\S)"
    rf"|[^\w\s\-\u2010-\u2013\u2212\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("[\u2019\u02bc\u00b4`]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The folded words of a text and where each stands in it (half-open character spans)."""

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]


def tokenise(text: str) -> Tokens:
    """The words, numbers and signs of the first `MAXIMUM_CHARACTERS` characters, in linear time."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    plain = text.isascii()
    for match in _TOKEN.finditer(text, 0, MAXIMUM_CHARACTERS):
        word = match.group()
        folded = word.lower() if plain or word.isascii() else fold(word)
        words.append(_undotted(folded) if "." in folded else folded)
        start, end = match.span()
        starts.append(start)
        ends.append(end)
    return Tokens(text, words, starts, ends)


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a phrase; line breaks count as space."""
    return tuple(word for word in tokenise(text).words if word != "\n")


def fold(word: str) -> str:
    """One word without case, accents or compatibility forms."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return _APOSTROPHES.sub("'", _ACCENTS.sub("", decomposed))


def _undotted(word: str) -> str:
    """``i.v.`` to ``iv``; numbers and lone full stops stay."""
    return word.replace(".", "") if word[0].isalpha() else word
