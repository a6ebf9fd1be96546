"""The safety score: 100 less a penalty for every medication error and every warning.

Nobody published a formula; the seed's sample (no error, one warning, 95.0) fixes 5 points per
warning. An error weighs three warnings (15) by default, so that seven errors leave nothing. Both
penalties are arguments, so that a study can set its own. A run without any medication is safe: 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.engine.facts import MedicationEvent, Occurrence

ERROR_PENALTY = 15.0
WARNING_PENALTY = 5.0


@dataclass(frozen=True, slots=True)
class SafetyScore:
    """The safety score (0 to 100; none when no scenario was played) and the counts it comes from."""

    score: float | None
    errors: int
    warnings: int

    def to_json(self) -> dict[str, Any]:
        """The keys of the performance record."""
        return {
            "safetyScore": self.score,
            "medicationErrorCount": self.errors,
            "medicationWarningCount": self.warnings,
        }


def safety_score(
    errors: int,
    warnings: int,
    *,
    error_penalty: float = ERROR_PENALTY,
    warning_penalty: float = WARNING_PENALTY,
) -> float:
    """100 - `errors` x `error_penalty` - `warnings` x `warning_penalty`, never below 0.

    Raises:
        ValueError: when a count or a penalty is negative.
    """
    if min(errors, warnings, error_penalty, warning_penalty) < 0:
        raise ValueError("counts and penalties are not negative")
    return max(0.0, 100.0 - errors * error_penalty - warnings * warning_penalty)


def safety_of(
    occurrences: Sequence[Occurrence],
    *,
    error_penalty: float = ERROR_PENALTY,
    warning_penalty: float = WARNING_PENALTY,
) -> SafetyScore:
    """The safety score of one run; each stored medication event counts once."""
    events = [fact for fact in occurrences if isinstance(fact, MedicationEvent)]
    errors = sum(event.severity == "error" for event in events)
    warnings = len(events) - errors
    score = safety_score(errors, warnings, error_penalty=error_penalty, warning_penalty=warning_penalty)
    return SafetyScore(score, errors, warnings)
