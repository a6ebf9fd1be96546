"""Person fit: is a pattern of answers as likely as those of others with the same ability?

lz is the standardised log-likelihood of a pattern (Drasgow, Levine and Williams 1985). Because ability is
estimated from the same answers its variance is below 1; lz* (Snijders 2001, with the corrections for WLE and
MAP of Magis, Raiche and Beland 2012) is standard normal in long tests. Low values are the unusual ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import MISSING, response_codes
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, terms

FloatArray = NDArray[np.float64]


class AbilityMethod(StrEnum):
    """How the abilities were estimated; lz* depends on it."""

    MLE = "MLE"
    WLE = "WLE"
    MAP = "MAP"


@dataclass(frozen=True, slots=True, eq=False)
class PersonFit:
    """One value per person; NaN where a person has too few answers to tell.

    Attributes:
        lz: standardised log-likelihood.
        lz_star: the same, corrected for the estimated ability.
        p: one-sided, of a pattern as unlikely or more, from lz*.
        answers: how many answers it rests on; below about 15 the normal distribution is a rough one.
    """

    lz: FloatArray
    lz_star: FloatArray
    p: FloatArray
    answers: NDArray[np.int64]


def person_fit(
    responses: ArrayLike,
    items: ItemParameters,
    theta: ArrayLike,
    *,
    method: AbilityMethod | str,
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
) -> PersonFit:
    """Judge every person's pattern.

    Args:
        responses: persons by items, 0, 1 and missing.
        items: calibrated parameters of the same items.
        theta: one estimate per person. An EAP solves no estimating equation; give MAP estimates instead.
        method: how `theta` was estimated.
        prior_mean: of a MAP.
        prior_sd: of a MAP.

    Raises:
        InvalidInput: shapes that do not belong together, or an ability that is not finite.
    """
    codes = response_codes(responses)
    ability = np.asarray(theta, dtype=np.float64)
    if codes.shape != (len(ability), len(items)):
        raise InvalidInput("needs one ability per person and one column per item", field="responses")
    if not np.isfinite(ability).all():
        raise InvalidInput("every ability must be finite", field="theta")
    answered = codes != MISSING
    curve = terms(items, ability)
    right = np.exp(curve.log_right)
    variance = right * np.exp(curve.log_wrong)
    odds = np.where(answered, curve.log_right - curve.log_wrong, 0.0)
    residual = np.where(answered, (codes == 1) - right, 0.0)
    surprise = np.sum(residual * odds, axis=1)
    slope = np.where(answered, curve.rise * right, 0.0)  # P'
    information = np.where(answered, curve.rise * curve.fall, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        lz = surprise / np.sqrt(np.sum(odds**2 * variance, axis=1))
        share = np.sum(slope * odds, axis=1) / information.sum(axis=1)
        weight = np.where(answered, odds - share[:, None] * slope / variance, 0.0)
        pull = _pull(
            AbilityMethod(method), curve.bend, slope * slope / variance, ability, (prior_mean, prior_sd)
        )
        star = (surprise + share * pull) / np.sqrt(np.sum(weight**2 * variance, axis=1))
    lz, star = (np.where(np.isfinite(value), value, np.nan) for value in (lz, star))
    return PersonFit(lz, star, norm.cdf(star), answered.sum(axis=1).astype(np.int64))


def _pull(
    method: AbilityMethod,
    bend: FloatArray,
    information: FloatArray,
    ability: FloatArray,
    prior: tuple[float, float],
) -> FloatArray:
    """What the estimating equation has besides the score: 0, J / (2 I), or the prior's slope."""
    if method is AbilityMethod.MAP:
        mean, sd = prior
        return (mean - ability) / sd**2
    if method is AbilityMethod.MLE:
        return np.zeros_like(ability)
    # J = sum of P' P'' / (P Q), and P'' = P' bend.
    return np.asarray(np.sum(information * bend, axis=1) / (2 * information.sum(axis=1)), dtype=np.float64)
