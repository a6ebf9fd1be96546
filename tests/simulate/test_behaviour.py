"""What students do: the expert's plan, the faults, and the words for it, on every shipped scenario."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.operations.simulated_students.conversation import answer_challenge
from holdfast.operations.simulated_students.expert import HANDOVER, expert_plan, response
from holdfast.operations.simulated_students.intentions import Intention, intentions_of
from holdfast.operations.simulated_students.rehearsal import rehearse
from holdfast.operations.simulated_students.skill import SimulatedStudent, student_of
from holdfast.operations.simulated_students.wording import PhraseBook
from holdfast.programs.simulation.engine import is_challenge_reply
from holdfast.programs.simulation.engine.facts import StateChanged, TreatmentGiven
from holdfast.programs.simulation.scenario.library import shipped
from holdfast.programs.simulation.scenario.vocabulary import Impact, Importance

SCENARIOS = shipped()
BOOKS = {name: PhraseBook(scenario) for name, scenario in SCENARIOS.items()}
EACH = pytest.mark.parametrize("name", list(SCENARIOS))


def student(number: int, ability: float, arm: str = "A") -> SimulatedStudent:
    return replace(student_of(17, number), ability=ability, arm=arm)


@EACH
def test_the_plan_is_in_order_and_ends_with_the_handover(name: str):
    plan = expert_plan(SCENARIOS[name])

    times = [step.due_s for step in plan]
    assert times == sorted(times)
    assert HANDOVER in plan[-1].target
    first = {step.target: step.due_s for step in reversed(plan)}
    for step in plan:
        assert all(first[before] < step.due_s for before in step.after if before in first)


@EACH
def test_the_plan_holds_nothing_harmful(name: str):
    treatments = SCENARIOS[name].treatments

    impacts = {treatments[s.target].impact for s in expert_plan(SCENARIOS[name]) if s.kind == "treatment"}

    assert not impacts & {Impact.HARMFUL, Impact.WORSENS}


@EACH
def test_a_treatment_comes_after_what_it_requires(name: str):
    scenario = SCENARIOS[name]
    due = {step.target: step.due_s for step in reversed(expert_plan(scenario))}

    for target, due_s in due.items():
        treatment = scenario.treatments.get(target)
        if treatment is not None and treatment.requires is not None:
            assert all(due[required] < due_s for required in treatment.requires.given)


@EACH
def test_who_hardly_errs_scores_high_and_the_patient_does_well(name: str):
    runs = [rehearse(student(n, 4.0), SCENARIOS[name], 0, BOOKS[name]) for n in range(1, 9)]

    scores = [run.score() for run in runs]
    assert sum(s.overall.score or 0 for s in scores) / 8 >= 90
    assert sum(s.checklist.percentage or 0 for s in scores) / 8 >= 90
    assert all(run.state.outcome in {"handed_over", "stabilised"} for run in runs)


@EACH
def test_the_expert_does_every_checklist_item_in_time(name: str):
    scenario = SCENARIOS[name]
    faultless = [rehearse(student(n, 30.0), scenario, 0, BOOKS[name]) for n in range(1, 4)]

    for run in faultless:
        wanted = {i.id for i in scenario.checklist if i.importance is not Importance.CRITICAL_IF_NEEDED}
        on_time = {entry.item.id for entry in run.score().checklist.completed if entry.on_time}
        assert wanted <= on_time


@EACH
def test_more_ability_scores_higher(name: str):
    def mean_score(ability: float) -> float:
        runs = [rehearse(student(n, ability), SCENARIOS[name], 0, BOOKS[name]) for n in range(1, 25)]
        return sum(run.score().overall.score or 0.0 for run in runs) / len(runs)

    assert mean_score(-2.0) + 10 < mean_score(0.0)
    assert mean_score(0.0) + 5 < mean_score(2.0)


@EACH
@settings(max_examples=25, deadline=None)
@given(number=st.integers(1, 500), ability=st.floats(-3, 3), index=st.integers(0, 3))
def test_intentions_are_repeatable_ordered_and_end_in_time(
    name: str, number: int, ability: float, index: int
):
    scenario, who = SCENARIOS[name], student(number, ability)

    meant = intentions_of(who, scenario, index)

    assert meant == intentions_of(who, scenario, index)
    assert [m.at_s for m in meant] == sorted(m.at_s for m in meant)
    assert all(0 <= m.at_s < scenario.rules.maximum_duration_s for m in meant)


def test_a_rehearsal_is_repeatable():
    def turns() -> list[object]:
        run = rehearse(student(4, 0.0), SCENARIOS["stemi"], 1, BOOKS["stemi"])
        return [(at_s, turn) for at_s, turn, _ in run.turns]

    assert turns() == turns()


@EACH
def test_every_order_is_heard_as_it_was_meant(name: str):
    scenario, book, rng = SCENARIOS[name], PhraseBook(SCENARIOS[name]), Random(1)
    for target, treatment in scenario.treatments.items():
        dose = treatment.doses[0] if treatment.doses else None
        amount = (dose.standard, dose.unit, dose.routes[0].value) if dose else (None, None, None)
        for _ in range(3):
            said = book.say(Intention(0, "treatment", target, *amount), rng)
            heard = [(a.kind, a.target, a.known, a.dose, a.unit) for a in book.heard(said)]
            assert heard == [("treatment", target, True, amount[0], amount[1])], said
    for target in scenario.findings:
        said = book.say(Intention(0, "assessment", target), rng)
        assert [(a.kind, a.target) for a in book.heard(said)] == [("assessment", target)], said


@EACH
def test_a_reply_to_a_challenge_is_one_and_orders_nothing(name: str):
    book = BOOKS[name]
    for challenge in SCENARIOS[name].challenge_points:
        for draw in range(20):
            text = answer_challenge(challenge, (draw - 10) / 4, Random(draw), book)
            assert is_challenge_reply(challenge, text), text
            assert not book.heard(text), text


@EACH
def test_a_turn_for_the_worse_is_answered_with_something_sensible(name: str):
    scenario = SCENARIOS[name]
    worst = max(
        (s for s in scenario.states if not scenario.states[s].ends_run),
        key=lambda s: scenario.states[s].severity,
    )

    needs = response(scenario, worst, frozenset({"oxygen"}))

    assert needs
    impacts = {scenario.treatments[n.target].impact for n in needs if n.kind == "treatment"}
    assert not impacts & {Impact.HARMFUL, Impact.WORSENS}


def test_somebody_acts_on_a_deterioration():
    """Among weaker students some meet a critical patient, and some of those do what is needed."""
    rescued = 0
    for number in range(1, 60):
        who = student(number, -1.0)
        run = rehearse(who, SCENARIOS["asthma_acute_severe"], 0, BOOKS["asthma_acute_severe"])
        critical = any(isinstance(o, StateChanged) and o.state == "critical" for o in run.occurrences)
        helped = any(
            isinstance(o, TreatmentGiven) and o.treatment == "assisted_ventilation" for o in run.occurrences
        )
        rescued += critical and helped
    assert rescued > 0
