"""One statistic with what it was computed from, and the arms, populations and outcomes it stands in.

Only shapes, like ``results``, of which these are the inner part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = float | int | str | bool | None
ITT = "intention_to_treat"
PER_PROTOCOL = "per_protocol"


class Role(StrEnum):
    """What a statistic may be used for."""

    CONFIRMATORY = "confirmatory"
    """The one test that an outcome was planned to be judged by."""
    ESTIMATE = "estimate"
    """A planned estimate with its interval, beside the confirmatory test."""
    SENSITIVITY = "sensitivity"
    """The same question with other assumptions; never a second chance."""
    DESCRIPTIVE = "descriptive"
    PLANNING = "planning"
    """What a study of this size can find, or what the next one needs."""
    SEED = "seed"
    """As the older script computed it, for comparison with tables that it made."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a row: ``column`` of ``table`` stands in relation ``is_`` to ``value``.

    ``is_`` is one of ``equal`` (to a code or true), ``in`` (one of the codes in ``value``, separated by
    tabs), ``at_least_column`` (not below the column that ``value`` names) and ``true_only_in_arm`` (true for
    the arm that ``value`` names and false for the other). A missing value meets no condition.
    """

    table: str
    column: str
    is_: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a number was computed from; enough to compute it again from the exported tables.

    Attributes:
        table, column: where the values stand; rows are matched to ``students_overview`` by ``student_id``.
        population: ``intention_to_treat``, ``per_protocol`` or ``all``; the first two are ``filters``.
        filters: all must hold; on ``students_overview`` or on ``table``.
        arms: control first; a difference is the second less the first. ``arm_column`` is of
            ``students_overview``.
        exposure: for counts, the column of ``students_overview`` that says how long was counted.
        per_student: how a student's row or rows become one value: "" (one row each), ``mean`` (of the
            values that are there), ``rate`` (value / exposure, missing without exposure), ``rows`` (every
            row counts, as in a model with the students as clusters).
        covariates: entries of the column ``covariate`` of ``baseline_covariates``; students without one of
            them are left out.
        cluster, blocks: columns of ``students_overview``; "" when they are not used. Blocks are numbered
            anew in each cohort.
        parameters: level, margin, draws, prior scale and the like, by name.
    """

    table: str
    column: str
    population: str = ITT
    filters: tuple[Filter, ...] = ()
    arms: tuple[str, ...] = ()
    arm_column: str = "ab_group"
    exposure: str = ""
    per_student: str = ""
    covariates: tuple[str, ...] = ()
    cluster: str = ""
    blocks: str = ""
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic: an estimate with its interval, a test, or both; or why there is none.

    Attributes:
        name: stable, such as ``welch``; the names are listed in ``docs/analysis-plan.md``.
        label: for people, such as "Welch t test".
        estimate, low, high: with an interval of ``level`` (0.95); on the outcome's scale unless ``extra``
            has ``scale``.
        unbounded: "low" or "high" when the interval has no end there (that end is None), or "".
        statistic, df, p: of the test; two-sided unless ``extra`` has ``alternative``.
        extra: further numbers of this statistic by name (``se``, ``u``, ``bf10``, ``n_control`` ...).
        refusal: why there is no number; then estimate, statistic and p are None.
        note: what a reader has to know to use the number rightly.
    """

    name: str
    label: str
    role: Role
    origin: Origin
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    unbounded: str = ""
    statistic: float | None = None
    df: float | None = None
    p: float | None = None
    extra: Mapping[str, Value] = field(default_factory=dict)
    refusal: str = ""
    note: str = ""

    @property
    def there(self) -> bool:
        """Whether there is a number at all."""
        return not self.refusal


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm of one outcome in one population.

    Attributes:
        students: who belongs to the population in this arm; ``observed`` of them have a value.
        mean ... high: of the observed values; None when there is none, ``sd`` also with a single one.
        skewness: adjusted Fisher-Pearson; None below 3 values or without variance.
        total, exposure: of a count: events and what they were counted over.
        yes: of a binary outcome: how many have it.
        at_low, at_high: how many stand at the outcome's declared lowest and highest value.
    """

    arm: str
    label: str
    students: int
    observed: int
    missing: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    low: float | None = None
    high: float | None = None
    skewness: float | None = None
    mean_low: float | None = None
    mean_high: float | None = None
    total: float | None = None
    exposure: float | None = None
    yes: int | None = None
    at_low: int = 0
    at_high: int = 0


@dataclass(frozen=True, slots=True)
class PopulationResult:
    """One outcome in one population: arms (control first), then what was computed from them."""

    population: str
    arms: tuple[ArmSummary, ...]
    statistics: tuple[Statistic, ...]
    origin: Origin

    def statistic(self, name: str) -> Statistic | None:
        """The statistic of this name, or none."""
        return next((one for one in self.statistics if one.name == name), None)


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """One planned outcome.

    Attributes:
        rank: "primary" or "secondary"; kind: "score", "count", "binary", "repeated".
        better: "higher", "lower" or "" (neither).
        populations: intention to treat first.
        missing: reasons why values are missing, by arm: (arm, reason, students).
    """

    name: str
    label: str
    rank: str
    kind: str
    definition: str
    unit: str
    better: str
    low: float | None
    high: float | None
    populations: tuple[PopulationResult, ...]
    missing: tuple[tuple[str, str, int], ...] = ()

    def population(self, name: str = ITT) -> PopulationResult | None:
        """What was computed in a population, or none."""
        return next((one for one in self.populations if one.population == name), None)

    @property
    def confirmatory(self) -> Statistic | None:
        """The one test that this outcome is judged by."""
        for population in self.populations:
            for one in population.statistics:
                if one.role is Role.CONFIRMATORY:
                    return one
        return None
