"""Item fit: do the shares of right answers follow each item's curve?

Complete responses: S-X2 of Orlando and Thissen (2000), observed against expected shares in groups of equal
total score. With gaps: the same comparison in groups of equal ability as all *other* answers of a person
tell it, where each expectation is the model's prediction from those answers; so no answer predicts itself.
In an adaptive test the choice of later items depends on the answer, and that statistic is fair only for
items that were not scored (pretest slots).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature, equally_spaced
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import MISSING, response_codes
from holdfast.programs.adaptive_test.psychometrics.fit.multiplicity import adjusted
from holdfast.programs.adaptive_test.psychometrics.models import (
    ItemParameters,
    log_probabilities,
    probability,
)

FloatArray = NDArray[np.float64]
SMALLEST_EXPECTED = 1.0
"""Neighbouring score groups are joined until each expects this many right and this many wrong answers."""
ABILITY_GROUPS = 10
NOTE = "p_adjusted keeps the false discovery rate over all items (Benjamini-Hochberg)"


@dataclass(frozen=True, slots=True, eq=False)
class ItemFit:
    """One statistic per item; arrays are in the order of the items.

    Attributes:
        method: ``S-X2`` or ``predicted residuals``.
        statistic: chi-squared distributed where the item fits; NaN where nothing could be compared.
        degrees: of freedom: groups less the item's estimated parameters.
        p: of each item alone.
        p_adjusted: over all items.
        rmsea: root mean squared error of approximation, 0 where the statistic is no larger than its degrees.
        note: what the adjustment is.
    """

    method: str
    statistic: FloatArray
    degrees: NDArray[np.int64]
    p: FloatArray
    p_adjusted: FloatArray
    rmsea: FloatArray
    note: str = NOTE


@dataclass(frozen=True, slots=True)
class _Table:
    """Per group of persons: how many, how many right, how many expected, and the variance of that."""

    persons: FloatArray
    right: FloatArray
    expected: FloatArray
    variance: FloatArray


def item_fit(
    responses: ArrayLike,
    items: ItemParameters,
    *,
    estimated: int | ArrayLike = 2,
    mean: float = 0.0,
    sd: float = 1.0,
    rule: Quadrature | None = None,
) -> ItemFit:
    """Test every item's fit; S-X2 where no answer is missing, else predicted residuals.

    Args:
        responses: persons by items, 0, 1 and missing.
        items: calibrated parameters of the same items.
        estimated: parameters that were estimated from these responses, one number or one per item: 1 for the
            Rasch model, 2 for the 2PL, 3 for the 3PL, 0 for fixed items.
        mean: of the population.
        sd: of the population.
        rule: the quadrature; none: 61 equally spaced nodes.

    Raises:
        InvalidInput: responses that do not belong to the items, or fewer than three items.
    """
    codes = response_codes(responses)
    if codes.shape[1] != len(items):
        raise InvalidInput(f"{codes.shape[1]} columns for {len(items)} items", field="responses")
    if len(items) < 3:
        raise InvalidInput("at least three items are needed", field="responses")
    rule = rule or equally_spaced()
    theta = mean + sd * rule.nodes
    complete = not (codes == MISSING).any()
    if complete:
        tables = _score_tables(codes, probability(items, theta), np.exp(rule.log_weights))
    else:
        tables = _ability_tables(codes, items, theta, rule.log_weights)
    spent = np.broadcast_to(np.asarray(estimated, dtype=np.int64), (len(items),))
    return _judged("S-X2" if complete else "predicted residuals", tables, spent)


def score_distribution(chances: FloatArray) -> FloatArray:
    """P(total score | theta), nodes x (items + 1), by the recursion of Lord and Wingersky (1984).

    Args:
        chances: P of a right answer, nodes x items.
    """
    nodes, count = chances.shape
    found = np.zeros((nodes, count + 1))
    found[:, 0] = 1.0
    for item in range(count):
        p = chances[:, item, None]
        found[:, 1:] = found[:, 1:] * (1 - p) + found[:, :-1] * p
        found[:, 0] *= 1 - p[:, 0]
    return found


def _score_tables(codes: NDArray[np.int8], chances: FloatArray, weights: FloatArray) -> list[_Table]:
    """By total score from 1 to items - 1; the others are right or wrong everywhere by definition."""
    count = codes.shape[1]
    totals = codes.sum(axis=1)
    persons = np.bincount(totals, minlength=count + 1)[1:count].astype(np.float64)
    whole = weights @ score_distribution(chances)
    tables = []
    for item in range(count):
        rest = score_distribution(np.delete(chances, item, axis=1))
        share = ((weights * chances[:, item]) @ rest)[: count - 1] / whole[1:count]
        right = np.bincount(totals, weights=codes[:, item], minlength=count + 1)[1:count].astype(float)
        tables.append(_Table(persons, right, persons * share, persons * share * (1 - share)))
    return tables


def _ability_tables(
    codes: NDArray[np.int8], items: ItemParameters, theta: FloatArray, log_weights: FloatArray
) -> list[_Table]:
    """By tenths of the ability that a person's other answers tell."""
    log_right, log_wrong = log_probabilities(items, theta)
    joint = (codes == 1) @ log_right.T + (codes == 0) @ log_wrong.T + log_weights
    chances = np.exp(log_right)
    tables = []
    for item in range(codes.shape[1]):
        rows = np.flatnonzero((codes[:, item] != MISSING) & ((codes != MISSING).sum(axis=1) > 1))
        own = np.where(codes[rows, item, None] == 1, log_right[:, item], log_wrong[:, item])
        others = joint[rows] - own
        others = np.exp(others - others.max(axis=1, keepdims=True))
        others /= others.sum(axis=1, keepdims=True)
        tables.append(_by_tenths(others @ theta, others @ chances[:, item], codes[rows, item]))
    return tables


