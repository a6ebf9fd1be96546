"""The information in responses about item parameters: of the complete data, and as observed.

In the metric and the order of parameters of `likelihood`. The observed information is what Newton's method
and standard errors need; it is exact. Where few responses are there (an adaptive test's) matrices are sparse.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, issparse

from holdfast.programs.adaptive_test.psychometrics.calibration.likelihood import (
    Curves,
    Expected,
    blocks_of,
    posterior_of,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import GroupPatterns, Matrix

FloatArray = NDArray[np.float64]

NEGLIGIBLE_MASS = 1e-13
"""A node with less expected mass per person than this adds nothing to the information."""


def complete_information(expected: Expected, curves: Curves, nodes: FloatArray) -> FloatArray:
    """Fisher information as if abilities were known, at the expected numbers; never indefinite."""
    weight = (expected.right + expected.wrong) * np.exp(curves.log_wrong) * curves.right
    return _from_second_derivatives(
        weight * curves.along_z**2,
        weight * curves.along_z * curves.along_guessing,
        weight * curves.along_guessing**2,
        nodes,
    )


def observed_information(
    group: GroupPatterns, expected: Expected, curves: Curves, rule: Quadrature
) -> FloatArray:
    """Minus the Hessian of the marginal log-likelihood (Louis 1982), (3 items) x (3 items).

    The expected information of the complete data less the variance of its score given the responses.
    """
    information = _expected_curvature(expected, curves, rule.nodes)
    answers = expected.right + expected.wrong
    active = np.flatnonzero(answers.max(axis=1) > NEGLIGIBLE_MASS * group.persons)
    for block in blocks_of(group):
        posterior, _ = posterior_of(block, curves, rule.log_weights)
        information -= _score_squares(block, posterior, curves, rule.nodes, active)
        information += _mean_score_squares(block, posterior, curves, rule.nodes)
    return 0.5 * (information + information.T)


def _expected_curvature(expected: Expected, curves: Curves, nodes: FloatArray) -> FloatArray:
    """Minus the expected second derivatives of the complete-data log-likelihood."""
    q = np.exp(curves.log_wrong)
    s, c, u, v = curves.logistic, curves.guessing, curves.along_z, curves.along_guessing
    return _from_second_derivatives(
        expected.wrong * s * (1 - s) - expected.right * q * u * (1 - 2 * s - q * u),
        expected.right * q * u * v,
        expected.wrong * c * (1 - c) - expected.right * q * v * (1 - 2 * c - q * v),
        nodes,
    )


def _from_second_derivatives(zz: FloatArray, zg: FloatArray, gg: FloatArray, nodes: FloatArray) -> FloatArray:
    """Second derivatives in z and logit c at the nodes, as a matrix in the parameters."""
    across = [
        [(nodes**2) @ zz, nodes @ zz, nodes @ zg],
        [None, zz.sum(0), zg.sum(0)],
        [None, None, gg.sum(0)],
    ]
    count = zz.shape[1]
    matrix = np.zeros((3 * count, 3 * count))
    item = np.arange(count)
    for row in range(3):
        for column in range(row, 3):
            matrix[row * count + item, column * count + item] = across[row][column]
            matrix[column * count + item, row * count + item] = across[row][column]
    return matrix


def _score_squares(
    group: GroupPatterns, posterior: FloatArray, curves: Curves, nodes: FloatArray, active: NDArray[np.intp]
) -> FloatArray:
    """The expected outer product of the complete-data score, summed over persons."""
    count = group.right.shape[1]
    total = np.zeros((3, count, 3, count))
    answered = group.answered
    roots = np.sqrt(posterior * group.counts[:, None])
    for node in active:
        products = _residual_products(group.right, answered, curves.right[node], roots[:, node])
        z = curves.along_z[node]
        along = [nodes[node] * z, z, curves.along_guessing[node]]
        for row, column in _pairs(curves):
            total[row, :, column, :] += along[row][:, None] * products * along[column]
    for row, column in _pairs(curves):
        total[column, :, row, :] = total[row, :, column, :].T
    return total.reshape(3 * count, 3 * count)


def _pairs(curves: Curves) -> list[tuple[int, int]]:
    """The blocks of slopes, intercepts and guessing that are not zero, upper half."""
    kinds = 3 if curves.guessing.any() else 2
    return [(row, column) for row in range(kinds) for column in range(row, kinds)]


def _residual_products(right: Matrix, answered: Matrix, chance: FloatArray, roots: FloatArray) -> FloatArray:
    """Sums over persons of products of two items' residuals y - P at one node, items x items."""
    if isinstance(right, csr_array) and isinstance(answered, csr_array):
        of_row = np.repeat(roots, np.diff(right.indptr))
        data = (right.data - chance[right.indices]) * of_row
        residual = csr_array((data, right.indices, right.indptr), shape=right.shape)
        return np.asarray((residual.T @ residual).toarray(), dtype=np.float64)
    dense = np.asarray(right - answered * chance)
    dense *= roots[:, None]
    return np.asarray(dense.T @ dense, dtype=np.float64)


def _mean_score_squares(
    group: GroupPatterns, posterior: FloatArray, curves: Curves, nodes: FloatArray
) -> FloatArray:
    """The outer product of each pattern's posterior mean score, summed over persons."""
    answered = group.answered
    parts = [
        group.right * (posterior @ along) - answered * (posterior @ (along * curves.right))
        for along in (nodes[:, None] * curves.along_z, curves.along_z, curves.along_guessing)
    ]
    roots = np.sqrt(group.counts)[:, None]
    if issparse(parts[0]):
        scores = hstack([part.multiply(roots) for part in parts], format="csr")
        return np.asarray((scores.T @ scores).toarray(), dtype=np.float64)
    dense = np.concatenate(parts, axis=1) * roots
    return np.asarray(dense.T @ dense, dtype=np.float64)
