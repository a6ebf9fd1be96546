"""The batch simulation makes the choices of the live engine when it is given the same draws."""

import numpy as np
import pytest

from adaptive_test.psychometrics.banks import bank
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability import Method
from holdfast.programs.adaptive_test.psychometrics.bank import Status
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules, Start
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Criterion
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import ExposureCounts, MaximumRate
from holdfast.programs.adaptive_test.psychometrics.simulation import Examinees, simulate
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, Choice
from holdfast.programs.adaptive_test.psychometrics.stopping import REASONS, Classification, Stopping

AREAS = tuple("abcd"[k % 4] for k in range(120))
STATUS = (Status.ACTIVE,) * 108 + (Status.PRETEST,) * 8 + (Status.DRAFT,) * 4
ENEMIES = [{"q0", "q1", "q2"}, {"q5", "q9"}, {"q20", "q111"}, {"q110", "q112"}]
QUOTAS = (Quota("a", 2, 3), Quota("b", 3, 5), Quota("c", 0, 2))

CASES = {
    "plain": Rules(stopping=Stopping.fixed_length(12)),
    "all together": Rules(
        stopping=Stopping(5, 12, standard_error=0.45),
        quotas=QUOTAS,
        exposure=MaximumRate(0.4),
        among=3,
        pretest_positions=(2, 6),
        start=Start(0.4, 2, 6),
    ),
    "kl": Rules(stopping=Stopping(4, 8, ability_change=0.05), criterion=Criterion.KL, quotas=QUOTAS[:1]),
    "mepv": Rules(stopping=Stopping.fixed_length(8), criterion=Criterion.MEPV, among=2),
    "random": Rules(stopping=Stopping(8, 8, time_limit_s=55.0), criterion=Criterion.RANDOM),
    "map": Rules(stopping=Stopping(3, 8, classification=Classification((0.3,), 0.9)), method=Method.MAP),
    "mle": Rules(stopping=Stopping.fixed_length(8), method=Method.MLE),
    "wle": Rules(stopping=Stopping.fixed_length(8), method=Method.WLE, admission={"q3": 0.2, "q7": 0.0}),
    "exhausted": Rules(stopping=Stopping(1, 200), quotas=(Quota("a", 0, 4),)),
}


def live(engine, examinees, who, counts, elapsed):
    """One examinee through the live engine."""
    state = engine.begin(engine.open(int(examinees.openings[who]), counts=counts))
    choices, trail = [], []
    for place in range(500):
        draw = int(examinees.choices[who, place]) if place < examinees.choices.shape[1] else 0
        choice = engine.decide(state, draw, place * elapsed)
        if not isinstance(choice, Choice):
            return choices, trail, choice
        rows, items = np.array([who]), np.array([choice.position])
        right = bool(examinees.right(engine.bank.parameters, rows, items)[0])
        choices.append(choice)
        state = engine.answer(state, Answer(choice.item, right, choice.scored))
        trail.append(state.estimate)
    raise AssertionError("the test does not end")


@pytest.mark.parametrize("name", CASES)
def test_the_same_choices_as_the_live_engine(name):
    rules = CASES[name]
    engine = Engine(bank(120, 2, 3, areas=AREAS, status=STATUS, enemies=ENEMIES), rules)
    chance = np.random.default_rng(3)
    n = 8 if name == "exhausted" else 40
    places = rules.stopping.maximum + len(rules.pretest_positions)
    examinees = Examinees.drawn(chance.normal(size=n), places, chance)
    outcome = simulate(engine, examinees, wave=15, seconds_per_item=10.0)
    counts = ExposureCounts.none(120)
    for who in range(n):
        if who % 15 == 0 and rules.exposure is not None:
            given = outcome.shown[:who][outcome.shown[:who] >= 0]
            counts = ExposureCounts(np.full(120, who), np.bincount(given, minlength=120))
        choices, trail, stop = live(engine, examinees, who, counts, 10.0)
        length = len(choices)
        assert outcome.shown[who, :length].tolist() == [choice.position for choice in choices]
        assert (outcome.shown[who, length:] == -1).all()
        assert outcome.scored[who, :length].tolist() == [choice.scored for choice in choices]
        assert outcome.trail[who, :length] == pytest.approx([e.theta for e in trail], abs=1e-9)
        assert outcome.error_trail[who, :length] == pytest.approx([e.se for e in trail], abs=1e-9)
        assert REASONS[outcome.reasons[who]] is stop.reason


def test_too_few_draws_are_refused():
    engine = Engine(bank(30), Rules())
    chance = np.random.default_rng(0)
    with pytest.raises(InvalidInput, match="20 draws"):
        simulate(engine, Examinees.drawn(np.zeros(2), 19, chance))
