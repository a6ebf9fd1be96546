"""The numbers of an analysis against direct calls of scipy and plain arithmetic on the same tables."""

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats

from fixtures.studies import plan_for, study
from holdfast.research.analysis.analysing import carried_out
from holdfast.research.analysis.pooling import pooled, trend
from holdfast.research.analysis.results import ITT, PER_PROTOCOL, Role


@pytest.fixture(scope="module")
def made():
    data = study(60, seed=3)
    plan = plan_for(covariates=("pretest",), cluster="cluster", seed_figures=True)
    return data, carried_out(data, plan)


def _arms(data, column="overall_score", table="performance_metrics"):
    joined = data.tables["students_overview"].join(data.tables[table], on="student_id")
    return tuple(
        joined.filter(pl.col("ab_group") == arm)[column].drop_nulls().to_numpy() for arm in ("A", "B")
    )


def _of(made, name, outcome="overall_score", population=ITT):
    found = made[1].results.outcome(outcome).population(population).statistic(name)
    assert found is not None and found.refusal == "", (name, found)
    return found


def test_welch_is_scipys(made):
    a, b = _arms(made[0])
    theirs, ours = stats.ttest_ind(a, b, equal_var=False), _of(made, "welch")
    interval = theirs.confidence_interval(0.95)
    assert (ours.statistic, ours.df, ours.p) == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue))
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert ours.estimate == pytest.approx(a.mean() - b.mean())
    assert ours.role is Role.CONFIRMATORY


def test_the_companions_are_scipys(made):
    a, b = _arms(made[0])
    u = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True)
    ours = _of(made, "mann_whitney")
    assert ours.statistic == pytest.approx(u.statistic)
    assert ours.estimate == pytest.approx(u.statistic / (a.size * b.size))
    assert ours.p == pytest.approx(u.pvalue if not ours.extra["exact"] else stats.mannwhitneyu(a, b).pvalue)
    bm = stats.brunnermunzel(a, b)
    assert _of(made, "brunner_munzel").p == pytest.approx(bm.pvalue)
    student = stats.ttest_ind(a, b)
    assert (_of(made, "student").statistic, _of(made, "student").p) == pytest.approx(
        (student.statistic, student.pvalue)
    )
    d = (a.mean() - b.mean()) / math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    assert _of(made, "seed_d").estimate == pytest.approx(d)
    assert _of(made, "jzs").statistic == pytest.approx(student.statistic)


def test_the_arms_are_described_from_the_same_values_as_the_test(made):
    a, b = _arms(made[0])
    control, treated = made[1].results.outcome("overall_score").population().arms
    assert (control.arm, treated.arm) == ("B", "A")
    for arm, values in ((treated, a), (control, b)):
        assert arm.observed == values.size and arm.students == arm.observed + arm.missing == 30
        assert (arm.mean, arm.sd) == pytest.approx((values.mean(), values.std(ddof=1)))
        assert (arm.q1, arm.median, arm.q3) == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75]))
        half = stats.t.ppf(0.975, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size)
        assert (arm.mean_low, arm.mean_high) == pytest.approx((values.mean() - half, values.mean() + half))


def test_adjusted_differences_are_least_squares_with_hc3(made):
    data = made[0]
    joined = (
        data.tables["students_overview"]
        .join(data.tables["performance_metrics"], on="student_id")
        .join(data.tables["baseline_covariates"], on="student_id")
        .drop_nulls("overall_score")
    )
    y, t = joined["overall_score"].to_numpy(), (joined["ab_group"] == "A").to_numpy().astype(float)
    x = joined["value"].to_numpy()
    for name, columns in (
        ("ancova", [np.ones_like(y), t, x]),
        ("lin", [np.ones_like(y), t, x - x.mean(), t * (x - x.mean())]),
    ):
        design = np.column_stack(columns)
        inverse = np.linalg.inv(design.T @ design)
        beta = inverse @ design.T @ y
        leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
        scaled = design * ((y - design @ beta) / (1 - leverage))[:, None]
        error = math.sqrt((inverse @ scaled.T @ scaled @ inverse)[1, 1])
        ours = _of(made, name)
        assert (ours.estimate, ours.extra["se"]) == pytest.approx((beta[1], error))
        assert ours.df == y.size - design.shape[1]
        assert ours.p == pytest.approx(2 * stats.t.sf(abs(beta[1] / error), ours.df))


def test_counts_are_exact_and_conditional(made):
    data = made[0]
    joined = data.tables["students_overview"].join(data.tables["performance_metrics"], on="student_id")
    sums = joined.group_by("ab_group").agg(
        pl.col("medication_errors").sum(), pl.col("scenarios_completed").sum()
    )
    (ea, xa), (eb, xb) = (sums.filter(pl.col("ab_group") == arm).row(0)[1:] for arm in ("A", "B"))
    ours = _of(made, "rate_ratio", "medication_errors")
    assert ours.estimate == pytest.approx((ea / xa) / (eb / xb))
    assert ours.p == pytest.approx(stats.binomtest(ea, ea + eb, xa / (xa + xb)).pvalue)
    exact = stats.binomtest(ea, ea + eb).proportion_ci(0.95, "exact")
    low, high = (p / (1 - p) * xb / xa for p in (exact.low, exact.high))
    assert (ours.low, ours.high) == pytest.approx((low, high))
    assert (ours.extra["count_treated"], ours.extra["exposure_control"]) == (ea, xb)


