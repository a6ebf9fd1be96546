"""The table of features: name, unit, range and meaning of each. The manual's table is made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

VERSION = 1
"""Raised whenever a feature's value for the same input may differ; stored with every extraction."""

RATE = "per 100 words"


class Kind(StrEnum):
    """What a feature is measured in."""

    LINGUISTIC = "linguistic"
    BEHAVIOURAL = "behavioural"


class Pooling(StrEnum):
    """How several inputs of one student become one value."""

    SUM = "sum"
    LARGEST = "largest"
    MEAN = "mean"  # weighted by words (linguistic) or events (behavioural); unknown values are left out


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature.

    Attributes:
        name: the key under which it is stored.
        kind: what it is measured in.
        unit: of the value.
        low, high: the range; no `high` means open above.
        pooling: how several inputs become one value.
        meaning: what it measures, and when it is unknown (none).
    """

    name: str
    kind: Kind
    unit: str
    low: float | None
    high: float | None
    pooling: Pooling
    meaning: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """The features of one input, or of several pooled.

    Attributes:
        kind: linguistic or behavioural.
        values: a value for every feature of the kind; none where the input does not tell.
        version: of the extraction rules.
    """

    kind: Kind
    values: Mapping[str, float | None]
    version: int = VERSION

    def known(self, name: str) -> float | None:
        """A feature's value, none where unknown."""
        return self.values.get(name)

    @property
    def completeness(self) -> float:
        """The share of the kind's features that are known, 0 to 1."""
        names = [feature.name for feature in TABLE if feature.kind is self.kind]
        return sum(self.values.get(name) is not None for name in names) / len(names)


def _rate(name: str, meaning: str) -> Feature:
    return Feature(name, Kind.LINGUISTIC, RATE, 0, 100, Pooling.MEAN, meaning)


def _share(name: str, kind: Kind, meaning: str) -> Feature:
    return Feature(name, kind, "share", 0, 1, Pooling.MEAN, meaning)


def _number(name: str, kind: Kind, meaning: str, pooling: Pooling = Pooling.SUM) -> Feature:
    return Feature(name, kind, "count", 0, None, pooling, meaning)


_L, _B = Kind.LINGUISTIC, Kind.BEHAVIOURAL

LISTS: Mapping[str, str] = {
    "empathy_markers": "words of feeling for others",
    "problem_solving_language": "words of plans, options, costs and tests",
    "perseverance_indicators": "words of going on and trying again",
    "social_processes": "words for people and what they do together",
    "cognitive_processes": "words of thinking, knowing and doubting",
    "reasoning_language": "connectives that give reasons or conditions",
    "regulation_language": "words of waiting, care and attention",
    "adaptation_language": "words of other ways and changes",
    "coordination_language": "words that join two persons' doing",
    "acknowledgement": "words that take up what another said",
    "hedging": "words that leave room for another opinion",
    "against_empathy": "words of indifference or contempt",
    "against_perseverance": "words of giving up",
    "against_regulation": "words of haste or temper",
    "against_collaboration": "words that take over or push away",
    "against_communication": "words that break off",
    "against_adaptation": "words of holding on to one way",
    "against_problem_solving": "words of guessing or being lost",
}

