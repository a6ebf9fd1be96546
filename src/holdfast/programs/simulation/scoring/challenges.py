"""The challenge score: the mean quality of the answers to challenge points, on 0 to 100.

Excellent counts 4, good 3, basic 2, poor 1 and skipped 0; the mean is multiplied by 25.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.engine.facts import ChallengeAnswered, ChallengeOpened, Occurrence
from holdfast.programs.simulation.scoring.rounding import to_tenth

QUALITY: dict[str, int] = {"excellent": 4, "good": 3, "basic": 2, "poor": 1, "skipped": 0}


@dataclass(frozen=True, slots=True)
class ChallengeScore:
    """How challenge points were answered.

    Attributes:
        opened: how many were put to the student, answered or not.
        counts: the number of answers by quality.
    """

    opened: int
    counts: dict[str, int]

    @property
    def score(self) -> float | None:
        """0 to 100 with one decimal, or none when no challenge was answered or skipped."""
        answers = sum(self.counts.values())
        points = sum(QUALITY[quality] * number for quality, number in self.counts.items())
        return to_tenth(25 * points, answers) if answers else None

    def to_json(self) -> dict[str, Any]:
        """Count, qualities and score."""
        return {"challengePointsCount": self.opened, "qualities": self.counts, "challengeScore": self.score}


def challenges_of_counts(opened: int, counts: Mapping[str, int]) -> ChallengeScore:
    """The challenge score of answers that are already counted."""
    return ChallengeScore(opened, {quality: counts.get(quality, 0) for quality in QUALITY})


def challenge_score(occurrences: Sequence[Occurrence]) -> ChallengeScore:
    """The challenge score of one run."""
    opened = sum(isinstance(fact, ChallengeOpened) for fact in occurrences)
    answers: Counter[str] = Counter(
        fact.quality for fact in occurrences if isinstance(fact, ChallengeAnswered)
    )
    return challenges_of_counts(opened, answers)
