"""What the arms were like before: the baseline table, without tests, and unwanted outcomes by arm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.research.analysis import events
from holdfast.research.analysis.comparison import comparison
from holdfast.research.analysis.outcome_values import OutcomeValues, values_of
from holdfast.research.analysis.people import (
    COVARIATES,
    OVERVIEW,
    STUDENT,
    People,
    Tables,
    as_numbers,
    covariate_table,
    members,
)
from holdfast.research.analysis.results import ITT, BaselineCell, BaselineRow, Role, SafetyCell, SafetyRow
from holdfast.research.plan.model import Outcome
from holdfast.research.statistics.description import describe

MOST_CATEGORIES = 12
UNWANTED = (
    ("dangerous_decisions", "Dangerous decisions"),
    ("medication_errors", "Medication errors"),
    ("medication_warnings", "Medication warnings"),
    ("safety_violations", "Safety violations"),
    ("critical_actions_missed", "Critical actions missed"),
)
"""Columns of ``performance_metrics`` that count what nobody wants."""


def baseline_of(dataset: Tables, people: People) -> tuple[BaselineRow, ...]:
    """Every imported covariate, then how the arms divide over cohorts and classes."""
    table = covariate_table(dataset)
    rows = [_measured(people, table, name) for name in sorted(table["covariate"].drop_nulls().unique())]
    for column, label in (("cohort", "Cohort"), (people.plan.analysis.cluster or "cluster", "Class")):
        rows += _categories(people, column, label)
    return tuple(rows)


def _measured(people: People, table: pl.DataFrame, name: str) -> BaselineRow:
    one = table.filter(pl.col("covariate") == name).unique(STUDENT, keep="first", maintain_order=True)
    joined = people.frame.select(STUDENT).join(one, on=STUDENT, how="left", maintain_order="left")
    values = as_numbers(joined["value"])
    cells = tuple(_cell(values[people.in_arm(code)], code) for code in people.plan.codes)
    return BaselineRow(name, name, "", COVARIATES, "value", cells, _standardised(cells))


def _cell(values: NDArray[np.float64], code: str) -> BaselineCell:
    found = describe(values)
    return BaselineCell(
        code, found.n, found.missing, found.mean, found.sd, found.median, found.quartile_1, found.quartile_3
    )


def _standardised(cells: tuple[BaselineCell, ...]) -> float | None:
    control, treated = cells
    if control.mean is None or treated.mean is None or control.sd is None or treated.sd is None:
        return None
    spread = math.sqrt((control.sd**2 + treated.sd**2) / 2)
    return (treated.mean - control.mean) / spread if spread > 0 else None


def _categories(people: People, column: str, label: str) -> list[BaselineRow]:
    if not people.has(column):
        return []
    named = people.frame[column].cast(pl.String)
    codes = sorted(named.filter(pl.Series(people.in_arms)).drop_nulls().unique())
    if not 2 <= len(codes) <= MOST_CATEGORIES:
        return []
    rows = []
    for code in codes:
        cells = []
        for arm in people.plan.codes:
            inside = named.filter(pl.Series(people.in_arm(arm)))
            present = len(inside) - inside.null_count()
            count = int((inside == code).sum())
            cells.append(
                BaselineCell(
                    arm, present, inside.null_count(), count=count, share=count / present if present else None
                )
            )
        rows.append(BaselineRow(column, label, code, OVERVIEW, column, tuple(cells)))
    return rows


def safety_of(dataset: Tables, people: People, *, seed: int) -> tuple[SafetyRow, ...]:
    """Unwanted outcomes per arm, of everybody who was allocated and has a record."""
    rows = []
    for column, label in UNWANTED:
        outcome = Outcome(
            name=column,
            kind="count",
            table="performance_metrics",
            column=column,
            label=label,
            definition=f"{label} in all scenarios.",
            exposure="scenarios_completed",
        )
        found = values_of(dataset, people, outcome)
        if not found.problem:
            rows.append(_safety(people, found, seed))
    return tuple(rows)


def _safety(people: People, found: OutcomeValues, seed: int) -> SafetyRow:
    outcome = found.outcome
    made = comparison(
        people, found, ITT, members(people, ITT), None, alpha=people.plan.analysis.alpha, seed=seed
    )
    cells = tuple(_safety_cell(people, found, code) for code in people.plan.codes)
    ratio = events.rate_ratio(made, role=Role.DESCRIPTIVE)
    note = "exact for counts of chance alone; not adjusted for the number of rows"
    return SafetyRow(outcome.name, outcome.label, outcome.column, cells, replace(ratio, note=note))


def _safety_cell(people: People, found: OutcomeValues, code: str) -> SafetyCell:
    there = people.in_arm(code) & found.observed
    events_here = found.values[there]
    over = found.exposure[there] if found.exposure is not None else np.zeros(0)
    return SafetyCell(
        code, int(there.sum()), int((events_here > 0).sum()), float(events_here.sum()), float(over.sum())
    )
