"""The values of one planned outcome, one for each student."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.research.analysis.people import STUDENT, Mask, People, Tables, as_numbers
from holdfast.research.plan.model import Outcome
from holdfast.research.statistics.samples import Values


@dataclass(frozen=True)
class OutcomeValues:
    """One value for each student of ``people``, in its order, NaN where there is none.

    Attributes:
        values: of a count, events; of a binary outcome, 1 and 0; of a repeated one, the student's mean.
        exposure: of a count.
        rows, row_of: of a repeated outcome, every single value and whose it is (index of the student);
            ``occasions`` is the scenario of each row.
        problem: why there are no values at all; "" when there are.
    """

    outcome: Outcome
    values: Values
    exposure: Values | None = None
    rows: Values | None = None
    row_of: NDArray[np.int64] | None = None
    occasions: NDArray[np.object_] | None = None
    problem: str = ""

    @property
    def observed(self) -> Mask:
        """Who has a value (for a count: and an exposure)."""
        there = ~np.isnan(self.values)
        return there if self.exposure is None else there & ~np.isnan(self.exposure)

    @property
    def rates(self) -> Values:
        """What the arms' means are computed from: the values; for a count, events per exposure."""
        if self.exposure is None:
            return self.values
        with np.errstate(divide="ignore", invalid="ignore"):
            return cast("Values", np.where(self.exposure > 0, self.values / self.exposure, np.nan))


def values_of(dataset: Tables, people: People, outcome: Outcome) -> OutcomeValues:
    """The values of an outcome; what makes that impossible is said in ``problem``, not raised."""
    nothing = np.full(people.frame.height, np.nan)
    try:
        table = dataset.read(outcome.table)
    except NotFound:
        return OutcomeValues(outcome, nothing, problem=f"the dataset has no table {outcome.table}")
    if outcome.column not in table.columns or STUDENT not in table.columns:
        return OutcomeValues(outcome, nothing, problem=f"{outcome.table} has no column {outcome.column}")
    if outcome.kind == "repeated":
        return _repeated(people, outcome, table)
    return _single(people, outcome, table)


def _single(people: People, outcome: Outcome, table: pl.DataFrame) -> OutcomeValues:
    nothing = np.full(people.frame.height, np.nan)
    one = table.select(STUDENT, pl.col(outcome.column).alias("value"))
    if outcome.table == "students_overview":
        one = people.frame.select(STUDENT, pl.col(outcome.column).alias("value"))
    elif people.twice:
        one = one.unique(STUDENT, keep="first", maintain_order=True)
    if one[STUDENT].is_duplicated().any():
        reason = f"{outcome.table} has several rows of a student; declare the outcome as repeated"
        return OutcomeValues(outcome, nothing, problem=reason)
    joined = people.frame.select(STUDENT).join(one, on=STUDENT, how="left", maintain_order="left")
    try:
        values = as_numbers(joined["value"])
    except InvalidInput as error:
        return OutcomeValues(outcome, nothing, problem=error.message)
    if outcome.kind == "binary" and not np.isin(values[~np.isnan(values)], (0, 1)).all():
        return OutcomeValues(outcome, nothing, problem=f"{outcome.column} holds more than yes and no")
    exposure = people.numbers(outcome.exposure) if outcome.exposure else None
    if exposure is not None and np.isnan(exposure).all():
        return OutcomeValues(outcome, nothing, problem=f"nobody has {outcome.exposure}")
    return OutcomeValues(outcome, values, exposure)


def _repeated(people: People, outcome: Outcome, table: pl.DataFrame) -> OutcomeValues:
    occasion = "scenario_id" if "scenario_id" in table.columns else "scenario_number"
    index = people.frame.select(STUDENT).with_row_index("place")
    named = pl.col(occasion).cast(pl.String) if occasion in table.columns else pl.lit("")
    rows = (
        table.select(STUDENT, pl.col(outcome.column).alias("value"), named.alias("occasion"))
        .join(index, on=STUDENT, how="inner", maintain_order="left")
        .filter(pl.col("value").is_not_null())
        .sort("place", "occasion", "value")
    )
    values = np.full(people.frame.height, np.nan)
    try:
        single = as_numbers(rows["value"])
    except InvalidInput as error:
        return OutcomeValues(outcome, values, problem=error.message)
    means = rows.group_by("place", maintain_order=True).agg(pl.col("value").mean())
    # Equal means are ties for a rank test, whatever the order in which they were summed.
    values[means["place"].to_numpy()] = as_numbers(means["value"].round_sig_figs(12))
    return OutcomeValues(
        outcome,
        values,
        rows=single,
        row_of=np.asarray(rows["place"].to_numpy(), dtype=np.int64),
        occasions=np.asarray(rows["occasion"].to_numpy(), dtype=np.object_),
    )
