"""Power, sample size and the smallest difference that can be detected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from scipy import optimize, special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.noncentral import noncentral_t_probability

_MOST_STUDENTS = 10_000_000


@dataclass(frozen=True, slots=True)
class Power:
    """A plan: any one of its numbers solved from the others.

    Attributes:
        n: students in the first and the second arm.
        effect: for means the standardised difference (over ``sds``'s root mean square), for proportions
            the first proportion minus the second.
    """

    outcome: Literal["means", "proportions"]
    n: tuple[int, int]
    effect: float
    alpha: float
    power: float


def power_of_means(n: tuple[int, int], effect: float, alpha: float = 0.05, sd_ratio: float = 1.0) -> Power:
    """Power of the two-sided t test, both tails counted (R's ``pwr.t2n.test``).

    With ``sd_ratio`` (first over second) other than 1 it is Welch's: its degrees of freedom at the true
    standard deviations; the effect is then over the root mean square of both.

    Raises:
        Meaningless: an arm below 2 students, or alpha or ``sd_ratio`` out of range.
    """
    _check(alpha, n)
    return Power("means", n, effect, alpha, _means_power(n, effect, alpha, sd_ratio))


def detectable_effect(
    n: tuple[int, int], power: float = 0.8, alpha: float = 0.05, sd_ratio: float = 1.0
) -> Power:
    """The smallest standardised difference that these arms detect with this power.

    Raises:
        Meaningless: an arm below 2 students, or a power that is not above alpha and below 1.
    """
    _check(alpha, n, power)
    top = 1.0
    while _means_power(n, top, alpha, sd_ratio) < power:
        top *= 2
    effect = optimize.brentq(lambda d: _means_power(n, d, alpha, sd_ratio) - power, 0.0, top, xtol=1e-12)
    return Power("means", n, float(effect), alpha, power)


def sample_size_of_means(
    effect: float, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0, sd_ratio: float = 1.0
) -> Power:
    """The fewest students; ``ratio`` is second arm to first. The power told is the one that is reached.

    Raises:
        Meaningless: an effect of 0, numbers out of range, or more than ten million students.
    """
    _check(alpha, (2, 2), power)
    return _smallest("means", effect, alpha, power, ratio, lambda n: _means_power(n, effect, alpha, sd_ratio))


def power_of_proportions(n: tuple[int, int], proportions: tuple[float, float], alpha: float = 0.05) -> Power:
    """Power of the two-sided test of two proportions (normal approximation, R's ``power.prop.test``).

    Raises:
        Meaningless: an arm below 2 students, or a proportion that is not strictly between 0 and 1.
    """
    _check(alpha, n)
    reached = _proportions_power(n, _checked_proportions(proportions), alpha)
    return Power("proportions", n, proportions[0] - proportions[1], alpha, reached)


def detectable_proportion(
    n: tuple[int, int], second: float, power: float = 0.8, alpha: float = 0.05
) -> Power:
    """The smallest rise of the first proportion above ``second`` that is detected with this power.

    Raises:
        Meaningless: numbers out of range, or no rise is large enough.
    """
    _check(alpha, n, power)
    _checked_proportions((second, second))
    top = 1 - 1e-9 - second
    if top <= 0 or _proportions_power(n, (second + top, second), alpha) < power:
        raise Meaningless("with so few students no rise of the proportion is detected with this power")
    rise = optimize.brentq(
        lambda d: _proportions_power(n, (second + d, second), alpha) - power, 0.0, top, xtol=1e-12
    )
    return Power("proportions", n, float(rise), alpha, power)


def sample_size_of_proportions(
    proportions: tuple[float, float], power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> Power:
    """The fewest students for two proportions; ``ratio`` is second arm to first.

    Raises:
        Meaningless: equal proportions, numbers out of range, or more than ten million students.
    """
    _check(alpha, (2, 2), power)
    first, second = _checked_proportions(proportions)
    return _smallest(
        "proportions",
        first - second,
        alpha,
        power,
        ratio,
        lambda n: _proportions_power(n, (first, second), alpha),
    )


def _means_power(n: tuple[int, int], effect: float, alpha: float, sd_ratio: float) -> float:
    if not (np.isfinite(sd_ratio) and sd_ratio > 0):
        raise Meaningless("the ratio of the standard deviations must be above 0")
    second = 2 / (1 + sd_ratio**2)
    shares = second * sd_ratio**2 / n[0], second / n[1]
    df = float(n[0] + n[1] - 2)
    if sd_ratio != 1:
        df = sum(shares) ** 2 / (shares[0] ** 2 / (n[0] - 1) + shares[1] ** 2 / (n[1] - 1))
    quantile = float(special.stdtrit(df, 1 - alpha / 2))
    beyond = noncentral_t_probability(
        [-quantile, -quantile], df, np.array([effect, -effect]) / np.sqrt(sum(shares))
    )
    return min(1.0, float(np.sum(beyond)))


def _proportions_power(n: tuple[int, int], proportions: tuple[float, float], alpha: float) -> float:
    first, second = proportions
    pooled = (n[0] * first + n[1] * second) / (n[0] + n[1])
    under_null = np.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    under_effect = np.sqrt(first * (1 - first) / n[0] + second * (1 - second) / n[1])
    return float(special.ndtr((abs(first - second) + special.ndtri(alpha / 2) * under_null) / under_effect))


def _smallest(
    outcome: Literal["means", "proportions"],
    effect: float,
    alpha: float,
    power: float,
    ratio: float,
    reached: Callable[[tuple[int, int]], float],
) -> Power:
    if not np.isfinite(effect) or effect == 0:
        raise Meaningless("no number of students detects a difference of 0")
    if not (np.isfinite(ratio) and ratio > 0):
        raise Meaningless("the ratio of the arms must be above 0")

    def arms(first: int) -> tuple[int, int]:
        return first, max(2, ceil(ratio * first - 1e-9))

    high = 2
    while reached(arms(high)) < power:
        high *= 2
        if high > _MOST_STUDENTS:
            raise Meaningless("more than ten million students would be needed")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(arms(middle)) >= power else (middle, high)
    n = arms(max(high, 2))
    return Power(outcome, n, effect, alpha, reached(n))


def _check(alpha: float, n: tuple[int, int], power: float | None = None) -> None:
    if not 0 < alpha < 1:
        raise Meaningless("alpha must be between 0 and 1")
    if min(n) < 2:
        raise Meaningless("an arm needs at least 2 students")
    if power is not None and not alpha < power < 1:
        raise Meaningless("the power must be above alpha and below 1")


def _checked_proportions(proportions: tuple[float, float]) -> tuple[float, float]:
    if not all(0 < p < 1 for p in proportions):
        raise Meaningless("a proportion must be strictly between 0 and 1")
    return proportions
