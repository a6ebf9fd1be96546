"""What must hold for any data: the order of persons, items and groups carries no information."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive_test.calibration.slow_marginal import simulate
from holdfast.programs.adaptive_test.psychometrics.calibration import CalibrationPlan, calibrate
from holdfast.programs.adaptive_test.psychometrics.calibration.layout import Objective, layout_of
from holdfast.programs.adaptive_test.psychometrics.calibration.plan import FixedItem, NormalPrior
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import equally_spaced, gauss_hermite
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import read_responses

few = settings(max_examples=10, deadline=None)
seeds = st.integers(0, 10_000)


def data(seed, missing=0.2):
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.2, 6), rng.normal(0, 0.8, 6)
    return rng, simulate(rng, a, b, persons=400, missing=missing)


def held(model, **more):
    """A plan under which every small sample has a maximum."""
    return CalibrationPlan(model=model, slope_prior=NormalPrior(1.0, 0.5), **more)


@few
@given(seeds, st.sampled_from(["1PL", "2PL", "3PL", "Rasch"]))
def test_order_does_not_matter(seed, model):
    rng, responses = data(seed)
    persons, items = rng.permutation(400), rng.permutation(6)
    whole = calibrate(responses, held(model))
    mixed = calibrate(responses[persons][:, items], held(model))
    assert whole.convergence.converged and mixed.convergence.converged
    assert mixed.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-6)
    assert np.allclose(mixed.difficulty, whole.difficulty[items], atol=1e-4)
    assert np.allclose(mixed.discrimination_se, whole.discrimination_se[items], atol=1e-4)


@few
@given(seeds)
def test_the_other_group_as_reference_is_the_same_scale_in_other_units(seed):
    rng, responses = data(seed, missing=0.1)
    label = rng.permutation(np.repeat(["x", "y"], 200))
    label[0] = "x"
    first = calibrate(responses, groups=label)
    order = np.argsort(label)[::-1]
    second = calibrate(responses[order], groups=label[order])
    assert second.groups[0].name == "y"
    assert second.log_likelihood == pytest.approx(first.log_likelihood, abs=1e-6)
    y = first.groups[1]
    assert np.allclose(second.discrimination, first.discrimination * y.sd, rtol=1e-4)
    assert np.allclose(second.difficulty, (first.difficulty - y.mean) / y.sd, atol=1e-3)


@few
@given(seeds)
def test_no_step_away_from_the_maximum_is_better(seed):
    rng, responses = data(seed)
    patterns = read_responses(responses)
    plan = held("3PL", quadrature=equally_spaced(71, 7))
    objective = Objective(patterns, layout_of(patterns, plan), equally_spaced(71, 7))
    found = calibrate(responses, plan)
    assert found.convergence.converged
    free = np.concatenate(
        [
            found.discrimination,
            -found.discrimination * found.difficulty,
            np.log(found.guessing / (1 - found.guessing)),
        ]
    )
    best = objective.value(free)
    assert best == pytest.approx(found.log_posterior, abs=1e-6)
    for _ in range(5):
        assert objective.value(free + 0.05 * rng.standard_normal(len(free))) < best


@few
@given(seeds, st.sampled_from(["1PL", "2PL", "3PL"]), st.booleans())
def test_derivatives_are_those_of_the_likelihood(seed, model, anchored):
    rng, responses = data(seed)
    anchors = {"2": FixedItem(1.1, 0.2, 0.1)} if anchored else {}
    plan = held(model, anchors=anchors)
    patterns = read_responses(responses, groups=rng.permutation(np.repeat(["x", "y"], 200)))
    objective = Objective(patterns, layout_of(patterns, plan), gauss_hermite(31))
    free = 0.3 * rng.standard_normal(objective.layout.spread.shape[1])
    slope = objective.curvature(free)
    h = 1e-5
    for column, step in enumerate(np.eye(len(free)) * h):
        up, down = objective.expectation(free + step), objective.expectation(free - step)
        assert (up.value - down.value) / (2 * h) == pytest.approx(slope.gradient[column], abs=1e-4)
        numeric = -(up.gradient - down.gradient) / (2 * h)
        assert slope.information[:, column] == pytest.approx(numeric, rel=1e-4, abs=1e-3)


def test_a_discrimination_without_limit_is_not_called_an_estimate():
    _, responses = data(3)
    found = calibrate(responses, CalibrationPlan(model="3PL"))
    assert not found.convergence.converged
    assert "item 4 grows without limit" in found.convergence.message
    assert calibrate(responses, held("3PL")).convergence.converged


def test_long_tests_need_and_get_finer_rules():
    rng = np.random.default_rng(1)
    a, b = np.full(20, 8.0), np.linspace(-1, 1, 20)
    responses = simulate(rng, a, b, persons=200)
    found = calibrate(responses, CalibrationPlan(model="1PL"))
    assert "71 nodes" not in found.convergence.quadrature
    assert found.convergence.quadrature_shift < 1e-4
    fine = calibrate(responses, CalibrationPlan(model="1PL", quadrature=equally_spaced(301, 8)))
    assert found.difficulty == pytest.approx(fine.difficulty, abs=1e-4)


@pytest.mark.parametrize(
    "rule", [equally_spaced(), equally_spaced().finer(), gauss_hermite(), gauss_hermite(180)]
)
def test_rules_integrate_a_normal_population(rule):
    weights = np.exp(rule.log_weights)
    assert weights.sum() == pytest.approx(1)
    assert [weights @ rule.nodes**k for k in (1, 2, 3, 4)] == pytest.approx([0, 1, 0, 3], abs=1e-5)
