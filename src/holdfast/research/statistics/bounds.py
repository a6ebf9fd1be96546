"""What missing outcomes could hide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which limits the difference must lie.

    Attributes:
        low, high: of the difference, first minus second.
        interval: Imbens and Manski's (2004) interval for the difference itself; None for Lee's bounds and
            where a standard error does not exist.
        missing: of the first and the second arm. share_trimmed: Lee's; 0 for Manski's.
        trimmed_arm: 0 or 1, the arm that Lee's bounds trim; None otherwise.
    """

    method: Literal["manski", "lee"]
    low: float
    high: float
    interval: Interval | None
    missing: tuple[int, int]
    share_trimmed: float
    trimmed_arm: int | None


def manski(
    first: ArrayLike, second: ArrayLike, lowest: float = 0.0, highest: float = 100.0, level: float = 0.95
) -> Bounds:
    """Worst cases: every missing outcome at either end of the scale."""
    raise NotImplementedError


def lee(first: ArrayLike, second: ArrayLike) -> Bounds:
    """Lee (2009): the arm with fewer missing is trimmed at either end to the same share."""
    raise NotImplementedError
