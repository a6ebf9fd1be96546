"""The same estimates and standard errors as a slow, independent likelihood, on random data with gaps."""

import numpy as np
import pytest

from adaptive_test.calibration.slow_marginal import (
    first,
    highest,
    log_likelihood,
    log_prior,
    second,
    simulate,
)
from holdfast.programs.adaptive_test.psychometrics.calibration import (
    CalibrationModel,
    CalibrationPlan,
    FixedItem,
    calibrate,
)


def bank(rng, items):
    return rng.lognormal(0, 0.3, items), rng.normal(size=items)


def halves(x):
    return x[: len(x) // 2], x[len(x) // 2 :]


@pytest.mark.parametrize("seed", [1, 2])
def test_two_parameters(seed):
    rng = np.random.default_rng(seed)
    a, b = bank(rng, 5)
    responses = simulate(rng, a, b, persons=300, missing=0.25)
    found = calibrate(responses, CalibrationPlan(model="2PL"))

    def slow(x):
        return log_likelihood(responses, *halves(x), np.zeros(5))

    here = np.concatenate([found.discrimination, found.difficulty])
    assert found.log_likelihood == pytest.approx(slow(here), abs=1e-6)
    there = highest(slow, np.concatenate([np.ones(5), np.zeros(5)]))
    assert np.abs(here - there).max() < 1e-4
    errors = np.sqrt(np.diag(np.linalg.inv(-second(slow, here))))
    assert np.concatenate([found.discrimination_se, found.difficulty_se]) == pytest.approx(errors, rel=2e-3)


def test_three_parameters_with_the_prior():
    rng = np.random.default_rng(3)
    a, b = bank(rng, 5)
    responses = simulate(rng, a, b, 0.2, persons=400, missing=0.2)
    found = calibrate(responses, CalibrationPlan(model="3PL"))

    def slow(x):
        return log_likelihood(responses, x[:5], x[5:10], x[10:]) + log_prior(x[10:])

    here = np.concatenate([found.discrimination, found.difficulty, found.guessing])
    # In c itself the density of the prior has a factor of its own; the mode is taken on the logit.
    assert found.log_posterior == pytest.approx(slow(here), abs=1e-6)
    assert np.abs(first(slow, here)).max() < 1e-4
    hessian = second(slow, here, h=1e-3)
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    reported = np.concatenate([found.discrimination_se, found.difficulty_se, found.guessing_se])
    assert reported == pytest.approx(errors, rel=1e-2)


def test_three_parameters_without_a_prior_are_flatter():
    rng = np.random.default_rng(4)
    a, b = bank(rng, 5)
    responses = simulate(rng, a, b, 0.2, persons=3000)
    prior = calibrate(responses, CalibrationPlan(model="3PL"))
    free = calibrate(responses, CalibrationPlan(model="3PL", guessing_prior=None))
    assert free.log_likelihood > prior.log_likelihood
    assert free.log_posterior == pytest.approx(free.log_likelihood, abs=1e-9)


@pytest.mark.parametrize("model", [CalibrationModel.ONE, CalibrationModel.RASCH])
def test_common_slope(model):
    rng = np.random.default_rng(5)
    _, b = bank(rng, 5)
    responses = simulate(rng, 1.3 * np.ones(5), b, persons=300, missing=0.2)
    found = calibrate(responses, CalibrationPlan(model=model))
    spread = found.groups[0].sd if model is CalibrationModel.RASCH else found.discrimination[0]

    def slow(x):
        if model is CalibrationModel.RASCH:
            return log_likelihood(responses, np.ones(5), x[1:], np.zeros(5), sd=x[0])
        return log_likelihood(responses, np.full(5, x[0]), x[1:], np.zeros(5))

    here = np.concatenate([[spread], found.difficulty])
    assert np.abs(first(slow, here)).max() < 1e-4
    errors = np.sqrt(np.diag(np.linalg.inv(-second(slow, here))))
    assert found.difficulty_se == pytest.approx(errors[1:], rel=2e-3)


def test_two_groups_with_anchors():
    rng = np.random.default_rng(6)
    a, b = bank(rng, 5)
    first_group = simulate(rng, a, b, persons=250, mean=0.3, sd=1.2, missing=0.2)
    second_group = simulate(rng, a, b, persons=200, mean=-0.5, sd=0.8, missing=0.2)
    anchors = {"1": FixedItem(a[0], b[0], 0.15), "2": FixedItem(a[1], b[1])}
    found = calibrate(
        np.concatenate([first_group, second_group]),
        CalibrationPlan(model="2PL", anchors=anchors),
        groups=["north"] * 250 + ["south"] * 200,
    )
    guessing = np.array([0.15, 0, 0, 0, 0])

    def slow(x):
        slopes, places = np.concatenate([a[:2], x[:3]]), np.concatenate([b[:2], x[3:6]])
        return log_likelihood(first_group, slopes, places, guessing, mean=x[6], sd=x[8]) + log_likelihood(
            second_group, slopes, places, guessing, mean=x[7], sd=x[9]
        )

    means, sds = [g.mean for g in found.groups], [g.sd for g in found.groups]
    here = np.concatenate([found.discrimination[2:], found.difficulty[2:], means, sds])
    assert found.log_likelihood == pytest.approx(slow(here), abs=1e-6)
    assert np.abs(first(slow, here)).max() < 1e-4
    errors = np.sqrt(np.diag(np.linalg.inv(-second(slow, here))))
    reported = np.concatenate(
        [
            found.discrimination_se[2:],
            found.difficulty_se[2:],
            [g.mean_se for g in found.groups],
            [g.sd_se for g in found.groups],
        ]
    )
    assert reported == pytest.approx(errors, rel=2e-3)
    assert found.discrimination_se[:2].tolist() == [0, 0]
    assert found.guessing[0] == pytest.approx(0.15)
