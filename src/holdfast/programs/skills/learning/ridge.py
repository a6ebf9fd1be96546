"""Ridge regression on the views: linear in the terms, by distance in the features, fitted as one kernel.

The kernel is the mean of the three term views' inner products plus a weight times
exp(-mean squared difference of the standardised features). Penalty and weight are chosen by cross-validation
among the training rows, whole students left out. Ten further fits, each without a tenth of the students (or
rows), give the spread of a prediction (delete-a-group jackknife, Kott 2001) and held-out errors; these errors
over the spread are the conformity scores from which intervals and confidence come (Lei et al. 2018). A
penalty shrinks predictions; they are stretched by the slope of the ratings on the held-out predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.model_selection import GroupKFold

from holdfast.programs.skills.learning.views import Counted, Sparse, Vector, Views

PENALTIES = (2.0, 4.0, 8.0)
_Members: TypeAlias = tuple[Vector, Vector, list[tuple[NDArray[np.int_], NDArray[np.int_]]]]
FEATURE_WEIGHTS = (0.05, 0.1, 0.2)
MEMBERS = 10
USUAL = (4.0, 0.1)
"""Penalty and feature weight unless others are clearly better; one of the above."""
CLEARLY = 0.02
"""By how much their held-out correlation must be higher: smaller differences are chance, and following them
costs more than it gains."""
INNER_MEMBERS = 5
TUNING_FOLDS = 5
NEAR = 0.15
"""A prediction is near when it is off by no more than this; confidence is the chance of that."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Predictions for some texts, each array one entry per text.

    Attributes:
        score: 0 to 1.
        spread: standard error by the jackknife, on the same scale.
        near: the chance that the score is within `NEAR` of the rating, from held-out errors.
        half_width: of the interval that holds four in five ratings.
    """

    score: Vector
    spread: Vector
    near: Vector
    half_width: Vector


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fitted model. The last axis of `terms` and `duals` is the full fit first, then the ten members.

    Attributes:
        views: how texts become numbers.
        terms: weight of every term, by fit.
        anchors: standardised features of the training texts.
        duals: weight of every anchor, by fit.
        offset: what a fit predicts for a text without known terms, by fit.
        conformity: sorted held-out errors over `spread + floor`.
        floor: added to every spread, so that it is never nothing.
        penalty, feature_weight: as chosen.
    """

    views: Views
    terms: NDArray[np.float64]
    anchors: Vector
    duals: NDArray[np.float64]
    offset: Vector
    conformity: Vector
    floor: float
    penalty: float
    feature_weight: float

    @classmethod
    def fit(cls, counted: Counted, scores: Vector, groups: NDArray[Any]) -> Self:
        """Fit to counted texts; `groups` says which rows belong together (a student's, or each its own)."""
        views, kept = Views.learn(counted, groups)
        terms = views.terms_of(counted, kept)
        anchors = views.standard(counted.features)
        linear = (terms @ terms.T).toarray()
        near = _closeness(anchors, anchors)
        penalty, weight = _tuned(linear, near, scores, groups)
        kernel = linear + weight * near
        fits = _jackknife(kernel, scores, groups, penalty)
        return cls(
            views,
            np.asarray(terms.T @ fits.duals),
            anchors,
            weight * fits.duals,
            fits.offset,
            fits.conformity,
            fits.floor,
            penalty,
            weight,
        )

    def predict(self, texts: list[str]) -> Predicted:
        """Predict new texts."""
        return self.predict_read(*self.views.read(texts))

    def predict_counted(self, counted: Counted, kept_terms: Counted) -> Predicted:
        """Predict texts that were counted together with the training texts `kept_terms` came from."""
        kept = np.concatenate(
            [np.isin(kept_terms.terms[name], self.views.terms[name]) for name in self.views.terms]
        )
        return self.predict_read(self.views.terms_of(counted, kept), self.views.standard(counted.features))

    def predict_read(self, terms: Sparse, features: Vector) -> Predicted:
        """Predict texts that are numbers already."""
        raw = terms @ self.terms + _closeness(features, self.anchors) @ self.duals + self.offset
        spread = _spread(raw[:, 1:])
        unit = spread + self.floor
        near = np.searchsorted(self.conformity, NEAR / unit, side="right") / len(self.conformity)
        widest = float(np.quantile(self.conformity, 0.8))
        return Predicted(np.clip(raw[:, 0], 0, 1), spread, near, unit * widest)


