"""Counts of errors: the exact conditional ratio of two Poisson rates."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.research.statistics.samples import Interval


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
    """Exact and conditional on the total, R's ``poisson.test``."""
    raise NotImplementedError
