"""Small slips in long words: one letter missing, added, changed or two neighbours swapped.

A slip is mended only for words of at least six letters that are no known word themselves, when the
first letter is right and exactly one known word is that near. Everyday words that happen to lie next
to a medical one are listed so that they stay themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from holdfast.programs.simulation.interpreter.entries import word_set

SHORTEST = 6
LONGEST = 24

EVERYDAY = word_set("""
    aspiring aspirate section sections auction sprint sprints splits stated stating talking talked living
    heading leading holding confusion contusion perfusion profusion fairway midway posting positive
    petition sections patience patients parent parents partial person persons airways nitrite insular
    cannot canola injury inquiry pupil puppet pulled pulling pushes supply supple moment mention monster
    breath breathe breathes breadth bleed bleeds blinding blending glances glasses fluent fluids flurry
    nausea stroke strokes stable staple secure severe several sitting setting seated sealed sensible
    history hysteria oxidant oxide exposed expose exposes collars dollars scared scarred scared scored
    covers coverage crease calming claiming cooling coaching catching warning warming warned morning
    mourning washing wishing lifted lifting shifts safety safely safer tablets talbot
    """)


@dataclass(frozen=True, slots=True)
class Speller:
    """Known words by what is left of them when one letter is dropped."""

    words: frozenset[str]
    shortened: dict[str, tuple[str, ...]] = field(repr=False)
    known: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, words: Iterable[str], known: Iterable[str] = ()) -> Speller:
        """Index the words a slip may be mended to; `known` words are right as they are."""
        targets = frozenset(w for w in words if SHORTEST <= len(w) <= LONGEST and w.isalpha())
        shortened: dict[str, list[str]] = {}
        for word in sorted(targets):
            for short in _without_one(word):
                shortened.setdefault(short, []).append(word)
        return cls(
            targets, {s: tuple(w) for s, w in shortened.items()}, targets | EVERYDAY | frozenset(known)
        )

    def mended(self, word: str) -> str:
        """The known word that was meant, or the word as it is."""
        if word in self.known or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return word
        near = {other for other in self._candidates(word) if other[0] == word[0] and _one_slip(word, other)}
        return near.pop() if len(near) == 1 else word

    def _candidates(self, word: str) -> set[str]:
        found = set(self.shortened.get(word, ()))
        for short in _without_one(word):
            if short in self.words:
                found.add(short)
            found.update(self.shortened.get(short, ()))
        return found


def _without_one(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _one_slip(word: str, other: str) -> bool:
    """Whether two different words lie one insertion, deletion, change or swap apart."""
    start = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if start is None:
        return abs(len(word) - len(other)) == 1
    if len(word) == len(other):
        swapped = word[start : start + 2] == other[start : start + 2][::-1]
        return word[start + 1 :] == other[start + 1 :] or (
            swapped and word[start + 2 :] == other[start + 2 :]
        )
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return longer[start + 1 :] == shorter[start:]
