"""Simulated students on the bare rule engine, without a server: thousands of scenarios in seconds.

Used to calibrate how large a difference in ability stands behind a difference in scores, and to test
that it is found again. It judges as the program does, with the program's own interpreter, engine, views
and scores; only time is not waited for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from holdfast.operations.simulated_students.bedside import Bedside, Turn
from holdfast.operations.simulated_students.skill import SimulatedStudent
from holdfast.operations.simulated_students.wording import PhraseBook
from holdfast.programs.simulation import engine, views
from holdfast.programs.simulation.engine.facts import Action, Occurrence
from holdfast.programs.simulation.interpreter import interpret, structured
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scoring import RunScore, SessionScore, score_run, score_session

ANSWERING_S = 3.0
"""Clinical seconds that pass between a turn and its answer."""


@dataclass(slots=True)
class Rehearsal:
    """One scenario as it was played: what was said and done, with the scores."""

    scenario: Scenario
    state: engine.RunState
    occurrences: list[Occurrence] = field(default_factory=list)
    turns: list[tuple[float, Turn, Mapping[str, Any]]] = field(default_factory=list)

    def score(self) -> RunScore:
        """The scores of the run."""
        critical = [n for n, t in self.scenario.treatments.items() if t.impact.value == "critical"]
        return score_run(self.scenario.checklist, critical, self.occurrences)


def rehearse(student: SimulatedStudent, scenario: Scenario, index: int, book: PhraseBook) -> Rehearsal:
    """Play one scenario to its end on the engine."""
    bedside = Bedside(student, scenario, index, book)
    run_seed = student.draws(f"rehearsal {index}").getrandbits(32)
    run = Rehearsal(scenario, engine.begin(scenario, seed=run_seed, challenges=student.arm == "A"))
    while (turn := bedside.next()) is not None:
        at_s = max(turn.at_s, run.state.elapsed_s + ANSWERING_S)
        run.state, occurred = engine.act(scenario, run.state, _actions(run, book, turn), at_s)
        run.occurrences += occurred
        answer = views.patient_extras(scenario, run.state, occurred)
        run.turns.append((run.state.elapsed_s, turn, answer))
        bedside.saw(answer)
    if run.state.outcome is None:
        run.state, occurred = engine.finish(scenario, run.state, run.state.elapsed_s + ANSWERING_S)
        run.occurrences += occurred
    return run


def rehearse_session(
    student: SimulatedStudent, scenarios: Sequence[Scenario], books: Mapping[str, PhraseBook]
) -> SessionScore:
    """Play a session's scenarios on the engine; its scores."""
    runs = [rehearse(student, s, index, books[s.id]).score() for index, s in enumerate(scenarios)]
    return score_session(runs)


def _actions(run: Rehearsal, book: PhraseBook, turn: Turn) -> tuple[Action, ...]:
    if turn.action is not None:
        asked = dict(turn.action)
        return (structured(book.vocabulary, kind=asked.pop("type"), **asked),)
    text = turn.text or ""
    actions = interpret(book.vocabulary, text)
    points = run.scenario.challenge_points
    open_ = next((c for c in points if c.id == run.state.open_challenge), None)
    if open_ is not None and engine.is_challenge_reply(open_, text):
        return (Action("challenge_reply", open_.id, text=text), *actions)
    return actions
