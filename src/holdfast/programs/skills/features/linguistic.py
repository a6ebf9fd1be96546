"""Linguistic features: what is measured in the student's own turns of a transcript (`table` documents each).

Counts of words from a list are rates per 100 words, so that a long transcript is not a better one, and a
negated match does not count.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from holdfast.programs.skills.features.table import LISTS, Extraction, Kind, names_of
from holdfast.programs.skills.features.wording import matches, passages, plain, sentences, stem, syllables
from holdfast.programs.skills.inputs import Transcript, Turn

_PRONOUNS = {
    "first_person": frozenset(["i", "me", "my", "mine", "myself"]),
    "first_person_plural": frozenset(["we", "us", "our", "ours", "ourselves"]),
    "second_person": frozenset(["you", "your", "yours", "yourself", "yourselves"]),
}
_ASKING = frozenset(
    [
        "what",
        "which",
        "where",
        "when",
        "why",
        "how",
        "who",
        "is",
        "are",
        "do",
        "does",
        "did",
        "can",
        "could",
        "should",
        "shall",
        "would",
        "will",
    ]
)
_PARTS = {
    "noun_count": ("NN",),
    "verb_count": ("VB", "MD"),
    "adjective_count": ("JJ",),
    "adverb_count": ("RB", "WRB"),
}


def linguistic_features(transcript: Transcript) -> Extraction:
    """The linguistic features of one transcript; all but counts are unknown without own words."""
    turns = [turn for _, turn in transcript.own()]
    spoken = [words for turn in turns for words in sentences(turn.text)]
    total = sum(len(words) for words in spoken)
    values: dict[str, float | None] = dict.fromkeys(names_of(Kind.LINGUISTIC))
    values |= _counts(turns, spoken)
    if total:
        values |= {name: 100 * _matches(spoken, name) / total for name in LISTS}
        values |= {name: 100 * _among(spoken, members) / total for name, members in _PRONOUNS.items()}
        values |= _sentiment(turns) | _reading_ease(spoken)
    asked = sum(_asks(turn) for turn in turns)
    values["question_share"] = asked / len(turns) if turns else None
    values["speaking_share"] = _speaking_share(transcript, total)
    return Extraction(Kind.LINGUISTIC, values)


def text_features(text: str) -> Extraction:
    """The features of a written text: a transcript of one turn."""
    return linguistic_features(Transcript("writer", (Turn("writer", text),)))


def _matches(spoken: Sequence[Sequence[str]], name: str) -> int:
    return sum(1 for words in spoken for _ in matches(words, name))


def _among(spoken: Sequence[Sequence[str]], members: frozenset[str]) -> int:
    return sum(word in members for words in spoken for word in words)


def _counts(turns: Sequence[Turn], spoken: Sequence[Sequence[str]]) -> dict[str, float | None]:
    tags = _tags(spoken)
    counts: dict[str, float | None] = {
        name: float(sum(number for tag, number in tags.items() if tag.startswith(prefixes)))
        for name, prefixes in _PARTS.items()
    }
    counts["word_count"] = float(sum(len(words) for words in spoken))
    counts["unique_word_count"] = float(len({stem(word) for words in spoken for word in words}))
    counts["turn_count"] = float(len(turns))
    return counts


@cache
def _tagger() -> Any:
    # Loaded when first needed: it takes a second, and a server that assesses nobody does without it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the library leaves its word list's file open
        from textblob.en.taggers import PatternTagger  # noqa: PLC0415

        tagger = PatternTagger()
        tagger.tag("so be it", tokenize=False)
    return tagger


def _tags(spoken: Sequence[Sequence[str]]) -> Counter[str]:
    text = "\n".join(" ".join(words) for words in spoken)
    return Counter(tag for _, tag in _tagger().tag(text, tokenize=False)) if text else Counter()


@cache
def _analyser() -> Any:
    return SentimentIntensityAnalyzer()


def _sentiment(turns: Sequence[Turn]) -> dict[str, float | None]:
    positive = negative = weight = 0.0
    for passage in (passage for turn in turns for passage in passages(turn.text)):
        words = sum(len(sentence) for sentence in sentences(passage))
        if words:
            scores = _analyser().polarity_scores(passage)
            positive += words * scores["pos"]
            negative += words * scores["neg"]
            weight += words
    return {"positive_sentiment": positive / weight, "negative_sentiment": negative / weight}


def _reading_ease(spoken: Sequence[Sequence[str]]) -> dict[str, float | None]:
    """Flesch (1948) and Kincaid et al. (1975): words per sentence, syllables per word."""
    words = sum(len(sentence) for sentence in spoken)
    length = words / len(spoken)
    weight = sum(syllables(word) for sentence in spoken for word in sentence) / words
    ease = 206.835 - 1.015 * length - 84.6 * weight
    return {
        "avg_sentence_length": length,
        "syntactic_complexity": min(1.0, max(0.0, 1 - ease / 100)),
        "readability_score": 0.39 * length + 11.8 * weight - 15.59,
    }


def _asks(turn: Turn) -> bool:
    first = plain(turn.text).split()[:1]
    return "?" in turn.text or bool(first and first[0] in _ASKING)


def _speaking_share(transcript: Transcript, own: int) -> float | None:
    others: Counter[str] = Counter()
    for turn in transcript.turns:
        if turn.speaker != transcript.speaker:
            others[turn.speaker] += sum(len(words) for words in sentences(turn.text))
    most = max(others.values(), default=0)
    return own / (own + most) if most else None
