"""What an arm looks like: counts, moments and quartiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import complete, is_constant, mean


@dataclass(frozen=True, slots=True)
class Description:
    """One arm and one outcome. None where the number does not exist (no value, or too few).

    Attributes:
        n: values that are there; missing: values that are not.
        sd: with n - 1; None below 2 values.
        quartile_1, median, quartile_3: linear interpolation of order statistics, R's type 7.
        skew: adjusted Fisher-Pearson coefficient, G1 (type 2 of e1071, what SPSS and Excel print);
            None below 3 values or when all are the same.
    """

    n: int
    missing: int
    mean: float | None
    sd: float | None
    minimum: float | None
    quartile_1: float | None
    median: float | None
    quartile_3: float | None
    maximum: float | None
    skew: float | None

    @property
    def iqr(self) -> float | None:
        """The distance between the quartiles."""
        if self.quartile_1 is None or self.quartile_3 is None:
            return None
        return self.quartile_3 - self.quartile_1


def describe(values: ArrayLike) -> Description:
    """Describe one arm; NaN is missing. Never refuses but for infinite values."""
    there = complete(values)
    n = there.size
    missing = np.asarray(values, dtype=np.float64).size - n
    if n == 0:
        return Description(0, missing, *[None] * 8)
    low, q1, median, q3, high = (float(q) for q in np.quantile(there, [0, 0.25, 0.5, 0.75, 1]))
    sd = float(np.std(there, ddof=1)) if n > 1 else None
    return Description(n, missing, mean(there), sd, low, q1, median, q3, high, skewness(there))


def skewness(values: ArrayLike) -> float | None:
    """G1 = sqrt(n (n - 1)) / (n - 2) * m3 / m2^1.5 (Joanes and Gill 1998); None where there is none."""
    there = complete(values)
    n = there.size
    if n < 3 or is_constant(there):
        return None
    z = there - mean(there)
    z = z - np.mean(z)
    z = z / np.max(np.abs(z))
    g1 = float(np.mean(z**3) / np.mean(z**2) ** 1.5)
    return g1 * float(np.sqrt(n * (n - 1))) / (n - 2)


@dataclass(frozen=True, slots=True)
class ArmAttrition:
    """Who was lost from one arm.

    Attributes:
        allocated, observed, lost: students; ``share_lost`` of those allocated, 0 to 1 (None of none).
    """

    arm: str
    allocated: int
    observed: int
    lost: int
    share_lost: float | None


def attrition(allocated: dict[str, int], observed: dict[str, int]) -> tuple[ArmAttrition, ...]:
    """The attrition table: one row for each arm, in the order of ``allocated``.

    Raises:
        Meaningless: an arm has more observed than allocated, or is unknown to ``allocated``.
    """
    if unknown := set(observed) - set(allocated):
        raise Meaningless(f"nobody was allocated to {', '.join(sorted(unknown))}")
    rows = []
    for arm, n in allocated.items():
        seen = observed.get(arm, 0)
        if not 0 <= seen <= n:
            raise Meaningless(f"arm {arm}: {seen} observed of {n} allocated")
        rows.append(ArmAttrition(arm, n, seen, n - seen, (n - seen) / n if n else None))
    return tuple(rows)
