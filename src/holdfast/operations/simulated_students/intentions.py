"""What a student of some ability means to do in a scenario: the expert's plan with faults.

Acts are forgotten, done late or in the wrong order, doses and routes are wrong, harmful things tempt.
All draws come from generators of their own, so that one more act in a scenario leaves the rest alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from holdfast.operations.simulated_students.expert import HANDOVER, Step, expert_plan, interval_s
from holdfast.operations.simulated_students.reading import (
    Kind,
    Need,
    Present,
    contraindicated,
    dangerous,
)
from holdfast.operations.simulated_students.skill import (
    SimulatedStudent,
    forgets,
    jumps_ahead,
    mistakes_dose,
    slowness,
    temptations,
)
from holdfast.programs.simulation.scenario.care import Route, Treatment
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import Impact

LATEST_SHARE = 0.93
"""Nothing is meant to be done in the last part of the longest duration; the handover comes before it."""

_LAPSE_CHANCE, _LAPSE_S = 0.12, 70.0
_BAD_FACTORS = (0.2, 0.25, 0.5, 2.0, 3.0, 10.0)
_TEMPTING_FROM_S, _TEMPTING_TO_S = 60.0, 480.0
_ALLURE = {Impact.HARMFUL: 2.0, Impact.WORSENS: 1.5, Impact.NEUTRAL: 0.7}
_DANGER_ALLURE = 4.0


@dataclass(frozen=True, slots=True)
class Intention:
    """Something a student means to do.

    Attributes:
        at_s: clinical seconds since the scenario began.
        dose, unit, route: of one administration, where there is one.
    """

    at_s: float
    kind: Kind
    target: str
    dose: float | None = None
    unit: str | None = None
    route: str | None = None


def intentions_of(student: SimulatedStudent, scenario: Scenario, index: int) -> tuple[Intention, ...]:
    """What the student means to do in the scenario at that place of the queue, in the order of time.

    The same student, scenario and place always give the same intentions.
    """
    purpose = f"scenario {index} {scenario.id}"
    pace = slowness(student.ability, student.draws(f"{purpose}, pace"))
    plan = expert_plan(scenario)
    kept = [m for step in plan if (m := _meant(student, scenario, step, purpose, pace)) is not None]
    meant = _out_of_order(student, scenario, kept, purpose)
    meant += _tempted(student, scenario, plan, student.draws(f"{purpose}, temptations"))
    latest_s = LATEST_SHARE * scenario.rules.maximum_duration_s
    return tuple(sorted((m for m in meant if m.at_s < latest_s), key=lambda m: m.at_s))


class _Meant(NamedTuple):
    step: Step
    intention: Intention


def answer_to(student: SimulatedStudent, scenario: Scenario, need: Need, at_s: float) -> Intention:
    """The intention that answers a need which came up at the bedside."""
    rng = student.draws(f"{scenario.id} answer {need.target} {len(need.after)}")
    return _dosed(student, scenario, Intention(at_s, need.kind, need.target), rng)


def _meant(
    student: SimulatedStudent, scenario: Scenario, step: Step, purpose: str, pace: float
) -> _Meant | None:
    rng = student.draws(f"{purpose}, {step.target}{', again' if step.again else ''}")
    forgotten = rng.random() < forgets(student.ability, step.weight)
    lapse_s = rng.expovariate(1 / _LAPSE_S) if rng.random() < _LAPSE_CHANCE else 0.0
    if forgotten:
        return None
    at_s = step.due_s * pace * rng.uniform(0.92, 1.08) + lapse_s * pace
    return _Meant(step, _dosed(student, scenario, Intention(at_s, step.kind, step.target), rng))


def _out_of_order(
    student: SimulatedStudent, scenario: Scenario, meant: Sequence[_Meant], purpose: str
) -> list[Intention]:
    """Keep what must come first first, unless the student jumps ahead: then it comes right after."""
    times = {m.step.target: m.intention.at_s for m in meant if not m.step.again}
    jump = jumps_ahead(student.ability)
    ordered = []
    for step, intention in meant:
        jumping = student.draws(f"{purpose}, order of {step.target} {step.again}").random() < jump
        earlier = [times[name] for name in step.after if name in times]
        if step.again and step.target in times:
            earlier.append(times[step.target] + _between_doses_s(scenario, step.target))
        if earlier and jumping and HANDOVER not in step.target:
            at_s = max(5.0, min(*earlier, intention.at_s) - 10)
        else:
            at_s = max(intention.at_s, *(time + 2 for time in earlier), 0.0)
        ordered.append(replace(intention, at_s=at_s))
    return ordered


def _between_doses_s(scenario: Scenario, target: str) -> float:
    treatment = scenario.treatments.get(target)
    return interval_s(treatment) if treatment else 0.0


def _dosed(student: SimulatedStudent, scenario: Scenario, meant: Intention, rng: Random) -> Intention:
    """The intention with a dose and a route, right or wrong."""
    treatment = scenario.treatments.get(meant.target)
    if meant.kind != "treatment" or treatment is None or not treatment.doses:
        return meant
    dose = treatment.doses[0]
    wrong, factor, other_route = rng.random(), rng.choice(_BAD_FACTORS), rng.choice(list(Route))
    given = replace(meant, dose=dose.standard, unit=dose.unit, route=dose.routes[0].value)
    limit = mistakes_dose(student.ability)
    if wrong < limit * 0.8:
        return replace(given, dose=_round(dose.standard * factor))
    return replace(given, route=other_route.value) if wrong < limit else given


def _round(dose: float) -> float:
    """A dose as somebody would say it: two digits."""
    return float(f"{dose:.2g}")


def _tempted(
    student: SimulatedStudent, scenario: Scenario, plan: Sequence[Step], rng: Random
) -> list[Intention]:
    """Harmful, dangerous or useless things that the student does; more of them with less ability."""
    allure = _allure(scenario, frozenset(step.target for step in plan))
    number = _poisson(temptations(student.ability), rng)
    names = rng.choices(list(allure), weights=list(allure.values()), k=number) if allure else []
    found = []
    for name in dict.fromkeys(names):
        at_s = rng.uniform(_TEMPTING_FROM_S, _TEMPTING_TO_S)
        found.append(_dosed(student, scenario, Intention(at_s, "treatment", name), rng))
    return found


def _allure(scenario: Scenario, planned: frozenset[str]) -> dict[str, float]:
    """How likely each wrong thing is to be done."""
    present = Present(scenario)
    weights = {}
    for name, treatment in scenario.treatments.items():
        if name not in planned:
            weights[name] = _allure_of(present, name, treatment)
    return {name: weight for name, weight in weights.items() if weight > 0}


def _allure_of(present: Present, name: str, treatment: Treatment) -> float:
    if dangerous(present, name):
        return _DANGER_ALLURE
    if contraindicated(present, treatment):
        return _ALLURE[Impact.HARMFUL]
    return _ALLURE.get(treatment.impact, 0.0)


def _poisson(mean: float, rng: Random) -> int:
    """A Poisson number, at most 5: nobody does everything wrong on purpose."""
    number, waited = 0, rng.expovariate(mean)
    while waited < 1 and number < 5:
        number += 1
        waited += rng.expovariate(mean)
    return number
