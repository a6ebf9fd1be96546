"""The exact null distribution of Mann-Whitney's U without ties."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from holdfast.research.statistics.samples import Values


@lru_cache(maxsize=64)
def u_distribution(m: int, n: int) -> Values:
    """P(U <= u) for u = 0 ... m n.

    Exact whole numbers: coefficients of the Gaussian binomial, the product of (1 - q^(n + i)) / (1 - q^i).
    """
    m, n = min(m, n), max(m, n)
    size = m * n + 1
    ways = np.zeros(size, dtype=object)
    ways[0] = 1
    for i in range(1, m + 1):
        if n + i < size:
            ways[n + i :] = ways[n + i :] - ways[: size - n - i]
        padded = np.zeros(-(-size // i) * i, dtype=object)
        padded[:size] = ways
        ways = np.cumsum(padded.reshape(-1, i), axis=0).reshape(-1)[:size]
    below = np.cumsum(ways)
    total = int(below[-1])
    distribution = np.array([int(b) / total for b in below])
    distribution.flags.writeable = False
    return distribution


def u_p_value(u: float, m: int, n: int) -> float:
    """Two-sided: twice the smaller tail, at most 1."""
    cumulative = u_distribution(m, n)
    smaller = int(min(u, m * n - u))
    return min(1.0, 2 * float(cumulative[smaller]))


def u_quantile(p: float, m: int, n: int) -> int:
    """The smallest u with P(U <= u) >= p (R's ``qwilcox`` allows the same rounding)."""
    fuzz = 10 * np.finfo(np.float64).eps
    return int(np.searchsorted(u_distribution(m, n), p - fuzz, side="left"))
