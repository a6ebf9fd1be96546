"""Which sheets the workbook has, in which order: what the older script promised and wrote, then the rest.

The seed names "Scenario-Level Performance" in one place and writes "Scenario Performance" in another; it
is one sheet, under the second name. Sheets that are computed here hold every digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.analysis.results import PopulationResult, Results, Statistic
from holdfast.research.column_types import schema_of
from holdfast.research.export.codebook_files import WORDS, Described, range_of
from holdfast.research.export.workbook import Sheet

FIRST = ("students_overview", "performance_metrics", "scenario_performance", "pattern_analysis")
THEN = (
    "critical_actions_timeline",
    "medications_administered",
    "challenge_points_usage",
    "aar_transcripts",
    "cdp_evaluations",
    "vital_signs",
)
"""The seed's tables have their sheet even when they are empty; others only when they hold something."""


def sheets(
    tables: Sequence[Described],
    scans: Mapping[str, pl.LazyFrame],
    results: Results | None,
    about: Sequence[tuple[str, str]],
) -> list[Sheet]:
    """The sheets of the workbook in their order.

    Args:
        tables: all of the bundle.
        scans: the rows of each by name.
        results: of the analysis, where one was made.
        about: lines of the last sheet, as pairs.
    """
    by_name = {each.table.name: each for each in tables}
    rest = [each.table.name for each in tables if each.rows and each.table.name not in {*FIRST, *THEN}]
    data = {
        name: Sheet(by_name[name].table, scans[name]) for name in (*FIRST, *THEN, *rest) if name in by_name
    }
    wanted = [data[name] for name in FIRST if name in data]
    if {"students_overview", "performance_metrics"} <= scans.keys():
        wanted.append(comparison(scans["students_overview"], scans["performance_metrics"]))
    if results is not None:
        wanted.append(_sheet(TESTS, _tests(results)))
    wanted += [data[name] for name in (*THEN, *rest) if name in data]
    return [
        *wanted,
        _sheet(CODEBOOK, _codebook(tables)),
        _sheet(ABOUT, [dict(zip(("what", "value"), line, strict=True)) for line in about]),
    ]


def _sheet(table: Table, rows: Iterable[Mapping[str, Any]]) -> Sheet:
    return Sheet(table, pl.DataFrame(list(rows), schema=schema_of(table)).lazy())


def _text(name: str, label: str) -> Variable:
    return Variable(name, Kind.TEXT, label)


def _words(name: str, label: str) -> Variable:
    """A text that needs a wide column."""
    return Variable(name, Kind.FREE_TEXT, label)


def _number(name: str, label: str, missing: str = "") -> Variable:
    return Variable(name, Kind.NUMBER, label, missing=missing)


def _count(name: str, label: str) -> Variable:
    return Variable(name, Kind.INTEGER, label, low=0)


_MOMENTS = {
    "mean": "mean",
    "std": "standard deviation",
    "min": "smallest",
    "q1": "lower quartile",
    "median": "median",
    "q3": "upper quartile",
    "max": "largest",
}
COMPARISON = Table(
    "ab_comparison",
    "AB Comparison",
    "an arm",
    ("ab_group",),
    (
        Variable("ab_group", Kind.CATEGORY, "Arm; (none) for students without one"),
        _count("student_id_count", "Students"),
        _count("overall_score_count", "Students with an overall score"),
        _count("overall_score_missing", "Students without an overall score"),
        *(
            _number(f"overall_score_{name}", f"Overall score: {label}", "too few scores")
            for name, label in _MOMENTS.items()
        ),
        _number("total_cdps_mean", "Critical decision points: mean"),
        _number("optimal_decisions_mean", "Optimal decisions: mean"),
        _count("medication_errors_sum", "Medication errors: sum (grows with the number of students)"),
        _number("medication_errors_mean", "Medication errors: mean of a student"),
        _number("scenarios_completed_mean", "Scenarios completed: mean"),
    ),
)


def comparison(overview: pl.LazyFrame, performance: pl.LazyFrame) -> Sheet:
    """The arms side by side, with their names; missing scores are counted and never taken as 0.

    Each arm is summed by itself and in the order of the students: sums of several threads would differ
    in their last digits from run to run.
    """
    measured = performance.select("student_id", *_MEASURED)
    students = overview.select("student_id", "ab_group", "scenarios_completed")
    joined = students.join(measured, on="student_id", how="left").sort("student_id").collect()
    arms = joined["ab_group"].unique().sort(nulls_last=True).to_list()
    return _sheet(COMPARISON, [_arm(arm, joined.filter(pl.col("ab_group").eq_missing(arm))) for arm in arms])