def _by_tenths(ability: FloatArray, chance: FloatArray, right: NDArray[np.int8]) -> _Table:
    rank = np.argsort(np.argsort(ability, kind="stable"))
    group = rank * ABILITY_GROUPS // max(len(ability), 1)

    def gathered(values: ArrayLike) -> FloatArray:
        sums = np.bincount(group, weights=np.asarray(values, np.float64), minlength=ABILITY_GROUPS)
        return np.asarray(sums, dtype=np.float64)

    return _Table(
        gathered(np.ones(len(ability))), gathered(right), gathered(chance), gathered(chance * (1 - chance))
    )


def _joined(table: _Table) -> _Table:
    """Neighbours joined from both ends inwards until each group expects enough of both answers."""
    columns = np.stack([table.persons, table.right, table.expected, table.variance])
    groups: list[FloatArray] = []
    for column in columns.T:
        if groups and not _enough(groups[-1]):
            groups[-1] = groups[-1] + column
        else:
            groups.append(column)
    while len(groups) > 1 and not _enough(groups[-1]):
        last = groups.pop()
        groups[-1] = groups[-1] + last
    return _Table(*np.array(groups).T)


def _enough(group: FloatArray) -> bool:
    persons, _, expected, _ = group
    return bool(min(expected, persons - expected) >= SMALLEST_EXPECTED)


def _judged(method: str, tables: list[_Table], spent: NDArray[np.int64]) -> ItemFit:
    joined = [_joined(table) for table in tables]
    degrees = np.array([len(table.persons) for table in joined]) - spent
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.array(
            [np.sum((table.right - table.expected) ** 2 / table.variance) for table in joined]
        )
        statistic = np.where(degrees > 0, statistic, np.nan)
        p = chi2.sf(statistic, np.maximum(degrees, 1))
        persons = np.array([table.persons.sum() for table in joined])
        excess = np.maximum(statistic - degrees, 0) / (np.maximum(degrees, 1) * np.maximum(persons - 1, 1))
    return ItemFit(method, statistic, degrees, p, adjusted(p), np.sqrt(excess))
