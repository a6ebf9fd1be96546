"""What the data look like beside the assumptions of a t test: reported, never a gate."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class ArmDiagnostics:
    """One arm.

    Attributes:
        shapiro_w, shapiro_p: Shapiro and Wilk's; None below 3 or above 5,000 values or when constant.
        at_ceiling, at_floor: share of values at the ends of the scale, 0 to 1.
    """

    n: int
    shapiro_w: float | None
    shapiro_p: float | None
    at_ceiling: float
    at_floor: float
    skew: float | None


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Both arms, and Brown and Forsythe's test of equal spread (None where it does not exist)."""

    arms: tuple[ArmDiagnostics, ArmDiagnostics]
    brown_forsythe_f: float | None
    brown_forsythe_p: float | None
    sd_ratio: float | None


def diagnose(first: ArrayLike, second: ArrayLike, lowest: float = 0.0, highest: float = 100.0) -> Diagnostics:
    """Describe how far the data are from what a t test assumes; nothing depends on the answer."""
    raise NotImplementedError
