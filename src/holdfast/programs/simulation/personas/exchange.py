"""One message at the scene and what it led to: all that a reply may be made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from holdfast.programs.simulation.engine.facts import Occurrence
from holdfast.programs.simulation.engine.run_state import RunState
from holdfast.programs.simulation.personas.cast import Cast, can_speak, cast_of
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.patient import PatientState

Fact = TypeVar("Fact", bound=Occurrence)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message and its effects.

    Attributes:
        state: the run after the message took effect.
        occurred: what it led to, in the order of the engine.
        said: the student's text; empty where nothing may depend on it.
        cast: who is there.
        awake: whether the patient can speak now.
    """

    scenario: Scenario
    state: RunState
    occurred: Sequence[Occurrence]
    said: str
    cast: Cast
    awake: bool

    @classmethod
    def of(cls, scenario: Scenario, state: RunState, occurred: Sequence[Occurrence], said: str) -> Exchange:
        """The exchange with what follows from scenario and state."""
        return cls(scenario, state, occurred, said, cast_of(scenario), can_speak(scenario, state))

    @property
    def patient_state(self) -> PatientState:
        """The present clinical state."""
        return self.scenario.states[self.state.patient_state]

    def all_of(self, sort: type[Fact]) -> Iterator[Fact]:
        """The occurrences of one sort, in order."""
        return (fact for fact in self.occurred if isinstance(fact, sort))

    def has(self, *sorts: type[Occurrence]) -> bool:
        """Whether something of these sorts occurred."""
        return any(isinstance(fact, sorts) for fact in self.occurred)
