"""The overall score: the mean weight of the critical decision points (CDPs) that were decided.

Weights are 100, 75, 50 and 0 for optimal, acceptable, suboptimal and dangerous. A decision that was
not performed is in neither numerator nor denominator; its omission shows in the checklist and in the
treatment timing instead. The score keeps one decimal place (the record shows 87.5), so the column that
stores it is a decimal number, not an integer. Its interpretation is read from the rounded score, so that
the number and the words that a student sees always agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.programs.simulation.engine.facts import DecisionRated, Occurrence
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring.rounding import to_tenth

WEIGHTS: dict[Rating, int] = {
    Rating.OPTIMAL: 100,
    Rating.ACCEPTABLE: 75,
    Rating.SUBOPTIMAL: 50,
    Rating.DANGEROUS: 0,
}
"""Points of one counted decision, in percent of the best."""

AUTOMATIC_DECISION = "safety."
"""Prefix of the engine's own decision: a drug that harms this patient, and no decision point about it."""


class Band(StrEnum):
    """What an overall score means."""

    EXCELLENT = "excellent"
    GOOD = "good"
    ACCEPTABLE = "acceptable"
    NEEDS_IMPROVEMENT = "needs_improvement"
    UNSAFE = "unsafe"
    NOTHING_EVALUATED = "nothing_evaluated"


_FROM: tuple[tuple[float, Band], ...] = (
    (90, Band.EXCELLENT),
    (75, Band.GOOD),
    (60, Band.ACCEPTABLE),
    (40, Band.NEEDS_IMPROVEMENT),
)

_WORDS: dict[Band, str] = {
    Band.EXCELLENT: "Excellent performance",
    Band.GOOD: "Good performance",
    Band.ACCEPTABLE: "Acceptable performance",
    Band.NEEDS_IMPROVEMENT: "Needs improvement",
    Band.UNSAFE: "Unsafe performance",
    Band.NOTHING_EVALUATED: "Nothing evaluated",
}


def band_of(score: float | None) -> Band:
    """The band of an overall score on 0 to 100: 90, 75, 60 and 40 are the lower limits, inclusive."""
    if score is None:
        return Band.NOTHING_EVALUATED
    return next((band for limit, band in _FROM if score >= limit), Band.UNSAFE)


@dataclass(frozen=True, slots=True)
class OverallScore:
    """The score over a set of decisions.

    Attributes:
        score: 0 to 100 with one decimal, or none when no decision counted.
        counts: how often each rating was given, ``not_performed`` included.
    """

    score: float | None
    counts: dict[Rating, int]

    @property
    def total(self) -> int:
        """How many decisions counted."""
        return sum(self.counts[rating] for rating in WEIGHTS)

    @property
    def band(self) -> Band:
        """What the score means."""
        return band_of(self.score)

    @property
    def interpretation(self) -> str:
        """The band in words, as the student record shows it."""
        return _WORDS[self.band]

    @property
    def percentages(self) -> dict[Rating, float | None]:
        """The share of each counted rating in percent, one decimal; none when nothing counted."""
        total = self.total
        return {r: to_tenth(100 * self.counts[r], total) if total else None for r in WEIGHTS}

    def to_json(self) -> dict[str, Any]:
        """The shape of ``performance`` in the student record."""
        return {
            "overallScore": self.score,
            "breakdown": {_key(rating): self.counts[rating] for rating in Rating},
            "totalCDPs": self.total,
            "percentages": {_key(rating): share for rating, share in self.percentages.items()},
            "interpretation": self.interpretation,
        }


def _key(rating: Rating) -> str:
    return "notPerformed" if rating is Rating.NOT_PERFORMED else rating.value


def score_of_counts(counts: Mapping[Rating, int]) -> OverallScore:
    """The overall score of ratings that are already counted; a missing rating counts as none."""
    whole = {rating: counts.get(rating, 0) for rating in Rating}
    counted = sum(whole[rating] for rating in WEIGHTS)
    points = sum(weight * whole[rating] for rating, weight in WEIGHTS.items())
    return OverallScore(to_tenth(points, counted) if counted else None, whole)


def overall_score(ratings: Iterable[str]) -> OverallScore:
    """The overall score of a list of ratings.

    Raises:
        ValueError: when a rating is not one of `Rating`.
    """
    return score_of_counts(Counter(Rating(rating) for rating in ratings))


def decisions_of(occurrences: Sequence[Occurrence]) -> tuple[DecisionRated, ...]:
    """The rated decisions of a run in time order, each once.

    The engine itself rates giving a harmful drug as dangerous (decision ``safety.<treatment>``). An
    instructor's judgement is a `DecisionRated` too, added behind the engine's occurrences: where a
    decision was rated twice, the later rating in the list stands.
    """
    rated = {fact.decision: fact for fact in occurrences if isinstance(fact, DecisionRated)}
    return tuple(sorted(rated.values(), key=lambda fact: fact.at_s))
