"""Linking: bringing finished parameters from one scale to another by items that both have.

theta_old = slope theta_new + intercept, so a becomes a / slope and b becomes slope b + intercept. Where new
responses are at hand, anchors in `calibration` do it in one step and carry their error; this is for
parameters that are already there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature, equally_spaced
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, probability

FloatArray = NDArray[np.float64]
LINKING_RULE = equally_spaced(41, 4.0)
"""Where curves are compared, on the old scale, by default: a standard normal population."""


@dataclass(frozen=True, slots=True)
class Link:
    """A linear change of scale.

    Attributes:
        method: how it was found.
        slope: above 0; old units per new unit.
        intercept: the old scale's value of the new scale's 0.
        anchors: how many common items it rests on.
        displacement: per anchor, its old difficulty less its new one after the change; large where an item
            has changed.
    """

    method: str
    slope: float
    intercept: float
    anchors: int
    displacement: FloatArray

    def abilities(self, theta: ArrayLike) -> FloatArray:
        """Abilities of the new scale on the old one."""
        return self.slope * np.asarray(theta, dtype=np.float64) + self.intercept

    def errors(self, standard_errors: ArrayLike) -> FloatArray:
        """Standard errors of abilities, in units of the old scale; the link's own error is not in them."""
        return self.slope * np.asarray(standard_errors, dtype=np.float64)

    def items(self, items: ItemParameters) -> ItemParameters:
        """Items of the new scale on the old one."""
        return _moved(items.in_difficulties(), self.slope, self.intercept)


def mean_sigma(new: ItemParameters, old: ItemParameters) -> Link:
    """The link that equates mean and SD of the common items' difficulties (Marco 1977).

    Raises:
        InvalidInput: not the same number of items, fewer than two, or difficulties without spread.
    """
    new, old = _checked(new, old)
    spread = float(np.std(new.b))
    if spread == 0 or np.std(old.b) == 0:
        raise InvalidInput("the anchors' difficulties have no spread", field="anchors")
    slope = float(np.std(old.b)) / spread
    return _link("mean-sigma", new, old, slope, float(np.mean(old.b) - slope * np.mean(new.b)))


def haebara(new: ItemParameters, old: ItemParameters, rule: Quadrature = LINKING_RULE) -> Link:
    """The link with the least squared differences between the items' curves (Haebara 1980)."""
    return _by_curves("Haebara", new, old, rule, lambda difference: difference)


def stocking_lord(new: ItemParameters, old: ItemParameters, rule: Quadrature = LINKING_RULE) -> Link:
    """The link with the least squared differences between the test curves (Stocking and Lord 1983)."""
    return _by_curves("Stocking-Lord", new, old, rule, lambda d: d.sum(axis=1, keepdims=True))


def _by_curves(
    method: str,
    new: ItemParameters,
    old: ItemParameters,
    rule: Quadrature,
    gather: Callable[[FloatArray], FloatArray],
) -> Link:
    """Least squares from the mean-mean start, which always exists."""
    new, old = _checked(new, old)
    goal, roots = probability(old, rule.nodes), np.exp(0.5 * rule.log_weights)[:, None]

    def residuals(x: FloatArray) -> FloatArray:
        curves = probability(_moved(new, float(np.exp(x[0])), float(x[1])), rule.nodes)
        return np.ravel(roots * gather(goal - curves))

    slope = float(np.mean(new.a) / np.mean(old.a))
    start = np.array([np.log(slope), np.mean(old.b) - slope * np.mean(new.b)])
    found = least_squares(residuals, start, xtol=1e-14, ftol=1e-14, gtol=1e-14)
    return _link(method, new, old, float(np.exp(found.x[0])), float(found.x[1]))


def _link(method: str, new: ItemParameters, old: ItemParameters, slope: float, intercept: float) -> Link:
    return Link(method, slope, intercept, len(new), old.b - (slope * new.b + intercept))


def _moved(items: ItemParameters, slope: float, intercept: float) -> ItemParameters:
    return ItemParameters.logistic(b=slope * items.b + intercept, a=items.a / slope, c=items.c, d=items.d)


def _checked(new: ItemParameters, old: ItemParameters) -> tuple[ItemParameters, ItemParameters]:
    if len(new) != len(old):
        raise InvalidInput("the same items are needed on both scales, in the same order", field="anchors")
    if len(new) < 2:
        raise InvalidInput("at least two common items are needed", field="anchors")
    if not (new.calibrated.all() and old.calibrated.all()):
        raise InvalidInput("every anchor needs parameters on both scales", field="anchors")
    return new.in_difficulties(), old.in_difficulties()
