"""The common form of a pattern, and the two questions most patterns ask.

Two readings of the published thresholds hold throughout. Where two are given (0.7 / 0.4), reaching the
first is a strength, staying below the second a weakness, and between them nothing is said. Where "at
least two scenarios" are asked for, a session of a single scenario needs that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import Field

from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.review.stored import Stored

GRACE_S = 60.0
"""Something with less of the run than this left is not expected to be followed up."""


class Category(StrEnum):
    """What a pattern is about; the values are the keys of the analysis in its JSON form."""

    TEMPORAL = "temporal"
    DECISION_QUALITY = "decisionQuality"
    CLINICAL_REASONING = "clinicalReasoning"
    ERROR_PATTERNS = "errorPatterns"
    COGNITIVE_LOAD = "cognitiveLoad"
    PATIENT_AWARENESS = "patientAwareness"
    COMMUNICATION = "communication"
    META_PATTERNS = "metaPatterns"


class Severity(StrEnum):
    """How much a weakness matters; a strength has none."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"


class Pattern(Stored):
    """One pattern and whether it showed.

    Attributes:
        detected: whether it showed, as a strength or as a weakness.
        severity: of a detected weakness; none otherwise.
        priority: the order of speaking, 1 first.
        data: the figures it rests on; times in clinical seconds, shares on 0 to 1.
        educational_focus: what the learner should take up.
        talking_point: the sentence for the review; empty when not detected.
    """

    name: str = Field(alias="patternName")
    category: Category
    detected: bool
    severity: Severity | None = None
    priority: int = Field(ge=1, le=18)
    is_strength: bool = Field(default=False, alias="isStrength")
    data: dict[str, Any] = Field(default_factory=dict)
    educational_focus: str = Field(default="", alias="educationalFocus")
    talking_point: str = Field(default="", alias="aarTalkingPoint")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a pattern is called and how early it is spoken of, whatever the session shows."""

    name: str
    category: Category
    priority: int
    focus: str

    def absent(self, data: dict[str, Any] | None = None) -> Pattern:
        """The pattern did not show, or there was nothing to see it by."""
        return self._pattern(detected=False, data=data or {})

    def strength(self, talking_point: str, data: dict[str, Any]) -> Pattern:
        """The pattern showed as something to keep."""
        return self._pattern(detected=True, is_strength=True, talking_point=talking_point, data=data)

    def weakness(self, severity: Severity, talking_point: str, data: dict[str, Any]) -> Pattern:
        """The pattern showed as something to work on."""
        return self._pattern(detected=True, severity=severity, talking_point=talking_point, data=data)

    def _pattern(self, **fields: Any) -> Pattern:
        return Pattern(
            name=self.name,
            category=self.category,
            priority=self.priority,
            educational_focus=self.focus,
            **fields,
        )


class Verdict(StrEnum):
    """On which side of a pair of thresholds a share lies."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


def verdict(share: float, strong_from: float, weak_below: float) -> Verdict:
    """Reaching `strong_from` is high, staying below `weak_below` low."""
    if share >= strong_from:
        return Verdict.HIGH
    return Verdict.LOW if share < weak_below else Verdict.MIDDLE


def enough(number: int, runs: Sequence[RunSnapshot]) -> bool:
    """Whether `number` runs are "at least two scenarios", or the only one there is."""
    return number >= min(2, len(runs)) and number > 0


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean of at least one value."""
    return sum(values) / len(values)


def share(part: int, whole: int) -> float:
    """`part` of `whole` on 0 to 1, three decimals; `whole` is at least 1."""
    return round(part / whole, 3)


def follow_ups(
    run: RunSnapshot, moments: Iterable[float], answers: Sequence[float], within_s: float
) -> list[bool]:
    """For each moment, whether one of the times in `answers` follows it within `within_s` seconds.

    A moment within `GRACE_S` of the run's end that was not followed is left out: there was no time.
    """
    judged = []
    for moment in moments:
        followed = any(moment < answer <= moment + within_s for answer in answers)
        if followed or run.duration_s - moment >= GRACE_S:
            judged.append(followed)
    return judged


def minutes(seconds: float) -> str:
    """A time as minutes and seconds, ``3:05``."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def percent(part: float) -> str:
    """A share as whole percent, ``67 %``."""
    return f"{100 * part:.0f} %"
