import numpy as np
import pytest
from scipy.stats import multivariate_normal

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.fit import fit_response_times, rapid_guesses


def times(seed, *, persons=1500, items=12, missing=0.2, spread=0.3):
    rng = np.random.default_rng(seed)
    intensity, precision = rng.normal(3, 0.4, items), rng.uniform(1.5, 3, items)
    speed = spread * rng.standard_normal(persons)
    logs = intensity - speed[:, None] + rng.standard_normal((persons, items)) / precision
    logs[rng.random(logs.shape) < missing] = np.nan
    return np.exp(logs), intensity, precision, speed


def slow_log_likelihood(logs, intensity, precision, spread):
    total = 0.0
    for row in logs:
        seen = ~np.isnan(row)
        if seen.any():
            covariance = np.diag(1 / precision[seen] ** 2) + spread**2
            total += multivariate_normal.logpdf(row[seen], intensity[seen], covariance)
    return total


def test_parameters_come_back_within_their_errors():
    seconds, intensity, precision, speed = times(1)
    found = fit_response_times(seconds)
    assert found.converged
    assert np.abs((found.intensity - intensity) / found.intensity_se).max() < 4
    assert np.abs((found.precision - precision) / found.precision_se).max() < 4
    assert found.speed_spread == pytest.approx(0.3, abs=0.03)
    assert np.corrcoef(found.speed, speed)[0, 1] > 0.85
    assert np.mean(np.abs(found.speed - speed) < 1.96 * found.speed_sd) == pytest.approx(0.95, abs=0.02)


def test_it_is_the_maximum_of_the_plain_likelihood():
    seconds, *_ = times(2, persons=150, items=5)
    found = fit_response_times(seconds, tolerance=1e-14)
    logs = np.log(seconds)
    best = slow_log_likelihood(logs, found.intensity, found.precision, found.speed_spread)
    assert found.log_likelihood == pytest.approx(best, abs=1e-6)
    rng = np.random.default_rng(3)
    for _ in range(20):
        moved = slow_log_likelihood(
            logs,
            found.intensity + 0.02 * rng.standard_normal(5),
            found.precision * np.exp(0.02 * rng.standard_normal(5)),
            found.speed_spread * np.exp(0.02 * rng.standard_normal()),
        )
        assert moved < best


def test_rapid_guesses_and_effort():
    seconds, *_ = times(4, persons=100, missing=0.0)
    seconds[7, :6] = 0.5
    seconds[8, :] = np.nan
    rapid, effort = rapid_guesses(seconds)
    assert rapid[7].tolist() == [True] * 6 + [False] * 6
    assert effort[7] == 0.5 and np.isnan(effort[8])
    assert rapid[[i for i in range(100) if i != 7]].mean() < 0.01
    found = fit_response_times(seconds)
    assert found.residuals[7, :6].max() < -2
    assert found.speed[8] == 0 and found.speed_sd[8] == pytest.approx(found.speed_spread)


def test_a_slow_item_has_no_threshold_above_ten_seconds():
    seconds = np.full((20, 1), 1000.0) + np.arange(20)[:, None]
    seconds[0] = 15.0
    assert not rapid_guesses(seconds)[0].any()
    seconds[0] = 9.0
    assert rapid_guesses(seconds)[0].sum() == 1


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_a_time_that_is_none(bad):
    seconds, *_ = times(5, persons=20)
    seconds[3, 2] = bad
    with pytest.raises(InvalidInput, match="person 4, item 3"):
        fit_response_times(seconds)


def test_times_without_variance_or_number():
    with pytest.raises(InvalidInput, match="variance"):
        fit_response_times(np.ones((5, 2)))
    with pytest.raises(InvalidInput, match="item 2"):
        fit_response_times([[1.0, np.nan], [2.0, np.nan]])
