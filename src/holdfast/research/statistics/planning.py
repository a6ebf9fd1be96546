"""Power, sample size and the smallest difference that can be detected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
    """Power of the two-sided t test (Welch's degrees of freedom where ``sd_ratio`` (first / second) is not 1)."""
    raise NotImplementedError


def detectable_effect(
    n: tuple[int, int], power: float = 0.8, alpha: float = 0.05, sd_ratio: float = 1.0
) -> Power:
    """The smallest standardised difference that these arms detect with this power."""
    raise NotImplementedError


def sample_size_of_means(
    effect: float, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0, sd_ratio: float = 1.0
) -> Power:
    """The fewest students; ``ratio`` is second arm to first."""
    raise NotImplementedError


def power_of_proportions(n: tuple[int, int], proportions: tuple[float, float], alpha: float = 0.05) -> Power:
    """Power of the two-sided test of two proportions (normal approximation, R's ``power.prop.test``)."""
    raise NotImplementedError


def detectable_proportion(
    n: tuple[int, int], second: float, power: float = 0.8, alpha: float = 0.05
) -> Power:
    """The smallest rise of the first proportion above ``second`` that is detected with this power."""
    raise NotImplementedError


def sample_size_of_proportions(
    proportions: tuple[float, float], power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> Power:
    """The fewest students for two proportions; ``ratio`` is second arm to first."""
    raise NotImplementedError
