"""Item parameters and what they say: probability and information, from one theta or one per concept.

Two metrics are in use and are stored with the parameters: `a (theta - b)`, that of the literature, and the
seed's `a theta - b`, in which the discrimination does not multiply the difficulty. D = 1 everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics import curves
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


class Parameterisation(StrEnum):
    """How slope and difficulty make the logit."""

    DIFFICULTY = "a(theta-b)"
    INTERCEPT = "a*theta-b"


def _column(values: ArrayLike, name: str, n: int) -> FloatArray:
    found = np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), (n,)))
    found.setflags(write=False)
    if np.isinf(found).any():
        raise InvalidInput("must be a finite number", field=name)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class ItemParameters:
    """Parameters of n items on one ability scale, as read-only arrays of shape (n,).

    An item that is not calibrated has NaN for all four; it has no probability and no information.

    Attributes:
        a: discrimination, above 0.
        b: difficulty, in the metric of `parameterisation`.
        c: lower asymptote (guessing), 0 <= c < d.
        d: upper asymptote (carelessness), c < d <= 1.
        parameterisation: what multiplies what.
        intercept: k in z = a * theta + k.
        calibrated: which items have parameters.

    Raises:
        InvalidInput: naming the parameter (`a`, `b`, `c`, `d`) that is out of range.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    parameterisation: Parameterisation = Parameterisation.DIFFICULTY
    intercept: FloatArray = field(init=False)
    calibrated: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        n = np.shape(np.atleast_1d(self.b))[0]
        for name in ("a", "b", "c", "d"):
            object.__setattr__(self, name, _column(getattr(self, name), name, n))
        object.__setattr__(self, "parameterisation", Parameterisation(self.parameterisation))
        missing = np.isnan(np.stack([self.a, self.b, self.c, self.d]))
        object.__setattr__(self, "calibrated", ~missing.any(axis=0))
        partly = missing & ~missing.all(axis=0)
        if partly.any():
            name = "abcd"[int(np.argmax(partly.any(axis=1)))]
            raise InvalidInput("an item has all of its parameters or none", field=name)
        if (self.a <= 0).any():
            raise InvalidInput("discrimination must be above 0", field="a")
        if (self.c < 0).any() or (self.c >= self.d).any():
            raise InvalidInput("the lower asymptote must be at least 0 and below the upper one", field="c")
        if (self.d > 1).any():
            raise InvalidInput("the upper asymptote must be at most 1", field="d")
        multiplier = self.a if self.parameterisation is Parameterisation.DIFFICULTY else 1.0
        object.__setattr__(self, "intercept", -multiplier * self.b)

    @classmethod
    def logistic(
        cls,
        b: ArrayLike,
        a: ArrayLike = 1.0,
        c: ArrayLike = 0.0,
        d: ArrayLike = 1.0,
        *,
        parameterisation: Parameterisation | str = Parameterisation.DIFFICULTY,
    ) -> ItemParameters:
        """From difficulties (n,) and, for 2PL to 4PL, the others as arrays (n,) or one number for all."""
        b = np.atleast_1d(np.asarray(b, dtype=np.float64))
        given = (np.array(np.broadcast_to(np.asarray(x, dtype=np.float64), b.shape)) for x in (a, c, d))
        slope, lower, upper = (np.where(np.isnan(b), np.nan, x) for x in given)
        return cls(a=slope, b=b, c=lower, d=upper, parameterisation=Parameterisation(parameterisation))

    def __len__(self) -> int:
        return len(self.b)

    def __getitem__(self, index: int | slice | Sequence[int] | IntArray | BoolArray) -> ItemParameters:
        """The items of an index, as one would index an array; a single number gives one item."""
        if isinstance(index, int | np.integer):
            index = [int(index)]
        return ItemParameters(
            self.a[index], self.b[index], self.c[index], self.d[index], self.parameterisation
        )

    def in_difficulties(self) -> ItemParameters:
        """The same curves in the metric a (theta - b)."""
        return ItemParameters(self.a, -self.intercept / self.a, self.c, self.d)

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary per item with a, b, c, d and the parameterisation, as they are stored."""
        columns = zip(self.a.tolist(), self.b.tolist(), self.c.tolist(), self.d.tolist(), strict=True)
        name = self.parameterisation.value
        return [{"a": a, "b": b, "c": c, "d": d, "parameterisation": name} for a, b, c, d in columns]


def logit(items: ItemParameters, theta: ArrayLike) -> FloatArray:
    """The logit z = a theta + k: shape of `theta` followed by (n,)."""
    ability = np.asarray(theta, dtype=np.float64)[..., np.newaxis]
    found: FloatArray = items.a * ability + items.intercept
    return found


def probability(items: ItemParameters, theta: ArrayLike) -> FloatArray:
    """P of a right answer: shape of `theta` followed by (n,); NaN for items without calibration."""
    return curves.probability(items.c, items.d, logit(items, theta))


def terms(items: ItemParameters, theta: ArrayLike) -> curves.Terms:
    """Log-probabilities and their slopes: each of the shape of `theta` followed by (n,)."""
    return curves.terms(items.a, items.c, items.d, logit(items, theta))


def log_probabilities(items: ItemParameters, theta: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The pair log P and log (1 - P), finite everywhere: each of the shape of `theta` followed by (n,)."""
    z = logit(items, theta)
    right = curves.log_probability(items.c, items.d, z)
    return right, curves.log_probability(1.0 - items.d, 1.0 - items.c, -z)


