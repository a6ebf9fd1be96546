"""Names, addresses and codes of everybody registered, taken out of what people said.

One automaton holds every pattern, so that a text costs the same with 20 and with 20,000 students. Text
and patterns are folded: case, diacritics and invisible characters hide nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations

from ahocorasick_rs import AhoCorasick, MatchKind

from holdfast.research.deidentification.folding import fold, letters_of, needs_no_boundary, origins

NAME, EMAIL, CODE = "[name]", "[email]", "[id]"

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_ADDRESS = re.compile(r"""[^\s@<>"',;:()\[\]{}|\\/=]+@[^\s@<>"',;:()\[\]{}|\\/=]*[^\W\d_]""")
_TOKEN = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON web token
    r"|\bws_\d{6,}_\w{8,}"  # a workshop's token
    r"|\bsession_\w{10,}"
    r"|\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
)
_SEVERAL = re.compile(r"\[name\](?:[\s.,_'\u2019-]{0,3}\[name\])+")
_SHORT = 2
"""A part of so few letters is a name only where it is written with a capital."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody registered, as text may speak of them."""

    name: str = ""
    email: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What a match means: its label, and whether words or capitals decide."""

    label: str
    bounded: bool = True
    capital: bool = False


class Masker:
    """Masks what it knows of people, and every e-mail address, token and identifier of a known form."""

    def __init__(self, people: Iterable[Person]) -> None:
        patterns: dict[str, _Pattern] = {}
        for person in people:
            for text, pattern in _patterns_of(person):
                known = patterns.get(text)
                if known is None or (known.capital and not pattern.capital):
                    patterns[text] = pattern
        self._patterns = list(patterns.values())
        self._automaton = AhoCorasick(list(patterns), matchkind=MatchKind.Standard) if patterns else None

    def mask(self, text: str) -> str:
        """The text with a label in place of whatever tells who it is; the same text when nothing does."""
        if "@" in text:
            text = _ADDRESS.sub(EMAIL, text)
        if "_" in text or "-" in text or "." in text:
            text = _TOKEN.sub(CODE, text)
        found = self._found(text)
        if not found:
            return text
        parts, at = [], 0
        for start, end, label in _merged(found):
            parts += [text[at:start], label]
            at = end
        return _SEVERAL.sub(NAME, "".join([*parts, text[at:]]))

    def names_nobody(self, text: str) -> bool:
        """Whether nothing in the text would be masked."""
        return self.mask(text) == text

    def _found(self, text: str) -> list[tuple[int, int, str]]:
        """Places in the text, as (start, end, label)."""
        if self._automaton is None:
            return []
        folded = fold(text)
        matches = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        if not matches:
            return []
        places = origins(text)
        found = []
        for index, start, end in matches:
            pattern = self._patterns[index]
            if pattern.bounded and not _is_word(folded, start, end):
                continue
            first, last = (start, end - 1) if places is None else (places[start], places[end - 1])
            if not pattern.capital or text[first].isupper():
                found.append((first, _with_marks(text, last + 1), pattern.label))
        return found


def names_somebody(text: str, people: Iterable[Person]) -> bool:
    """Whether a text holds the whole name or the e-mail address of one of them.

    For texts that stand in a bundle word by word. A name of one part counts in scripts without spaces
    alone: elsewhere it is too often a plain word.
    """
    folded = " ".join(fold(text).split())
    for person in people:
        whole = " ".join(fold(person.name).split())
        spaceless = needs_no_boundary(person.name)
        for wanted in (fold(person.email.strip()), whole if " " in whole or spaceless else ""):
            at = folded.find(wanted) if len(wanted) >= _SHORT else -1
            if at >= 0 and (spaceless or _is_word(folded, at, at + len(wanted))):
                return True
    return False


def _with_marks(text: str, end: int) -> int:
    """The end of a place with the marks of its last letter."""
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return end


def _is_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start - 1].isalpha() and text[start].isalpha()
    after = end < len(text) and text[end].isalpha() and text[end - 1].isalpha()
    return not before and not after


def _merged(found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Overlapping places as one, under the label of the longest."""
    start, end, label, longest = -1, -1, "", 0
    for first, last, name in sorted(found):
        if first < end:
            if last - first > longest:
                label, longest = name, last - first
            end = max(end, last)
            continue
        if start >= 0:
            yield start, end, label
        start, end, label, longest = first, last, name, last - first
    yield start, end, label


def _patterns_of(person: Person) -> Iterator[tuple[str, _Pattern]]:
    email = fold(person.email.strip())
    if len(email) > _SHORT:
        yield email, _Pattern(EMAIL)
        local = email.split("@")[0]
        if len(local) > 4:
            yield local, _Pattern(NAME)
    for code in person.codes:
        if len(fold(code)) > _SHORT:
            yield fold(code), _Pattern(CODE)
    for spelling in {person.name, person.name.translate(_GERMAN)}:
        yield from _of_name(spelling)


def _of_name(name: str) -> Iterator[tuple[str, _Pattern]]:
    bounded = not needs_no_boundary(name)
    whole = fold(" ".join(name.split()))
    if len(whole) >= _SHORT:
        yield whole, _Pattern(NAME, bounded)
    parts = letters_of(name)
    for part in parts:
        folded = fold(part)
        if len(part) > _SHORT or (not bounded and len(part) == _SHORT):
            yield folded, _Pattern(NAME, bounded)
        elif len(part) == _SHORT:
            yield folded, _Pattern(NAME, bounded, capital=True)
    if 2 <= len(parts) <= 4:
        for first, second in permutations(parts, 2):
            joined = fold(first + second)
            if len(joined) > 3:
                yield joined, _Pattern(NAME, bounded)
