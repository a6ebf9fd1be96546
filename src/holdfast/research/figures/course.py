"""Figures over the time within a scenario: vital signs and actions, by arm.

Aggregated by Polars without reading a table whole: a study of 20,000 students has millions of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from holdfast.research.figures.material import Arms, Tables, columns_there, students, wrapped
from holdfast.research.figures.numbers import chosen
from holdfast.research.figures.piece import Drawn, LeftOut, Piece
from holdfast.research.figures.style import Look, looks, panels

LEAST = 3
"""Students of an arm below which a step of time is not drawn: their middle half would say nothing."""
MOST_STUDENTS = 10_000
"""More are represented by so many, chosen by a fixed draw: the lines would not change visibly."""
_STEPS = 20
"""Steps of time in a scenario."""
_MOST_SCENARIOS = 6


@dataclass(frozen=True, slots=True)
class Sign:
    """A vital sign: its column, its name and unit."""

    column: str
    label: str


SIGNS = (
    Sign("heart_rate", "heart rate\n(1/min)"),
    Sign("respiratory_rate", "respiratory rate\n(1/min)"),
    Sign("spo2", "SpO₂\n(%)"),
    Sign("systolic", "systolic BP\n(mmHg)"),
)


def vital_signs(tables: Tables, arms: Arms) -> Piece:
    """Median and middle half of each vital sign over time, a row per scenario."""
    name, title = "vital_signs", "Vital signs over time"
    signs = [sign for sign in SIGNS if columns_there(tables, "vital_signs", ("elapsed_s", sign.column))]
    if not signs:
        return LeftOut(name, title, "the dataset has no vital signs")
    course = _course(tables, arms, [sign.column for sign in signs])
    everybody = students(tables, arms).select(pl.len()).collect().item()
    signs = [sign for sign in signs if course[f"{sign.column}_middle"].drop_nulls().len()]
    scenarios = _most_played(course)
    if not signs or not scenarios:
        return LeftOut(name, title, f"no step of time has {LEAST} students of an arm")
    figure, axes = panels(
        len(scenarios), len(signs), height_in=0.7 + 1.45 * len(scenarios), sharex="row", sharey="col"
    )
    style = looks(arms.codes)
    for row, (scenario, label) in zip(axes, scenarios, strict=True):
        part = course.filter(pl.col("scenario_id") == scenario)
        for axis, sign in zip(row, signs, strict=True):
            _band(axis, part, sign.column, style)
        row[0].set_ylabel(f"{wrapped(label, 20)}\n{_largest(part, arms)}", fontsize=7.5)
        _minutes(row)
    for axis, sign in zip(axes[0], signs, strict=True):
        axis.set_title(sign.label)
    _legend(figure, arms)
    return Drawn(name, title, _signs_caption(everybody), _signs_said(signs, scenarios), figure)


def _course(tables: Tables, arms: Arms, columns: list[str]) -> pl.DataFrame:
    """Per scenario, arm and step of time: quartiles over students of the value last recorded by then.

    Vital signs are recorded when something happens, so that between two records the last one holds. A
    student counts until the step after the last record of the run.
    """
    who = _some(students(tables, arms).sort("student_id").collect())
    rows = tables.scan("vital_signs").select("student_id", "scenario_id", "elapsed_s", *columns)
    known = rows.filter(pl.col("elapsed_s") >= 0).join(who.lazy(), on="student_id", how="semi")
    recorded = known.sort("elapsed_s").collect(engine="streaming")
    keys = ["scenario_id", "ab_group", "step", "width"]
    each = _steps(recorded, who, _widths(tables)).join_asof(
        recorded, left_on="at", right_on="elapsed_s", by=["student_id", "scenario_id"], check_sortedness=False
    )
    quartiles = [
        pl.when(pl.col(column).count() >= LEAST)
        .then(pl.col(column).quantile(at, "linear"))
        .alias(f"{column}_{which}")
        for column in columns
        for which, at in (("low", 0.25), ("middle", 0.5), ("high", 0.75))
    ]
    course = each.group_by(keys).agg(*quartiles, n=pl.len()).sort(keys)
    return course.join(_titles(tables), on="scenario_id", how="left", maintain_order="left").with_columns(
        minutes=pl.col("step") * pl.col("width") / 60
    )


def _steps(recorded: pl.DataFrame, who: pl.DataFrame, widths: pl.DataFrame) -> pl.DataFrame:
    """Every student and scenario at every step of time that the run reached, sorted by time."""
    runs = recorded.group_by("student_id", "scenario_id").agg(end=pl.col("elapsed_s").max())
    known = runs.join(widths, on="scenario_id").join(who, on="student_id")
    steps = known.join(pl.DataFrame({"step": range(_STEPS + 1)}), how="cross")
    placed = steps.with_columns(at=pl.col("step") * pl.col("width"))
    reached = placed.filter(pl.col("at") < pl.col("end") + pl.col("width"))
    return reached.sort("at", "scenario_id", "student_id")


def _some(everybody: pl.DataFrame) -> pl.DataFrame:
    return everybody[chosen(everybody.height, MOST_STUDENTS, "vital signs")]


def _widths(tables: Tables) -> pl.DataFrame:
    """The length of a step in each scenario: 95 % of the records lie within the steps."""
    last = tables.scan("vital_signs").group_by("scenario_id").agg(end=pl.col("elapsed_s").quantile(0.95))
    return (
        last.filter(pl.col("end") > 0)
        .select("scenario_id", width=pl.col("end") / _STEPS)
        .sort("scenario_id")
        .collect(engine="streaming")
    )


def _titles(tables: Tables) -> pl.DataFrame:
    named = tables.scan("scenario_performance").select("scenario_id", "scenario_title").drop_nulls()
    return (
        named.group_by("scenario_id").agg(title=pl.col("scenario_title").min()).sort("scenario_id").collect()
    )


def _most_played(course: pl.DataFrame) -> list[tuple[str, str]]:
    """The scenarios to show, with what they are called: at most six, those of most students."""
    largest = course.group_by("scenario_id", "title").agg(pl.col("n").max()).filter(pl.col("n") >= LEAST)
    ranked = largest.sort("n", "scenario_id", descending=[True, False]).head(_MOST_SCENARIOS)
    shown = ranked.sort("scenario_id").select("scenario_id", "title")
    return [(str(row[0]), str(row[1] or row[0])) for row in shown.iter_rows()]


def _band(axis: Axes, part: pl.DataFrame, column: str, style: dict[str, Look]) -> None:
    for code, look in style.items():
        rows = part.filter(pl.col("ab_group") == code).sort("step")  # a gap breaks the line
        axis.fill_between(
            rows["minutes"], rows[f"{column}_low"], rows[f"{column}_high"],
            color=look.colour, alpha=0.18, linewidth=0,
        )  # fmt: skip
        axis.plot(rows["minutes"], rows[f"{column}_middle"], color=look.colour, linestyle=look.line)
    axis.grid(visible=True, axis="y")
    axis.margins(x=0.02)


def _minutes(row: list[Axes]) -> None:
    for axis in row:
        axis.set_xlabel("minutes")
        axis.xaxis.labelpad = 1
        axis.set_xlim(left=0)


def _legend(figure: Figure, arms: Arms) -> None:
    style = looks(arms.codes)
    marks = [Line2D([], [], color=style[code].colour, linestyle=style[code].line) for code in arms.codes]
    figure.legend(marks, list(arms.labels), loc="outside upper left", ncols=3)


def _largest(part: pl.DataFrame, arms: Arms) -> str:
    """The n of each arm where it is largest, in the order of the arms."""
    found = [part.filter(pl.col("ab_group") == code)["n"] for code in arms.codes]
    return "n = " + " + ".join(f"{max(n.to_list(), default=0):,}" for n in found)


def _signs_caption(everybody: int) -> str:
    cut = (
        f" A random {MOST_STUDENTS:,} of {everybody:,} students are counted."
        if everybody > MOST_STUDENTS
        else ""
    )
    return (
        "Vital signs by clinical time since the start of the scenario, by arm. Line: median over students of "
        "the value last recorded by then; band: their middle half (quartiles). n is the number of students "
        "at "
        "the beginning, by arm in the order of the legend; it falls as runs end. Steps with fewer than "
        f"{LEAST} students of an arm are not drawn, nor the last 5 % of records.{cut} No interval for a "
        "difference is shown: this figure describes."
    )


def _signs_said(signs: list[Sign], scenarios: list[tuple[str, str]]) -> str:
    names = ", ".join(sign.label.split("\n")[0] for sign in signs)
    return f"Medians over time of {names} by arm, in {', '.join(label for _, label in scenarios)}."
