"""What goes into the engine and what comes out of it: actions in, occurrences out.

Every time here is in clinical seconds since the scenario began. These are values, not behaviour;
the service stores each of them as a row, so every field must survive a round trip through JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ActionKind = Literal["treatment", "assessment", "statement", "challenge_reply"]


Severity = Literal["error", "warning"]
MedicationProblem = Literal[
    "unknown_drug",
    "dose_too_high",
    "dose_too_low",
    "wrong_route",
    "total_exceeded",
    "too_soon",
    "contraindicated",
    "harmful",
    "not_indicated",
    "caution",
    "requirement_missing",
]


@dataclass(frozen=True, slots=True)
class Action:
    """Something the student did.

    Attributes:
        kind: what sort of act. A ``statement`` is the student's text as a whole: it carries the
            phrases that the scenario listens for. A ``challenge_reply`` answers the open challenge.
        target: the treatment or finding id of the scenario; for a treatment that the scenario does
            not know, the name as the student wrote it; for a challenge reply, the challenge id.
        known: whether `target` is an id of the scenario.
        dose, unit: the amount of one administration as the student stated it, or none.
        route: a `Route` value as stated, or none.
        phrases: the listened-for phrases (scenario spelling) that the statement contains.
        text: the student's words for this act; the whole text for a statement or reply.
    """

    kind: ActionKind
    target: str = ""
    known: bool = True
    dose: float | None = None
    unit: str | None = None
    route: str | None = None
    phrases: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The patient went from one state to another."""

    at_s: float
    previous: str
    state: str
    reason: str
    vitals: dict[str, float] = field(default_factory=dict)
    previous_vitals: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TreatmentGiven:
    """A treatment was given; `safe` is false when it was a medication error."""

    at_s: float
    treatment: str
    name: str
    dose: float | None
    unit: str | None
    route: str | None
    impact: str
    safe: bool
    says: str | None = None
    effect: str | None = None


@dataclass(frozen=True, slots=True)
class MedicationEvent:
    """A medication error (`error`) or a warning that needs no penalty of its own (`warning`)."""

    at_s: float
    severity: Severity
    kind: MedicationProblem
    treatment: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class FindingRevealed:
    """An assessment showed something; `measured` holds the vital signs that became visible."""

    at_s: float
    finding: str
    name: str
    category: str
    text: str
    measured: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChecklistDone:
    """A critical action was done. `points` are those awarded (half when late)."""

    at_s: float
    item: str
    action: str
    category: str
    importance: str
    points: float
    on_time: bool


@dataclass(frozen=True, slots=True)
class DecisionRated:
    """A critical decision point was rated; once per run."""

    at_s: float
    decision: str
    title: str
    rating: str
    explanation: str


@dataclass(frozen=True, slots=True)
class ChallengeOpened:
    """A challenge point interrupts; one at a time."""

    at_s: float
    challenge: str
    question: str
    context: str | None
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChallengeAnswered:
    """A challenge was answered or skipped.

    Attributes:
        quality: excellent (at least 75 % of the expected concepts), good (50), basic (25),
            poor, or skipped.
        response_s: clinical seconds from the question to the answer.
        says: the resolution that is said to the student.
    """

    at_s: float
    challenge: str
    response: str
    skipped: bool
    quality: Literal["excellent", "good", "basic", "poor", "skipped"]
    found: tuple[str, ...]
    missing: tuple[str, ...]
    response_s: float
    says: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over: handed_over, stabilised, lost, time."""

    at_s: float
    outcome: str
    reason: str


Occurrence = (
    StateChanged
    | TreatmentGiven
    | MedicationEvent
    | FindingRevealed
    | ChecklistDone
    | DecisionRated
    | ChallengeOpened
    | ChallengeAnswered
    | RunEnded
)
