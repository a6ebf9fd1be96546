"""The five things a run is made of: begin, advance, act, finish, replay; and looking at it.

Rules are asked at fixed points only: every `GRID_S` clinical seconds, when an effect begins or ends,
when a complication, a deadline or the maximum duration is due, and after each message. Points depend
on what was done, never on when somebody looked, so looking changes nothing. At one point: checklist
and decisions are judged in the state the student acted in; then the patient moves (at most one
transition) and, if the state changed, judging is repeated; then the run may end; then, after a
message, a challenge may open.

Times are rounded to milliseconds. A time before the present one counts as the present one; the time
to keep in the log of actions is therefore `elapsed_s` of the state that `act` returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from random import Random

from holdfast.kit.errors import InvalidInput, WrongStep
from holdfast.programs.simulation.engine import acts, challenges
from holdfast.programs.simulation.engine.course import Course, freeze, thaw
from holdfast.programs.simulation.engine.facts import Action, Occurrence, RunEnded
from holdfast.programs.simulation.engine.judgement import judge, rate_open
from holdfast.programs.simulation.engine.physiology import arrive, move, next_event_s
from holdfast.programs.simulation.engine.predicates import predicate
from holdfast.programs.simulation.engine.rules import Rules, rules_of
from holdfast.programs.simulation.engine.run_state import Moment, RunState
from holdfast.programs.simulation.engine.vitals import readings
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.model import Scenario

GRID_S = 5.0
"""Clinical seconds between two looks of the rules at a patient left alone."""

LOST_FROM_SEVERITY = 9
"""A state that ends the run is a loss from this severity on, else the patient is stabilised."""

Step = tuple[RunState, tuple[Occurrence, ...]]


def begin(scenario: Scenario, *, seed: int, challenges: bool) -> RunState:
    """The state on arrival. The seed decides whether the scenario's complication will come."""
    rules = rules_of(scenario)
    segments = arrive(rules)
    return RunState(
        seed=seed,
        challenges=challenges,
        elapsed_s=0.0,
        order=0,
        patient_state="initial",
        state_since_s=0.0,
        entered={"initial": Moment(0, 0.0)},
        entry_vitals=readings(segments, 0.0),
        segments=segments,
        effects=(),
        complication_s=_draw(rules, seed),
        treatments={},
        findings={},
        phrases={},
        followed={},
        measured={},
        errors=0,
        warnings=0,
        last_harm_s=None,
        done={},
        rated={},
        asked=(),
        open_challenge=None,
        asked_s=None,
        outcome=None,
    )


def advance(scenario: Scenario, state: RunState, to_s: float) -> Step:
    """Let clinical time pass up to `to_s`. A run that is over stays as it is.

    Raises:
        InvalidInput: the time is not a finite number.
    """
    to_s = _clock(to_s)
    if state.outcome is not None or to_s <= state.elapsed_s:
        return state, ()
    course = thaw(state)
    _pass_time(rules_of(scenario), course, to_s)
    return freeze(course), tuple(course.occurrences)


def act(scenario: Scenario, state: RunState, actions: Sequence[Action], at_s: float) -> Step:
    """Let time pass up to `at_s`, then apply the actions of one message in their order.

    If the run ends before `at_s`, the end is returned and the actions are not applied. No actions at
    all is the same as `advance`.

    Raises:
        WrongStep: the run was over already, or a reply is to a challenge that is not open.
        InvalidInput: a dose or the time is not a usable number.
    """
    _still_open(state)
    for action in actions:
        acts.check(action)
    at_s = max(_clock(at_s), state.elapsed_s)
    if not actions:
        return advance(scenario, state, at_s)
    rules = rules_of(scenario)
    course = thaw(state)
    _pass_time(rules, course, at_s)
    if course.outcome is None:
        for action in actions:
            _apply(rules, course, action)
        _point(rules, course, acted=True)
        replied = any(action.kind == "challenge_reply" for action in actions)
        if not replied:
            challenges.open_due(rules, course)
    return freeze(course), tuple(course.occurrences)


def finish(
    scenario: Scenario,
    state: RunState,
    at_s: float,
    *,
    outcome: str = "handed_over",
    reason: str = "The student handed the patient over.",
) -> Step:
    """End the run at `at_s` by the student's or an instructor's decision.

    If the run ends by itself before `at_s`, that end stands.

    Raises:
        WrongStep: the run was over already.
        InvalidInput: the time is not a finite number.
    """
    _still_open(state)
    rules = rules_of(scenario)
    course = thaw(state)
    _pass_time(rules, course, max(_clock(at_s), state.elapsed_s))
    if course.outcome is None:
        _end(rules, course, outcome, reason)
    return freeze(course), tuple(course.occurrences)


