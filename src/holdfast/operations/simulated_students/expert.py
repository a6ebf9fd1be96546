"""What an expert does in a scenario, in order and in time: the plan that students fall short of.

The plan is read out of the scenario: its checklist with the time targets, the optimal rating of each
decision point, what its treatments require, what ends the run well. To that come a few routine
assessments. Nothing is written here for one scenario, so an imported one is played the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from holdfast.operations.simulated_students.reading import Kind, Need, Present, Reader
from holdfast.programs.simulation.scenario.care import FindingCategory, Treatment, TreatmentKind
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.judgement import DecisionPoint
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import Importance, Rating

USUAL_DEADLINE_S = 600.0
HANDOVER_BY_S = 780.0
HANDOVER = "handover"
"""What the last act of care is called in every scenario that has it."""

ROUTINE_S = 420.0
UNHURRIED_FROM_S = 360.0
"""A deadline from here on is not used up by hurrying: see `_EARLIEST_SHARE`."""

_EARLIEST_SHARE = 0.5
_FIRST_S = 8.0
_APART_S = 4.0
_LOOK_AGAIN_AFTER_S = 60.0
_SEEING_IT_WORK_S = 100.0
_MARGIN_S = 15.0
_WEIGHTS = {Importance.CRITICAL: 1.0, Importance.ESSENTIAL: 0.9, Importance.IMPORTANT: 0.6}
_DURATIONS_S: dict[TreatmentKind, float] = {
    TreatmentKind.MEDICATION: 18,
    TreatmentKind.FLUID: 15,
    TreatmentKind.OXYGEN: 8,
    TreatmentKind.PROCEDURE: 15,
    TreatmentKind.POSITION: 8,
    TreatmentKind.COMMUNICATION: 6,
    TreatmentKind.TRANSPORT: 45,
}
_ASSESSMENT_S = 6.0
_ROUTINE = {
    FindingCategory.AIRWAY: 1,
    FindingCategory.BREATHING: 2,
    FindingCategory.CIRCULATION: 2,
    FindingCategory.MONITORING: 1,
    FindingCategory.DISABILITY: 1,
    FindingCategory.EXPOSURE: 1,
    FindingCategory.HISTORY: 3,
}
"""How many assessments of each step are done as a routine, whether or not the scenario asks for them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the plan.

    Attributes:
        due_s: when an expert has done it, in clinical seconds.
        weight: how much hangs on it, 0 to 1.
        after: what an expert does before it.
        again: whether it is a repetition of an act (a second look, a second dose).
    """

    kind: Kind
    target: str
    due_s: float
    weight: float
    after: tuple[str, ...] = ()
    again: bool = False


@dataclass(slots=True)
class _Wanted:
    kind: Kind
    target: str
    by_s: float
    from_s: float
    weight: float
    after: set[str] = field(default_factory=set)
    again: bool = False

    @property
    def before(self) -> set[str]:
        """What is to be done before it; for a repetition, the first time too."""
        others = self.after - {self.target}
        return others | {self.target} if self.again else others


def expert_plan(scenario: Scenario) -> tuple[Step, ...]:
    """The plan, in the order of time."""
    return _Plan(scenario).steps()


def response(scenario: Scenario, state: str, done: frozenset[str]) -> tuple[Need, ...]:
    """What an expert does when the patient is seen to have gone to another state, beside the plan."""
    reader = Reader(Present(scenario, state, done), done, in_that_state=True)
    found: dict[str, Need] = {}
    for condition in _answers_to(scenario, state):
        for need in reader.needs(condition) or ():
            repeated = bool(need.after)
            if need.target not in done or repeated:
                found.setdefault(need.target, need)
    return tuple(found.values())


def _answers_to(scenario: Scenario, state: str) -> Iterator[Condition]:
    severity = scenario.states[state].severity
    better = (
        t.when
        for t in scenario.transitions
        if t.origin != "*" and state in t.origin and scenario.states[t.to].severity < severity
    )
    yield from list(better)[:1]
    for item in scenario.checklist:
        if item.done_when and state in item.done_when.was_in_state:
            yield item.done_when
    for decision in scenario.decision_points:
        optimal = (r.when for r in decision.ratings if r.rating is Rating.OPTIMAL)
        yield from (when for when in optimal if state in (*when.was_in_state, *when.state))


class _Plan:
    """The plan while it is put together."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._first: dict[str, _Wanted] = {}
        self._again: dict[str, _Wanted] = {}

    def steps(self) -> tuple[Step, ...]:
        for item in sorted(self._scenario.checklist, key=lambda i: i.target_s or USUAL_DEADLINE_S):
            if item.done_when and item.importance in _WEIGHTS:
                self._want(item.done_when, item.target_s or USUAL_DEADLINE_S, _WEIGHTS[item.importance])
        for decision in self._scenario.decision_points:
            self._want_optimal(decision)
        for end in self._scenario.rules.ends:
            if end.outcome in ("handed_over", "stabilised"):
                self._want(end.when, HANDOVER_BY_S, 0.5, in_that_state=True)
        self._want_requirements()
        self._want_routine()
        self._order_by_contraindications()
        self._hand_over_last()
        return _scheduled([*self._first.values(), *self._again.values()], self._scenario)

    def _want_optimal(self, decision: DecisionPoint) -> None:
        by_s = decision.deadline_s or USUAL_DEADLINE_S
        for rule in decision.ratings:
            if rule.rating is Rating.OPTIMAL and self._want(rule.when, by_s, 1.0):
                return

    def _want(self, condition: Condition, by_s: float, weight: float, *, in_that_state: bool = False) -> bool:
        reader = Reader(Present(self._scenario), self._first, in_that_state=in_that_state)
        needs = reader.needs(condition)
        for need in needs or ():
            self._add(need, min(by_s, need.by_s or by_s), weight)
        return needs is not None

    def _add(self, need: Need, by_s: float, weight: float) -> None:
        """Take a need up. After a treatment an assessment is a second look, the same drug a second dose."""
        for name in need.after:
            if name not in self._first and name != need.target:
                self._put(self._first, Need(self._kind(name), name), by_s, weight)
        treated = any(name in self._scenario.treatments for name in need.after)
        again = need.target in need.after or (need.kind == "assessment" and treated)
        if again and need.target in need.after and need.target not in self._first:
            self._put(self._first, Need(need.kind, need.target), by_s / 2, weight)
        self._put(self._again if again else self._first, need, by_s, weight)

    def _put(self, into: dict[str, _Wanted], need: Need, by_s: float, weight: float) -> None:
        wanted = into.setdefault(need.target, _Wanted(need.kind, need.target, by_s, need.from_s, weight))
        wanted.by_s, wanted.weight = min(wanted.by_s, by_s), max(wanted.weight, weight)
        wanted.from_s = min(wanted.from_s, need.from_s)
        wanted.after |= set(need.after)
        wanted.again = into is self._again

    def _kind(self, name: str) -> Kind:
        return "treatment" if name in self._scenario.treatments else "assessment"

    def _want_requirements(self) -> None:
        for name in list(self._first):
            treatment = self._scenario.treatments.get(name)
            if treatment is not None and treatment.requires is not None:
                wanted = self._first[name]
                reader = Reader(Present(self._scenario), self._first, in_that_state=True)
                for need in reader.needs(treatment.requires) or ():
                    self._put(self._first, need, wanted.by_s, wanted.weight)
                    wanted.after.add(need.target)

    def _want_routine(self) -> None:
        for category, number in _ROUTINE.items():
            names = [n for n, f in self._scenario.findings.items() if f.category is category]
            missing = number - sum(name in self._first for name in names)
            for name in [n for n in names if n not in self._first][: max(0, missing)]:
                self._put(self._first, Need("assessment", name), ROUTINE_S, 0.1)

    def _order_by_contraindications(self) -> None:
        """A treatment that is wrong *before* another one comes after it."""
        for name, wanted in self._first.items():
            treatment = self._scenario.treatments.get(name)
            for contra in treatment.contraindications if treatment else ():
                before = contra.when.negated.treatments() if contra.when.negated else set()
                wanted.after |= {n for n in before if n in self._first and n != name}

    def _hand_over_last(self) -> None:
        for name, wanted in self._first.items():
            if HANDOVER in name:
                wanted.after |= self._first.keys() - {name}


