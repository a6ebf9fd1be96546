"""Several cohorts beside one another: each one's difference, the summary over them, and the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from holdfast.research.analysis import means
from holdfast.research.analysis.comparison import Comparison
from holdfast.research.analysis.outcomes import arms_of
from holdfast.research.analysis.people import OVERVIEW, People
from holdfast.research.analysis.pooling import pooled, trend
from holdfast.research.analysis.results import CohortEstimate, Filter, Longitudinal, Role
from holdfast.research.analysis.stating import Heading, stated

_METHODS = {
    "random": (
        "random effects: DerSimonian-Laird variance between cohorts, Hartung-Knapp standard error (not below "
        "the common-effect one), t with one degree of freedom fewer than cohorts"
    ),
    "common": "one common effect: inverse-variance weights, normal; two cohorts do not show how cohorts vary",
}


def longitudinal(people: People, made: Comparison) -> Longitudinal | None:
    """The first primary outcome over cohorts; none with a single cohort, or when it has no means."""
    if not people.has("cohort") or made.outcome.kind not in {"score", "repeated"}:
        return None
    named = people.frame["cohort"].cast(pl.String)
    cohorts, order = _in_order(people, named.filter(pl.Series(made.chosen)).drop_nulls().unique().to_list())
    if len(cohorts) < 2:
        return None
    each = tuple(
        _one(made, cohort, np.asarray((named == cohort).fill_null(value=False))) for cohort in cohorts
    )
    return _over(made, each, order)


def _in_order(people: People, cohorts: Sequence[str]) -> tuple[list[str], str]:
    """Cohorts as they began, where the data tell that of each, else by name; and which of the two it is."""
    numbers = people.numbers("cohort_order")
    named = people.frame["cohort"].to_numpy()
    begun = {cohort: float(np.min(numbers[named == cohort])) for cohort in cohorts}
    if any(np.isnan(number) for number in begun.values()):
        return sorted(cohorts), "cohorts in order of name"
    return sorted(cohorts, key=lambda cohort: (begun[cohort], cohort)), "cohorts in order of first enrolment"


def _one(made: Comparison, cohort: str, inside: Any) -> CohortEstimate:
    origin = replace(made.origin, filters=(*made.origin.filters, Filter(OVERVIEW, "cohort", "equal", cohort)))
    here = replace(made, chosen=made.chosen & inside, origin=origin, draws={})
    return CohortEstimate(cohort, arms_of(here), means.welch(here, role=Role.DESCRIPTIVE))


def _over(made: Comparison, each: Sequence[CohortEstimate], order: str) -> Longitudinal:
    usable = [one for one in each if one.difference.there]
    estimates = [one.difference.estimate or 0.0 for one in usable]
    errors = [float(one.difference.extra["se"] or 0.0) for one in usable]
    names = "\t".join(one.cohort for one in usable)
    summary = stated(
        Heading("pooled", "Summary over cohorts", Role.SENSITIVITY),
        made.origin,
        lambda: _summary(estimates, errors, made.level),
        cohorts=names,
    )
    spread = stated(
        Heading("heterogeneity", "Disagreement between cohorts", Role.DESCRIPTIVE),
        made.origin,
        lambda: _spread(estimates, errors, made.level),
        cohorts=names,
    )
    slope = stated(
        Heading("trend", "Trend of the difference over cohorts", Role.DESCRIPTIVE, order),
        made.origin,
        lambda: _trend(estimates, errors, made.level),
        cohorts=names,
    )
    left_out = [one.cohort for one in each if not one.difference.there]
    statement = _METHODS.get(str(summary.extra.get("method")), summary.refusal)
    if left_out:
        statement += f"; without a difference, and so left out: {', '.join(left_out)}"
    return Longitudinal(made.outcome.name, tuple(each), summary, spread, slope, statement)


def _summary(estimates: Sequence[float], errors: Sequence[float], level: float) -> Mapping[str, Any]:
    found = pooled(estimates, errors, level)
    return {
        "estimate": found.estimate,
        "interval": found.interval,
        "statistic": found.statistic,
        "df": found.df,
        "p": found.p,
        "se": found.standard_error,
        "method": found.method,
    }


def _spread(estimates: Sequence[float], errors: Sequence[float], level: float) -> Mapping[str, Any]:
    found = pooled(estimates, errors, level)
    return {
        "statistic": found.q,
        "df": float(found.q_df),
        "p": found.q_p,
        "tau_squared": found.tau_squared,
        "i_squared": found.i_squared,
    }


def _trend(estimates: Sequence[float], errors: Sequence[float], level: float) -> Mapping[str, Any]:
    found = trend(estimates, errors, pooled(estimates, errors, level).tau_squared, level)
    return {
        "estimate": found.slope,
        "interval": found.interval,
        "statistic": found.t,
        "df": found.df,
        "p": found.p,
        "se": found.standard_error,
    }