_MEASURED = ("overall_score", "total_cdps", "optimal_decisions", "medication_errors")


def _arm(arm: str | None, rows: pl.DataFrame) -> dict[str, Any]:
    rows = rows.rechunk()
    score, errors = rows["overall_score"], rows["medication_errors"]
    return {
        "ab_group": "(none)" if arm is None else arm,
        "student_id_count": rows.height,
        "overall_score_count": score.count(),
        "overall_score_missing": score.null_count(),
        "overall_score_mean": score.mean(),
        "overall_score_std": score.std(),
        "overall_score_min": score.min(),
        "overall_score_q1": score.quantile(0.25, "linear"),
        "overall_score_median": score.median(),
        "overall_score_q3": score.quantile(0.75, "linear"),
        "overall_score_max": score.max(),
        "total_cdps_mean": rows["total_cdps"].mean(),
        "optimal_decisions_mean": rows["optimal_decisions"].mean(),
        "medication_errors_sum": int(errors.sum()),
        "medication_errors_mean": errors.mean(),
        "scenarios_completed_mean": rows["scenarios_completed"].mean(),
    }


_NONE = "there is none; see refusal"
TESTS = Table(
    "statistical_tests",
    "Statistical Tests",
    "a statistic of an outcome in a population",
    ("outcome", "population", "statistic"),
    (
        _text("outcome", "Outcome"),
        _text("rank", "Primary or secondary in the plan"),
        _text("population", "Who is in it"),
        _words("statistic", "Statistic"),
        _text("role", "confirmatory: the one test of the outcome; the others never replace it"),
        _text("arms", "Second arm less the first"),
        _number("estimate", "Estimate", _NONE),
        _number("low", "Interval: lower end", _NONE),
        _number("high", "Interval: upper end", _NONE),
        _number("level", "Level of the interval", _NONE),
        _number("test_statistic", "Test statistic", _NONE),
        _number("df", "Degrees of freedom", _NONE),
        _number("p", "p, as computed", _NONE),
        _number("p_adjusted", "p adjusted over the declared family", "not in the family"),
        _words("refusal", "Why there is no number"),
        _words("note", "What to know to use it rightly"),
    ),
)


def _tests(results: Results) -> Iterable[dict[str, Any]]:
    adjusted = {member.outcome: member.p_adjusted for member in results.family.members}
    for outcome in results.outcomes:
        for population in outcome.populations:
            for one in population.statistics:
                row = _test(population, one)
                confirmed = one is outcome.confirmatory
                yield {
                    "outcome": outcome.label,
                    "rank": outcome.rank,
                    "p_adjusted": adjusted.get(outcome.name) if confirmed else None,
                    **row,
                }


def _test(population: PopulationResult, one: Statistic) -> dict[str, Any]:
    return {
        "population": population.population.replace("_", " "),
        "statistic": one.label,
        "role": one.role.value,
        "arms": " less ".join(reversed(one.origin.arms)),
        "estimate": one.estimate,
        "low": one.low,
        "high": one.high,
        "level": one.level,
        "test_statistic": one.statistic,
        "df": one.df,
        "p": one.p,
        "refusal": one.refusal or None,
        "note": one.note or None,
    }


CODEBOOK = Table(
    "codebook",
    "Codebook",
    "a variable",
    ("table", "variable"),
    (
        _text("sheet", "Sheet of this workbook"),
        _text("table", "File in csv, parquet, spss and stata"),
        _text("variable", "Column"),
        _words("label", "What it is"),
        _text("holds", "What kind of value"),
        _text("unit", "Unit"),
        _text("range", "Possible values"),
        _words("codes", "Codes and their meanings"),
        _text("level", "Level of measurement"),
        _words("missing", "What it means when there is no value"),
    ),
)


def _codebook(tables: Sequence[Described]) -> Iterable[dict[str, Any]]:
    for table in (each.table for each in tables):
        for variable in table.variables:
            codes = (f"{code}: {meaning}" for code, meaning in variable.values.items())
            yield {
                "sheet": table.sheet,
                "table": table.name,
                "variable": variable.name,
                "label": variable.label,
                "holds": WORDS[variable.kind],
                "unit": variable.unit or None,
                "range": range_of(variable) or None,
                "codes": "; ".join(codes) or None,
                "level": variable.level.value,
                "missing": variable.missing or None,
            }


ABOUT = Table(
    "about",
    "About",
    "a fact about this bundle",
    ("what",),
    (_text("what", "What"), Variable("value", Kind.FREE_TEXT, "Value")),
)
