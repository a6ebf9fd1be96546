"""Numbers that only a figure needs: intervals of a mean or a share for drawing, and the choice of points.

What a report states as a result is computed in ``statistics``; these give the whiskers of figures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from holdfast.kit.randomness import stream

Values = NDArray[np.float64]

POINTS = 300
"""Points of one arm that a figure draws at most: more would be a blot, and slow to print."""


def mean_interval(values: Values, level: float = 0.95) -> tuple[float, float, float] | None:
    """Mean and its t interval; None for fewer than three values, whose interval would fill the page."""
    if len(values) < 3:
        return None
    mean = float(values.mean())
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def share_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float, float]:
    """A share and its Wilson interval (1927), in percent."""
    z = float(stats.norm.ppf((1 + level) / 2))
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return 100 * share, 100 * max(middle - half, 0.0), 100 * min(middle + half, 1.0)


def chosen(n: int, most: int = POINTS, purpose: str = "points of a figure") -> list[int]:
    """Which of n rows are drawn, in order: all, or so many by a fixed draw."""
    if n <= most:
        return list(range(n))
    return sorted(stream(0, purpose).sample(range(n), most))


def jitter(n: int, width: float, purpose: str) -> Values:
    """Displacements within +/- width that are the same each time."""
    draws = stream(0, purpose)
    return np.array([draws.uniform(-width, width) for _ in range(n)])


def density(values: Values, grid: Values) -> Values | None:
    """A Gaussian kernel density (Silverman's bandwidth); None for fewer than 5 values or no spread.

    Above 5,000 values a fixed draw of them is used: the curve does not change visibly.
    """
    if len(values) < 5 or float(np.ptp(values)) == 0.0:
        return None
    some = values[chosen(len(values), 5000, "density")]
    if float(np.ptp(some)) == 0.0:
        return None
    kernel = stats.gaussian_kde(some, bw_method="silverman")
    return np.asarray(kernel(grid), dtype=np.float64)
