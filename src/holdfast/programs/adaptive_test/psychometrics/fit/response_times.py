"""Response times: the lognormal model of van der Linden (2006), and rapid guesses.

log time of person i on item j is normal with mean intensity_j - speed_i and SD 1 / precision_j; speed is
normal with mean 0. Times are in seconds, above 0; NaN is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.kit.errors import InvalidInput

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RAPID_SHARE = 0.1
LONGEST_RAPID_S = 10.0
"""A rapid guess takes less than a tenth of the item's mean time, and never more than ten seconds (NT10 of
Wise and Ma 2012)."""


@dataclass(frozen=True, slots=True, eq=False)
class ResponseTimes:
    """The fitted model.

    Attributes:
        intensity: of each item, in log seconds.
        intensity_se: of that.
        precision: of each item, in 1 / log seconds.
        precision_se: of that.
        speed: of each person, the posterior mean, in log seconds; higher is faster. 0 without any time.
        speed_sd: the posterior SD.
        speed_spread: the population's SD of speed.
        residuals: of each time, in SDs of the item given the person's speed; below -2 is unusually fast.
        log_likelihood: marginal.
        converged: whether the search ended by itself.
    """

    intensity: FloatArray
    intensity_se: FloatArray
    precision: FloatArray
    precision_se: FloatArray
    speed: FloatArray
    speed_sd: FloatArray
    speed_spread: float
    residuals: FloatArray
    log_likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True)
class _State:
    intensity: FloatArray
    precision: FloatArray
    spread: float


def fit_response_times(
    times_s: ArrayLike, *, tolerance: float = 1e-10, most_steps: int = 2000
) -> ResponseTimes:
    """Estimate the model by EM; the standard errors come from the persons' scores.

    Args:
        times_s: persons by items, seconds, NaN where missing.
        tolerance: relative change of the log-likelihood at which the search ends.
        most_steps: of the search.

    Raises:
        InvalidInput: a time that is not above 0 and finite, or an item with fewer than two times, or times
            without variance.
    """
    logs = _logs(times_s)
    seen = ~np.isnan(logs)
    state = _State(np.nanmean(logs, axis=0), 1 / np.nanstd(logs, axis=0), float(np.nanstd(logs) / 2))
    value, converged = -np.inf, False
    for _ in range(most_steps):
        mean, variance, after = _expectation(logs, seen, state)
        if after - value <= tolerance * abs(after):
            converged = True
            break
        value, state = after, _maximisation(logs, seen, mean, variance)
    return _report(logs, seen, state, mean, variance, (after, converged))


def rapid_guesses(times_s: ArrayLike) -> tuple[BoolArray, FloatArray]:
    """Which answers were rapid guesses, and each person's response-time effort.

    The effort (Wise and Kong 2005) is the share of a person's timed answers that were not rapid, NaN where
    there are none. Below 0.9 a score is commonly not trusted.
    """
    times = np.exp(_logs(times_s, fewest=1))
    means = np.nanmean(times, axis=0)
    rapid = times < np.minimum(RAPID_SHARE * means, LONGEST_RAPID_S)
    timed = (~np.isnan(times)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        effort = np.where(timed > 0, 1 - rapid.sum(axis=1) / timed, np.nan)
    return rapid, effort


def _logs(times_s: ArrayLike, fewest: int = 2) -> FloatArray:
    times = np.asarray(times_s, dtype=np.float64)
    if times.ndim != 2 or 0 in times.shape:
        raise InvalidInput("must be a matrix of persons by items, not empty", field="times_s")
    strange = np.argwhere(~np.isnan(times) & ~((times > 0) & np.isfinite(times)))
    if len(strange):
        person, item = strange[0]
        raise InvalidInput(
            f"person {person + 1}, item {item + 1}: a time must be above 0 and finite", field="times_s"
        )
    counts = (~np.isnan(times)).sum(axis=0)
    if (counts < fewest).any():
        raise InvalidInput(f"item {int(np.argmin(counts)) + 1} has too few times", field="times_s")
    logs: FloatArray = np.log(times)
    if fewest > 1 and (np.nanstd(logs, axis=0) == 0).any():
        number = int(np.argmax(np.nanstd(logs, axis=0) == 0)) + 1
        raise InvalidInput(f"item {number}: its times have no variance", field="times_s")
    return logs


def _expectation(logs: FloatArray, seen: BoolArray, state: _State) -> tuple[FloatArray, FloatArray, float]:
    """Posterior mean and variance of each speed, and the marginal log-likelihood."""
    weight = np.where(seen, state.precision**2, 0.0)
    deviation = np.where(seen, state.intensity - np.where(seen, logs, 0.0), 0.0)
    total = 1 / state.spread**2 + weight.sum(axis=1)
    mean = np.sum(weight * deviation, axis=1) / total
    squares = np.sum(weight * deviation**2, axis=1) - total * mean**2
    constant = np.where(seen, np.log(state.precision) - 0.5 * np.log(2 * np.pi), 0.0).sum()
    value = constant - 0.5 * np.sum(squares + np.log(total * state.spread**2))
    return mean, 1 / total, float(value)


def _maximisation(logs: FloatArray, seen: BoolArray, mean: FloatArray, variance: FloatArray) -> _State:
    counts = seen.sum(axis=0)
    shifted = np.where(seen, np.where(seen, logs, 0.0) + mean[:, None], 0.0)
    intensity = shifted.sum(axis=0) / counts
    squares = np.where(seen, (shifted - intensity) ** 2 + variance[:, None], 0.0).sum(axis=0)
    timed = seen.any(axis=1)
    spread = float(np.sqrt(np.mean(mean[timed] ** 2 + variance[timed])))
    return _State(intensity, 1 / np.sqrt(squares / counts), spread)


def _report(
    logs: FloatArray,
    seen: BoolArray,
    state: _State,
    mean: FloatArray,
    variance: FloatArray,
    end: tuple[float, bool],
) -> ResponseTimes:
    deviation = logs - (state.intensity - mean[:, None])
    errors = _errors(np.where(seen, deviation, 0.0), seen, state, mean, variance)
    n = len(state.intensity)
    return ResponseTimes(
        intensity=state.intensity,
        intensity_se=errors[:n],
        precision=state.precision,
        precision_se=errors[n : 2 * n] * state.precision,
        speed=mean,
        speed_sd=np.sqrt(variance),
        speed_spread=state.spread,
        residuals=deviation * state.precision,
        log_likelihood=end[0],
        converged=end[1],
    )


def _errors(
    deviation: FloatArray, seen: BoolArray, state: _State, mean: FloatArray, variance: FloatArray
) -> FloatArray:
    """From the outer products of each person's score in intensity, log precision and log spread."""
    precision = state.precision**2
    squares = deviation**2 + variance[:, None]
    scores = np.concatenate(
        [
            precision * deviation,
            np.where(seen, 1 - precision * squares, 0.0),
            ((mean**2 + variance) / state.spread**2 - 1)[:, None],
        ],
        axis=1,
    )
    covariance = np.linalg.pinv(scores.T @ scores, hermitian=True)
    return np.asarray(np.sqrt(np.diag(covariance)), dtype=np.float64)
