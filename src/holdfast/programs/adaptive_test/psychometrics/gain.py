"""Gain: what a student's two results say about learning, and how much a test told for its length.

A difference of two estimates is a gain only on one scale, and only if neither was pulled more than the other:
both with the same fixed prior, or both from likelihoods alone. Everything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, information, probability

RELIABLE_Z = 1.96
"""A change beyond this many standard errors is reliable (Jacobson and Truax 1991)."""


class EstimateKind(StrEnum):
    """How an ability was estimated."""

    EAP = "EAP"
    MAP = "MAP"
    MLE = "MLE"
    WLE = "WLE"

    @property
    def has_prior(self) -> bool:
        """Whether a prior pulls it."""
        return self in {EstimateKind.EAP, EstimateKind.MAP}


@dataclass(frozen=True, slots=True)
class SessionEstimate:
    """The result of one finished session.

    Attributes:
        theta: the ability.
        se: its standard error.
        scale: the name of the calibrated scale; versions that were linked share it.
        kind: how it was estimated.
        prior_mean: of an EAP or MAP.
        prior_sd: of an EAP or MAP.
        at_bound: the estimate is at the end of its range, so it has no standard error.
    """

    theta: float
    se: float
    scale: str
    kind: EstimateKind
    prior_mean: float | None = None
    prior_sd: float | None = None
    at_bound: bool = False


@dataclass(frozen=True, slots=True)
class Gain:
    """The difference of two sessions.

    Attributes:
        gain: second less first, on the scale of ability.
        se: sqrt(se1^2 + se2^2). With a prior this is too large rather than too small.
        z: the reliable-change index, gain / se.
        p: two-sided.
        reliable: whether |z| is at least 1.96.
        basis: ``likelihoods`` or the prior that both share.
    """

    gain: float
    se: float
    z: float
    p: float
    reliable: bool
    basis: str


@dataclass(frozen=True, slots=True)
class Efficiency:
    """What a session's items told at the estimate, against a fixed form.

    Attributes:
        form: the form's name.
        theta: where both were compared.
        information: of the session's items.
        form_information: of the form's.
        ratio: information / form_information; above 1 the session told more.
        per_item_ratio: the same per item.
    """

    form: str
    theta: float
    information: float
    form_information: float
    ratio: float
    per_item_ratio: float


def learning_gain(first: SessionEstimate, second: SessionEstimate) -> Gain:
    """The gain between two sessions, with its standard error and the reliable-change index.

    Raises:
        InvalidInput: the sessions are on two scales, one has a prior that the other has not, or an estimate
            has no standard error. The field says which.
    """
    for name, estimate in (("first", first), ("second", second)):
        _check(name, estimate)
    if first.scale != second.scale:
        raise InvalidInput(f"{first.scale} and {second.scale} are two scales: link them first", field="scale")
    if first.kind.has_prior or second.kind.has_prior:
        _check_same_pull(first, second)
    gain, se = second.theta - first.theta, float(np.hypot(first.se, second.se))
    z = gain / se
    basis = (
        f"normal prior ({first.prior_mean:g}, {first.prior_sd:g})" if first.kind.has_prior else "likelihoods"
    )
    return Gain(gain, se, z, float(2 * ndtr(-abs(z))), abs(z) >= RELIABLE_Z, basis)


def expected_score_gain(first: SessionEstimate, second: SessionEstimate, form: ItemParameters) -> Gain:
    """The gain in the expected share of right answers on a fixed form, 0 to 1; errors by the delta method.

    The same conditions as for `learning_gain` hold.
    """
    on_scale = learning_gain(first, second)
    at = np.array([first.theta, second.theta])
    scores = probability(form, at).mean(axis=1)
    h = 1e-5
    slopes = (probability(form, at + h) - probability(form, at - h)).mean(axis=1) / (2 * h)
    se = float(np.hypot(slopes[0] * first.se, slopes[1] * second.se))
    gain = float(scores[1] - scores[0])
    return Gain(gain, se, on_scale.z, on_scale.p, on_scale.reliable, on_scale.basis)


def relative_efficiency(
    administered: ItemParameters, form: ItemParameters, *, form_name: str, theta: float
) -> Efficiency:
    """The information of the items of a session at its estimate, as a ratio to that of a fixed form.

    Raises:
        InvalidInput: no items on one side, an item without parameters, or a form that tells nothing there.
    """
    for name, items in (("administered", administered), ("form", form)):
        if len(items) == 0 or not items.calibrated.all():
            raise InvalidInput("needs items, all of them calibrated", field=name)
    told, form_told = (float(information(items, theta).sum()) for items in (administered, form))
    if form_told <= 0:
        raise InvalidInput(f"{form_name} tells nothing at {theta:g}", field="form")
    ratio = told / form_told
    return Efficiency(form_name, theta, told, form_told, ratio, ratio * len(form) / len(administered))


def seed_learning_gain(initial: ArrayLike, final: ArrayLike) -> float:
    """The seed's ``learning_gain`` of one session: the mean absolute change of the estimates.

    It measures how far the estimate went from where it was started, which is convergence and not learning:
    with starts at the population's mean and abilities that do not change, it averages 0.8 times the square
    root of the reliability (0.74 for twenty best items of a bank of a hundred).
    """
    before, after = np.asarray(initial, dtype=np.float64), np.asarray(final, dtype=np.float64)
    if before.shape != after.shape or before.size == 0:
        raise InvalidInput("needs the same concepts at both ends", field="final")
    return float(np.mean(np.abs(after - before)))


def _check(name: str, estimate: SessionEstimate) -> None:
    if estimate.at_bound or not (
        np.isfinite(estimate.theta) and np.isfinite(estimate.se) and estimate.se > 0
    ):
        raise InvalidInput("the estimate is at its bound or has no standard error", field=name)
    if estimate.kind.has_prior and (estimate.prior_mean is None or estimate.prior_sd is None):
        raise InvalidInput("an EAP or MAP needs the prior it was made with", field=name)


def _check_same_pull(first: SessionEstimate, second: SessionEstimate) -> None:
    if first.kind is not second.kind:
        raise InvalidInput(f"{first.kind} and {second.kind} are not pulled alike", field="kind")
    if (first.prior_mean, first.prior_sd) != (second.prior_mean, second.prior_sd):
        raise InvalidInput("the two estimates have different priors", field="prior")
