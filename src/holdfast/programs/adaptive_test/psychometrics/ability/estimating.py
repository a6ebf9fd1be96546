"""Any estimator from items and answers alone: the stateless form."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability import posterior
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import Estimate, Estimates, Method, Prior
from holdfast.programs.adaptive_test.psychometrics.ability.likelihood import Answers, maximise
from holdfast.programs.adaptive_test.psychometrics.models import (
    BoolArray,
    IntArray,
    ItemParameters,
    log_probabilities,
)


def answers_of(items: ItemParameters, given: IntArray, right: BoolArray) -> Answers:
    """Answers of N persons: `given` (N, L) are item numbers, -1 where there is none; `right` (N, L).

    Raises:
        InvalidInput: an item without calibration was to be scored.
    """
    counts = given >= 0
    if not items.calibrated[given[counts]].all():
        raise InvalidInput("an item without calibrated parameters cannot be scored", field="items")
    index = np.where(counts, given, 0)
    columns = (items.a, items.intercept, items.c, items.d)
    # Where there is no answer, numbers of a harmless curve stand, since the first item may have none.
    harmless = (1.0, 0.0, 0.0, 1.0)
    slope, intercept, lower, upper = (
        np.where(counts, column[index] if len(items) else neutral, neutral)
        for column, neutral in zip(columns, harmless, strict=True)
    )
    return Answers(slope, intercept, lower, upper, right, counts)


def estimate_all(
    items: ItemParameters,
    given: IntArray,
    right: BoolArray,
    method: Method = Method.EAP,
    prior: Prior | None = None,
) -> Estimates:
    """Abilities of N persons from their answers.

    Args:
        items: the bank.
        given: item numbers, shape (N, L), -1 where a person has no answer.
        right: whether it was right, shape (N, L).
        method: the estimator.
        prior: standard normal when not given.

    Raises:
        InvalidInput: an answer to an item without calibration.
    """
    prior = prior or Prior()
    answers = answers_of(items, given, right)
    if method is not Method.EAP:
        return maximise(answers, method, prior)
    log_posterior = np.tile(posterior.log_prior(prior), (len(given), 1))
    rows, positions = np.nonzero(answers.counts)
    log_right, log_wrong = log_probabilities(items[given[rows, positions]], posterior.NODES)
    likelihood = np.where(right[rows, positions], log_right, log_wrong)
    np.add.at(log_posterior, rows, likelihood.T)
    return posterior.expected_all(log_posterior)


def estimate(
    items: ItemParameters,
    right: ArrayLike,
    method: Method | str = Method.EAP,
    prior: Prior | None = None,
) -> Estimate:
    """Ability of one person who answered all of `items` once, in order.

    Args:
        items: the items answered; may be empty.
        right: truth values, one for each item.
        method: `eap`, `map`, `mle` or `wle`.
        prior: standard normal when not given.
    """
    answers = np.asarray(right, dtype=np.bool_).reshape(1, -1)
    if answers.shape[1] != len(items):
        raise InvalidInput("one answer for each item is needed", field="right")
    given = np.arange(len(items), dtype=np.int64).reshape(1, -1)
    return estimate_all(items, given, answers, Method(method), prior).one()
