"""Two arms of numbers: what counts as a value, what is enough to say anything, and what an interval is.

Everywhere in this package ``first`` and ``second`` are the values of the two arms, one number for each
student, NaN where the outcome is missing; every difference is first minus second. Values that are
missing are left out of a test and counted in the description. Infinite values are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.research.statistics.meaningless import Meaningless

Values: TypeAlias = NDArray[np.float64]

FEWEST_TESTED = 5
"""An arm with fewer values is described, not tested."""

SMALLEST_P = float(np.finfo(np.float64).tiny)
"""A p value below the smallest normal number is given as that number: p is never 0."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence (or other) interval.

    Attributes:
        low, high: the limits; None where there is no bound on that side.
        level: the coverage it aims at, 0 to 1.
    """

    low: float | None
    high: float | None
    level: float

    def contains(self, value: float) -> bool:
        """Whether a value lies within, limits included."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Difference:
    """A tested difference of two arms, the first less the second, whatever the method.

    Attributes:
        n: values of the first and the second arm that are in it.
        difference: in the outcome's unit, with its standard error and interval.
        t, df, p: of the two-sided test that it is 0.
    """

    n: tuple[int, int]
    difference: float
    standard_error: float
    t: float
    df: float
    p: float
    interval: Interval


def complete(values: ArrayLike) -> Values:
    """The values that are there, as a flat array of floats, in their order.

    Raises:
        Meaningless: a value is infinite.
    """
    array = np.asarray(values, dtype=np.float64).reshape(-1)
    array = array[~np.isnan(array)]
    if np.isinf(array).any():
        raise Meaningless("a value is infinite")
    return array


def two_arms(first: ArrayLike, second: ArrayLike, fewest: int = 2) -> tuple[Values, Values]:
    """Both arms without missing values.

    Raises:
        Meaningless: an arm has no values at all, or fewer than ``fewest``.
    """
    arms = complete(first), complete(second)
    if any(arm.size == 0 for arm in arms):
        raise Meaningless("only one arm has values" if any(a.size for a in arms) else "no arm has values")
    if min(arm.size for arm in arms) < fewest:
        raise Meaningless(f"an arm has fewer than {fewest} values")
    return arms


def varying_arms(first: ArrayLike, second: ArrayLike) -> tuple[Values, Values]:
    """Both arms, each with at least two values that differ.

    A spread that is rounding noise beside the values themselves is none (R's ``t.test`` says "data are
    essentially constant" by the same measure, for both arms together).

    Raises:
        Meaningless: fewer than two values in an arm, or an arm whose values are all the same.
    """
    arms = two_arms(first, second)
    if any(is_constant(arm) for arm in arms):
        both = all(is_constant(arm) for arm in arms)
        raise Meaningless(
            "the values within each arm are all the same" if both else "all values of an arm are the same"
        )
    return arms


def is_constant(values: Values) -> bool:
    """Whether the values differ by nothing but rounding, 10 units of the last place of the largest.

    Also when they differ by so little that a square of it is no number any more (below about 1e-154).
    """
    precision = np.finfo(np.float64)
    rounding = 10 * float(precision.eps) * float(np.max(np.abs(values)))
    return bool(np.ptp(values) <= max(rounding, float(np.sqrt(precision.tiny))))


def mean(values: Values) -> float:
    """The mean in two passes: what the first rounds away beside large values, the second brings back."""
    first = float(np.mean(values))
    return first + float(np.mean(values - first))


def only_described(first: ArrayLike, second: ArrayLike, fewest: int = FEWEST_TESTED) -> str | None:
    """Why two arms are described and not tested; None when both have enough values."""
    sizes = complete(first).size, complete(second).size
    if min(sizes) >= fewest:
        return None
    return f"an arm has {min(sizes)} values; fewer than {fewest} are described, not tested"


def probability(p: float) -> float:
    """A p value as it may be reported: above 0, at most 1."""
    if not np.isfinite(p):
        raise Meaningless("the test has no p value for these data")
    return float(min(max(p, SMALLEST_P), 1.0))


def checked_level(level: float) -> float:
    """The level of an interval, strictly between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise Meaningless(f"a level of {level} is not between 0 and 1")
    return level