def _scheduled(wanted: list[_Wanted], scenario: Scenario) -> tuple[Step, ...]:
    """Earliest deadline first, with what must come before placed before."""
    _hand_deadlines_down(wanted)
    placed: dict[str, float] = {}
    steps: list[Step] = []
    busy_s, waiting = _FIRST_S, list(wanted)
    while waiting:
        undone = {w.target for w in waiting if not w.again}
        ready = [w for w in waiting if not w.before & undone] or waiting
        chosen = min(ready, key=lambda w: w.by_s)
        waiting.remove(chosen)
        busy_s += _duration_s(chosen, scenario)
        due_s = max(busy_s, *_not_before(chosen, placed, scenario))
        placed.setdefault(chosen.target, due_s)
        steps.append(_step(chosen, due_s))
    return _one_after_another(steps)


def _one_after_another(steps: list[Step]) -> tuple[Step, ...]:
    """The steps in the order of time, no two at once, and the handover after all."""
    spread: list[Step] = []
    for step in sorted(steps, key=lambda step: (HANDOVER in step.target, step.due_s)):
        earliest_s = spread[-1].due_s + _APART_S if spread else 0.0
        spread.append(replace(step, due_s=max(step.due_s, earliest_s)))
    return tuple(spread)


def _step(w: _Wanted, due_s: float) -> Step:
    return Step(
        w.kind, w.target, round(due_s, 1), w.weight, tuple(sorted(w.after - {w.target})), again=w.again
    )


def _not_before(w: _Wanted, placed: dict[str, float], scenario: Scenario) -> tuple[float, ...]:
    if HANDOVER in w.target:
        return (w.from_s + 5, max(placed.values(), default=0.0) + _SEEING_IT_WORK_S)
    unhurried_s = _EARLIEST_SHARE * w.by_s if w.by_s >= UNHURRIED_FROM_S else 0.0
    gap_s = _LOOK_AGAIN_AFTER_S if w.again else 2.0
    treatment = scenario.treatments.get(w.target)
    if w.again and treatment is not None:
        gap_s = interval_s(treatment)
    before = [placed[name] + gap_s for name in w.before if name in placed]
    return (unhurried_s, w.from_s + 5 if w.from_s else 0.0, *before)


def interval_s(treatment: Treatment) -> float:
    """How long an expert waits between two doses."""
    return max((dose.repeat_after_s or 0 for dose in treatment.doses), default=0) + _MARGIN_S


def _hand_deadlines_down(wanted: list[_Wanted]) -> None:
    """What must come before an act is due before it."""
    by_name = {w.target: w for w in wanted if not w.again}
    for _ in range(len(wanted)):
        for w in wanted:
            for name in w.before:
                if name in by_name:
                    by_name[name].by_s = min(by_name[name].by_s, w.by_s - 10)


def _duration_s(wanted: _Wanted, scenario: Scenario) -> float:
    treatment = scenario.treatments.get(wanted.target)
    return _ASSESSMENT_S if treatment is None else _DURATIONS_S[treatment.kind]
