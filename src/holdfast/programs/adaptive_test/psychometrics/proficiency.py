"""Proficiency: what is known of one student's abilities on one scale, concept by concept, as a Gaussian.

A mean and a covariance over named concepts, moved by each answer (one scalar step and a rank-one change),
widened by practice because who practises learns, and joined with the result of a whole test. The seed's
gradient update, which has no uncertainty, is in `seed_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.laplace import answer_step

FloatArray = NDArray[np.float64]

PRACTICE_NOISE = 0.01
"""Variance added to a practised concept per answer: enough for honest intervals while students learn, little
enough to be only slightly wide when they do not (benchmarks/proficiency)."""


@dataclass(frozen=True, slots=True)
class ConceptPrior:
    """What is believed of any concept before an answer.

    Attributes:
        mean: of every concept.
        sd: of every concept, above 0.
        correlation: between any two, from 0 to below 1; how much one concept tells of another.
    """

    mean: float = 0.0
    sd: float = 1.0
    correlation: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is not a distribution."""
        if not (np.isfinite(self.mean) and np.isfinite(self.sd) and self.sd > 0):
            raise InvalidInput("needs a finite mean and a positive SD", field="prior")
        if not 0 <= self.correlation < 1:
            raise InvalidInput("must be at least 0 and below 1", field="prior.correlation")

    def covariance(self, count: int) -> FloatArray:
        """Of that many concepts."""
        shared = np.full((count, count), self.correlation)
        np.fill_diagonal(shared, 1.0)
        return self.sd**2 * shared


