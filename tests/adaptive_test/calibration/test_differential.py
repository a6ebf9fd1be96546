import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_expit

from adaptive_test.calibration.slow_marginal import simulate
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration import CalibrationPlan, calibrate
from holdfast.programs.adaptive_test.psychometrics.fit import (
    EtsClass,
    drift,
    likelihood_ratio_dif,
    logistic_dif,
    mantel_haenszel,
)
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters


def two_groups(seed, shift, *, items=20, persons=2000, steeper=1.0):
    """The focal group is half a SD lower, and item 3 is harder for it by `shift`."""
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.2, items), rng.normal(0, 0.8, items)
    harder, slopes = b.copy(), a.copy()
    harder[2] += shift
    slopes[2] *= steeper
    rows = [simulate(rng, a, b, persons=persons), simulate(rng, slopes, harder, persons=persons, mean=-0.5)]
    return np.concatenate(rows), np.repeat([False, True], persons)


def test_mantel_haenszel_by_hand():
    """Two strata, worked out with plain fractions."""
    cells = {1: (30, 20, 25, 25), 2: (40, 10, 35, 15)}
    rows, focal, score = [], [], []
    for stratum, (a, b, c, d) in cells.items():
        for count, right, group in ((a, 1, False), (b, 0, False), (c, 1, True), (d, 0, True)):
            rows += [[right, 1, 0]] * count
            focal += [group] * count
            score += [stratum] * count
    found = mantel_haenszel(rows, np.array(focal), matching=score)[0]
    odds = (30 * 25 / 100 + 40 * 15 / 100) / (20 * 25 / 100 + 10 * 35 / 100)
    assert found.odds_ratio == pytest.approx(odds)
    assert found.delta == pytest.approx(-2.35 * np.log(odds))
    expected = 50 * 55 / 100 + 50 * 75 / 100
    variance = 50 * 50 * 55 * 45 / (100**2 * 99) + 50 * 50 * 75 * 25 / (100**2 * 99)
    assert found.chi_squared == pytest.approx((abs(70 - expected) - 0.5) ** 2 / variance)


def test_the_error_of_delta_is_that_of_repetition():
    deltas, errors = [], []
    for seed in range(40):
        responses, focal = two_groups(seed, 0.0, items=8, persons=300)
        one = mantel_haenszel(responses, focal, purify=False)[2]
        deltas.append(one.delta)
        errors.append(one.delta_se)
    assert np.std(deltas) == pytest.approx(np.mean(errors), rel=0.35)


def test_a_biased_item_is_class_c_and_the_others_are_not():
    responses, focal = two_groups(1, 0.9)
    found = mantel_haenszel(responses, focal)
    assert found[2].ets_class is EtsClass.C and found[2].delta < -1.5
    assert [one.item for one in found if one.ets_class is not EtsClass.A] == ["3"]


def test_without_bias_everything_is_negligible():
    responses, focal = two_groups(2, 0.0)
    assert {one.ets_class for one in mantel_haenszel(responses, focal)} == {EtsClass.A}
    assert sum(one.p < 0.01 for one in logistic_dif(responses, focal)) <= 2


def test_logistic_regression_against_a_general_optimiser():
    responses, focal = two_groups(3, 0.6, persons=400)
    score = responses.sum(axis=1)
    x = (score - score.mean()) / score.std()
    y, g = responses[:, 2], focal.astype(float)

    def worst(columns):
        z = np.column_stack(columns)
        return minimize(
            lambda beta: -np.sum(y * log_expit(z @ beta) + (1 - y) * log_expit(-z @ beta)),
            np.zeros(z.shape[1]),
        ).fun

    ones = np.ones_like(x)
    fits = [worst([ones, x]), worst([ones, x, g]), worst([ones, x, g, x * g])]
    found = logistic_dif(responses, focal)[2]
    assert found.uniform == pytest.approx(2 * (fits[0] - fits[1]), abs=1e-4)
    assert found.non_uniform == pytest.approx(2 * (fits[1] - fits[2]), abs=1e-4)
    assert found.uniform_p < 0.05


def test_a_curve_that_is_steeper_for_one_group_is_non_uniform():
    responses, focal = two_groups(4, 0.0, steeper=2.5)
    found = logistic_dif(responses, focal)[2]
    assert found.non_uniform > 20 and found.p < 1e-6


def test_likelihood_ratio_sees_the_difference_and_its_size():
    responses, focal = two_groups(5, 0.8, items=10, persons=600)
    responses[np.random.default_rng(6).random(responses.shape) < 0.1] = np.nan
    biased, fair = likelihood_ratio_dif(responses, focal, studied=["3", "4"])
    assert biased.degrees == fair.degrees == 2
    assert biased.p < 1e-3 and fair.p > 1e-2
    assert abs(biased.difficulty_difference - 0.8) < 4 * biased.difficulty_difference_se
    assert abs(fair.difficulty_difference) < 4 * fair.difficulty_difference_se
    one = likelihood_ratio_dif(responses, focal, studied=["3"], plan=CalibrationPlan(model="Rasch"))[0]
    assert one.degrees == 1 and one.p < 1e-3


def test_refusals():
    responses, focal = two_groups(7, 0.0, persons=50)
    for group in (focal[:5], focal.astype(int), np.zeros(100, dtype=bool)):
        with pytest.raises(InvalidInput):
            mantel_haenszel(responses, group)
    with pytest.raises(InvalidInput):
        likelihood_ratio_dif(responses, focal, studied=["99"])
    responses[0, 0] = np.nan
    with pytest.raises(InvalidInput, match="matching"):
        mantel_haenszel(responses, focal)
    assert len(mantel_haenszel(responses, focal, matching=np.nansum(responses, axis=1))) == 20
    with pytest.raises(InvalidInput):
        logistic_dif(responses, focal, matching=np.ones(100))


def test_drift_is_found_and_its_absence_is_not():
    rng = np.random.default_rng(8)
    a, b = rng.uniform(1.0, 1.5, 15), rng.normal(0, 0.8, 15)
    later = b.copy()
    later[4] -= 0.6
    first = calibrate(simulate(rng, a, b, persons=2000))
    second = calibrate(simulate(rng, a, later, persons=2000))
    found = drift(first.item_parameters, first.covariances, second.item_parameters, second.covariances)
    assert found.p_adjusted[4] < 1e-4 and found.difficulty_z[4] < -4
    assert np.delete(found.p_adjusted, 4).min() > 1e-3
    assert found.degrees.tolist() == [2] * 15
    assert np.argmax(found.curve_distance) == 4


def test_drift_of_fixed_parameters_cannot_be_tested():
    items = ItemParameters.logistic(b=[0.0, 1.0])
    nothing, something = np.zeros((2, 3, 3)), np.zeros((2, 3, 3))
    something[0, 1, 1] = 0.04
    found = drift(items, nothing, ItemParameters.logistic(b=[0.4, 1.0]), something)
    assert found.statistic[0] == pytest.approx(4.0) and found.degrees.tolist() == [1, 0]
    assert np.isnan(found.p[1])
    with pytest.raises(InvalidInput):
        drift(items, nothing[:1], items, nothing)
