"""What an analysis found: every number of a report, with what it was computed from.

Only shapes: nothing is computed here. A number that could not be computed is ``None`` and has a reason
beside it; NaN and infinities do not occur. The report, the figures and the scripts that recompute the
numbers read these, and ``results.json`` is their exact text.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.research.analysis import text_form
from holdfast.research.analysis.conduct import (
    ArmFlow,
    BaselineCell,
    BaselineRow,
    Check,
    Count,
    Flow,
    SafetyCell,
    SafetyRow,
)
from holdfast.research.analysis.statistic import (
    ITT,
    PER_PROTOCOL,
    ArmSummary,
    Filter,
    Origin,
    OutcomeResult,
    PopulationResult,
    Role,
    Statistic,
    Value,
)

FORMAT = 1
"""Moves when a reader of ``results.json`` would have to change."""

__all__ = [
    "FORMAT",
    "ITT",
    "PER_PROTOCOL",
    "ArmFlow",
    "ArmSummary",
    "BaselineCell",
    "BaselineRow",
    "Check",
    "CohortEstimate",
    "Count",
    "Deviation",
    "Family",
    "FamilyMember",
    "Filter",
    "Flow",
    "Longitudinal",
    "Look",
    "Looks",
    "Origin",
    "OutcomeResult",
    "PlanRecord",
    "PopulationResult",
    "Results",
    "Role",
    "SafetyCell",
    "SafetyRow",
    "Statistic",
    "Study",
    "Value",
]


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """One outcome in the declared family: its p, Holm's p, and the interval at its own share of alpha.

    ``rank`` is its place when sorted by p, from 1; ``level`` is that of ``low`` and ``high``.
    ``p`` is None when the outcome could not be tested; it still counts in the family's size.
    """

    outcome: str
    p: float | None
    p_adjusted: float | None
    rank: int | None
    rejected: bool | None
    estimate: float | None
    low: float | None
    high: float | None
    level: float | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """The declared family of outcomes."""

    method: str
    alpha: float
    size: int
    members: tuple[FamilyMember, ...]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A difference between what was planned (and registered) and what was done."""

    kind: str
    what: str
    planned: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """The plan that was followed, and what is known of its registration.

    Attributes:
        toml: the plan's canonical text; ``sha256`` is of its canonical form.
        status: ``registered`` (this very plan), ``differs`` (another plan is registered) or
            ``not_registered``.
        before_first_outcome: None when the order is not known (files have no registration).
        registered_at, first_outcome_at: ISO 8601, "" when unknown.
    """

    toml: str
    sha256: str
    status: str
    registered_sha256: str = ""
    registered_at: str = ""
    registered_by: str = ""
    first_outcome_at: str = ""
    before_first_outcome: bool | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the first primary outcome: a recorded one or the present one (``present``).

    Attributes:
        fraction: information fraction: students with a value over the planned number, 0 to 1.
        alpha_spent: cumulative, by the spending function; ``threshold`` is the p below which this look
            stops; both None when looks are not planned.
    """

    number: int
    at: str
    plan_sha256: str
    fraction: float | None
    present: bool
    p: float | None = None
    threshold: float | None = None
    alpha_spent: float | None = None
    crossed: bool | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """How often was looked and what that means; ``kind`` is ``none``, ``planned`` or ``open-ended``."""

    kind: str
    finding: str
    looks: tuple[Look, ...] = ()
    sequence: Statistic | None = None
    """For open-ended looks: the confidence sequence and its p, from 5 students per arm."""


@dataclass(frozen=True, slots=True)
class CohortEstimate:
    """One cohort in the longitudinal view, for the first primary outcome."""

    cohort: str
    arms: tuple[ArmSummary, ...]
    difference: Statistic


@dataclass(frozen=True, slots=True)
class Longitudinal:
    """Several cohorts: each estimate, the summary over them, and the trend of the outcome over cohorts."""

    outcome: str
    cohorts: tuple[CohortEstimate, ...]
    summary: Statistic
    heterogeneity: Statistic
    trend: Statistic
    statement: str


@dataclass(frozen=True, slots=True)
class Study:
    """What was analysed.

    Attributes:
        arms: (code, label), control first.
        ratio: designed shares of the arms, in their order.
        snapshot: ISO 8601; source: "database" or "files".
        found, loaded, quarantined, duplicates, excluded: of records; found is the sum of the others.
    """

    title: str
    source: str
    snapshot: str
    cohorts: tuple[str, ...]
    arms: tuple[tuple[str, str], ...]
    ratio: tuple[float, ...]
    found: int
    loaded: int
    quarantined: int
    duplicates: int
    excluded: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that an analysis found."""

    study: Study
    plan: PlanRecord
    deviations: tuple[Deviation, ...]
    flow: Flow
    baseline: tuple[BaselineRow, ...]
    checks: tuple[Check, ...]
    outcomes: tuple[OutcomeResult, ...]
    family: Family
    safety: tuple[SafetyRow, ...]
    looks: Looks
    longitudinal: Longitudinal | None
    limitations: tuple[str, ...]
    refusals: tuple[str, ...]
    alpha: float
    seed: int
    software: tuple[tuple[str, str], ...]
    format: int = FORMAT

    def outcome(self, name: str) -> OutcomeResult | None:
        """The outcome of this name, or none."""
        return next((one for one in self.outcomes if one.name == name), None)

    @property
    def primary(self) -> OutcomeResult:
        """The first primary outcome."""
        return self.outcomes[0]

    def to_json(self) -> str:
        """The exact text: keys in the order of the fields, floats with every digit, a final newline.

        Raises:
            ValueError: some number is not finite.
        """
        return text_form.write(self)

    @classmethod
    def from_json(cls, text: str) -> Results:
        """From the text of ``to_json``; equal to what was written.

        Raises:
            InvalidInput: the text is not such a document, or of another format.
        """
        return text_form.read(cls, text, FORMAT)
