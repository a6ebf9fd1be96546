"""One run as the review sees it: its stored occurrences and actions beside the scenario's blueprint.

The readings here (assessments, treatments, decisions, states) are the vocabulary of the patterns.
Every time is in clinical seconds since the scenario began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from holdfast.programs.simulation.engine import RunState
from holdfast.programs.simulation.engine.facts import (
    Action,
    ChallengeAnswered,
    DecisionRated,
    FindingRevealed,
    MedicationEvent,
    Occurrence,
    StateChanged,
    TreatmentGiven,
)
from holdfast.programs.simulation.review.blueprint import Blueprint, blueprint_of
from holdfast.programs.simulation.scenario.care import FindingCategory, TreatmentKind
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scoring import RunScore, decisions_of, score_run

Fact = TypeVar("Fact", bound=Occurrence)

_NOT_OF_THE_PATIENT = {FindingCategory.SCENE.value, FindingCategory.HISTORY.value}
_WITHOUT_EFFECT_TO_CHECK = {
    TreatmentKind.COMMUNICATION.value,
    TreatmentKind.TRANSPORT.value,
    TreatmentKind.POSITION.value,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What the student said, as a whole, and when."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """What is known of one finished (or abandoned) run.

    Attributes:
        index: 0-based place in the session.
        duration_s: clinical seconds the run lasted.
        outcome: how it ended (`RunEnded.outcome`), or none when it was broken off.
        occurrences: in time order.
        actions: (time, action) in the order they were done.
    """

    scenario_id: str
    title: str
    index: int
    duration_s: float
    final_state: str
    outcome: str | None
    occurrences: tuple[Occurrence, ...] = ()
    actions: tuple[tuple[float, Action], ...] = ()
    statements: tuple[Statement, ...] = ()
    blueprint: Blueprint = field(default_factory=Blueprint)

    def all_of(self, sort: type[Fact]) -> tuple[Fact, ...]:
        """The occurrences of one sort, in time order."""
        return tuple(fact for fact in self.occurrences if isinstance(fact, sort))

    @property
    def assessments(self) -> tuple[FindingRevealed, ...]:
        """Looks at the patient or at a test; a glance at the scene is none of these."""
        scene = FindingCategory.SCENE.value
        return tuple(fact for fact in self.all_of(FindingRevealed) if fact.category != scene)

    @property
    def examinations(self) -> tuple[FindingRevealed, ...]:
        """Assessments that show how the patient is now: neither scene nor history."""
        return tuple(f for f in self.all_of(FindingRevealed) if f.category not in _NOT_OF_THE_PATIENT)

    @property
    def treatments(self) -> tuple[TreatmentGiven, ...]:
        """Treatments with an effect that can be checked: not talking, transport or positioning."""
        return tuple(
            fact
            for fact in self.all_of(TreatmentGiven)
            if self.blueprint.treatment_kinds.get(fact.treatment) not in _WITHOUT_EFFECT_TO_CHECK
        )

    @property
    def errors(self) -> tuple[MedicationEvent, ...]:
        """Medication errors, without the warnings."""
        return tuple(fact for fact in self.all_of(MedicationEvent) if fact.severity == "error")

    @property
    def error_times(self) -> tuple[float, ...]:
        """When an administration went wrong; several errors of one administration are one moment."""
        return tuple(sorted({error.at_s for error in self.errors}))

    @property
    def act_times(self) -> frozenset[float]:
        """When the student did something, by what was shown or given and by the log of actions."""
        seen = {fact.at_s for fact in self.all_of(FindingRevealed)}
        given = {fact.at_s for fact in self.all_of(TreatmentGiven)}
        return frozenset(seen | given | {at_s for at_s, _ in self.actions})

    @property
    def decisions(self) -> tuple[DecisionRated, ...]:
        """Every rated decision, the automatic ones included."""
        return decisions_of(self.occurrences)

    @property
    def answers(self) -> tuple[ChallengeAnswered, ...]:
        """The replies to challenge points."""
        return self.all_of(ChallengeAnswered)

    @property
    def changes(self) -> tuple[StateChanged, ...]:
        """Changes from one state to another; entering the first state is none."""
        return tuple(
            fact for fact in self.all_of(StateChanged) if fact.previous and fact.previous != fact.state
        )

    @property
    def initial_severity(self) -> int:
        """The severity of the state in which the patient was met."""
        changes = self.changes
        return self.blueprint.severity_of(changes[0].previous if changes else "initial")

    def is_worse(self, change: StateChanged) -> bool:
        """Whether a change of state was a turn for the worse."""
        severity_of = self.blueprint.severity_of
        return severity_of(change.state) > severity_of(change.previous)

    def is_complication(self, change: StateChanged) -> bool:
        """Whether a change came in spite of good care, by the scenario's own chance."""
        reason = self.blueprint.complication_reason
        return reason is not None and change.reason == reason

    @property
    def score(self) -> RunScore:
        """Every score of this run, with the default penalties."""
        return score_run(self.blueprint.checklist, self.blueprint.critical_treatments, self.occurrences)


def snapshot_of(
    scenario: Scenario,
    actions: Iterable[tuple[float, Action]],
    occurrences: Iterable[Occurrence],
    *,
    index: int,
    duration_s: float,
    final_state: str,
    outcome: str | None,
    state: RunState | None = None,
    teaching_points: Iterable[str] | None = None,
) -> RunSnapshot:
    """The snapshot of one run, from its rows alone.

    Args:
        scenario: the document the run was played with.
        actions: (clinical seconds, action), in any order of time; equal times keep their order.
        occurrences: what happened; equal times keep their order.
        index: 0-based place of the run in its session.
        duration_s: clinical seconds the run lasted.
        final_state: the patient's last state.
        outcome: how the run ended, or none.
        state: the engine's state at the end, by which conditional lessons are judged (`blueprint_of`).
        teaching_points: the lessons to raise instead, where the caller has chosen them.
    """
    ordered = tuple(sorted(actions, key=lambda entry: entry[0]))
    return RunSnapshot(
        scenario_id=scenario.id,
        title=scenario.metadata.title,
        index=index,
        duration_s=duration_s,
        final_state=final_state,
        outcome=outcome,
        occurrences=tuple(sorted(occurrences, key=lambda fact: fact.at_s)),
        actions=ordered,
        statements=tuple(
            Statement(at_s, action.text) for at_s, action in ordered if action.kind == "statement"
        ),
        blueprint=blueprint_of(scenario, state, teaching_points=teaching_points),
    )
