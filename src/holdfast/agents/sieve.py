"""Keeps words that must not be said out of a reply while it is still streaming.

A draft that went out cannot be called back, so text is released only when no forbidden phrase can have begun
in it. Matching is by whole words, regardless of case, accents, invisible characters, emphasis marks and
punctuation between words; a plural ``s`` counts, other inflections must be listed. A word spelled out in
single letters is recognised from four letters on. In scripts without spaces between words a phrase matches
anywhere. Paraphrase, translation and look-alike letters are beyond it: the first protection is not to tell
the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_INVISIBLE = {"Mn", "Me", "Cf"}
_EMPHASIS = set("*_~`")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]")
_SHORTEST_SPELLED = 4


class _Word(NamedTuple):
    text: str
    start: int
    end: int


class Sieve:
    """One reply passing through, piece by piece.

    Attributes:
        found: whether a forbidden phrase occurred; from then on nothing more is released.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        worded = (tuple(word.text for word in _words(phrase)) for phrase in phrases)
        self._phrases = [phrase for phrase in worded if phrase]
        self._longest = max(map(len, self._phrases), default=0)
        self._held = ""
        self.found = False

    def push(self, piece: str) -> str:
        """Take a further piece; returns what may go out now, maybe nothing."""
        if not self._phrases:
            return piece
        self._held += piece
        words = _words(self._held)
        if words and words[-1].end == len(self._held):
            complete, safe = words[:-1], words[-1].start
        else:
            complete, safe = words, len(self._held)
        return self._release(complete, min(safe, self._undecided(complete)))

    def close(self) -> str:
        """The reply is over; returns what was still held, unless it completes a forbidden phrase."""
        return self._release(_words(self._held), len(self._held))

    def _release(self, words: Sequence[_Word], until: int) -> str:
        self.found = self.found or self._contains(words)
        if self.found:
            return ""
        released, self._held = self._held[:until], self._held[until:]
        return released

    def _contains(self, words: Sequence[_Word]) -> bool:
        texts = [word.text for word in words]
        runs = _spelled_runs(texts)
        return any(_said(phrase, texts) or _spelled(phrase, runs) for phrase in self._phrases)

    def _undecided(self, words: Sequence[_Word]) -> int:
        """Where the last words begin that may be the start of a phrase or of a word spelled out."""
        earliest = len(self._held)
        for count in range(1, min(self._longest, len(words) + 1)):
            tail = tuple(word.text for word in words[-count:])
            if any(phrase[:count] == tail and len(phrase) > count for phrase in self._phrases):
                earliest = words[-count].start
        for word in reversed(words):
            if len(word.text) > 1:
                break
            earliest = min(earliest, word.start)
        return earliest


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    letters, start, end = "", 0, 0
    for index, char in enumerate(text):
        kept = _folded(char)
        if kept is None:
            end = index + 1
        elif kept:
            start = start if letters else index
            letters, end = letters + kept, index + 1
        elif letters:
            words.append(_Word(letters, start, end))
            letters = ""
    if letters:
        words.append(_Word(letters, start, end))
    return words


def _folded(char: str) -> str | None:
    """The letters a character stands for; None where it stands for nothing; empty where it parts words."""
    if char in _EMPHASIS or unicodedata.category(char) in _INVISIBLE:
        return None
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(
        letter for letter in decomposed if letter.isalnum() or unicodedata.category(letter) == "Mc"
    )


def _said(phrase: Sequence[str], words: Sequence[str]) -> bool:
    if len(phrase) == 1 and _UNSPACED.search(phrase[0]):
        return any(phrase[0] in word for word in words)
    count = len(phrase)
    head, last = tuple(phrase[:-1]), phrase[-1]
    return any(
        tuple(words[index : index + count - 1]) == head and words[index + count - 1] in {last, f"{last}s"}
        for index in range(len(words) - count + 1)
    )


def _spelled(phrase: Sequence[str], runs: Sequence[str]) -> bool:
    letters = "".join(phrase)
    return len(letters) >= _SHORTEST_SPELLED and any(letters in run for run in runs)


def _spelled_runs(words: Sequence[str]) -> list[str]:
    """Single letters that follow one another, joined."""
    runs = [""]
    for word in words:
        if len(word) == 1:
            runs[-1] += word
        elif runs[-1]:
            runs.append("")
    return [run for run in runs if len(run) > 1]
