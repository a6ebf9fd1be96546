"""What an analysis found: every number of a report, with what it was computed from.

Only shapes: nothing is computed here. A number that could not be computed is ``None`` and has a reason
beside it; NaN and infinities do not occur. The report, the figures and the scripts that recompute the
numbers read these, and ``results.json`` is their exact text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from holdfast.research.analysis import text_form

Value = float | int | str | bool | None
FORMAT = 1
"""Moves when a reader of ``results.json`` would have to change."""

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
