"""Simulated parameters come back, within their standard errors, on the scale that was asked for."""

import numpy as np
import pytest
from scipy.stats import chi2

from adaptive_test.calibration.slow_marginal import simulate
from holdfast.programs.adaptive_test.psychometrics.calibration import CalibrationPlan, FixedItem, calibrate


def bank(rng, items):
    return rng.lognormal(0, 0.3, items), rng.normal(size=items)


def within(estimates, truth, errors, alpha=1e-4):
    """Whether standardised differences are as large as chance makes them, in both directions."""
    z = (np.asarray(estimates) - truth) / errors
    # The items share persons, so their errors are a little dependent: the bounds are wide.
    low, high = chi2.ppf([alpha, 1 - alpha], len(z))
    return low < z @ z < high


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_two_parameters(missing):
    rng = np.random.default_rng(11)
    a, b = bank(rng, 25)
    found = calibrate(simulate(rng, a, b, persons=2000, missing=missing))
    assert within(found.discrimination, a, found.discrimination_se)
    assert within(found.difficulty, b, found.difficulty_se)
    assert np.corrcoef(found.difficulty, b)[0, 1] > 0.99


def test_joint_errors_of_slope_and_difficulty():
    rng = np.random.default_rng(12)
    a, b = bank(rng, 30)
    found = calibrate(simulate(rng, a, b, persons=2000))
    error = np.stack([found.discrimination - a, found.difficulty - b], axis=1)
    distance = np.einsum("ni,nij,nj->n", error, np.linalg.inv(found.covariances[:, :2, :2]), error)
    assert chi2.ppf(1e-4, 60) < distance.sum() < chi2.ppf(1 - 1e-4, 60)


def test_three_parameters():
    rng = np.random.default_rng(13)
    a, b = bank(rng, 30)
    found = calibrate(simulate(rng, a, b, 0.22, persons=5000), CalibrationPlan(model="3PL"))
    assert found.convergence.converged
    # The prior pulls, so the errors are smaller than the sampling theory of a likelihood says.
    assert np.mean(np.abs(found.difficulty - b) < 2 * found.difficulty_se) > 0.85
    assert np.abs(found.guessing - 0.22).mean() < 0.05


def test_the_spread_of_a_rasch_population():
    rng = np.random.default_rng(14)
    _, b = bank(rng, 20)
    found = calibrate(simulate(rng, np.ones(20), b, persons=2000, sd=1.4), CalibrationPlan(model="Rasch"))
    assert within([found.groups[0].sd], 1.4, [found.groups[0].sd_se])
    assert within(found.difficulty, b, found.difficulty_se)


def test_groups_have_means_and_spreads_of_their_own():
    rng = np.random.default_rng(15)
    a, b = bank(rng, 25)
    rows = [
        simulate(rng, a, b, persons=1500),
        simulate(rng, a, b, persons=1500, mean=0.8, sd=0.7, missing=0.3),
    ]
    found = calibrate(np.concatenate(rows), groups=np.repeat(["old", "new"], 1500))
    reference, other = found.groups
    assert (reference.mean, reference.sd, reference.mean_se, reference.sd_se) == (0, 1, 0, 0)
    assert within([other.mean, other.sd], [0.8, 0.7], [other.mean_se, other.sd_se])
    assert within(found.difficulty, b, found.difficulty_se)
    alone = calibrate(rows[1])
    assert np.abs(alone.difficulty - b).mean() > 0.5, "without its group the scale would be another"


def test_anchors_put_a_new_calibration_on_an_existing_scale():
    rng = np.random.default_rng(16)
    a, b = bank(rng, 30)
    anchors = {f"{j + 1}": FixedItem(a[j], b[j]) for j in range(10)}
    responses = simulate(rng, a, b, persons=3000, mean=-1.0, sd=1.5)
    found = calibrate(responses, CalibrationPlan(anchors=anchors))
    assert found.anchored.sum() == 10
    assert found.discrimination[:10] == pytest.approx(a[:10]) and found.difficulty[:10] == pytest.approx(
        b[:10]
    )
    assert within(found.discrimination[10:], a[10:], found.discrimination_se[10:])
    assert within(found.difficulty[10:], b[10:], found.difficulty_se[10:])
    population = found.groups[0]
    assert within([population.mean, population.sd], [-1.0, 1.5], [population.mean_se, population.sd_se])


def test_all_items_anchored_leaves_the_population():
    rng = np.random.default_rng(17)
    a, b = bank(rng, 10)
    anchors = {f"{j + 1}": FixedItem(a[j], b[j]) for j in range(10)}
    responses = simulate(rng, a, b, persons=2000, mean=0.5, sd=0.8)
    found = calibrate(responses, CalibrationPlan(anchors=anchors))
    assert found.parameters == 2
    population = found.groups[0]
    assert within([population.mean, population.sd], [0.5, 0.8], [population.mean_se, population.sd_se])


def test_a_sparse_bank_is_the_same_as_a_dense_one(monkeypatch):
    rng = np.random.default_rng(18)
    a, b = bank(rng, 40)
    responses = simulate(rng, a, b, persons=2500, missing=0.91)
    sparse = calibrate(responses, CalibrationPlan(minimum_responses=100))
    monkeypatch.setattr("holdfast.programs.adaptive_test.psychometrics.calibration.responses.SPARSE", 0.0)
    dense = calibrate(responses, CalibrationPlan(minimum_responses=100))
    assert np.allclose(sparse.difficulty, dense.difficulty, atol=1e-7)
    assert np.allclose(sparse.covariance, dense.covariance, atol=1e-7)
    assert within(sparse.difficulty, b, sparse.difficulty_se)
