"""Exposure control: how often an item may be eligible, so that no item is given too often.

Control acts once for each session, when it opens: each item is eligible with its own probability, the
items that fail the experiment are held back for the whole session, and the best of the others are given.
That is item eligibility (van der Linden and Veldkamp, Journal of Educational and Behavioral Statistics 29,
2004), and with fixed probabilities from a simulation it is the method of Sympson and Hetter, whose
experiment for each item may as well be made beforehand.

Live, the probability follows from two shared counters for each item: `sessions` opened while the item
could have been asked, and `administered`. An item earns `rate` of an administration with each session and
pays one when it is given; its probability is what it has left over `span`, at least 0 and at most 1.
Nobody can then be given an item that has nothing left, so administered <= rate * (sessions + span) plus
what was under way at once: the bound does not rest on an estimate, as it does where the probability is
rate / P(given | eligible), and sessions that do not give an item write nothing for it. All items start at
`rate`, the probability that holds for an item that everybody would be given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import IntArray


@dataclass(frozen=True, slots=True)
class MaximumRate:
    """The highest share of sessions that an item may be given in.

    Attributes:
        rate: above 0, at most 1; for example 0.25.
        span: sessions over which a surplus is paid back, at least 1. It should be at least as large as the
            number of sessions that are under way at once, or the control swings.
    """

    rate: float
    span: int = 100

    def __post_init__(self) -> None:
        if not 0.0 < self.rate <= 1.0:
            raise InvalidInput("must be above 0 and at most 1", field="exposure.rate")
        if not 1 <= self.span <= 1_000_000:
            raise InvalidInput("must be between 1 and 1,000,000", field="exposure.span")


@dataclass(frozen=True, slots=True, eq=False)
class ExposureCounts:
    """The shared counters, arrays (n,) in the order of the bank.

    Attributes:
        sessions: sessions opened since the item became active, pools and versions together.
        administered: how many of them were given the item.
    """

    sessions: IntArray
    administered: IntArray

    @classmethod
    def none(cls, n: int) -> ExposureCounts:
        """Those of a new bank of n items."""
        return cls(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64))


def eligibility(control: MaximumRate, counts: ExposureCounts) -> FloatArray:
    """Probability of each item to be eligible in the next session: (n,)."""
    left = control.rate * (counts.sessions + control.span) - counts.administered
    found: FloatArray = np.clip(left / control.span, 0.0, 1.0)
    return found


def sympson_hetter(admission: FloatArray, rates: FloatArray, rate: float) -> FloatArray:
    """One round of Sympson and Hetter's adjustment: new admission probabilities (n,).

    The rate at which an item would be chosen is its exposure over its admission probability, since the
    experiment is independent of the choice; an item chosen more often than `rate` is admitted at rate / that.

    Args:
        admission: probabilities of the round before, 1 at first.
        rates: exposure rates simulated with them.
        rate: the highest exposure rate aimed at.
    """
    chosen = rates / admission
    with np.errstate(divide="ignore"):
        found: FloatArray = np.where(chosen > rate, rate / chosen, 1.0)
    return found
