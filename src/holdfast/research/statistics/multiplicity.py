"""Several outcomes of one family: adjusted p values, and intervals that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One outcome of a family, in the order given.

    Attributes:
        p, adjusted_p: raw and adjusted. rejected: adjusted_p <= alpha.
        interval_level: the level at which this outcome's interval is to be computed anew:
            Holm: 1 - alpha / k for all (Bonferroni, simultaneous); Benjamini-Hochberg: 1 - R alpha / k with
            R rejections (Benjamini and Yekutieli 2005, false coverage rate).
    """

    method: Literal["holm", "benjamini_hochberg"]
    p: float
    adjusted_p: float
    rejected: bool
    interval_level: float


def holm(p_values: ArrayLike, alpha: float = 0.05) -> tuple[Adjusted, ...]:
    """Holm (1979)."""
    raise NotImplementedError


def benjamini_hochberg(p_values: ArrayLike, alpha: float = 0.05) -> tuple[Adjusted, ...]:
    """Benjamini and Hochberg (1995)."""
    raise NotImplementedError
