"""What the data look like beside the assumptions of a t test: reported, never a gate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from holdfast.research.statistics.description import skewness
from holdfast.research.statistics.samples import Values, complete, is_constant

_SHAPIRO_SIZES = range(3, 5001)


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
    """Describe how far the data are from what a t test assumes; nothing depends on the answer.

    A test chosen by such a look is worse than either test chosen beforehand (Zimmerman 2004; Delacre,
    Lakens and Leys 2017).

    Raises:
        Meaningless: a value is infinite.
    """
    x, y = complete(first), complete(second)
    f, p = _brown_forsythe(x, y)
    ratio = None
    if min(x.size, y.size) > 1 and not is_constant(y):
        ratio = float(np.std(x, ddof=1) / np.std(y, ddof=1))
    return Diagnostics((_arm(x, lowest, highest), _arm(y, lowest, highest)), f, p, ratio)


def _arm(values: Values, lowest: float, highest: float) -> ArmDiagnostics:
    w = p = None
    if values.size in _SHAPIRO_SIZES and not is_constant(values):
        found = stats.shapiro((values - np.median(values)) / np.ptp(values))
        w, p = float(found.statistic), float(found.pvalue)
    return ArmDiagnostics(
        n=values.size,
        shapiro_w=w,
        shapiro_p=p,
        at_ceiling=float(np.mean(values >= highest)) if values.size else 0.0,
        at_floor=float(np.mean(values <= lowest)) if values.size else 0.0,
        skew=skewness(values),
    )


def _brown_forsythe(x: Values, y: Values) -> tuple[float | None, float | None]:
    """F of the distances from each arm's median (Brown and Forsythe 1974)."""
    if min(x.size, y.size) < 2:
        return None, None
    a, b = np.abs(x - np.median(x)), np.abs(y - np.median(y))
    df = x.size + y.size - 2
    within = float(np.sum((a - np.mean(a)) ** 2) + np.sum((b - np.mean(b)) ** 2)) / df
    scale = max(float(np.max(a)), float(np.max(b)))
    if within <= (1e-15 * scale) ** 2:
        return None, None
    f = float((np.mean(a) - np.mean(b)) ** 2 / (1 / x.size + 1 / y.size)) / within
    return f, float(special.fdtrc(1, df, f))
