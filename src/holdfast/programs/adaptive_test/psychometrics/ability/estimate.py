"""What an estimate of ability is: the number, its standard error, and whether it lies at a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray

BOUND = 6.0
"""Abilities are looked for on -BOUND to BOUND."""

WIDEST_ERROR = 2 * BOUND
"""No standard error is above the width of the scale: beyond it, it says nothing more, and it stays finite."""


class Method(StrEnum):
    """How ability is estimated."""

    EAP = "eap"
    MAP = "map"
    MLE = "mle"
    WLE = "wle"


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal prior for EAP and MAP; MLE and WLE know none.

    Attributes:
        mean: -6 to 6.
        sd: above 0, at most 12.
    """

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        if not -BOUND <= self.mean <= BOUND:
            raise InvalidInput(f"must lie between {-BOUND:g} and {BOUND:g}", field="prior.mean")
        if not 0.0 < self.sd <= WIDEST_ERROR:
            raise InvalidInput(f"must be above 0 and at most {WIDEST_ERROR:g}", field="prior.sd")

    def to_json(self) -> dict[str, float]:
        """As it is stored with a session."""
        return {"mean": self.mean, "sd": self.sd}


class Estimate(NamedTuple):
    """Ability of one person.

    Attributes:
        theta: the estimate, -6 to 6.
        se: its standard error: the posterior's SD for EAP; from the expected information for the others.
        at_bound: the data put it at an end of the scale (or, without a prior, there are no data): the number
            is finite but is no measurement.
    """

    theta: float
    se: float
    at_bound: bool

    def to_json(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {"theta": self.theta, "se": self.se, "at_bound": self.at_bound}


class Estimates(NamedTuple):
    """Abilities of N persons: the fields of `Estimate` as arrays (N,)."""

    theta: FloatArray
    se: FloatArray
    at_bound: BoolArray

    def one(self, index: int = 0) -> Estimate:
        """That of one person."""
        return Estimate(float(self.theta[index]), float(self.se[index]), bool(self.at_bound[index]))


def error_of(information: float) -> float:
    """Standard error from information (1 / theta^2), at most `WIDEST_ERROR`."""
    return min(WIDEST_ERROR, 1.0 / math.sqrt(information)) if information > 0.0 else WIDEST_ERROR