def _closeness(some: Vector, others: Vector) -> Vector:
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None] - 2 * some @ others.T
    return np.asarray(np.exp(-np.maximum(squares, 0)))


def _spread(members: Vector) -> Vector:
    number = members.shape[1]
    deviations = members - members.mean(axis=1, keepdims=True)
    return np.asarray(np.sqrt((number - 1) / number * (deviations**2).sum(axis=1)))


def _solve(kernel: Vector, scores: Vector, penalty: float) -> tuple[Vector, float]:
    mean = float(scores.mean())
    penalised = kernel + penalty * np.eye(len(kernel))
    return np.asarray(linalg.solve(penalised, scores - mean, assume_a="pos")), mean


def _folds(groups: NDArray[Any], number: int) -> list[tuple[NDArray[np.int_], NDArray[np.int_]]]:
    splitter = GroupKFold(min(number, len(np.unique(groups))), shuffle=True, random_state=1)
    return list(splitter.split(groups, groups=groups))


def _tuned(linear: Vector, near: Vector, scores: Vector, groups: NDArray[Any]) -> tuple[float, float]:
    """Penalty and feature weight with the best held-out correlation; the size is set right afterwards."""
    folds = _folds(groups, TUNING_FOLDS)
    found = {}
    for weight in FEATURE_WEIGHTS:
        kernel = linear + weight * near
        for penalty in PENALTIES:
            held_out = np.zeros(len(scores))
            for kept, left in folds:
                duals, mean = _solve(kernel[np.ix_(kept, kept)], scores[kept], penalty)
                held_out[left] = kernel[np.ix_(left, kept)] @ duals + mean
            found[penalty, weight] = _agreement(held_out, scores)
    best = max(found, key=lambda choice: found[choice])
    return best if found[best] > found[USUAL] + CLEARLY else USUAL


def _agreement(some: Vector, others: Vector) -> float:
    spread = float(np.std(some) * np.std(others))
    return float(np.mean((some - some.mean()) * (others - others.mean()))) / spread if spread > 1e-12 else 0.0


@dataclass(frozen=True, slots=True)
class _Fits:
    """The full fit and its members, by column, with what was held out."""

    duals: Vector
    offset: Vector
    conformity: Vector
    floor: float


def _members(kernel: Vector, scores: Vector, groups: NDArray[Any], penalty: float, number: int) -> _Members:
    """Fits without each of the folds in turn: duals and offset by column, and each fold."""
    folds = _folds(groups, number)
    duals = np.zeros((len(scores), len(folds)))
    offset = np.zeros(len(folds))
    for place, (kept, _) in enumerate(folds):
        duals[kept, place], offset[place] = _solve(kernel[np.ix_(kept, kept)], scores[kept], penalty)
    return duals, offset, folds


def _jackknife(kernel: Vector, scores: Vector, groups: NDArray[Any], penalty: float) -> _Fits:
    full, mean = _solve(kernel, scores, penalty)
    duals, offset, folds = _members(kernel, scores, groups, penalty, MEMBERS)
    held_out, spread = np.zeros(len(scores)), np.zeros(len(scores))
    for place, (kept, left) in enumerate(folds):
        held_out[left] = kernel[left] @ duals[:, place] + offset[place]
        # A text's spread must come from fits that have not seen it, as it will for a new text.
        inner = _members(kernel[np.ix_(kept, kept)], scores[kept], groups[kept], penalty, INNER_MEMBERS)
        spread[left] = _spread(kernel[np.ix_(left, kept)] @ inner[0] + inner[1])
    stretch = _stretch(held_out, scores)
    held_out = mean + stretch * (held_out - mean)
    floor = float(np.median(spread)) * stretch
    conformity = np.sort(np.abs(np.clip(held_out, 0, 1) - scores) / (spread * stretch + floor))
    return _Fits(stretch * np.column_stack([full, duals]), np.append(mean, offset), conformity, floor)


def _stretch(held_out: Vector, scores: Vector) -> float:
    """By how much held-out predictions must be spread for a slope of 1; within .5 and 2."""
    variance = float(np.var(held_out))
    covariance = float(np.mean((held_out - held_out.mean()) * (scores - scores.mean())))
    return min(2.0, max(0.5, covariance / variance)) if variance > 1e-12 else 1.0