@dataclass(frozen=True, slots=True, eq=False)
class Proficiency:
    """A Gaussian over concepts.

    Attributes:
        concepts: names; means and covariances are in this order, and are stored by name.
        mean: of each concept.
        covariance: between them.
        prior: what it began with; confidence is measured against its SD.
    """

    concepts: tuple[str, ...]
    mean: FloatArray
    covariance: FloatArray
    prior: ConceptPrior

    @property
    def standard_deviation(self) -> FloatArray:
        """Of each concept."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def confidence(self) -> FloatArray:
        """The share of the prior variance that answers have removed, 0 to 1."""
        return np.clip(1 - np.diag(self.covariance) / self.prior.sd**2, 0.0, 1.0)

    def mastery(self, cut: float) -> FloatArray:
        """The probability of each concept that the ability is above a cut."""
        return np.asarray(ndtr((self.mean - cut) / self.standard_deviation), dtype=np.float64)

    def position(self, concept: str) -> int:
        """Where a concept stands.

        Raises:
            InvalidInput: it is not among them.
        """
        try:
            return self.concepts.index(concept)
        except ValueError:
            raise InvalidInput(f"{concept} is not a concept here", field="concept") from None


def beginning(concepts: Sequence[str], prior: ConceptPrior | None = None) -> Proficiency:
    """The proficiency of a student without answers.

    Raises:
        InvalidInput: no concepts, or one twice.
    """
    prior, names = prior or ConceptPrior(), tuple(concepts)
    if not names or len(set(names)) != len(names):
        raise InvalidInput("needs at least one concept, each once", field="concepts")
    return Proficiency(names, np.full(len(names), prior.mean), prior.covariance(len(names)), prior)


def with_concepts(state: Proficiency, concepts: Sequence[str]) -> Proficiency:
    """The same knowledge with more concepts: what is known of the old tells of the new by the prior."""
    new = [name for name in dict.fromkeys(concepts) if name not in state.concepts]
    if not new:
        return state
    old, size = len(state.concepts), len(state.concepts) + len(new)
    prior = state.prior.covariance(size)
    transfer = np.linalg.solve(prior[:old, :old], prior[:old, old:]).T
    mean = np.concatenate([state.mean, state.prior.mean + transfer @ (state.mean - state.prior.mean)])
    covariance = np.empty((size, size))
    covariance[:old, :old] = state.covariance
    covariance[old:, :old] = transfer @ state.covariance
    covariance[:old, old:] = covariance[old:, :old].T
    known = prior[:old, :old] - state.covariance
    covariance[old:, old:] = prior[old:, old:] - transfer @ known @ transfer.T
    return Proficiency((*state.concepts, *new), mean, covariance, state.prior)


def after_practice(state: Proficiency, variance: Mapping[str, float]) -> Proficiency:
    """Wider in the practised concepts, by the variance that is given for each (learning, or time gone by).

    Raises:
        InvalidInput: an unknown concept, or a variance that is negative or not finite.
    """
    added = np.zeros(len(state.concepts))
    for concept, value in variance.items():
        if not (np.isfinite(value) and value >= 0):
            raise InvalidInput("must be finite and at least 0", field="variance")
        added[state.position(concept)] += value
    return replace(state, covariance=state.covariance + np.diag(added))


def after_answer(
    state: Proficiency, slopes: Mapping[str, float], intercept: float, *, correct: bool, guessing: float = 0.0
) -> Proficiency:
    """Moved by one answer to an item with z = slopes . theta + intercept and P = c + (1 - c) logistic(z).

    Args:
        state: before.
        slopes: discrimination times weight of each concept that the item loads on; the others are 0.
        intercept: of z; minus a b in the metric a (theta - b).
        correct: whether the answer was right.
        guessing: c, from 0 to below 1.

    Raises:
        InvalidInput: an unknown concept, or numbers that make no item.
    """
    loading = np.zeros(len(state.concepts))
    for concept, value in slopes.items():
        loading[state.position(concept)] = value
    if not (np.isfinite(loading).all() and np.isfinite(intercept)) or not loading.any():
        raise InvalidInput("needs finite slopes, one of them not 0, and a finite intercept", field="slopes")
    if not 0 <= guessing < 1:
        raise InvalidInput("must be at least 0 and below 1", field="guessing")
    mean, covariance = answer_step(
        state.mean, state.covariance, loading, intercept=intercept, guessing=guessing, correct=correct
    )
    return replace(state, mean=mean, covariance=covariance)


@dataclass(frozen=True, slots=True)
class LikelihoodSummary:
    """What a test's answers alone say, as a Gaussian.

    Attributes:
        mean: of ability.
        information: 1 / variance; 0 where the answers say nothing.
    """

    mean: float
    information: float


def likelihood_of(theta: float, se: float, *, prior_mean: float, prior_sd: float) -> LikelihoodSummary:
    """An EAP or MAP with its prior taken out again, so that the prior is not counted twice.

    Raises:
        InvalidInput: a standard error that is not above 0 and finite.
    """
    if not (np.isfinite(theta) and np.isfinite(se) and se > 0):
        raise InvalidInput("needs a finite estimate and a positive standard error", field="se")
    prior = 1 / prior_sd**2
    information = 1 / se**2 - prior
    if information <= 0:
        return LikelihoodSummary(prior_mean, 0.0)
    return LikelihoodSummary(float((theta / se**2 - prior_mean * prior) / information), float(information))


def after_test(state: Proficiency, weights: Mapping[str, float], test: LikelihoodSummary) -> Proficiency:
    """Joined with the result of a test of the ability weights . theta (one concept: weight 1).

    Raises:
        InvalidInput: an unknown concept, or no weight.
    """
    loading = np.zeros(len(state.concepts))
    for concept, value in weights.items():
        loading[state.position(concept)] = value
    if not (np.isfinite(loading).all() and loading.any()):
        raise InvalidInput("needs a finite weight that is not 0", field="weights")
    direction = state.covariance @ loading
    gain = test.information / (1 + test.information * float(loading @ direction))
    mean = state.mean + direction * gain * (test.mean - float(loading @ state.mean))
    return replace(state, mean=mean, covariance=state.covariance - gain * np.outer(direction, direction))