def replay(
    scenario: Scenario,
    *,
    seed: int,
    challenges: bool,
    log: Sequence[tuple[float, Sequence[Action]]],
    to_s: float,
) -> RunState:
    """The state that the logged actions lead to; equal to the live one at the same time.

    A run that was handed over is equal after `finish` at its recorded time. Entries after the end of
    the run are passed over, as they were live.
    """
    state = begin(scenario, seed=seed, challenges=challenges)
    for at_s, actions in log:
        if state.outcome is None:
            state, _ = act(scenario, state, actions, at_s)
    return advance(scenario, state, to_s)[0]


def vital_signs(scenario: Scenario, state: RunState, at_s: float) -> dict[str, float]:
    """The true vital signs at `at_s` (not before the state's own time), as a monitor would print them."""
    later, _ = advance(scenario, state, at_s)
    return readings(later.segments, later.elapsed_s)


def measured(state: RunState) -> dict[str, dict[str, float]]:
    """What the student has measured: sign -> ``value`` and ``at_s``."""
    return {sign: {"value": seen.value, "at_s": seen.at_s} for sign, seen in state.measured.items()}


def pupils(scenario: Scenario, state: RunState) -> str | None:
    """How the pupils are in the present state."""
    return scenario.states[state.patient_state].pupils or scenario.pupils


def holds(scenario: Scenario, state: RunState, condition: Condition) -> bool:
    """Whether a condition of the scenario holds now, for example that of a teaching point.

    The order of facts is kept only for the ``after`` rules that stand in the scenario.
    """
    return predicate(condition, frozenset(scenario.patient.conditions))(thaw(state))


def _draw(rules: Rules, seed: int) -> float | None:
    complication = rules.complication
    if complication is None or Random(seed).random() >= complication.probability:
        return None
    return round(complication.at_s, 3)


def _clock(at_s: float) -> float:
    if not isfinite(at_s):
        raise InvalidInput("A time is a finite number of seconds.", field="at_s")
    return round(float(at_s), 3)


def _still_open(state: RunState) -> None:
    if state.outcome is not None:
        raise WrongStep("This scenario is over.", expected="next_scenario", outcome=state.outcome)


def _apply(rules: Rules, course: Course, action: Action) -> None:
    course.order += 1
    acts.listen(rules, course, action)
    if action.kind == "treatment":
        acts.treat(rules, course, action)
    elif action.kind == "assessment":
        acts.assess(rules, course, action)
    elif action.kind == "challenge_reply":
        challenges.reply(rules, course, action)


def _pass_time(rules: Rules, course: Course, to_s: float) -> None:
    while course.outcome is None and (next_s := _next_point(rules, course)) <= to_s:
        course.elapsed_s = next_s
        _point(rules, course, acted=False)
    if course.outcome is None:
        course.elapsed_s = to_s


def _next_point(rules: Rules, course: Course) -> float:
    now_s = course.elapsed_s
    next_s = (now_s // GRID_S + 1) * GRID_S
    event_s = next_event_s(course)
    if event_s is not None and now_s < event_s < next_s:
        next_s = event_s
    for at_s, name in rules.deadlines:
        if now_s < at_s < next_s and name not in course.rated:
            next_s = at_s
    return min(next_s, rules.maximum_duration_s) if now_s < rules.maximum_duration_s else next_s


def _point(rules: Rules, course: Course, *, acted: bool) -> None:
    before = course.patient_state
    judge(rules, course, acted=acted)
    move(rules, course)
    if course.patient_state != before:
        judge(rules, course, acted=acted)
    _end_if_due(rules, course)


def _end_if_due(rules: Rules, course: Course) -> None:
    state = rules.states[course.patient_state]
    if state.ends_run:
        outcome = "lost" if state.severity >= LOST_FROM_SEVERITY else "stabilised"
        _end(rules, course, outcome, state.description)
        return
    for due, end in rules.ends:
        if due(course):
            _end(rules, course, end.outcome, end.reason)
            return
    if course.elapsed_s >= rules.maximum_duration_s:
        _end(rules, course, "time", "The time for this scenario is over.")


def _end(rules: Rules, course: Course, outcome: str, reason: str) -> None:
    challenges.skip_open(rules, course)
    rate_open(rules, course)
    course.outcome = outcome
    course.occurrences.append(RunEnded(course.elapsed_s, outcome, reason))