TABLE: Sequence[Feature] = (
    *(_rate(name, f"{meaning}, matches of the list that are not negated") for name, meaning in LISTS.items()),
    _rate("first_person", "I, me, my, mine, myself"),
    _rate("first_person_plural", "we, us, our, ours, ourselves"),
    _rate("second_person", "you, your, yours, yourself"),
    _share("positive_sentiment", _L, "VADER's positive share, mean of the sentences weighted by words"),
    _share("negative_sentiment", _L, "VADER's negative share, mean of the sentences weighted by words"),
    Feature("avg_sentence_length", _L, "words", 0, None, Pooling.MEAN, "mean words of a sentence"),
    Feature(
        "syntactic_complexity",
        _L,
        "share",
        0,
        1,
        Pooling.MEAN,
        "1 - Flesch reading ease / 100, held within 0 and 1: long sentences of long words are near 1",
    ),
    Feature("readability_score", _L, "school grade", None, None, Pooling.MEAN, "Flesch-Kincaid grade"),
    _number("word_count", _L, "the student's own words"),
    _number("unique_word_count", _L, "different stems among them", Pooling.LARGEST),
    _number("noun_count", _L, "nouns, by TextBlob's pattern tagger"),
    _number("verb_count", _L, "verbs and modals, by the same"),
    _number("adjective_count", _L, "adjectives, by the same"),
    _number("adverb_count", _L, "adverbs, by the same"),
    _number("turn_count", _L, "the student's own turns"),
    _share("question_share", _L, "own turns that ask (a question mark, or a questioning word first)"),
    _share(
        "speaking_share",
        _L,
        "own words among those of the student and the most talkative other; unknown when nobody else spoke",
    ),
    _share(
        "task_completion_rate",
        _B,
        "tasks completed among tasks started, failed or completed, each counted once; unknown without tasks",
    ),
    _share(
        "time_efficiency",
        _B,
        "mean over completed tasks of expected_s / seconds taken, at most 1; unknown unless the game says "
        "what it expects (`expected_s` in the completion's data)",
    ),
    _number("retry_count", _B, "tries after a first failure of the same task"),
    _share(
        "recovery_rate",
        _B,
        "failures after which the same task was completed or its quality rose; unknown without failures",
    ),
    _share(
        "distraction_resistance",
        _B,
        "time not lost to distractions or to pauses over 60 s; unknown with fewer than two events",
    ),
    Feature(
        "focus_duration", _B, "seconds", 0, None, Pooling.LARGEST, "the longest stretch without such a gap"
    ),
    _share("collaboration_indicators", _B, "acts for or with another among the student's events"),
    _share("leadership_indicators", _B, "acts that lead another among the student's events"),
    _number("event_count", _B, "the student's own events"),
    _number("help_count", _B, "requests for help or instructions"),
    _share("undo_share", _B, "actions undone among actions done; unknown without actions"),
    _share(
        "review_share", _B, "failures after which earlier results were reviewed; unknown without failures"
    ),
    _number("strategy_change_count", _B, "changes of strategy that the game saw"),
    _share("best_quality", _B, "the best quality reached; unknown unless the game rates results"),
    Feature(
        "quality_gain",
        _B,
        "difference",
        -1,
        1,
        Pooling.MEAN,
        "mean quality of the last third of results less that of the first third; unknown under three results",
    ),
)
BY_NAME: Mapping[str, Feature] = {feature.name: feature for feature in TABLE}
_WEIGHT = {Kind.LINGUISTIC: "word_count", Kind.BEHAVIOURAL: "event_count"}


def names_of(kind: Kind) -> list[str]:
    """The features of a kind, in the table's order."""
    return [feature.name for feature in TABLE if feature.kind is kind]


def pooled(extractions: Iterable[Extraction], kind: Kind) -> Extraction | None:
    """The extractions of one kind and of the present version as one; none if there is none of it."""
    some = [one for one in extractions if one.kind is kind and one.version == VERSION]
    if not some:
        return None
    return Extraction(kind, {name: _pooled_value(BY_NAME[name], some) for name in names_of(kind)})


def _pooled_value(feature: Feature, some: Sequence[Extraction]) -> float | None:
    known = [
        (value, one.values.get(_WEIGHT[feature.kind]) or 0.0)
        for one in some
        if (value := one.values.get(feature.name)) is not None
    ]
    if not known:
        return None
    if feature.pooling is Pooling.SUM:
        return sum(value for value, _ in known)
    if feature.pooling is Pooling.LARGEST:
        return max(value for value, _ in known)
    total = sum(weight for _, weight in known)
    if total <= 0:
        return sum(value for value, _ in known) / len(known)
    return sum(value * weight for value, weight in known) / total


def markdown() -> str:
    """The table as the manual shows it."""
    lines = ["| Feature | Kind | Unit | Range | Meaning |", "|---|---|---|---|---|"]
    for one in TABLE:
        low = "any" if one.low is None else f"{one.low:g}"
        span = (
            low if one.low is None else f"{low} to {one.high:g}" if one.high is not None else f"{low} or more"
        )
        lines.append(f"| `{one.name}` | {one.kind} | {one.unit} | {span} | {one.meaning} |")
    return "\n".join(lines)
