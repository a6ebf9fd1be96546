"""What missing outcomes could hide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Interval, Values, checked_level, complete


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which limits the difference must lie.

    Attributes:
        low, high: of the difference, first minus second.
        interval: Imbens and Manski's (2004) interval for the difference itself; None for Lee's bounds and
            where a standard error does not exist.
        missing: of the first and the second arm. share_trimmed: Lee's; 0 for Manski's.
        trimmed_arm: 0 or 1, the arm that Lee's bounds trim; None otherwise.
    """

    method: Literal["manski", "lee"]
    low: float
    high: float
    interval: Interval | None
    missing: tuple[int, int]
    share_trimmed: float
    trimmed_arm: int | None


def manski(
    first: ArrayLike, second: ArrayLike, lowest: float = 0.0, highest: float = 100.0, level: float = 0.95
) -> Bounds:
    """Worst cases: every missing outcome at either end of the scale (Horowitz and Manski 2000).

    Raises:
        Meaningless: an arm without students, a value outside the scale, or a scale without length.
    """
    checked_level(level)
    arms = [np.asarray(arm, dtype=np.float64).reshape(-1) for arm in (first, second)]
    if not lowest < highest:
        raise Meaningless("the scale has no length")
    for arm in arms:
        there = complete(arm)
        if arm.size == 0:
            raise Meaningless("an arm has no students")
        if there.size and (there.min() < lowest or there.max() > highest):
            raise Meaningless(f"a value is outside the scale of {lowest:g} to {highest:g}")
    worst = [_filled(arms[0], lowest), _filled(arms[1], highest)]
    best = [_filled(arms[0], highest), _filled(arms[1], lowest)]
    low, high = (float(np.mean(a) - np.mean(b)) for a, b in (worst, best))
    missing = int(np.isnan(arms[0]).sum()), int(np.isnan(arms[1]).sum())
    interval = _imbens_manski(low, high, (_error(worst), _error(best)), level)
    return Bounds("manski", low, high, interval, missing, 0.0, None)


def lee(first: ArrayLike, second: ArrayLike) -> Bounds:
    """Lee (2009): the arm with fewer missing is trimmed, at the top or the bottom, to the other's share.

    They assume that the arm changes whether an outcome is missing in one direction only. The trimmed share
    is taken exactly: the value at the cut counts in part.

    Raises:
        Meaningless: an arm without any outcome.
    """
    arms = [np.asarray(arm, dtype=np.float64).reshape(-1) for arm in (first, second)]
    there = [complete(arm) for arm in arms]
    if min(t.size for t in there) == 0:
        raise Meaningless("an arm has no outcome")
    shares = [t.size / a.size for t, a in zip(there, arms, strict=True)]
    missing = arms[0].size - there[0].size, arms[1].size - there[1].size
    means = [float(np.mean(t)) for t in there]
    if shares[0] == shares[1]:
        difference = means[0] - means[1]
        return Bounds("lee", difference, difference, None, missing, 0.0, None)
    arm = 0 if shares[0] > shares[1] else 1
    kept = shares[1 - arm] / shares[arm]
    bottom, top = _mean_of_lowest(there[arm], kept), -_mean_of_lowest(-there[arm], kept)
    low, high = (bottom - means[1], top - means[1]) if arm == 0 else (means[0] - top, means[0] - bottom)
    return Bounds("lee", low, high, None, missing, 1 - kept, arm)


def _mean_of_lowest(values: Values, share: float) -> float:
    ordered = np.sort(values)
    weights = np.clip(share * ordered.size - np.arange(ordered.size), 0, 1)
    return float(np.average(ordered, weights=weights))


def _filled(values: Values, value: float) -> Values:
    return np.where(np.isnan(values), value, values)


def _error(arms: list[Values]) -> float:
    if min(arm.size for arm in arms) < 2:
        return 0.0
    return float(np.sqrt(sum(np.var(arm, ddof=1) / arm.size for arm in arms)))


def _imbens_manski(low: float, high: float, errors: tuple[float, float], level: float) -> Interval | None:
    """Covers the difference itself, not the whole range between the bounds, with the given probability."""
    if min(errors) == 0:
        return None
    width = (high - low) / max(errors)
    largest = float(special.ndtri((1 + level) / 2))
    quantile = optimize.brentq(
        lambda c: special.ndtr(c + width) - special.ndtr(-c) - level, 0.0, largest + 1e-9, xtol=1e-14
    )
    return Interval(low - quantile * errors[0], high + quantile * errors[1], level)
