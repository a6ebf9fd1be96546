"""What the review needs of a scenario: names, targets, severities and lessons, without its rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from holdfast.programs.simulation.engine import RunState, holds
from holdfast.programs.simulation.scenario.care import TreatmentKind
from holdfast.programs.simulation.scenario.judgement import ChallengePoint, ChecklistItem, DecisionPoint
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring import (
    AUTOMATIC_DECISION,
    asked_treatments,
    critical_treatments_of,
)

MEDICATION = "medication"
ASSESSMENT = "assessment"
JUDGEMENT = "clinical judgement"

CRITICAL_SEVERITY = 8
"""From this severity (0 well to 10 dying) on, a state worse than the first counts as critical."""

_CATEGORY: dict[str, str] = {
    TreatmentKind.MEDICATION: MEDICATION,
    TreatmentKind.OXYGEN: "oxygen and airway",
    TreatmentKind.FLUID: "fluids",
    TreatmentKind.PROCEDURE: "procedures",
    TreatmentKind.POSITION: "oxygen and airway",
    TreatmentKind.COMMUNICATION: "communication",
    TreatmentKind.TRANSPORT: "transport and handover",
}

_ABOUT_PEOPLE = re.compile(
    r"\b(communicat\w*|explain(?:s|ing)? (?:to|why)|reassur\w*|consent\w*|empath\w*|listen\w*|family"
    r"|relative|wife|husband|mother|father|daughter|son|frighten\w*|anxi\w*|bystander\w*|refus\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The parts of a scenario that a run is discussed by.

    Attributes:
        severities: 0 (well) to 10 (dying) by state.
        critical_states: the states that count as critical.
        critical_treatments: ids of the treatments whose impact is critical.
        treatment_names, treatment_kinds: by treatment id; a `TreatmentKind` value.
        finding_categories: a `FindingCategory` value by finding id.
        decision_categories: what sort of decision each decision point is, by its id.
        communication_challenges: ids of the challenge points about talking with people, by the words of
            their name and teaching goal.
        complication_reason: the reason text of a turn for the worse that is nobody's fault.
        decision_lessons, treatment_lessons: teaching points by id.
        teaching_points: the lessons of the scenario that apply to this run.
    """

    checklist: tuple[ChecklistItem, ...] = ()
    severities: dict[str, int] = field(default_factory=dict)
    critical_states: frozenset[str] = frozenset()
    critical_treatments: tuple[str, ...] = ()
    treatment_names: dict[str, str] = field(default_factory=dict)
    treatment_kinds: dict[str, str] = field(default_factory=dict)
    finding_categories: dict[str, str] = field(default_factory=dict)
    decision_categories: dict[str, str] = field(default_factory=dict)
    communication_challenges: frozenset[str] = frozenset()
    complication_reason: str | None = None
    decision_lessons: dict[str, str] = field(default_factory=dict)
    treatment_lessons: dict[str, str] = field(default_factory=dict)
    teaching_points: tuple[str, ...] = ()

    def category_of(self, decision: str) -> str:
        """What sort of decision this is; an automatic one is about its treatment."""
        if decision.startswith(AUTOMATIC_DECISION):
            kind = self.treatment_kinds.get(decision.removeprefix(AUTOMATIC_DECISION), "")
            return _CATEGORY.get(kind, MEDICATION)
        return self.decision_categories.get(decision, JUDGEMENT)

    def severity_of(self, state: str) -> int:
        """The severity of a state; an unknown state counts as well (0)."""
        return self.severities.get(state, 0)


def blueprint_of(
    scenario: Scenario, state: RunState | None = None, *, teaching_points: Iterable[str] | None = None
) -> Blueprint:
    """The blueprint of a scenario.

    Args:
        scenario: the document the run was played with.
        state: the engine's state at the end of the run. With it, the teaching points and common errors
            whose condition holds are raised; without it, only those that always apply.
        teaching_points: the lessons to raise instead, where the caller has chosen them.
    """
    complication = scenario.rules.complication
    return Blueprint(
        checklist=scenario.checklist,
        severities={name: state.severity for name, state in scenario.states.items()},
        critical_states=frozenset(_critical_states(scenario)),
        critical_treatments=critical_treatments_of(scenario),
        treatment_names={name: care.name for name, care in scenario.treatments.items()},
        treatment_kinds={name: care.kind.value for name, care in scenario.treatments.items()},
        finding_categories={name: finding.category.value for name, finding in scenario.findings.items()},
        decision_categories={d.id: decision_category(d, scenario) for d in scenario.decision_points},
        communication_challenges=frozenset(c.id for c in scenario.challenge_points if _about_people(c)),
        complication_reason=complication.reason if complication else None,
        decision_lessons={d.id: d.teaching_point for d in scenario.decision_points if d.teaching_point},
        treatment_lessons={n: t.teaching_point for n, t in scenario.treatments.items() if t.teaching_point},
        teaching_points=tuple(_lessons(scenario, state) if teaching_points is None else teaching_points),
    )


def _lessons(scenario: Scenario, state: RunState | None) -> Iterator[str]:
    """What applies to this run in particular first, then what always applies."""
    conditional = [(point.when, point.text) for point in scenario.teaching_points if point.when]
    conditional += [(error.when, error.teaching_point) for error in scenario.common_errors if error.when]
    if state is not None:
        yield from (text for when, text in conditional if holds(scenario, state, when))
    yield from (point.text for point in scenario.teaching_points if point.when is None)


def _critical_states(scenario: Scenario) -> Iterator[str]:
    initial = scenario.states["initial"].severity
    for name, state in scenario.states.items():
        if state.severity >= CRITICAL_SEVERITY and state.severity > initial:
            yield name


def decision_category(decision: DecisionPoint, scenario: Scenario) -> str:
    """What sort of decision this is, read from its rules so that scenarios can be compared.

    It is the commonest kind among the treatments that an optimal decision asks for, or else among all
    that the rules name (a tie goes to the first by name); without treatments it is an assessment, and
    without findings either a clinical judgement.
    """
    rules = [rule.when for rule in decision.ratings]
    if decision.decided_when:
        rules.append(decision.decided_when)
    best = (rule.when for rule in decision.ratings if rule.rating is Rating.OPTIMAL)
    named = [name for rule in best for name in sorted(asked_treatments(rule))]
    named = named or [name for rule in rules for name in sorted(rule.treatments())]
    if named:
        kinds = Counter(_CATEGORY[scenario.treatments[name].kind] for name in named)
        return kinds.most_common(1)[0][0]
    return ASSESSMENT if any(rule.findings() for rule in rules) else JUDGEMENT


def _about_people(challenge: ChallengePoint) -> bool:
    return bool(_ABOUT_PEOPLE.search(f"{challenge.name} {challenge.teaching_goal or ''}"))