def test_repeated_scenarios_are_compared_as_means_of_students(made):
    data = made[0]
    means = data.tables["scenario_performance"].group_by("student_id").agg(pl.col("score").mean())
    joined = data.tables["students_overview"].join(means, on="student_id")
    a, b = (joined.filter(pl.col("ab_group") == arm)["score"].to_numpy() for arm in ("A", "B"))
    theirs = stats.ttest_ind(a, b, equal_var=False)
    assert _of(made, "welch", "scenario_score").p == pytest.approx(theirs.pvalue)
    assert _of(made, "cr2_scenarios", "scenario_score").estimate == pytest.approx(a.mean() - b.mean())


def test_per_protocol_leaves_out_who_did_not_complete(made):
    data = made[0]
    complete = data.tables["students_overview"].filter("session_complete")
    joined = complete.join(data.tables["performance_metrics"], on="student_id")
    a, b = (joined.filter(pl.col("ab_group") == arm)["score_not_performed_zero"].to_numpy() for arm in "AB")
    theirs = stats.ttest_ind(a, b, equal_var=False)
    ours = _of(made, "welch", "score_not_performed_zero", PER_PROTOCOL)
    assert ours.p == pytest.approx(theirs.pvalue) and ours.role is Role.SENSITIVITY


def test_holm_over_the_family_and_intervals_at_its_level():
    data = study(60, seed=5, effect=6)
    plan = plan_for()
    outcomes = tuple(
        one.model_copy(update={"family": True}) if one.kind in {"score", "count"} else one
        for one in plan.outcomes
    )
    results = carried_out(data, plan.model_copy(update={"outcomes": outcomes})).results
    members = results.family.members
    assert results.family.size == len(members) == 5
    order = sorted(members, key=lambda member: member.p)
    expected, largest = [], 0.0
    for place, member in enumerate(order):
        largest = max(largest, min(1.0, (5 - place) * member.p))
        expected.append(largest)
    assert [member.p_adjusted for member in order] == pytest.approx(expected)
    assert [member.rank for member in order] == [1, 2, 3, 4, 5]
    a, b = _arms(data)
    wide = stats.ttest_ind(a, b, equal_var=False).confidence_interval(1 - 0.05 / 5)
    first = next(member for member in members if member.outcome == "overall_score")
    assert (first.low, first.high, first.level) == pytest.approx((wide.low, wide.high, 0.99))


def test_the_draws_give_the_p_and_can_be_written(made):
    results, draws = made[1].results, made[1].draws
    ours = results.outcome("overall_score").population().statistic("permutation")
    drawn = draws["overall_score", "permutation"]
    extreme = int((np.abs(drawn) >= abs(ours.statistic) * (1 - 1e-9)).sum())
    assert ours.p == pytest.approx((extreme + 1) / (drawn.size + 1))
    table = made[1].draws_table()
    assert table.columns == ["outcome", "statistic", "draw", "value"]
    assert table.filter((pl.col("outcome") == "overall_score") & (pl.col("statistic") == "bca")).height == 999


def test_cohorts_are_summarised():
    # metafor: rma(yi, vi, method="DL"): tau2 and Q by hand below
    y, se = [1.0, 3.0, 5.0, 2.0], [1.0, 0.8, 1.2, 0.9]
    w = 1 / np.array(se) ** 2
    mean = np.sum(w * y) / w.sum()
    q = np.sum(w * (np.array(y) - mean) ** 2)
    tau = (q - 3) / (w.sum() - np.sum(w**2) / w.sum())
    found = pooled(y, se)
    assert (found.q, found.tau_squared, found.method) == (
        pytest.approx(q),
        pytest.approx(tau),
        "random",
    )
    star = 1 / (np.array(se) ** 2 + tau)
    assert found.estimate == pytest.approx(np.sum(star * y) / star.sum())
    two = pooled(y[:2], se[:2])
    assert two.method == "common" and two.df is None
    slope = trend([1.0, 2.0, 3.0, 4.0], [1.0] * 4, 0.0)
    assert slope.slope == pytest.approx(1.0) and slope.df == 2


def test_the_longitudinal_view_has_each_cohort_and_says_how(made):
    view = made[1].results.longitudinal
    assert [one.cohort for one in view.cohorts] == ["2026", "2027"]
    assert "one common effect" in view.statement
    errors = [one.difference.extra["se"] for one in view.cohorts]
    weights = [1 / error**2 for error in errors]
    expected = sum(w * one.difference.estimate for w, one in zip(weights, view.cohorts, strict=True))
    assert view.summary.estimate == pytest.approx(expected / sum(weights))
    assert "three cohorts" in view.trend.refusal
