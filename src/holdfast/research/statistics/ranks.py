"""Rank tests: Mann-Whitney with its effect sizes, Brunner-Munzel, Hodges-Lehmann shift.

Decisions (exact or not, continuity correction, which interval) are those of R's ``wilcox.test``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import t_interval, t_probability
from holdfast.research.statistics.pairwise import PairwiseDifferences
from holdfast.research.statistics.rank_sums import u_distribution, u_p_value, u_quantile
from holdfast.research.statistics.samples import (
    Interval,
    Values,
    checked_level,
    is_constant,
    probability,
    two_arms,
)
from holdfast.research.statistics.shift_root import ShiftStatistic, tied_sigma

EXACT_BELOW = 50
"""Without ties and with both arms below this many values the exact distribution is used (as in R)."""


@dataclass(frozen=True, slots=True)
class RankTest:
    """A two-sided rank test.

    Attributes:
        statistic: R's W (pairs in which the first is greater, ties half) or Brunner-Munzel's t.
        exact: the p value is of the exact distribution, not of an approximation.
        df: of Brunner-Munzel's t; None otherwise.
        superiority: P(first > second) + P(equal) / 2, the common-language effect size, 0 to 1.
        rank_biserial: 2 * superiority - 1.
        superiority_interval: Brunner-Munzel's interval; None for Mann-Whitney.
    """

    method: Literal["mann_whitney", "brunner_munzel"]
    n: tuple[int, int]
    statistic: float
    df: float | None
    p: float
    exact: bool
    superiority: float
    rank_biserial: float
    superiority_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Shift:
    """Hodges-Lehmann's estimate of the shift between two arms.

    Attributes:
        estimate: as R's ``wilcox.test(conf.int=TRUE)`` gives it.
        median_difference: the median of all pairwise differences (the same in the exact case).
        interval: level is the one asked for; ``achieved_level`` what the exact distribution gives
            (None for the approximation).
    """

    estimate: float
    median_difference: float
    interval: Interval
    achieved_level: float | None
    exact: bool


def mann_whitney(first: ArrayLike, second: ArrayLike) -> RankTest:
    """Mann-Whitney's U as R's ``wilcox.test``: exact when both n < 50 and no ties, else normal, corrected.

    Raises:
        Meaningless: an arm has fewer than two values, or all values of both arms are the same.
    """
    x, y = _rankable(first, second)
    ranks = stats.rankdata(np.concatenate([x, y]))
    u = float(np.sum(ranks[: x.size])) - x.size * (x.size + 1) / 2
    exact = _is_exact(x, y)
    p = u_p_value(u, x.size, y.size) if exact else _normal_p(u, x, y)
    superiority = u / (x.size * y.size)
    return RankTest(
        method="mann_whitney",
        n=(x.size, y.size),
        statistic=u,
        df=None,
        p=probability(p),
        exact=exact,
        superiority=superiority,
        rank_biserial=2 * superiority - 1,
        superiority_interval=None,
    )


def brunner_munzel(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> RankTest:
    """Brunner and Munzel (2000), t approximation; the sign is that of superiority - 1/2.

    Raises:
        Meaningless: an arm has fewer than two values, all values are the same, or the arms do not overlap
            (the variance of the placements is 0).
    """
    x, y = _rankable(first, second)
    both = stats.rankdata(np.concatenate([x, y]))
    place_x = both[: x.size] - stats.rankdata(x)
    place_y = both[x.size :] - stats.rankdata(y)
    share_x = float(np.var(place_x, ddof=1)) / x.size / y.size**2
    share_y = float(np.var(place_y, ddof=1)) / y.size / x.size**2
    if share_x + share_y == 0:
        raise Meaningless("the ranks of the arms have no variance (no overlap, or nothing but ties)")
    superiority = float(np.mean(place_x)) / y.size
    error = float(np.sqrt(share_x + share_y))
    weight = share_x / (share_x + share_y)
    df = 1 / (weight**2 / (x.size - 1) + (1 - weight) ** 2 / (y.size - 1))
    t = (superiority - 0.5) / error
    return RankTest(
        method="brunner_munzel",
        n=(x.size, y.size),
        statistic=t,
        df=df,
        p=t_probability(t, df),
        exact=False,
        superiority=superiority,
        rank_biserial=2 * superiority - 1,
        superiority_interval=_within_unit(t_interval(superiority, error, df, level)),
    )


def hodges_lehmann(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Shift:
    """The shift and its interval, by selection among the pairwise differences without forming them.

    Exact (both n < 50, no ties): the median difference and two order statistics. Otherwise R looks for the
    shift at which the corrected normal statistic meets its quantile. Between two neighbouring differences
    that statistic does not change, so that each limit is itself a difference: the one R's search approaches
    as its tolerance goes to 0, found here by its rank. The estimate is where the uncorrected statistic is 0;
    where that is a whole gap between two differences, it is the point R's search (Brent) meets first, and
    ``median_difference`` is the middle of the gap.

    Raises:
        Meaningless: an arm has fewer than two values, or both arms are constant.
    """
    checked_level(level)
    x, y = two_arms(first, second)
    if is_constant(x) and is_constant(y):
        raise Meaningless("the values within each arm are all the same")
    differences = PairwiseDifferences(x, y)
    middle = differences.median()
    if _is_exact(x, y):
        interval, achieved = _exact_limits(differences, x.size, y.size, level)
        return Shift(middle, middle, interval, achieved, exact=True)
    statistic = ShiftStatistic(x, y)
    quantile = float(special.ndtri((1 + level) / 2))
    low = statistic.low_rank(quantile)
    interval = Interval(differences.at(low), differences.at(differences.size - 1 - low), level)
    return Shift(statistic.zero(differences), middle, interval, None, exact=False)


def _exact_limits(differences: PairwiseDifferences, m: int, n: int, level: float) -> tuple[Interval, float]:
    rank = max(u_quantile((1 - level) / 2, m, n), 1)
    achieved = 1 - 2 * float(u_distribution(m, n)[rank - 1])
    return Interval(differences.at(rank - 1), differences.at(m * n - rank), level), achieved


def _rankable(first: ArrayLike, second: ArrayLike) -> tuple[Values, Values]:
    x, y = two_arms(first, second)
    if np.ptp(np.concatenate([x, y])) == 0:
        raise Meaningless("all values of both arms are the same")
    return x, y


def _is_exact(x: Values, y: Values) -> bool:
    if max(x.size, y.size) >= EXACT_BELOW:
        return False
    return np.unique(np.concatenate([x, y])).size == x.size + y.size


def _normal_p(u: float, x: Values, y: Values) -> float:
    """Normal approximation with the variance corrected for ties and a continuity correction of 1/2."""
    distance = u - x.size * y.size / 2
    z = (distance - np.sign(distance) / 2) / tied_sigma(np.concatenate([x, y]), x.size)
    return min(1.0, 2 * float(special.ndtr(-abs(z))))


def _within_unit(interval: Interval) -> Interval:
    return Interval(max(0.0, interval.low or 0.0), min(1.0, interval.high or 0.0), interval.level)
