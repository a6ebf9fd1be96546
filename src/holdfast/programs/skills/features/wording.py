"""Words of a text: sentences, tokens, stems, and where a listed word or phrase stands un-negated.

Matching folds case and compares Snowball stems, so that one entry finds every form of its word. A match
does not count when one of the three words before it in the sentence negates it ("I do not feel sorry"),
unless the entry itself contains the negation ("do not worry").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import snowballstemmer
import yaml

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*")
LONGEST_PASSAGE = 60
_AFTER_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_SENTENCE_END = re.compile(r"[.!?…]+|\n{2,}")
_CONTRACTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), full)
    for pattern, full in (
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"\bshan't\b", "shall not"),
        (r"n't\b", " not"),
        (r"\blet's\b", "let us"),
        (r"\b(it|that|what|who|he|she|there|here|where|how)'s\b", r"\1 is"),
        (r"'re\b", " are"),
        (r"'m\b", " am"),
        (r"'ve\b", " have"),
        (r"'ll\b", " will"),
        (r"'d\b", " would"),
        (r"\bgonna\b", "going to"),
        (r"\bwanna\b", "want to"),
        (r"\bgotta\b", "got to"),
        (r"\bdunno\b", "do not know"),
    )
)
NEGATIONS = frozenset(
    ["not", "no", "never", "nobody", "nothing", "neither", "nor", "without", "hardly", "barely"]
)
REACH = 3
"""How many words before a match may negate it."""

_STEMMER = snowballstemmer.stemmer("english")


@cache
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of a folded word."""
    return str(_STEMMER.stemWord(word))


def plain(text: str) -> str:
    """The text folded: lower case, straight apostrophes, contractions written out."""
    folded = text.replace("\u2019", "'").replace("\u2018", "'").replace("\u02bc", "'").casefold()
    for pattern, full in _CONTRACTIONS:
        folded = pattern.sub(full, folded)
    return folded


def sentences(text: str) -> list[list[str]]:
    """The folded words of each sentence that has any."""
    parts = (WORD.findall(part) for part in _SENTENCE_END.split(plain(text)))
    return [words for words in parts if words]


def passages(text: str) -> Iterator[str]:
    """The sentences of a text as written, with their marks; one that never ends is cut every 60 words.

    For analysers whose time grows with the square of what they are given.
    """
    for sentence in _AFTER_END.split(text):
        words = sentence.split()
        for begin in range(0, len(words), LONGEST_PASSAGE):
            yield " ".join(words[begin : begin + LONGEST_PASSAGE])


@dataclass(frozen=True, slots=True)
class WordLists:
    """The lists as stems: `entries[name]` maps a phrase's first stem to whole phrases, longest first."""

    version: int
    entries: Mapping[str, Mapping[str, Sequence[tuple[str, ...]]]]


@cache
def word_lists() -> WordLists:
    """The lists that ship with the product (`word_lists.yaml`)."""
    text = resources.files(__package__).joinpath("word_lists.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    entries: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for name, phrases in document["lists"].items():
        by_first: dict[str, list[tuple[str, ...]]] = entries.setdefault(name, {})
        for phrase in phrases:
            stems = tuple(stem(word) for word in WORD.findall(plain(phrase)))
            by_first.setdefault(stems[0], []).append(stems)
        for candidates in by_first.values():
            candidates.sort(key=len, reverse=True)
    return WordLists(document["version"], entries)


def matches(words: Sequence[str], name: str) -> Iterator[tuple[int, int]]:
    """Begin and end (exclusive) of every un-negated match of a list in one sentence, none overlapping."""
    by_first = word_lists().entries[name]
    stems = [stem(word) for word in words]
    place = 0
    while place < len(stems):
        found = next(
            (one for one in by_first.get(stems[place], ()) if tuple(stems[place : place + len(one)]) == one),
            None,
        )
        if found is None:
            place += 1
            continue
        negated = not NEGATIONS.isdisjoint(words[max(0, place - REACH) : place])
        if not negated:
            yield place, place + len(found)
        place += len(found)


def count(text: str, name: str) -> int:
    """How many un-negated matches of a list a text has."""
    return sum(1 for words in sentences(text) for _ in matches(words, name))


_SILENT = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)e$|[^aeiouytd]ed$|(?:[^aeiouysxzcgh]|(?<![sc])h)es$")


@cache
def syllables(word: str) -> int:
    """Syllables of a folded English word, at least 1: its groups of vowels, less what is silent at the end.

    The libraries that know better either fetch a dictionary when first used (textstat) or carry a licence
    that this product cannot take on; hyphenation patterns (Pyphen) find far fewer than are spoken.
    """
    groups = len(re.findall(r"[aeiouy]+", word))
    return max(1, groups - (1 if _SILENT.search(word) else 0))
