"""When a test ends, and which rule ended it.

The order: the maximum, the time limit, then, when the minimum is reached and every content quota has its
least, the rules of precision in the order standard error, change of ability, classification. A pool
without an item that may still be asked ends the test whenever it is found. Thresholds are the test
author's; the standard error of 0.3 that the literature uses is a default nowhere, since it depends on the
scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import BOUND
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray

LONGEST = 500


class StopReason(StrEnum):
    """Which rule ended a test."""

    FIXED_LENGTH = "fixed_length"
    MAXIMUM = "maximum"
    TIME_LIMIT = "time_limit"
    POOL_EXHAUSTED = "pool_exhausted"
    STANDARD_ERROR = "standard_error"
    ABILITY_CHANGE = "ability_change"
    CLASSIFICATION = "classification"


@dataclass(frozen=True, slots=True)
class Classification:
    """Stop when the posterior probability of one class reaches `probability`.

    Attributes:
        cuts: ascending abilities between the classes; one cut makes two classes.
        probability: above 0.5, below 1.
    """

    cuts: tuple[float, ...]
    probability: float = 0.95

    def __post_init__(self) -> None:
        object.__setattr__(self, "cuts", tuple(float(cut) for cut in self.cuts))
        if not self.cuts or not all(-BOUND < cut < BOUND for cut in self.cuts):
            message = f"at least one cut is needed, all between {-BOUND:g} and {BOUND:g}"
            raise InvalidInput(message, field="stopping.classification.cuts")
        if any(high <= low for low, high in pairwise(self.cuts)):
            raise InvalidInput("cuts must ascend", field="stopping.classification.cuts")
        if not 0.5 < self.probability < 1.0:
            message = "must be above 0.5 and below 1"
            raise InvalidInput(message, field="stopping.classification.probability")


@dataclass(frozen=True, slots=True)
class Stopping:
    """The stop rules of a test; rules that are None do not apply.

    Attributes:
        minimum: scored items before a rule of precision may stop, at least 1.
        maximum: scored items at most; equal to `minimum` for a fixed length.
        standard_error: stop at this SE or below, in units of theta.
        ability_change: stop when the last answer moved the estimate by this much or less.
        classification: stop when the person's class is known well enough.
        time_limit_s: stop when this many seconds have passed.
    """

    minimum: int = 5
    maximum: int = 20
    standard_error: float | None = None
    ability_change: float | None = None
    classification: Classification | None = None
    time_limit_s: float | None = None

    def __post_init__(self) -> None:
        if self.minimum < 1:
            raise InvalidInput("must be at least 1", field="stopping.minimum")
        if not self.minimum <= self.maximum <= LONGEST:
            message = f"must be at least the minimum and at most {LONGEST}"
            raise InvalidInput(message, field="stopping.maximum")
        for name in ("standard_error", "ability_change", "time_limit_s"):
            value = getattr(self, name)
            if value is not None and not 0.0 < value < float("inf"):
                raise InvalidInput("must be above 0", field=f"stopping.{name}")

    @classmethod
    def fixed_length(cls, length: int) -> Stopping:
        """Always `length` scored items."""
        return cls(minimum=length, maximum=length)

    @property
    def longest(self) -> StopReason:
        """What reaching the maximum is called."""
        return StopReason.FIXED_LENGTH if self.minimum == self.maximum else StopReason.MAXIMUM


class Stop(NamedTuple):
    """The end of a test: the rule, and the figures on which it went."""

    reason: StopReason
    facts: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the session."""
        return {"reason": self.reason.value, **self.facts}


class Standing(NamedTuple):
    """What the stop rules look at, of one person.

    Attributes:
        scored: items scored so far.
        elapsed_s: seconds since the start.
        owing: a content quota has not yet its least.
        se: standard error now.
        change: |theta now - theta before the last scored answer|; infinite before the first.
        class_probability: the largest posterior probability of a class, 0 without classification.
    """

    scored: int
    elapsed_s: float
    owing: bool
    se: float
    change: float
    class_probability: float


def judge(rules: Stopping, now: Standing) -> Stop | None:
    """The rule that ends the test now, or None."""
    if now.scored >= rules.maximum:
        return Stop(rules.longest, {"scored": now.scored})
    if rules.time_limit_s is not None and now.elapsed_s >= rules.time_limit_s:
        return Stop(StopReason.TIME_LIMIT, {"elapsed_s": now.elapsed_s})
    return None if now.scored < rules.minimum or now.owing else _judge_precision(rules, now)


def _judge_precision(rules: Stopping, now: Standing) -> Stop | None:
    if rules.standard_error is not None and now.se <= rules.standard_error:
        return Stop(StopReason.STANDARD_ERROR, {"se": now.se})
    if rules.ability_change is not None and now.change <= rules.ability_change:
        return Stop(StopReason.ABILITY_CHANGE, {"change": now.change})
    if rules.classification and now.class_probability >= rules.classification.probability:
        return Stop(StopReason.CLASSIFICATION, {"class_probability": now.class_probability})
    return None


class Standings(NamedTuple):
    """The fields of `Standing` for N persons, as arrays (N,)."""

    scored: IntArray
    elapsed_s: FloatArray
    owing: BoolArray
    se: FloatArray
    change: FloatArray
    class_probability: FloatArray


REASONS = tuple(StopReason)
"""Reasons by their number in `judge_all`."""


def judge_all(rules: Stopping, now: Standings) -> NDArray[np.int8]:
    """The same for N persons: positions in `REASONS`, -1 to go on."""
    ready = (now.scored >= rules.minimum) & ~now.owing
    ends: list[tuple[StopReason, BoolArray]] = [(rules.longest, now.scored >= rules.maximum)]
    if rules.time_limit_s is not None:
        ends.append((StopReason.TIME_LIMIT, now.elapsed_s >= rules.time_limit_s))
    if rules.standard_error is not None:
        ends.append((StopReason.STANDARD_ERROR, ready & (now.se <= rules.standard_error)))
    if rules.ability_change is not None:
        ends.append((StopReason.ABILITY_CHANGE, ready & (now.change <= rules.ability_change)))
    if rules.classification is not None:
        known = now.class_probability >= rules.classification.probability
        ends.append((StopReason.CLASSIFICATION, ready & known))
    found = np.full(len(now.scored), -1, dtype=np.int8)
    # The first rule of the order is written last, over the others.
    for reason, met in reversed(ends):
        found[met] = REASONS.index(reason)
    return found
