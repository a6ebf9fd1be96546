"""The working copy of a run while one call is served: the same fields as `RunState`, but open.

It knows nothing of scenarios; conditions read it and the rest of the engine writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from holdfast.programs.simulation.engine.facts import Occurrence
from holdfast.programs.simulation.engine.run_state import (
    InForce,
    Moment,
    Reading,
    RunState,
    Segment,
    TreatmentRecord,
)
from holdfast.programs.simulation.engine.vitals import reading


@dataclass(slots=True)
class Course:
    """A run in motion; see `RunState` for the fields. `occurrences` collects what happens."""

    seed: int
    challenges: bool
    elapsed_s: float
    order: int
    patient_state: str
    state_since_s: float
    entered: dict[str, Moment]
    entry_vitals: dict[str, float]
    segments: dict[str, Segment]
    effects: tuple[InForce, ...]
    complication_s: float | None
    treatments: dict[str, TreatmentRecord]
    findings: dict[str, Moment]
    phrases: dict[str, Moment]
    followed: dict[str, Moment]
    measured: dict[str, Reading]
    errors: int
    warnings: int
    last_harm_s: float | None
    done: dict[str, float]
    rated: dict[str, str]
    asked: tuple[str, ...]
    open_challenge: str | None
    asked_s: float | None
    outcome: str | None
    occurrences: list[Occurrence] = field(default_factory=list)

    def vital(self, sign: str) -> float:
        """A vital sign now, as a monitor would print it."""
        return reading(self.segments, sign, self.elapsed_s)

    def now(self) -> Moment:
        """The present moment."""
        return Moment(self.order, self.elapsed_s)


_NAMES = tuple(item.name for item in fields(RunState))


def thaw(state: RunState) -> Course:
    """A working copy; the state itself is never changed."""
    values = (getattr(state, name) for name in _NAMES)
    copies: list[Any] = [dict(value) if isinstance(value, dict) else value for value in values]
    return Course(*copies)


def freeze(course: Course) -> RunState:
    """The state to keep. The working copy must not be used afterwards."""
    return RunState(*(getattr(course, name) for name in _NAMES))
