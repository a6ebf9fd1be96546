"""Differential item functioning: does an item favour one of two groups of equal ability?

By the persons' scores: Mantel-Haenszel with the classes of ETS, and logistic regression. By two calibrations:
`likelihood_ratio`. Everything is stated for the focal group against the reference group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit
from scipy.stats import chi2, norm

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import (
    MISSING,
    item_names,
    response_codes,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

ETS_NEGLIGIBLE, ETS_LARGE = 1.0, 1.5
"""|delta| of classes A and C (Zwick and Ercikan 1989; Dorans and Holland 1993)."""
MODERATE_R2, LARGE_R2 = 0.035, 0.070
"""Change of Nagelkerke's R2 of classes B and C (Jodoin and Gierl 2001)."""
SIGNIFICANCE = 0.05


class EtsClass(StrEnum):
    """Negligible, moderate, large."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """The common odds ratio over groups of equal score.

    Attributes:
        item: its name.
        odds_ratio: above 1 where the item favours the reference group.
        delta: -2.35 times its logarithm; negative against the focal group.
        delta_se: of delta (Robins, Breslow and Greenland 1986).
        chi_squared: with the continuity correction, 1 degree of freedom.
        p: of that.
        ets_class: A, B or C.
    """

    item: str
    odds_ratio: float
    delta: float
    delta_se: float
    chi_squared: float
    p: float
    ets_class: EtsClass


@dataclass(frozen=True, slots=True)
class LogisticDif:
    """Logistic regression on score, group and their product (Swaminathan and Rogers 1990).

    Attributes:
        item: its name.
        uniform: chi-squared of the group, 1 degree of freedom.
        uniform_p: of that.
        non_uniform: chi-squared of the product, 1 degree of freedom.
        non_uniform_p: of that.
        p: of both together, 2 degrees of freedom.
        r2_change: of Nagelkerke's R2 by both.
        dif_class: by that change, where p is below 0.05.
    """

    item: str
    uniform: float
    uniform_p: float
    non_uniform: float
    non_uniform_p: float
    p: float
    r2_change: float
    dif_class: EtsClass


def mantel_haenszel(
    responses: ArrayLike,
    focal: ArrayLike,
    *,
    items: Sequence[str] | None = None,
    matching: ArrayLike | None = None,
    purify: bool = True,
) -> tuple[MantelHaenszel, ...]:
    """Test every item against the total score, or a score that is given.

    Args:
        responses: persons by items.
        focal: which persons are in the focal group.
        items: names.
        matching: a score per person on which to match; needed where answers are missing. None: the number
            of right answers, the studied item included.
        purify: match once more without the items of classes B and C (but the studied one).
    """
    codes, names, group = read_groups(responses, focal, items)
    found = [_mantel_haenszel(codes, group, j, names[j], _score(codes, matching)) for j in range(len(names))]
    biased = {j for j, one in enumerate(found) if one.ets_class is not EtsClass.A}
    if matching is None and purify and biased and len(biased) < len(names) - 1:
        for j in range(len(names)):
            kept = [k for k in range(len(names)) if k == j or k not in biased]
            found[j] = _mantel_haenszel(codes, group, j, names[j], codes[:, kept].sum(axis=1))
    return tuple(found)


def logistic_dif(
    responses: ArrayLike,
    focal: ArrayLike,
    *,
    items: Sequence[str] | None = None,
    matching: ArrayLike | None = None,
) -> tuple[LogisticDif, ...]:
    """Test every item by logistic regression; arguments as in `mantel_haenszel`."""
    codes, names, group = read_groups(responses, focal, items)
    score = np.asarray(_score(codes, matching), dtype=np.float64)
    spread = score.std()
    if spread == 0:
        raise InvalidInput("the matching score has no variance", field="matching")
    standard = (score - score.mean()) / spread
    return tuple(_logistic(codes[:, j], group, standard, name) for j, name in enumerate(names))


def read_groups(
    responses: ArrayLike, focal: ArrayLike, items: Sequence[str] | None
) -> tuple[NDArray[np.int8], tuple[str, ...], BoolArray]:
    """Checked responses, item names, and who is in the focal group."""
    codes = response_codes(responses, items)
    group = np.asarray(focal)
    if group.shape != (len(codes),) or group.dtype != np.bool_:
        raise InvalidInput("needs one true or false per person", field="focal")
    if group.all() or not group.any():
        raise InvalidInput("both groups need persons", field="focal")
    return codes, item_names(items, codes.shape[1]), group


def _score(codes: NDArray[np.int8], matching: ArrayLike | None) -> NDArray[Any]:
    if matching is None:
        if (codes == MISSING).any():
            raise InvalidInput("answers are missing: give a matching score", field="matching")
        return np.asarray(codes.sum(axis=1))
    score = np.asarray(matching, dtype=np.float64)
    if score.shape != (len(codes),) or not np.isfinite(score).all():
        raise InvalidInput("needs one finite score per person", field="matching")
    return score


def _mantel_haenszel(
    codes: NDArray[np.int8], focal: BoolArray, item: int, name: str, score: NDArray[Any]
) -> MantelHaenszel:
    answered = codes[:, item] != MISSING
    _, stratum = np.unique(score[answered], return_inverse=True)
    right, group = codes[answered, item] == 1, focal[answered]
    a, b, c, d = (
        np.bincount(stratum, weights=chosen.astype(np.float64), minlength=int(stratum.max()) + 1).astype(
            float
        )
        for chosen in (~group & right, ~group & ~right, group & right, group & ~right)
    )
    total = a + b + c + d
    kept = (total > 1) & (a + b > 0) & (c + d > 0)
    a, b, c, d, total = (cell[kept] for cell in (a, b, c, d, total))
    good, bad = float(np.sum(a * d / total)), float(np.sum(b * c / total))
    if good == 0 or bad == 0:
        return MantelHaenszel(name, np.nan, np.nan, np.nan, np.nan, np.nan, EtsClass.A)
    delta = float(-2.35 * np.log(good / bad))
    delta_se = 2.35 * _log_odds_error(a, b, c, d)
    chi_squared = _mantel_haenszel_chi_squared(a, b, c, d)
    p = float(chi2.sf(chi_squared, 1))
    return MantelHaenszel(name, good / bad, delta, delta_se, chi_squared, p, _ets(delta, delta_se, p))


def _log_odds_error(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> float:
    """The standard error of the log of the common odds ratio."""
    total = a + b + c + d
    agree, disagree = (a + d) / total, (b + c) / total
    good, bad = a * d / total, b * c / total
    r, s = good.sum(), bad.sum()
    variance = (
        np.sum(agree * good) / (2 * r**2)
        + np.sum(agree * bad + disagree * good) / (2 * r * s)
        + np.sum(disagree * bad) / (2 * s**2)
    )
    return float(np.sqrt(variance))


def _mantel_haenszel_chi_squared(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> float:
    total = a + b + c + d
    expected = (a + b) * (a + c) / total
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))
    excess = max(abs(float(np.sum(a - expected))) - 0.5, 0.0)
    return float(excess**2 / variance.sum())


def _ets(delta: float, error: float, p: float) -> EtsClass:
    """A: below 1 or not different from 0; C: at least 1.5 and above 1 beyond chance; B: between."""
    size = abs(delta)
    if size < ETS_NEGLIGIBLE or p >= SIGNIFICANCE:
        return EtsClass.A
    beyond = norm.sf((size - ETS_NEGLIGIBLE) / error) < SIGNIFICANCE
    return EtsClass.C if size >= ETS_LARGE and beyond else EtsClass.B


def _logistic(codes: NDArray[np.int8], focal: BoolArray, score: FloatArray, name: str) -> LogisticDif:
    rows = codes != MISSING
    y, x, g = (codes[rows] == 1).astype(np.float64), score[rows], focal[rows].astype(np.float64)
    columns = np.column_stack([np.ones(len(y)), x, g, x * g])
    fits = [_log_likelihood(columns[:, :k], y) for k in (1, 2, 3, 4)]
    uniform, non_uniform = (max(2 * (fits[k + 1] - fits[k]), 0.0) for k in (1, 2))
    change = _nagelkerke(fits[0], fits[3], len(y)) - _nagelkerke(fits[0], fits[1], len(y))
    p = float(chi2.sf(uniform + non_uniform, 2))
    if p >= SIGNIFICANCE or change < MODERATE_R2:
        found = EtsClass.A
    else:
        found = EtsClass.C if change >= LARGE_R2 else EtsClass.B
    return LogisticDif(
        name,
        uniform,
        float(chi2.sf(uniform, 1)),
        non_uniform,
        float(chi2.sf(non_uniform, 1)),
        p,
        change,
        found,
    )


def _log_likelihood(columns: FloatArray, y: FloatArray, steps: int = 50) -> float:
    """The highest log-likelihood of a logistic regression (Newton's method, halved where it overshoots)."""
    beta = np.zeros(columns.shape[1])

    def value(at: FloatArray) -> float:
        z = columns @ at
        return float(np.sum(y * log_expit(z) + (1 - y) * log_expit(-z)))

    best = value(beta)
    for _ in range(steps):
        chance = expit(columns @ beta)
        weight = np.maximum(chance * (1 - chance), 1e-10)
        step = np.linalg.lstsq((columns * weight[:, None]).T @ columns, columns.T @ (y - chance), rcond=None)[
            0
        ]
        while value(beta + step) < best and np.abs(step).max() > 1e-12:
            step = step / 2
        beta, before = beta + step, best
        best = value(beta)
        if best - before < 1e-10:
            break
    return best


def _nagelkerke(null: float, fitted: float, persons: int) -> float:
    explained = 1 - np.exp(2 * (null - fitted) / persons)
    return float(explained / (1 - np.exp(2 * null / persons)))
