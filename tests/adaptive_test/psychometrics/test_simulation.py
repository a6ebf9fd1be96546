"""What a simulation reports, and that a maximum rate and quotas hold in one."""

import json
import math

import numpy as np
import pytest

from adaptive_test.psychometrics.banks import bank, parameters
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import MaximumRate
from holdfast.programs.adaptive_test.psychometrics.simulation import Examinees, report, simulate
from holdfast.programs.adaptive_test.psychometrics.simulation.figures import figures
from holdfast.programs.adaptive_test.psychometrics.stopping import Stopping

RATE = 0.25
EXAMINEES = 2000
BLUEPRINT = {"a": (3, 5), "b": (3, 5), "c": (3, 5), "d": (3, 5), "e": (3, 5)}


def outcome_of(rules, n=EXAMINEES, size=500, **more):
    chance = np.random.default_rng(8)
    engine = Engine(bank(size, 1, areas=tuple("abcde"[k % 5] for k in range(size))), rules)
    examinees = Examinees.drawn(chance.normal(size=n), rules.stopping.maximum, chance)
    return simulate(engine, examinees, **more)


def test_a_maximum_rate_and_quotas_hold_in_one_simulation():
    free = outcome_of(Rules(stopping=Stopping.fixed_length(20)))
    quotas = tuple(Quota(area, *limits) for area, limits in BLUEPRINT.items())
    bound = outcome_of(Rules(stopping=Stopping.fixed_length(20), quotas=quotas, exposure=MaximumRate(RATE)))
    areas = bound.shown % 5
    for k, (low, high) in enumerate(BLUEPRINT.values()):
        taken = (areas == k).sum(axis=1)
        assert low <= taken.min()
        assert taken.max() <= high
    assert report(free).value("max_rate") == 1.0
    # The true rate: nothing is given beyond what its budget held, so rates keep to the maximum on average;
    # one binomial standard error is 0.0097 here, and the control makes it smaller.
    told = report(bound, rate=RATE)
    assert told.value("max_rate") <= RATE + 2 * math.sqrt(RATE * (1 - RATE) / EXAMINEES)
    capped = told.rates[told.rates > 0.9 * RATE]
    assert capped.size > 20
    assert capped.mean() <= RATE
    assert (bound.lengths == 20).all()
    cost = told.value("rmse") / report(free).value("rmse")
    assert 1.0 < cost < 1.15


def test_the_rate_is_true_in_the_long_run_and_not_only_at_the_end():
    rules = Rules(stopping=Stopping.fixed_length(10), exposure=MaximumRate(RATE))
    outcome = outcome_of(rules, n=3000, size=150)
    for start in range(0, 3000, 500):
        given = np.bincount(outcome.shown[start : start + 500].ravel(), minlength=150) / 500
        # The control pays back over 100 sessions; a window of 500 sees at most that and its own chance.
        assert given.max() <= RATE * (1 + 100 / 500) + 50 / 500 * RATE
    assert report(outcome).value("max_rate") <= RATE + RATE * 100 / 3000


def test_the_tables_are_those_of_plain_loops():
    outcome = outcome_of(Rules(stopping=Stopping(3, 8, standard_error=0.5)), n=60, size=40)
    told = report(outcome, bands=4)
    error = [float(e - t) for e, t in zip(outcome.estimates.theta, outcome.theta, strict=True)]
    assert told.value("bias") == pytest.approx(sum(error) / 60)
    assert told.value("rmse") == pytest.approx(math.sqrt(sum(e * e for e in error) / 60))
    tests = [set(row[row >= 0].tolist()) for row in outcome.shown]
    assert told.value("mean_length") == pytest.approx(sum(len(t) for t in tests) / 60)
    shared = [len(tests[i] & tests[j]) for i in range(60) for j in range(i)]
    expected = sum(shared) / len(shared) / told.value("mean_length")
    assert told.value("overlap") == pytest.approx(expected)
    counts = [sum(k in t for t in tests) for k in range(40)]
    assert told.rates.tolist() == [count / 60 for count in sorted(counts, reverse=True)]
    assert told.value("bank_use") == pytest.approx(sum(c > 0 for c in counts) / 40)
    inside = sum(abs(e) <= 1.959964 * s for e, s in zip(error, outcome.estimates.se, strict=True))
    assert told.value("coverage_95") == pytest.approx(inside / 60)
    assert sum(band.examinees for band in told.bands) == 60
    assert sum(told.reasons.values()) == 60
    json.dumps(told.to_json(), allow_nan=False)


def test_stated_errors_are_honest():
    told = report(outcome_of(Rules(stopping=Stopping.fixed_length(20))))
    ratio = next(m for m in told.measures if m.name == "se_ratio")
    assert abs(ratio.value - 1.0) < 4 * ratio.se
    assert abs(told.value("coverage_95") - 0.95) < 0.02


def test_a_bank_that_is_wrong_shows_in_the_tables():
    rules = Rules(stopping=Stopping.fixed_length(15))
    shifted = parameters(500, 1)
    truth = type(shifted).logistic(shifted.b + 0.5, shifted.a)
    assert report(outcome_of(rules, truth=truth)).value("bias") < -0.35


def test_the_same_draws_give_the_same_outcome_and_one_examinee_is_enough():
    rules = Rules(stopping=Stopping.fixed_length(5), among=4)
    first, again = outcome_of(rules, n=20), outcome_of(rules, n=20)
    assert (first.shown == again.shown).all()
    alone = report(outcome_of(rules, n=1))
    assert math.isnan(alone.value("overlap"))
    json.dumps(alone.to_json(), allow_nan=False)


def test_figures_are_drawn(tmp_path):
    outcome = outcome_of(Rules(stopping=Stopping(3, 10, standard_error=0.5)), n=100)
    drawn = figures(outcome, report(outcome), rate=RATE)
    assert set(drawn) == {"accuracy", "progress", "exposure", "length"}
    for name, figure in drawn.items():
        figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
