import itertools

import numpy as np
import pytest
from scipy.stats import kstest

from adaptive_test.calibration.slow_marginal import simulate
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration import calibrate, equally_spaced
from holdfast.programs.adaptive_test.psychometrics.fit import item_fit, person_fit
from holdfast.programs.adaptive_test.psychometrics.fit.item_fit import score_distribution
from holdfast.programs.adaptive_test.psychometrics.fit.multiplicity import adjusted
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, probability


def bank(rng, items, c=0.0):
    return ItemParameters.logistic(b=rng.normal(size=items), a=rng.lognormal(0, 0.3, items), c=c)


def test_score_distribution_counts_every_pattern():
    chances = np.random.default_rng(1).random((3, 4))
    slow = np.zeros((3, 5))
    for pattern in itertools.product([0, 1], repeat=4):
        slow[:, sum(pattern)] += np.prod(np.where(pattern, chances, 1 - chances), axis=1)
    assert np.allclose(score_distribution(chances), slow)


def test_s_x2_by_enumeration():
    """Expected shares per score group from all patterns, not from the recursion."""
    rng = np.random.default_rng(2)
    items = bank(rng, 4)
    responses = simulate(rng, items.a, items.b, persons=2000)
    found = item_fit(responses, items, estimated=0)
    rule = equally_spaced()
    chances = probability(items, rule.nodes)
    by_score = {k: np.zeros(5) for k in (1, 2, 3)}  # right per item, all
    for pattern in itertools.product([0, 1], repeat=4):
        p = np.exp(rule.log_weights) @ np.prod(np.where(pattern, chances, 1 - chances), axis=1)
        if sum(pattern) in by_score:
            by_score[sum(pattern)] += [*(p * np.array(pattern)), p]
    totals = responses.sum(axis=1)
    for j in range(4):
        value = 0.0
        for score, sums in by_score.items():
            rows = totals == score
            expected = sums[j] / sums[4]
            value += rows.sum() * (responses[rows, j].mean() - expected) ** 2 / (expected * (1 - expected))
        assert found.statistic[j] == pytest.approx(value)
    assert found.method == "S-X2" and found.degrees.tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_p_values_are_uniform_where_the_model_holds(missing):
    rng = np.random.default_rng(3)
    p = []
    for _ in range(8):
        items = bank(rng, 15)
        responses = simulate(rng, items.a, items.b, persons=1500, missing=missing)
        p.extend(item_fit(responses, items, estimated=0).p)
    assert kstest(p, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_an_item_of_another_form_is_found(missing):
    rng = np.random.default_rng(4)
    items = bank(rng, 20)
    theta = rng.standard_normal(4000)
    chances = probability(items, theta)
    chances[:, 7] = 0.25 + 0.5 / (1 + np.exp(-8 * theta))  # one steep step between two plateaus
    responses = (rng.random(chances.shape) < chances).astype(float)
    responses[rng.random(chances.shape) < missing] = np.nan
    estimated = calibrate(responses).item_parameters
    found = item_fit(responses, estimated)
    assert found.method == ("predicted residuals" if missing else "S-X2")
    assert np.argmin(found.p_adjusted) == 7 and found.p_adjusted[7] < 1e-4
    assert np.median(np.delete(found.p, 7)) > 0.1
    assert found.rmsea[7] == found.rmsea.max()


def test_items_that_cannot_be_compared_have_no_value():
    rng = np.random.default_rng(5)
    items = bank(rng, 3)
    found = item_fit(simulate(rng, items.a, items.b, persons=5), items, estimated=3)
    assert np.isnan(found.statistic).all() and np.isnan(found.p_adjusted).all()


def test_item_fit_refuses():
    items = bank(np.random.default_rng(6), 4)
    with pytest.raises(InvalidInput):
        item_fit(np.ones((5, 3)), items)
    with pytest.raises(InvalidInput):
        item_fit(np.ones((5, 2)), items[:2])


def test_adjusted_p_values_are_those_of_the_book():
    p = [0.01, 0.04, 0.03, np.nan, 0.005]
    assert adjusted(p)[[0, 1, 2, 4]] == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert np.isnan(adjusted(p)[3]) and adjusted([0.9, 0.8]) == pytest.approx([0.9, 0.9])


def estimated_by_map(items, responses, sd=1.0):
    """MAP (or, with a wide prior, nearly MLE) on a fine grid."""
    grid = np.linspace(-6, 6, 2401)
    p = probability(items, grid)
    likelihood = responses @ np.log(p).T + (1 - responses) @ np.log(1 - p).T
    return grid[np.argmax(likelihood - grid**2 / (2 * sd**2), axis=1)]


def test_lz_star_has_the_spread_that_lz_lacks():
    rng = np.random.default_rng(7)
    items = bank(rng, 60)
    responses = simulate(rng, items.a, items.b, persons=3000)
    found = person_fit(responses, items, estimated_by_map(items, responses), method="MAP")
    assert found.lz.std() < 0.97
    assert abs(found.lz_star.std() - 1) < 0.05 and abs(found.lz_star.mean()) < 0.1
    assert np.mean(found.p < 0.05) == pytest.approx(0.05, abs=0.02)


def test_mle_and_wle_are_corrected_too():
    rng = np.random.default_rng(8)
    items = bank(rng, 60, c=0.2)
    responses = simulate(rng, items.a, items.b, 0.2, persons=1500)
    theta = estimated_by_map(items, responses, sd=50.0)
    inside = np.abs(theta) < 3
    mle, wle = (person_fit(responses[inside], items, theta[inside], method=m) for m in ("MLE", "WLE"))
    assert abs(mle.lz_star.std() - 1) < 0.08
    assert 0 < np.abs(mle.lz_star - wle.lz_star).max() < 1


def test_a_copied_pattern_is_unusual():
    rng = np.random.default_rng(9)
    items = bank(rng, 40)
    order = np.argsort(items.b)
    backwards = np.zeros((1, 40))
    backwards[0, order[20:]] = 1  # only the hard ones right
    found = person_fit(backwards, items, [0.0], method="MLE")
    assert found.p[0] < 1e-6 and found.lz[0] < -5


def test_missing_answers_do_not_count():
    rng = np.random.default_rng(10)
    items = bank(rng, 20)
    responses = simulate(rng, items.a, items.b, persons=5)
    responses[:, 10:] = np.nan
    whole = person_fit(responses[:, :10], items[:10], np.zeros(5), method="WLE")
    part = person_fit(responses, items, np.zeros(5), method="WLE")
    assert np.allclose(whole.lz_star, part.lz_star) and part.answers.tolist() == [10] * 5
    nothing = person_fit(np.full((1, 20), np.nan), items, [0.0], method="MAP")
    assert np.isnan(nothing.lz_star[0])


def test_person_fit_refuses():
    items = bank(np.random.default_rng(11), 4)
    with pytest.raises(InvalidInput):
        person_fit(np.ones((2, 4)), items, [0.0], method="MLE")
    with pytest.raises(InvalidInput):
        person_fit(np.ones((1, 4)), items, [np.inf], method="MLE")
