"""All eighteen patterns over the runs of a session, and the choice of what to talk about.

The rules stand in the order of their categories, so that an analysis read from JSON equals its source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from holdfast.programs.simulation.review.patterns.clinical_reasoning import (
    differential,
    systematic_assessment,
)
from holdfast.programs.simulation.review.patterns.cognitive_load import (
    challenge_quality,
    information_organisation,
)
from holdfast.programs.simulation.review.patterns.communication import (
    documentation_specificity,
    patient_centred_language,
)
from holdfast.programs.simulation.review.patterns.decision_quality import (
    consistent_strength,
    consistent_weakness,
    high_stakes,
)
from holdfast.programs.simulation.review.patterns.error_patterns import error_recovery, medication_error_type
from holdfast.programs.simulation.review.patterns.meta_patterns import consistency, risk_tolerance
from holdfast.programs.simulation.review.patterns.patient_awareness import (
    deterioration_prevention,
    state_change_recognition,
)
from holdfast.programs.simulation.review.patterns.pattern import Category, Pattern, Severity
from holdfast.programs.simulation.review.patterns.temporal import (
    assessment_to_treatment_gap,
    reactive_or_proactive,
    reassessment,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot

RULES: tuple[Callable[[Sequence[RunSnapshot]], Pattern], ...] = (
    assessment_to_treatment_gap,
    reactive_or_proactive,
    reassessment,
    consistent_strength,
    consistent_weakness,
    high_stakes,
    systematic_assessment,
    differential,
    medication_error_type,
    error_recovery,
    information_organisation,
    challenge_quality,
    deterioration_prevention,
    state_change_recognition,
    documentation_specificity,
    patient_centred_language,
    consistency,
    risk_tolerance,
)

MOST_DISCUSSED = 4
_RANK = {Severity.HIGH: 0, Severity.MODERATE: 1, Severity.LOW: 3, None: 2}


@dataclass(frozen=True, slots=True)
class PatternAnalysis:
    """The patterns of a session, all eighteen of them in the order of `RULES`.

    Attributes:
        runs: how many scenarios were analysed.
    """

    patterns: tuple[Pattern, ...]
    runs: int

    @property
    def ready(self) -> bool:
        """Whether there was a run to analyse."""
        return self.runs > 0

    @property
    def detected(self) -> tuple[Pattern, ...]:
        """Those that showed, the weightiest first: HIGH, MODERATE, strengths, LOW; then by priority."""
        shown = (pattern for pattern in self.patterns if pattern.detected)
        return tuple(sorted(shown, key=lambda pattern: (_RANK[pattern.severity], pattern.priority)))

    @property
    def strengths(self) -> tuple[Pattern, ...]:
        """Those that showed as something to keep."""
        return tuple(pattern for pattern in self.detected if pattern.is_strength)

    @property
    def weaknesses(self) -> tuple[Pattern, ...]:
        """Those that showed as something to work on."""
        return tuple(pattern for pattern in self.detected if not pattern.is_strength)

    @property
    def for_discussion(self) -> tuple[Pattern, ...]:
        """Two to four for the review, or as many as there are: a strength first, where there is one.

        More than four would not be remembered. Half of the places go to each side, and what one side
        leaves free the other takes.
        """
        half = MOST_DISCUSSED // 2
        kept = self.strengths[: max(half, MOST_DISCUSSED - len(self.weaknesses))]
        return (*kept, *self.weaknesses[: MOST_DISCUSSED - len(kept)])

    def of(self, name: str) -> Pattern:
        """The pattern called `name`, detected or not.

        Raises:
            KeyError: when there is none of that name.
        """
        return {pattern.name: pattern for pattern in self.patterns}[name]

    def to_json(self) -> dict[str, Any]:
        """A list of patterns by category, a ``summary`` and ``readyForAnalysis``."""
        by_category = {
            category.value: [p.to_json() for p in self.patterns if p.category is category]
            for category in Category
        }
        return by_category | {"summary": self._summary(), "readyForAnalysis": self.ready}

    def _summary(self) -> dict[str, Any]:
        return {
            "scenariosAnalysed": self.runs,
            "patternsDetected": len(self.detected),
            "strengths": [pattern.name for pattern in self.strengths],
            "weaknesses": [pattern.name for pattern in self.weaknesses],
            "forDiscussion": [pattern.name for pattern in self.for_discussion],
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; pydantic's ValidationError when a pattern is malformed."""
        read = (Pattern.from_json(p) for category in Category for p in document[category.value])
        return cls(tuple(read), document["summary"]["scenariosAnalysed"])


def analyse(snapshots: Sequence[RunSnapshot]) -> PatternAnalysis:
    """Look for every pattern across the runs of one session; without runs none is detected."""
    return PatternAnalysis(tuple(rule(snapshots) for rule in RULES), len(snapshots))
