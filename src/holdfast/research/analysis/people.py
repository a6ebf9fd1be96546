"""The students of a dataset, one row each: arm, cohort, class, block, what they received and completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.research.analysis.results import ITT, PER_PROTOCOL, Deviation, Filter
from holdfast.research.plan.model import Plan

OVERVIEW = "students_overview"
COVARIATES = "baseline_covariates"
ARM = "ab_group"
STUDENT = "student_id"

Mask = NDArray[np.bool_]


class Tables(Protocol):
    """A dataset: tables by name."""

    def read(self, name: str) -> pl.DataFrame:
        """One table, sorted by its key."""


@dataclass(frozen=True)
class People:
    """Who is in a dataset.

    Attributes:
        frame: ``students_overview``, every student once, sorted by cohort and allocation.
        twice: students who stood there more than once (in several cohorts); the first row counts.
        missing: columns that the analysis would have used and that hold nothing.
    """

    plan: Plan
    frame: pl.DataFrame
    twice: int
    missing: tuple[str, ...]

    @property
    def arms(self) -> list[str | None]:
        """The arm of every student."""
        found: list[str | None] = self.frame[ARM].to_list()
        return found

    def in_arm(self, code: str) -> Mask:
        """Who is in an arm."""
        return np.asarray(self.frame[ARM].eq_missing(code).to_numpy(), dtype=np.bool_)

    @property
    def in_arms(self) -> Mask:
        """Who is in one of the plan's arms."""
        control, other = self.plan.codes
        return self.in_arm(control) | self.in_arm(other)

    def has(self, column: str) -> bool:
        """Whether a column is there and holds something."""
        return column in self.frame.columns and self.frame[column].null_count() < self.frame.height

    def true(self, column: str) -> Mask:
        """Where a column is true; nowhere when it is not there."""
        if column not in self.frame.columns:
            return np.zeros(self.frame.height, dtype=np.bool_)
        return np.asarray(self.frame[column].cast(pl.Boolean).fill_null(value=False).to_numpy(), np.bool_)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as numbers, NaN where there is none."""
        if column not in self.frame.columns:
            return np.full(self.frame.height, np.nan)
        return as_numbers(self.frame[column])

    def labels(self, column: str) -> NDArray[np.object_] | None:
        """A column as labels within the cohort; None when somebody of the plan's arms has none."""
        if not self.has(column) or self.frame[column].is_null().to_numpy()[self.in_arms].any():
            return None
        cohort = self.frame["cohort"].fill_null("") if "cohort" in self.frame.columns else pl.lit("")
        made = self.frame.select(pl.concat_str([cohort, pl.col(column).cast(pl.String)], separator="\t"))
        return np.asarray(made.to_series().to_numpy(), dtype=np.object_)


def people_of(dataset: Tables, plan: Plan) -> People:
    """The students of a dataset.

    Raises:
        InvalidInput: nobody is there.
    """
    overview = dataset.read(OVERVIEW)
    if overview.is_empty():
        raise InvalidInput("the dataset holds no students", field="dataset")
    order = [name for name in ("cohort", "enrolment_order", STUDENT) if name in overview.columns]
    overview = overview.sort(order, nulls_last=True)
    frame = overview.unique(STUDENT, keep="first", maintain_order=True)
    wanted = [ARM, "session_complete", "scenarios_completed", "scenarios_assigned"]
    if plan.population.challenge_points is not None:
        wanted.append("challenge_points_enabled")
    people = People(plan, frame, overview.height - frame.height, ())
    missing = tuple(name for name in wanted if not people.has(name))
    return People(plan, frame, people.twice, missing)


def as_numbers(series: pl.Series) -> NDArray[np.float64]:
    """A series as floats, NaN where it is null; booleans are 1 and 0.

    Raises:
        InvalidInput: it holds text.
    """
    if series.dtype == pl.Boolean or series.dtype.is_numeric():
        return np.asarray(series.cast(pl.Float64).fill_null(np.nan).to_numpy(), dtype=np.float64)
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)
    raise InvalidInput(f"{series.name} holds {series.dtype}, not numbers", field=series.name)


def filters_of(people: People, population: str) -> tuple[Filter, ...]:
    """The conditions that make a population; conditions on columns that hold nothing are left out."""
    plan = people.plan
    filters = [Filter(OVERVIEW, ARM, "in", "\t".join(plan.codes))]
    if population == ITT:
        return tuple(filters)
    if people.has("session_complete"):
        filters.append(Filter(OVERVIEW, "session_complete", "equal", value=True))
    if people.has("scenarios_assigned") and people.has("scenarios_completed"):
        filters.append(Filter(OVERVIEW, "scenarios_completed", "at_least_column", "scenarios_assigned"))
    meant = plan.population.challenge_points
    if meant is not None and people.has("challenge_points_enabled"):
        filters.append(Filter(OVERVIEW, "challenge_points_enabled", "true_only_in_arm", meant))
    return tuple(filters)


def meets(people: People, condition: Filter) -> Mask:
    """Who meets a condition on ``students_overview``."""
    column = pl.col(condition.column)
    tests: Mapping[str, Any] = {
        "in": lambda: column.is_in(str(condition.value).split("\t")),
        "equal": lambda: column == condition.value,
        "at_least_column": lambda: column >= pl.col(str(condition.value)),
        "true_only_in_arm": lambda: column == (pl.col(ARM) == condition.value),
    }
    found = people.frame.select(tests[condition.is_]().fill_null(value=False).alias("meets"))
    return np.asarray(found["meets"].to_numpy(), dtype=np.bool_)


def members(people: People, population: str) -> Mask:
    """Who is in a population."""
    found = np.ones(people.frame.height, dtype=np.bool_)
    for condition in filters_of(people, population):
        found &= meets(people, condition)
    return found


def populations(plan: Plan) -> tuple[str, ...]:
    """The populations that are analysed, the plan's primary one first."""
    both = (ITT, PER_PROTOCOL) if plan.population.primary == ITT else (PER_PROTOCOL, ITT)
    return both if plan.population.per_protocol or plan.population.primary == PER_PROTOCOL else both[:1]


def covariates_of(
    dataset: Tables, people: People
) -> tuple[NDArray[np.float64] | None, tuple[Deviation, ...]]:
    """The plan's covariates as columns in the order of the students; None when one of them is nowhere."""
    wanted = people.plan.analysis.covariates
    if not wanted:
        return None, ()
    table = covariate_table(dataset)
    columns, lost = [], []
    for name in wanted:
        values = table.filter(pl.col("covariate") == name).unique(STUDENT, keep="first", maintain_order=True)
        joined = people.frame.select(STUDENT).join(values, on=STUDENT, how="left", maintain_order="left")
        columns.append(as_numbers(joined["value"]))
        if np.isnan(columns[-1][people.in_arms]).all():
            lost.append(Deviation("missing_covariate", name, "adjusted for", "nobody has a value"))
    return (None if lost else np.column_stack(columns)), tuple(lost)


def covariate_table(dataset: Tables) -> pl.DataFrame:
    """The table of what was measured before; empty when there is none."""
    try:
        return dataset.read(COVARIATES)
    except NotFound:
        return pl.DataFrame(schema={STUDENT: pl.String, "covariate": pl.String, "value": pl.Float64})
