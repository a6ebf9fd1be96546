"""Many tests at once: p-values that keep the false discovery rate (Benjamini and Hochberg 1995)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def adjusted(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjusted p-values in the given order; NaN (not tested) stays NaN and does not count."""
    p = np.asarray(p_values, dtype=np.float64)
    found = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested])[::-1]]
    ranks = np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.minimum.accumulate(p[order] * len(order) / np.maximum(ranks, 1)), 1.0)
    return found
