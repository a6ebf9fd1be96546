"""Whether the arms are as designed: sizes against the designed ratio, and who received what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Observed sizes against the designed ratio.

    Attributes:
        expected: students expected in each arm, in the same order as ``observed``.
        mismatch: p is below ``threshold``.
    """

    method: Literal["exact_binomial", "exact_multinomial", "chi_squared"]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    p: float
    threshold: float
    mismatch: bool


@dataclass(frozen=True, slots=True)
class Contamination:
    """Who received what the arm was meant to have.

    Attributes:
        first_without: students of the first arm who did not receive it; second_with: of the second who did.
        unknown: students of whom it is not known.
        clean: nobody crossed.
    """

    first_n: int
    second_n: int
    first_without: int
    second_with: int
    unknown: int
    clean: bool


def sample_ratio(
    observed: tuple[int, ...], designed: tuple[float, ...], threshold: float = 0.001
) -> SampleRatio:
    """Test the sizes of the arms against the ratio of the design."""
    raise NotImplementedError


def contamination(in_first: ArrayLike, received: ArrayLike) -> Contamination:
    """Count who crossed; ``received`` is 1, 0 or NaN (unknown) for each student."""
    raise NotImplementedError
