"""Estimates that take covariates, classes and repeated scenarios into account."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from holdfast.research.analysis.comparison import Comparison, with_rates
from holdfast.research.analysis.results import Origin, Role, Statistic
from holdfast.research.analysis.stating import Fields, Heading, of_difference, refused, stated
from holdfast.research.statistics import clusters, regression
from holdfast.research.statistics.clusters import ClusteredDifference
from holdfast.research.statistics.regression import AdjustedDifference

_UNADJUSTED = "the classes' means, each class the same"


def adjusted(made: Comparison) -> list[Statistic]:
    """Lin's interacted model and the plain analysis of covariance, where the plan names covariates."""
    if not made.plan.analysis.covariates:
        return []
    origin = replace(with_rates(made), covariates=made.plan.analysis.covariates)
    lin = Heading("lin", "Adjusted difference (Lin)", Role.ESTIMATE, "covariates centred, interacted; HC3")
    plain = Heading("ancova", "Analysis of covariance", Role.SENSITIVITY, "one slope for both arms; HC3")
    reason = made.too_few or ("" if made.covariates is not None else "nobody has one of the covariates")
    if reason or made.covariates is None:
        return [refused(heading, origin, reason) for heading in (lin, plain)]
    values, treated = made.found.rates[made.chosen], made.treated[made.chosen]
    table = made.covariates[made.chosen]
    return [
        stated(lin, origin, lambda: _fields(regression.lin(values, treated, table, made.level))),
        stated(plain, origin, lambda: _fields(regression.ancova(values, treated, table, made.level))),
    ]


def clustered(made: Comparison, level: float | None = None, *, role: Role) -> list[Statistic]:
    """What holds when classes were taught together, the robust difference first."""
    if made.plan.analysis.cluster is None:
        return []
    level = made.level if level is None else level
    origin = replace(with_rates(made), cluster=made.plan.analysis.cluster)
    robust = Heading("cr2", "Class-robust difference (CR2)", role, "Satterthwaite degrees of freedom")
    averaged = Heading("cluster_means", "Welch test of class means", Role.SENSITIVITY, _UNADJUSTED)
    reason = made.too_few or ("" if made.clusters is not None else "not every student has a class")
    if reason or made.clusters is None:
        return [refused(heading, origin, reason) for heading in (robust, averaged)]
    values, treated = made.found.rates[made.chosen], made.treated[made.chosen]
    labels = made.clusters[made.chosen]
    statistics = [
        stated(
            robust,
            origin,
            lambda: _of_clusters(clusters.cr2(values, treated, labels, level=level)),
            level=level,
        )
    ]
    if made.plan.analysis.allocated_by_cluster:
        statistics.append(
            stated(
                averaged, origin, lambda: _of_clusters(clusters.cluster_means(values, treated, labels, level))
            )
        )
    return statistics


def over_scenarios(made: Comparison) -> list[Statistic]:
    """A repeated outcome row by row, with each scenario's own mean and the students as clusters."""
    found = made.found
    if found.rows is None or found.row_of is None or found.occasions is None:
        return []
    heading = Heading(
        "cr2_scenarios",
        "Difference over scenarios (CR2)",
        Role.SENSITIVITY,
        "every scenario has its own mean; the students are the clusters",
    )
    origin = Origin(
        made.origin.table,
        made.origin.column,
        made.population,
        made.origin.filters,
        made.origin.arms,
        per_student="rows",
        parameters={"level": made.level},
    )
    if made.too_few:
        return [refused(heading, origin, made.too_few)]
    kept = made.chosen[found.row_of]
    whose = found.row_of[kept]
    kinds = sorted(set(found.occasions[kept]))
    dummies = np.column_stack([found.occasions[kept] == kind for kind in kinds[1:]]) if kinds[1:] else None
    rows = found.rows[kept]
    return [
        stated(
            heading,
            origin,
            lambda: _of_clusters(clusters.cr2(rows, made.treated[whose], whose, dummies, made.level)),
            scenarios=len(kinds),
        )
    ]


def _fields(found: AdjustedDifference) -> Fields:
    treated, control = found.adjusted_means
    return {
        **of_difference(found),
        "left_out": found.left_out,
        "r_squared": found.r_squared,
        "mean_treated": treated.mean,
        "mean_treated_low": treated.interval.low,
        "mean_treated_high": treated.interval.high,
        "mean_control": control.mean,
        "mean_control_low": control.interval.low,
        "mean_control_high": control.interval.high,
    }


def _of_clusters(found: ClusteredDifference) -> Fields:
    treated, control = found.clusters
    return {**of_difference(found), "clusters_treated": treated, "clusters_control": control}
