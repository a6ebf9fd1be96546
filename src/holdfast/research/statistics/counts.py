"""Counts of errors: the exact conditional ratio of two Poisson rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Interval, checked_level, probability


@dataclass(frozen=True, slots=True)
class RateRatio:
    """The rate of the first arm over the rate of the second.

    Attributes:
        counts, exposures: of both arms (exposure: completed scenarios, students, hours).
        rates: count / exposure. ratio: None when the second arm has no event.
        interval: an unbounded side is None (high when the second arm has no event).
        note: said plainly when an arm has no event; empty otherwise.
    """

    counts: tuple[int, int]
    exposures: tuple[float, float]
    rates: tuple[float, float]
    ratio: float | None
    p: float
    interval: Interval
    note: str


def rate_ratio(counts: tuple[int, int], exposures: tuple[float, float], level: float = 0.95) -> RateRatio:
    """Exact and conditional on the total: given both, the first count is binomial (R's ``poisson.test``).

    The interval is Clopper and Pearson's, (1 - level) / 2 in each tail, carried over to the ratio; with no
    event in one arm only one of its sides exists.

    Raises:
        Meaningless: no event in either arm, an exposure that is not above 0, or a count below 0.
    """
    tail = (1 - checked_level(level)) / 2
    first, second = counts
    if not all(np.isfinite(e) and e > 0 for e in exposures):
        raise Meaningless("an exposure is not above 0")
    if min(counts) < 0:
        raise Meaningless("a count is below 0")
    if first + second == 0:
        raise Meaningless("neither arm has an event, so that there is no ratio of rates")
    p = stats.binomtest(first, first + second, exposures[0] / (exposures[0] + exposures[1])).pvalue
    scale = exposures[1] / exposures[0]
    low, high = odds_limits(first, second, tail)
    return RateRatio(
        counts=(first, second),
        exposures=exposures,
        rates=(first / exposures[0], second / exposures[1]),
        ratio=first / second * scale if second else None,
        p=probability(float(p)),
        interval=Interval(low * scale, high * scale if second else None, level),
        note=_note(first, second),
    )


def odds_limits(first: int, second: int, tail: float) -> tuple[float, float]:
    """Clopper and Pearson's limits of the odds of the first arm; infinite above if the second has none."""
    low = 0.0
    if first:
        below = float(special.betaincinv(first, second + 1, tail))
        low = below / float(special.betaincinv(second + 1, first, 1 - tail))
    if not second:
        return low, float("inf")
    above = float(special.betaincinv(first + 1, second, 1 - tail))
    return low, above / float(special.betaincinv(second, first + 1, tail))


def _note(first: int, second: int) -> str:
    if first == 0:
        return "the first arm has no event: the interval is bounded above only"
    if second == 0:
        return "the second arm has no event: there is no estimate, and the interval is bounded below only"
    return ""
