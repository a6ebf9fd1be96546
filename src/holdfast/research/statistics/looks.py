"""Looking at the data before the end: planned looks (Lan-DeMets) and open-ended ones."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval


@dataclass(frozen=True, slots=True)
class Look:
    """One planned look.

    Attributes:
        information: share of the planned students whose outcome is known, 0 to 1.
        spent: alpha spent up to here. z: two-sided boundary. p: nominal p below which one may stop.
    """

    information: float
    spent: float
    z: float
    p: float


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """An interval that holds at all looks together.

    Attributes:
        n: values in each arm. difference: first minus second.
        interval: None bounds when these few values exclude nothing yet.
        e_value: evidence against no difference (natural-log in log_e); p: 1 / e_value, at most 1, valid
            whenever one looks.
        assumptions: the sentence that the report prints.
    """

    n: tuple[int, int]
    difference: float
    interval: Interval
    e_value: float
    log_e: float
    p: float
    assumptions: str


def obrien_fleming_spending(information: float, alpha: float = 0.05) -> float:
    """Alpha spent at a share of information: 4 (1 - Phi(z(1 - alpha / 4) / sqrt(information)))."""
    raise NotImplementedError


def planned_looks(information: ArrayLike, alpha: float = 0.05) -> tuple[Look, ...]:
    """Boundaries at growing shares of information (the last may be 1)."""
    raise NotImplementedError


def open_ended_look(first: ArrayLike, second: ArrayLike, alpha: float = 0.05) -> ConfidenceSequence:
    """The t-mixture confidence sequence (right-Haar prior, standardised effect ~ N(0, 1)), from 5 per arm."""
    raise NotImplementedError