def information(items: ItemParameters, theta: ArrayLike) -> FloatArray:
    """Fisher information of each item: shape of `theta` followed by (n,); units 1 / theta^2."""
    return terms(items, theta).information


@dataclass(frozen=True, slots=True, eq=False)
class ConceptItems:
    """Items that load on several concepts: z = a (w . theta) - b, or a (w . theta - b).

    The seed's model is the first with weights 0 or 1 (`domain.md` 3.1); theta is a vector over K concepts.

    Attributes:
        scalar: a, b, c, d and the parameterisation, n items.
        weights: shape (n, K), finite, at least 0, each row with something above 0.

    Raises:
        InvalidInput: naming `concepts`.
    """

    scalar: ItemParameters
    weights: FloatArray

    def __post_init__(self) -> None:
        weights = np.array(self.weights, dtype=np.float64)
        if weights.ndim != 2 or len(weights) != len(self.scalar):
            raise InvalidInput("one weight per item and concept is needed", field="concepts")
        if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any(axis=1).all():
            raise InvalidInput("weights must be finite, at least 0, and not all 0", field="concepts")
        weights.setflags(write=False)
        object.__setattr__(self, "weights", weights)

    def __len__(self) -> int:
        return len(self.scalar)

    @property
    def slopes(self) -> FloatArray:
        """Discrimination times weight, shape (n, K): z = slopes . theta + intercepts."""
        return self.scalar.a[:, np.newaxis] * self.weights

    @property
    def intercepts(self) -> FloatArray:
        """Shape (n,)."""
        return self.scalar.intercept

    def logit(self, theta: ArrayLike) -> FloatArray:
        """The logit z for `theta` of shape (..., K): shape (..., n)."""
        found: FloatArray = np.asarray(theta, dtype=np.float64) @ self.slopes.T + self.intercepts
        return found

    def probability(self, theta: ArrayLike) -> FloatArray:
        """P of a right answer for `theta` of shape (..., K): shape (..., n)."""
        return curves.probability(self.scalar.c, self.scalar.d, self.logit(theta))

    def information(self, theta: ArrayLike) -> FloatArray:
        """Information about the composite w . theta (the seed's scalar): shape (..., n).

        The information matrix about theta itself is this times the outer product of the item's weights.
        """
        scalar = self.scalar
        return curves.information(scalar.a, scalar.c, scalar.d, self.logit(theta))
