"""The marginal likelihood of one standard normal group, and its exact gradient.

Parameters are slopes, intercepts and logits of the guessing probability in the group's own metric:
z = slope x + intercept and P = c + (1 - c) logistic(z), with x standard normal. A group with another mean
and SD is brought here by `layout`. Vectors have three blocks of one entry per item, in that order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.special import expit, log_expit

from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import GroupPatterns

FloatArray = NDArray[np.float64]

BLOCK, SPARSE_BLOCK = 8192, 65536
"""Patterns that are worked on at a time: enough to be fast, few enough to stay small in memory."""


@dataclass(frozen=True, slots=True)
class StandardItems:
    """Items in a group's standard metric; guessing of -inf on the logit is no guessing."""

    slope: FloatArray
    intercept: FloatArray
    logit_guessing: FloatArray


@dataclass(frozen=True, slots=True)
class Curves:
    """What the derivatives need of every item at every node (arrays of nodes by items).

    With y the response, (y - P) times `along_z` or `along_guessing` is the derivative of its log
    probability: s / P and c / P for s the logistic part.
    """

    log_right: FloatArray
    log_wrong: FloatArray
    right: FloatArray
    logistic: FloatArray
    along_z: FloatArray
    along_guessing: FloatArray
    guessing: FloatArray

    @staticmethod
    def of(items: StandardItems, nodes: FloatArray) -> Curves:
        """Evaluate items at nodes; stable for any z."""
        z = nodes[:, None] * items.slope + items.intercept
        log_c = log_expit(items.logit_guessing)
        log_one_minus_s = log_expit(-z)
        log_right = np.logaddexp(log_c, z) + log_one_minus_s
        guessing = expit(items.logit_guessing)
        right = np.exp(log_right)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(guessing > 0, guessing / right, 0.0)
        return Curves(
            log_right=log_right,
            log_wrong=log_expit(-items.logit_guessing) + log_one_minus_s,
            right=right,
            logistic=expit(z),
            along_z=expit(z - log_c),
            along_guessing=share,
            guessing=guessing,
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """The log-likelihood with the expected numbers of right and wrong answers per node and item."""

    log_likelihood: float
    right: FloatArray
    wrong: FloatArray


def log_likelihood(group: GroupPatterns, items: StandardItems, rule: Quadrature) -> float:
    """The marginal log-likelihood of a group."""
    curves = Curves.of(items, rule.nodes)
    return sum(
        float(block.counts @ posterior_of(block, curves, rule.log_weights)[1]) for block in blocks_of(group)
    )


def expected_counts(group: GroupPatterns, curves: Curves, rule: Quadrature) -> Expected:
    """The E-step (Bock and Aitkin 1981): expected right and wrong answers per node and item."""
    shape = curves.right.shape
    total, right, wrong = 0.0, np.zeros(shape), np.zeros(shape)
    for block in blocks_of(group):
        posterior, log_marginal = posterior_of(block, curves, rule.log_weights)
        total += float(block.counts @ log_marginal)
        posterior *= block.counts[:, None]
        right += posterior.T @ block.right
        wrong += posterior.T @ block.wrong
    return Expected(total, right, wrong)


def gradient(expected: Expected, curves: Curves, nodes: FloatArray) -> FloatArray:
    """The gradient of the marginal log-likelihood (Fisher's identity), 3 x items."""
    residual = expected.right * (1 - curves.right) - expected.wrong * curves.right
    along_z = residual * curves.along_z
    return np.concatenate(
        [nodes @ along_z, along_z.sum(axis=0), (residual * curves.along_guessing).sum(axis=0)]
    )


def blocks_of(group: GroupPatterns) -> Iterator[GroupPatterns]:
    """The patterns of a group in pieces of at most `BLOCK` rows, or `SPARSE_BLOCK` of sparse ones."""
    size = SPARSE_BLOCK if issparse(group.right) else BLOCK
    for start in range(0, len(group.counts), size):
        rows = slice(start, start + size)
        yield GroupPatterns(group.name, group.right[rows], group.wrong[rows], group.counts[rows])


def posterior_of(
    group: GroupPatterns, curves: Curves, log_weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The posterior of every pattern over the nodes, and the log of its marginal probability."""
    joint = group.right @ curves.log_right.T
    joint += group.wrong @ curves.log_wrong.T
    joint += log_weights
    largest = joint.max(axis=1)
    joint -= largest[:, None]
    np.exp(joint, out=joint)
    mass = joint.sum(axis=1)
    joint /= mass[:, None]
    return joint, largest + np.log(mass)
