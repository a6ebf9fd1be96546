"""The scenario document: everything a patient simulation needs, in one versioned file.

Names inside a scenario must lead somewhere (a rule about an unknown treatment never fires), so
the model refuses a document with a reference that does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from holdfast.programs.simulation.scenario.care import Finding, Treatment
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.course import CommonError, RunRules, TeachingPoint, Transition
from holdfast.programs.simulation.scenario.judgement import ChallengePoint, ChecklistItem, DecisionPoint
from holdfast.programs.simulation.scenario.patient import Dispatch, Metadata, Patient, PatientState, Scene
from holdfast.programs.simulation.scenario.vocabulary import InitialVitals, Part, Slug, Text

FORMAT = "holdfast.scenario/1"


class Scenario(Part):
    """A whole scenario. Stored by the hash of its canonical JSON; a run keeps the hash it began with."""

    format: Literal["holdfast.scenario/1"]
    id: Slug
    aliases: tuple[Text, ...] = ()
    version: Text
    metadata: Metadata
    dispatch: Dispatch
    scene: Scene
    patient: Patient
    vital_signs: InitialVitals
    pupils: Text | None = None
    states: dict[Slug, PatientState]
    transitions: tuple[Transition, ...] = ()
    treatments: dict[Slug, Treatment]
    findings: dict[Slug, Finding]
    checklist: tuple[ChecklistItem, ...] = ()
    decision_points: tuple[DecisionPoint, ...] = ()
    challenge_points: tuple[ChallengePoint, ...] = ()
    teaching_points: tuple[TeachingPoint, ...] = ()
    common_errors: tuple[CommonError, ...] = ()
    rules: RunRules = RunRules()

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        problems = broken_references(self)
        if problems:
            raise ValueError("; ".join(problems))
        return self


def conditions_of(scenario: Scenario) -> Iterator[tuple[str, Condition]]:
    """Every condition of the scenario with the place where it stands."""
    for index, transition in enumerate(scenario.transitions):
        yield f"transitions[{index}].when", transition.when
    for name, treatment in scenario.treatments.items():
        for index, contra in enumerate(treatment.contraindications):
            yield f"treatments.{name}.contraindications[{index}].when", contra.when
        if treatment.requires:
            yield f"treatments.{name}.requires", treatment.requires
    yield from _judgements(scenario)
    for index, point in enumerate(scenario.teaching_points):
        if point.when:
            yield f"teaching_points[{index}].when", point.when
    for index, error in enumerate(scenario.common_errors):
        if error.when:
            yield f"common_errors[{index}].when", error.when
    for index, end in enumerate(scenario.rules.ends):
        yield f"rules.ends[{index}].when", end.when


def _judgements(scenario: Scenario) -> Iterator[tuple[str, Condition]]:
    for item in scenario.checklist:
        if item.done_when:
            yield f"checklist.{item.id}.done_when", item.done_when
    for decision in scenario.decision_points:
        if decision.decided_when:
            yield f"decision_points.{decision.id}.decided_when", decision.decided_when
        for index, rule in enumerate(decision.ratings):
            yield f"decision_points.{decision.id}.ratings[{index}].when", rule.when
    for challenge in scenario.challenge_points:
        yield f"challenge_points.{challenge.id}.trigger", challenge.trigger
        if challenge.skip_if:
            yield f"challenge_points.{challenge.id}.skip_if", challenge.skip_if


def broken_references(scenario: Scenario) -> list[str]:
    """A sentence for each name that leads nowhere; empty when all is well."""
    problems = [] if "initial" in scenario.states else ["states: 'initial' is missing"]
    problems += [problem for place, c in conditions_of(scenario) for problem in _unknown(scenario, place, c)]
    problems += _unknown_states(scenario)
    problems += _repeated("checklist", [item.id for item in scenario.checklist])
    problems += _repeated("decision_points", [d.id for d in scenario.decision_points])
    problems += _repeated("challenge_points", [c.id for c in scenario.challenge_points])
    return problems


def _unknown(scenario: Scenario, place: str, condition: Condition) -> Iterator[str]:
    named = {
        "treatment": condition.treatments() - scenario.treatments.keys(),
        "finding": condition.findings() - scenario.findings.keys(),
        "state": condition.states() - scenario.states.keys(),
        "treatment or finding": condition.predecessors()
        - scenario.treatments.keys()
        - scenario.findings.keys(),
    }
    for what, names in named.items():
        yield from (f"{place}: unknown {what} '{name}'" for name in sorted(names))


def _unknown_states(scenario: Scenario) -> list[str]:
    used: list[tuple[str, str]] = []
    for index, transition in enumerate(scenario.transitions):
        used.append((f"transitions[{index}].to", transition.to))
        used += [(f"transitions[{index}].from", name) for name in transition.origin if name != "*"]
    for name, treatment in scenario.treatments.items():
        if treatment.effect and treatment.effect.to_state:
            used.append((f"treatments.{name}.effect.to_state", treatment.effect.to_state))
    if scenario.rules.complication:
        used.append(("rules.complication.to", scenario.rules.complication.to))
    return [f"{place}: unknown state '{name}'" for place, name in used if name not in scenario.states]


def _repeated(place: str, ids: list[str]) -> list[str]:
    return [f"{place}: id '{name}' stands twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
