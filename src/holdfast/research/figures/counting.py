"""Figures of what students did: actions over time and challenge points used, by arm."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from scipy import stats

from holdfast.research.figures.material import Arms, Tables, columns_there, students, with_n, wrapped
from holdfast.research.figures.numbers import Values, share_interval
from holdfast.research.figures.piece import Drawn, LeftOut, Piece
from holdfast.research.figures.style import Look, looks, panels

_STEPS = 24
_MOST_SCENARIOS = 6
_MOST_POINTS = 8


def actions(tables: Tables, arms: Arms) -> Piece:
    """The mean number of critical actions by time since the start of a scenario, with its interval."""
    name, title = "actions", "Actions over time"
    needed = ("student_id", "scenario_id", "elapsed_s")
    if not columns_there(tables, "critical_actions_timeline", needed):
        return LeftOut(name, title, "the dataset has no times of actions")
    played = _played(tables, arms)
    done = _done(tables, played)
    shown = _shown(played, done)
    if not shown:
        return LeftOut(name, title, "no scenario has actions of at least two students of an arm")
    rows, style = (len(shown) + 2) // 3, looks(arms.codes)
    figure, axes = panels(rows, min(len(shown), 3), height_in=0.6 + 2.3 * rows)
    flat = [axis for row in axes for axis in row]
    for axis, (scenario, label) in zip(flat, shown, strict=False):
        _cumulative(axis, played, done.filter(pl.col("scenario_id") == scenario), scenario, style)
        axis.set_title(wrapped(label, 24))
        axis.set_xlabel("minutes")
    for axis in flat[len(shown) :]:
        axis.set_visible(False)
    for row in axes:
        row[0].set_ylabel("actions per student")
    handles = list(flat[0].get_lines())
    figure.legend(handles, list(arms.labels)[: len(handles)], loc="outside upper left", ncols=3)
    return Drawn(name, title, _actions_caption(played, shown), _actions_said(shown), figure)


def _played(tables: Tables, arms: Arms) -> pl.DataFrame:
    """One row per student and scenario begun, with what the scenario is called."""
    begun = tables.scan("scenario_performance").select("student_id", "scenario_id", "scenario_title")
    return begun.join(students(tables, arms), on="student_id", how="inner").unique(
        ["student_id", "scenario_id"], keep="first", maintain_order=True
    ).collect()  # fmt: skip


def _done(tables: Tables, played: pl.DataFrame) -> pl.DataFrame:
    rows = tables.scan("critical_actions_timeline").select("student_id", "scenario_id", "elapsed_s")
    known = rows.filter(pl.col("elapsed_s").is_not_null() & (pl.col("elapsed_s") >= 0))
    return known.join(
        played.lazy().select("student_id", "scenario_id", "ab_group"), on=["student_id", "scenario_id"]
    ).collect(engine="streaming")  # fmt: skip


def _shown(played: pl.DataFrame, done: pl.DataFrame) -> list[tuple[str, str]]:
    active = done.group_by("scenario_id").agg(n=pl.col("student_id").n_unique()).filter(pl.col("n") >= 2)
    ranked = active.sort("n", "scenario_id", descending=[True, False]).head(_MOST_SCENARIOS)
    names = played.group_by("scenario_id").agg(pl.col("scenario_title").drop_nulls().min())
    titled = ranked.join(names, on="scenario_id", how="left").sort("scenario_id")
    chosen = titled.select("scenario_id", "scenario_title")
    return [(str(row[0]), str(row[1] or row[0])) for row in chosen.iter_rows()]


def _cumulative(
    axis: Axes, played: pl.DataFrame, done: pl.DataFrame, scenario: str, style: dict[str, Look]
) -> None:
    end = float(np.quantile(done["elapsed_s"].to_numpy(), 0.98))
    grid = np.linspace(0.0, max(end, 1.0), _STEPS + 1)
    for code, look in style.items():
        begun = played.filter((pl.col("scenario_id") == scenario) & (pl.col("ab_group") == code))
        mean, half = _mean_count(done.filter(pl.col("ab_group") == code), begun.height, grid)
        label = f"n = {begun.height:,}"
        axis.plot(grid / 60, mean, color=look.colour, linestyle=look.line, label=label)
        axis.fill_between(grid / 60, mean - half, mean + half, color=look.colour, alpha=0.2, linewidth=0)
    axis.set_xlim(0, grid[-1] / 60)
    axis.set_ylim(bottom=0)
    axis.grid(visible=True, axis="y")
    axis.legend(loc="upper left", handlelength=1.8)


def _mean_count(done: pl.DataFrame, n: int, grid: Values) -> tuple[Values, Values]:
    """Mean number of actions up to each time over n students, and half its 95 % t interval."""
    nothing = np.full(len(grid), np.nan)
    if n == 0:
        return nothing, nothing
    each = np.zeros((done["student_id"].n_unique(), len(grid) + 1))
    who = done["student_id"].rank("dense").to_numpy().astype(np.int64) - 1
    np.add.at(each, (who, np.searchsorted(grid, done["elapsed_s"].to_numpy(), side="left")), 1)
    upto = each[:, :-1].cumsum(axis=1)
    total, squares = upto.sum(axis=0), (upto**2).sum(axis=0)
    mean = total / n
    if n < 3:
        return mean, nothing
    variance = np.maximum(squares - n * mean**2, 0.0) / (n - 1)
    return mean, np.asarray(stats.t.ppf(0.975, n - 1) * np.sqrt(variance / n))


def _actions_caption(played: pl.DataFrame, shown: list[tuple[str, str]]) -> str:
    total = played["scenario_id"].n_unique()
    cut = (
        f" {len(shown)} of {total} scenarios are shown, those of most students." if len(shown) < total else ""
    )
    return (
        "Mean number of logged actions per student up to each minute of clinical time since the start of the "
        "scenario, by arm, with pointwise 95 % t intervals (bands). n is the number of students who began "
        f"the scenario; those who did nothing or stopped count with what they had done until then.{cut}"
    )


def _actions_said(shown: list[tuple[str, str]]) -> str:
    return f"Cumulative number of actions over time by arm, in {', '.join(label for _, label in shown)}."


def challenge_points(tables: Tables, arms: Arms) -> Piece:
    """How many challenge points the students of each arm used."""
    name, title = "challenge_points", "Use of challenge points"
    if not columns_there(tables, "challenge_points_usage", ("student_id",)):
        return LeftOut(name, title, "the dataset has no challenge points")
    used = tables.scan("challenge_points_usage").group_by("student_id").agg(used=pl.len())
    frame = students(tables, arms).join(used, on="student_id", how="left").sort("student_id").collect()
    frame = frame.with_columns(pl.col("used").fill_null(0))
    most = max(frame["used"].to_list(), default=0)
    if most == 0:
        return LeftOut(name, title, "nobody used a challenge point")
    top = min(most, _MOST_POINTS)
    figure, axes = panels(height_in=3.0)
    axis, style = axes[0][0], looks(arms.codes)
    codes = [code for code in arms.codes if code in set(frame["ab_group"])]
    for place, code in enumerate(codes):
        values = np.minimum(frame.filter(pl.col("ab_group") == code)["used"].to_numpy(), top)
        label = with_n(arms, code, len(values)).replace("\n", " ", 1).replace("\n", " ")
        _shares(axis, values, top, (place - (len(codes) - 1) / 2) * 0.24, style[code], label)
    labels = [str(number) for number in range(top + 1)]
    labels[-1] += " or more" if most > top else ""
    axis.set_xticks(range(top + 1), labels)
    axis.set(xlabel="challenge points in the session", ylabel="students of the arm (%)", ylim=(-2, 102))
    axis.grid(visible=True, axis="y")
    axis.legend(loc="upper right")
    caption = (
        "Students of each arm by the number of challenge points in their session, as shares of everybody "
        "allocated to the arm, with 95 % Wilson intervals. An arm without challenge points stands at 0 "
        "unless some of its students were given them."
    )
    return Drawn(name, title, caption, _points_said(arms, frame, codes), figure)


def _shares(axis: Axes, values: Values, top: int, shift: float, look: Look, label: str) -> None:
    n = len(values)
    rows = [share_interval(int((values == number).sum()), n) for number in range(top + 1)]
    share, low, high = (np.array(column) for column in zip(*rows, strict=True))
    reach = np.maximum([share - low, high - share], 0.0)
    axis.errorbar(
        np.arange(top + 1) + shift, share, yerr=reach, color=look.colour,
        marker=look.marker, linestyle="none", markersize=6, capsize=3, elinewidth=1.4, label=label,
    )  # fmt: skip


def _points_said(arms: Arms, frame: pl.DataFrame, codes: list[str]) -> str:
    parts = []
    for code in codes:
        values = frame.filter(pl.col("ab_group") == code)["used"]
        parts.append(f"{arms.label(code)}: {int((values > 0).sum())} of {len(values)} used any")
    return "Challenge points used by arm. " + "; ".join(parts) + "."
