"""The posterior on 61 equally spaced nodes from -6 to 6, and its mean and SD (EAP).

The posterior is kept as logarithms, up to a constant, so that an answer is one addition, however many came
before. On a grid this fine a posterior with an SD of 0.15 or more has its mean and SD to many digits; a
test would need some fifty answers of high discrimination to come below.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from holdfast.programs.adaptive_test.psychometrics.ability.estimate import BOUND, Estimate, Estimates, Prior
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray

NODE_COUNT = 61
NODES: FloatArray = np.linspace(-BOUND, BOUND, NODE_COUNT)
SPACING = 2 * BOUND / (NODE_COUNT - 1)
NODES.setflags(write=False)
_MOMENTS = np.stack([np.ones(NODE_COUNT), NODES, NODES**2], axis=1)


def log_prior(prior: Prior) -> FloatArray:
    """Log density of the prior at the nodes, up to a constant: shape (61,)."""
    found: FloatArray = -0.5 * ((NODES - prior.mean) / prior.sd) ** 2
    return found


def weights(log_posterior: FloatArray) -> FloatArray:
    """Posterior probabilities of the nodes, from (..., 61) log-posteriors: the same shape, sums of 1."""
    mass: FloatArray = np.exp(log_posterior - log_posterior.max(axis=-1, keepdims=True))
    mass /= mass.sum(axis=-1, keepdims=True)
    return mass


def expected(log_posterior: FloatArray) -> Estimate:
    """Mean and SD of one posterior (61,); at a bound when its highest node is an end of the grid."""
    top = log_posterior.argmax()
    total, first, second = (np.exp(log_posterior - log_posterior[top]) @ _MOMENTS).tolist()
    mean = first / total
    variance = second / total - mean * mean
    return Estimate(mean, max(variance, 0.0) ** 0.5, bool(top in (0, NODE_COUNT - 1)))


def expected_all(log_posteriors: FloatArray) -> Estimates:
    """The same for N posteriors (N, 61)."""
    top = log_posteriors.argmax(axis=1)
    highest = log_posteriors[np.arange(len(top)), top]
    moments = np.exp(log_posteriors - highest[:, np.newaxis]) @ _MOMENTS
    mean = moments[:, 1] / moments[:, 0]
    variance = moments[:, 2] / moments[:, 0] - mean * mean
    at_bound = (top == 0) | (top == NODE_COUNT - 1)
    return Estimates(mean, np.sqrt(np.maximum(variance, 0.0)), at_bound)


def _share_above(cuts: FloatArray) -> FloatArray:
    """Share of each node's cell (half a spacing to both sides, uniform) above each cut: (cuts, 61)."""
    share: FloatArray = np.clip((NODES + SPACING / 2 - cuts[:, np.newaxis]) / SPACING, 0.0, 1.0)
    return share


def class_shares(cuts: tuple[float, ...]) -> FloatArray:
    """What of each node's mass falls into each class between the ascending cuts: (61, cuts + 1).

    A node's mass counts as spread evenly over its cell, so that a cut need not fall between cells.
    """
    edges = np.concatenate([[-np.inf], np.asarray(cuts, dtype=np.float64), [np.inf]])
    above = _share_above(edges)
    return np.stack([low - high for low, high in pairwise(above)], axis=1)
