"""Reading responses: checked, grouped into patterns, with what is missing left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from holdfast.kit.errors import InvalidInput

FloatArray = NDArray[np.float64]
Matrix = Any  # an array of floats or scipy's sparse csr_array; the library carries no types
MISSING = -1

SPARSE = 0.1
"""With a smaller share of answers present, patterns are kept as sparse matrices."""


@dataclass(frozen=True, slots=True)
class GroupPatterns:
    """The distinct response patterns of one group of persons.

    Attributes:
        name: the group's.
        right: 1 where the pattern has a right answer, patterns by items.
        wrong: 1 where it has a wrong one; where neither is 1 the answer is missing. Sparse matrices store
            both at every answer, zeros too, so that their entries correspond.
        counts: how many persons gave each pattern.
    """

    name: str
    right: Matrix
    wrong: Matrix
    counts: FloatArray

    @property
    def answered(self) -> Matrix:
        """1 where there is an answer."""
        if isinstance(self.right, csr_array):
            ones = np.ones_like(self.right.data)
            return csr_array((ones, self.right.indices, self.right.indptr), shape=self.right.shape)
        return self.right + self.wrong

    @property
    def persons(self) -> float:
        """The number of persons with at least one answer."""
        return float(self.counts.sum())


@dataclass(frozen=True, slots=True)
class ResponsePatterns:
    """All responses of a calibration, by group.

    Attributes:
        items: names, in the order of the columns.
        groups: in the order of first appearance; the first is the reference.
        without_answers: how many persons answered nothing and are left out.
    """

    items: tuple[str, ...]
    groups: tuple[GroupPatterns, ...]
    without_answers: float

    @property
    def right(self) -> FloatArray:
        """The number of right answers per item."""
        return np.asarray(sum(group.counts @ group.right for group in self.groups), dtype=np.float64)

    @property
    def wrong(self) -> FloatArray:
        """The number of wrong answers per item."""
        return np.asarray(sum(group.counts @ group.wrong for group in self.groups), dtype=np.float64)

    @property
    def persons(self) -> float:
        """Persons with at least one answer."""
        return sum(group.persons for group in self.groups)

    @property
    def patterns(self) -> int:
        """The number of distinct patterns over all groups."""
        return sum(len(group.counts) for group in self.groups)


def response_codes(responses: ArrayLike, items: Sequence[str] | None = None) -> NDArray[np.int8]:
    """Responses as 0, 1 and -1 for missing, persons by items.

    Args:
        responses: 0 or 1 (or booleans); NaN, -1 and masked entries are missing.
        items: names for messages; none: numbers from 1.

    Raises:
        InvalidInput: not a matrix, empty, or another value, naming person (row from 1) and item.
    """
    if isinstance(responses, np.ma.MaskedArray):
        responses = np.ma.filled(responses.astype(np.float64), np.nan)
    try:
        matrix = np.asarray(responses, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput("must be a matrix of 0, 1 and missing", field="responses") from None
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise InvalidInput("must be a matrix of persons by items, not empty", field="responses")
    missing = np.isnan(matrix) | (matrix == MISSING)
    strange = np.argwhere(~missing & (matrix != 0) & (matrix != 1))
    if len(strange):
        person, item = strange[0]
        name = item_names(items, matrix.shape[1])[item]
        raise InvalidInput(
            f"person {person + 1}, item {name}: {matrix[person, item]:g} is not 0, 1 or missing",
            field="responses",
            item=name,
        )
    return np.where(missing, MISSING, matrix).astype(np.int8)


def item_names(items: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """The names of the columns, or ``1``, ``2`` … where there are none.

    Raises:
        InvalidInput: not as many as columns, or one twice.
    """
    names = tuple(str(number) for number in range(1, count + 1)) if items is None else tuple(items)
    if len(names) != count:
        raise InvalidInput(f"{len(names)} names for {count} columns", field="items")
    if len(set(names)) != count:
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"item {twice} is there twice", field="items", item=twice)
    return names


def read_responses(
    responses: ArrayLike,
    *,
    items: Sequence[str] | None = None,
    groups: Sequence[Any] | None = None,
    counts: ArrayLike | None = None,
) -> ResponsePatterns:
    """Check responses and group them into patterns.

    Args:
        responses: persons by items; see `response_codes`.
        items: names of the columns.
        groups: the group of each row; the first one seen is the reference. None: one group.
        counts: how many persons each row stands for, positive whole numbers. None: one each.
    """
    codes = response_codes(responses, items)
    names = item_names(items, codes.shape[1])
    weights = _counts(counts, len(codes))
    labels = _labels(groups, len(codes))
    answered = (codes != MISSING).any(axis=1)
    order = list(dict.fromkeys(labels))
    by_group = np.array([order.index(label) for label in labels])
    found = [
        _patterns(name, codes[answered & (by_group == index)], weights[answered & (by_group == index)])
        for index, name in enumerate(order)
    ]
    return ResponsePatterns(names, tuple(found), float(weights[~answered].sum()))


def _patterns(name: str, codes: NDArray[np.int8], weights: FloatArray) -> GroupPatterns:
    if len(codes) == 0:
        raise InvalidInput(f"nobody in group {name} answered anything", field="groups", group=name)
    rows = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.shape[1])))[:, 0]
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    distinct = codes[first]
    counts: FloatArray = np.bincount(inverse, weights=weights).astype(np.float64)
    present = distinct != MISSING
    if present.mean() > SPARSE:
        return GroupPatterns(
            name, (distinct == 1).astype(np.float64), (distinct == 0).astype(np.float64), counts
        )
    indices = np.nonzero(present)[1]
    indptr = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    right = (distinct[present] == 1).astype(np.float64)
    return GroupPatterns(
        name,
        csr_array((right, indices, indptr), shape=distinct.shape),
        csr_array((1.0 - right, indices, indptr), shape=distinct.shape),
        counts,
    )


def _counts(counts: ArrayLike | None, rows: int) -> FloatArray:
    if counts is None:
        return np.ones(rows)
    weights = np.asarray(counts, dtype=np.float64)
    if weights.shape != (rows,):
        raise InvalidInput("needs one count per row", field="counts")
    if not np.all(np.isfinite(weights) & (weights > 0) & (weights == np.round(weights))):
        raise InvalidInput("must be positive whole numbers", field="counts")
    return weights


def _labels(groups: Sequence[Any] | None, rows: int) -> list[str]:
    if groups is None:
        return ["all"] * rows
    if len(groups) != rows:
        raise InvalidInput("needs one group per row", field="groups")
    return [str(group) for group in groups]
