"""A scenario made ready for play: predicates, indexes by state, targets by sign. Built once each."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.programs.simulation.engine.predicates import Predicate, named_pairs, phrase_key, predicate
from holdfast.programs.simulation.engine.vitals import initial_values
from holdfast.programs.simulation.scenario.care import Finding, Treatment
from holdfast.programs.simulation.scenario.course import ComplicationDespiteCare, RunEnd, Transition
from holdfast.programs.simulation.scenario.judgement import (
    ChallengePoint,
    ChecklistItem,
    DecisionPoint,
    RatingRule,
)
from holdfast.programs.simulation.scenario.model import Scenario, conditions_of
from holdfast.programs.simulation.scenario.patient import PatientState

_PRIORITY = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class TreatmentRules:
    """A treatment with its predicates; `judged` when a decision point is about it."""

    treatment: Treatment
    requires: Predicate | None
    absolute: tuple[tuple[Predicate, str], ...]
    relative: tuple[tuple[Predicate, str], ...]
    judged: bool


@dataclass(frozen=True, slots=True)
class DecisionRules:
    """A decision point that rules can rate."""

    decision: DecisionPoint
    decided: Predicate | None
    ratings: tuple[tuple[Predicate, RatingRule], ...]
    dangerous: tuple[tuple[Predicate, RatingRule], ...]


@dataclass(frozen=True, slots=True)
class ChallengeRules:
    """A challenge point with its predicates."""

    challenge: ChallengePoint
    trigger: Predicate
    skip: Predicate | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a run of one scenario goes by.

    Attributes:
        arrival: every vital sign on arrival.
        rests: by (state, sign) the target and time constant that the state gives the sign; under
            the state ``""`` the value on arrival.
        stated: the signs that each state gives a target to.
        effect_targets: by treatment and sign the target and time constant of its effect.
        transitions: by state, those that apply in it and lead elsewhere, in file order.
        listened: phrases by their key.
        follows: by (kind, fact) the predecessors that some ``after`` names beside it.
        challenges: by priority, then file order.
    """

    weight_kg: float
    arrival: dict[str, float]
    states: dict[str, PatientState]
    rests: dict[tuple[str, str], tuple[float, float]]
    stated: dict[str, tuple[str, ...]]
    effect_targets: dict[str, dict[str, tuple[float, float]]]
    transitions: dict[str, tuple[tuple[Predicate, Transition], ...]]
    treatments: dict[str, TreatmentRules]
    findings: dict[str, Finding]
    checklist: tuple[tuple[Predicate, ChecklistItem], ...]
    decisions: tuple[DecisionRules, ...]
    deadlines: tuple[tuple[float, str], ...]
    challenges: tuple[ChallengeRules, ...]
    maximum_challenges: int
    maximum_duration_s: float
    ends: tuple[tuple[Predicate, RunEnd], ...]
    complication: ComplicationDespiteCare | None
    listened: frozenset[str]
    follows: dict[tuple[str, str], frozenset[str]]


_built: dict[int, tuple[weakref.ref[Scenario], Rules]] = {}


def rules_of(scenario: Scenario) -> Rules:
    """The rules of a scenario, built at the first call and kept as long as the scenario lives."""
    key = id(scenario)
    kept = _built.get(key)
    if kept is not None and kept[0]() is scenario:
        return kept[1]
    rules = build(scenario)
    _built[key] = (weakref.ref(scenario, lambda _: _built.pop(key, None)), rules)
    return rules


def build(scenario: Scenario) -> Rules:
    """The rules of a scenario, from scratch. They hold its parts, never the scenario itself."""
    has = frozenset(scenario.patient.conditions)
    return Rules(
        weight_kg=scenario.patient.weight_kg,
        arrival=initial_values(scenario.vital_signs),
        states=scenario.states,
        rests=_rests(scenario),
        stated={name: tuple(s.value for s in state.targets.stated()) for name, state in _states(scenario)},
        effect_targets=_effect_targets(scenario),
        transitions={name: _transitions(scenario, name, has) for name in scenario.states},
        treatments=_treatments(scenario, has),
        findings=scenario.findings,
        checklist=tuple((predicate(i.done_when, has), i) for i in scenario.checklist if i.done_when),
        decisions=_decisions(scenario, has),
        deadlines=_deadlines(scenario),
        challenges=_challenges(scenario, has),
        maximum_challenges=scenario.rules.maximum_challenges,
        maximum_duration_s=round(scenario.rules.maximum_duration_s, 3),
        ends=tuple((predicate(end.when, has), end) for end in scenario.rules.ends),
        complication=scenario.rules.complication,
        listened=frozenset(phrase_key(p) for _, c in conditions_of(scenario) for p in c.phrases()),
        follows=_follows(scenario),
    )


