"""Rank tests: Mann-Whitney with its effect sizes, Brunner-Munzel, Hodges-Lehmann shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval


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
    """Mann-Whitney's U as R's ``wilcox.test``: exact when both n < 50 and no ties, else normal, corrected."""
    raise NotImplementedError


def brunner_munzel(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> RankTest:
    """Brunner and Munzel (2000), t approximation."""
    raise NotImplementedError


def hodges_lehmann(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Shift:
    """The shift and its interval, by selection among the pairwise differences without forming them."""
    raise NotImplementedError
