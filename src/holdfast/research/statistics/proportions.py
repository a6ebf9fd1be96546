"""The difference of two proportions."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.research.statistics.samples import Interval


@dataclass(frozen=True, slots=True)
class RiskDifference:
    """First proportion minus second with Miettinen and Nurminen's interval and score test.

    Attributes:
        interval: None bounds never occur; within -1 to 1.
        z, p: score test of no difference; z is 0 and p 1 when nobody or everybody had the event.
    """

    events: tuple[int, int]
    n: tuple[int, int]
    proportions: tuple[float, float]
    difference: float
    z: float
    p: float
    interval: Interval


def risk_difference(events: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> RiskDifference:
    """Miettinen and Nurminen (1985)."""
    raise NotImplementedError