def _states(scenario: Scenario) -> Iterable[tuple[str, PatientState]]:
    return scenario.states.items()


def _rests(scenario: Scenario) -> dict[tuple[str, str], tuple[float, float]]:
    tau_s = scenario.states["initial"].time_constant_s
    rests = {("", sign): (value, tau_s) for sign, value in initial_values(scenario.vital_signs).items()}
    for name, state in _states(scenario):
        for sign, target in state.targets.stated().items():
            rests[name, sign.value] = (target, state.time_constant_s)
    return rests


def _effect_targets(scenario: Scenario) -> dict[str, dict[str, tuple[float, float]]]:
    effects = ((name, treatment.effect) for name, treatment in scenario.treatments.items())
    return {
        name: {s.value: (target, effect.time_constant_s) for s, target in effect.targets.stated().items()}
        for name, effect in effects
        if effect
    }


def _transitions(
    scenario: Scenario, state: str, has: frozenset[str]
) -> tuple[tuple[Predicate, Transition], ...]:
    return tuple(
        (predicate(transition.when, has), transition)
        for transition in scenario.transitions
        if transition.to != state and ("*" in transition.origin or state in transition.origin)
    )


def _treatments(scenario: Scenario, has: frozenset[str]) -> dict[str, TreatmentRules]:
    judged = _named_in_decisions(scenario)
    return {
        name: TreatmentRules(
            treatment,
            predicate(treatment.requires, has) if treatment.requires else None,
            _contraindications(treatment, "absolute", has),
            _contraindications(treatment, "relative", has),
            name in judged,
        )
        for name, treatment in scenario.treatments.items()
    }


def _contraindications(
    treatment: Treatment, severity: str, has: frozenset[str]
) -> tuple[tuple[Predicate, str], ...]:
    return tuple(
        (predicate(contra.when, has), contra.reason)
        for contra in treatment.contraindications
        if contra.severity == severity
    )


def _named_in_decisions(scenario: Scenario) -> frozenset[str]:
    conditions = [
        condition for place, condition in conditions_of(scenario) if place.startswith("decision_points.")
    ]
    return frozenset[str]().union(*(condition.treatments() for condition in conditions))


def _by_rules(decision: DecisionPoint) -> bool:
    """Whether rules can rate it; the others are left to an instructor."""
    return decision.decided_when is not None or bool(decision.ratings)


def _decisions(scenario: Scenario, has: frozenset[str]) -> tuple[DecisionRules, ...]:
    return tuple(_decision(d, has) for d in scenario.decision_points if _by_rules(d))


def _decision(decision: DecisionPoint, has: frozenset[str]) -> DecisionRules:
    ratings = tuple((predicate(rule.when, has), rule) for rule in decision.ratings)
    return DecisionRules(
        decision,
        predicate(decision.decided_when, has) if decision.decided_when else None,
        ratings,
        tuple((test, rule) for test, rule in ratings if rule.rating == "dangerous"),
    )


def _deadlines(scenario: Scenario) -> tuple[tuple[float, str], ...]:
    due = [(d.deadline_s, d.id) for d in scenario.decision_points if _by_rules(d)]
    return tuple(sorted((round(at_s, 3), name) for at_s, name in due if at_s is not None))


def _challenges(scenario: Scenario, has: frozenset[str]) -> tuple[ChallengeRules, ...]:
    ordered = sorted(scenario.challenge_points, key=lambda challenge: _PRIORITY[challenge.priority])
    return tuple(
        ChallengeRules(c, predicate(c.trigger, has), predicate(c.skip_if, has) if c.skip_if else None)
        for c in ordered
    )


def _follows(scenario: Scenario) -> dict[tuple[str, str], frozenset[str]]:
    follows: dict[tuple[str, str], set[str]] = {}
    for _, condition in conditions_of(scenario):
        for kind, fact, predecessor in named_pairs(condition):
            follows.setdefault((kind, fact), set()).add(predecessor)
    return {pair: frozenset(names) for pair, names in follows.items()}
