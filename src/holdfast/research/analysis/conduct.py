"""Shapes of how a study went: the flow of students, their baseline, checks, unwanted outcomes.

Only shapes, like ``results``, of which these are a part.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.research.analysis.statistic import Statistic


@dataclass(frozen=True, slots=True)
class Count:
    """So many students (or files), for this reason; ``arm`` is "" when it is not about one arm."""

    reason: str
    count: int
    arm: str = ""


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """One arm in the CONSORT diagram; every reason counts students once, in the order given."""

    arm: str
    label: str
    allocated: int
    received: int
    not_received: tuple[Count, ...]
    completed: int
    lost: tuple[Count, ...]
    analysed: int
    not_analysed: tuple[Count, ...]
    per_protocol: int
    not_per_protocol: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """The CONSORT 2025 flow with real counts.

    ``assessed`` = ``excluded`` + ``randomised``; ``randomised`` = the arms' allocated + ``other_arms``.
    ``analysed`` of an arm is for the first primary outcome, named in ``analysed_for``.
    """

    assessed: int
    excluded: tuple[Count, ...]
    randomised: int
    other_arms: tuple[Count, ...]
    arms: tuple[ArmFlow, ...]
    analysed_for: str


@dataclass(frozen=True, slots=True)
class BaselineCell:
    """A baseline characteristic in one arm: mean, SD, median and quartiles, or a count and a share."""

    arm: str
    present: int
    missing: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    count: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A baseline characteristic; without p values, as CONSORT asks.

    Attributes:
        category: the code of which ``count`` is the number; "" for a measured characteristic.
        standardised_difference: (second arm less control) / root mean of the two variances; a
            description, not a test.
    """

    name: str
    label: str
    category: str
    table: str
    column: str
    cells: tuple[BaselineCell, ...]
    standardised_difference: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the study's conduct: ``passed`` is None when it could not be made.

    ``name`` is ``sample_ratio``, ``contamination``, ``attrition``; ``counts`` are what it was made from.
    """

    name: str
    label: str
    passed: bool | None
    finding: str
    counts: tuple[Count, ...] = ()
    statistic: Statistic | None = None


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """An unwanted outcome per arm: students with at least one, events, and the exposure in scenarios."""

    name: str
    label: str
    column: str
    cells: tuple[SafetyCell, ...]
    comparison: Statistic | None = None


@dataclass(frozen=True, slots=True)
class SafetyCell:
    """One arm of a ``SafetyRow``."""

    arm: str
    students: int
    with_event: int
    events: float
    exposure: float
