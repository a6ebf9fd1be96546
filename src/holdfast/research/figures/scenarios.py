"""Figures of scenarios: how hard each was, and what changed from one to the next."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from holdfast.research.figures.material import Arms, Tables, students, with_n, wrapped
from holdfast.research.figures.numbers import chosen, jitter, mean_interval
from holdfast.research.figures.piece import Drawn, LeftOut, Piece
from holdfast.research.figures.style import GREY, INK, SCORE_LIMITS, Look, looks, panels

_LINES = 40
"""Students of one arm whose own lines are drawn."""
_POINTS = 150
"""Students of one arm whose points are drawn in one scenario."""
_MOST = 12
"""Scenarios that fit into one figure."""


def scenario_scores(tables: Tables, arms: Arms) -> pl.DataFrame:
    """The scored scenarios of the arms: student, arm, number, id, title, score."""
    scored = tables.scan("scenario_performance").select(
        "student_id", "scenario_number", "scenario_id", "scenario_title", "score"
    )
    joined = students(tables, arms).join(scored, on="student_id", how="inner")
    return joined.filter(pl.col("score").is_not_null()).sort("student_id", "scenario_number").collect()


def difficulty(arms: Arms, frame: pl.DataFrame) -> Piece:
    """The mean score in every scenario with its interval, the hardest first."""
    name, title = "scenario_difficulty", "Difficulty of the scenarios"
    ranked = _ranked(frame)
    if not ranked:
        return LeftOut(name, title, "no scenario has a score")
    figure, axes = panels(height_in=1.1 + 0.52 * len(ranked))
    axis, style = axes[0][0], looks(arms.codes)
    for place, one in enumerate(reversed(ranked)):
        _difficulty_row(axis, place, one[1], arms, style)
    axis.set_yticks(
        range(len(ranked)),
        [f"{wrapped(label, 34)}\nn = {len(rows):,}" for label, rows in reversed(ranked)],
    )
    axis.set(xlabel="score in the scenario (0 to 100)", xlim=SCORE_LIMITS, ylim=(-0.6, len(ranked) - 0.4))
    axis.tick_params(axis="y", length=0)
    axis.grid(visible=True, axis="x")
    marks, names = _arm_marks(arms, style)
    figure.legend(marks, names, loc="outside upper left", ncols=2)
    return Drawn(name, title, _difficulty_caption(frame), _difficulty_said(ranked), figure)


def _ranked(frame: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    rows = []
    for (scenario,), part in frame.group_by(["scenario_id"], maintain_order=True):
        mean = float(np.mean(part["score"].to_numpy()))
        titles = part["scenario_title"].drop_nulls()
        rows.append((mean, str(scenario), str(titles[0]) if len(titles) else str(scenario), part))
    rows.sort(key=lambda row: row[:2])
    return [(label, part) for _, _, label, part in rows[:_MOST]]


def _difficulty_row(axis: Axes, place: int, rows: pl.DataFrame, arms: Arms, style: dict[str, Look]) -> None:
    for code in arms.codes:
        values = rows.filter(pl.col("ab_group") == code)["score"].to_numpy()
        some = values[chosen(len(values), _POINTS, f"difficulty {place} {code}")]
        heights = place + 0.16 + jitter(len(some), 0.13, f"difficulty {place} {code}")
        axis.scatter(
            some, heights, s=8, marker=style[code].marker, color=style[code].colour, alpha=0.4, linewidths=0
        )
    values = rows["score"].to_numpy()
    interval = mean_interval(values)
    if interval:
        mean, low, high = interval
        axis.plot([low, high], [place - 0.14] * 2, color=INK, linewidth=2.2, solid_capstyle="butt")
        axis.plot([mean], [place - 0.14], marker="D", color=INK, markersize=5)
        near = high > 88
        axis.annotate(f"{mean:.1f}", (low if near else high, place - 0.14), (-5 if near else 5, 0),
                      textcoords="offset points", va="center", ha="right" if near else "left")  # fmt: skip


def _arm_marks(arms: Arms, style: dict[str, Look]) -> tuple[list[Line2D], list[str]]:
    marks = [
        Line2D([], [], linestyle="none", marker=style[code].marker, color=style[code].colour, markersize=5)
        for code in arms.codes
    ]
    marks.append(Line2D([], [], marker="D", color=INK, linewidth=2.2, markersize=5))
    return marks, [*arms.labels, "mean, 95 % CI"]


def _difficulty_caption(frame: pl.DataFrame) -> str:
    total = frame["scenario_id"].n_unique()
    cut = f" The {_MOST} hardest of {total} are shown." if total > _MOST else ""
    largest = frame.group_by("scenario_id", "ab_group").len()["len"].max()
    many = isinstance(largest, int) and largest > _POINTS
    drawn = f"a random {_POINTS} of each larger arm" if many else "every one"
    return (
        "Scores in each scenario over all arms, the hardest first; n is the number of students with a score "
        f"in it. Diamond and bar: mean and its 95 % t interval; points: students ({drawn}).{cut} A mean is "
        "over those who reached the scenario."
    )


def _difficulty_said(ranked: list[tuple[str, pl.DataFrame]]) -> str:
    parts = [
        f"{label}: mean {np.mean(rows['score'].to_numpy()):.1f}, n {len(rows):,}" for label, rows in ranked
    ]
    return "Mean score in each scenario, the hardest first. " + "; ".join(parts) + "."


def learning(arms: Arms, frame: pl.DataFrame) -> Piece:
    """Mean scores by the number of the scenario, for each arm, with lines of single students."""
    name, title = "learning", "Scores from scenario to scenario"
    if frame["scenario_number"].n_unique() < 2:
        return LeftOut(name, title, "no student has a score in a second scenario")
    codes = [code for code in arms.codes if code in set(frame["ab_group"])]
    figure, axes = panels(1, len(codes), height_in=3.0, sharey=True, sharex=True)
    style = looks(arms.codes)
    for axis, code in zip(axes[0], codes, strict=True):
        rows = frame.filter(pl.col("ab_group") == code)
        _own_lines(axis, rows, style[code], code)
        _means(axis, rows, style[code])
        axis.set_title(with_n(arms, code, rows["student_id"].n_unique()))
        axis.set(xlabel="scenario, in the order played", ylim=SCORE_LIMITS)
        axis.set_xticks(sorted(frame["scenario_number"].unique().to_list()))
        axis.grid(visible=True, axis="y")
    axes[0][0].set_ylabel("score in the scenario (0 to 100)")
    caption = (
        "Scores by the place of the scenario in a student's order. Heavy line: mean of those with a score "
        "there and its 95 % t interval, with their number; thin lines: single students "
        f"({_drawn_lines(frame, codes)}). Which scenario stands at a place may differ between students, and "
        "those who stopped early are missing from later places."
    )
    return Drawn(name, title, caption, _learning_said(arms, frame, codes), figure)


def _own_lines(axis: Axes, rows: pl.DataFrame, look: Look, code: str) -> None:
    ids = rows["student_id"].unique(maintain_order=True)
    some = ids.gather(chosen(len(ids), _LINES, f"learning {code}"))
    drawn = rows.filter(pl.col("student_id").is_in(some.implode()))
    for _, part in drawn.group_by(["student_id"], maintain_order=True):
        axis.plot(
            part["scenario_number"], part["score"], color=look.colour, alpha=0.22, linewidth=0.7, zorder=1
        )


def _means(axis: Axes, rows: pl.DataFrame, look: Look) -> None:
    at, means, below, above = [], [], [], []
    for (number,), part in rows.sort("scenario_number").group_by(["scenario_number"], maintain_order=True):
        values = part["score"].to_numpy()
        axis.annotate(f"{len(values):,}", (float(str(number)), 0.0), ha="center", va="bottom", color=GREY)
        interval = mean_interval(values)
        if interval:
            at.append(float(str(number)))
            means.append(interval[0])
            below.append(interval[0] - interval[1])
            above.append(interval[2] - interval[0])
    axis.errorbar(
        at, means, yerr=[below, above], color=look.colour, marker=look.marker, linestyle=look.line,
        linewidth=2.2, markersize=6, capsize=3, zorder=4, markeredgecolor="white", ecolor=INK, elinewidth=1.4,
    )  # fmt: skip


def _drawn_lines(frame: pl.DataFrame, codes: list[str]) -> str:
    most = max(frame.filter(pl.col("ab_group") == code)["student_id"].n_unique() for code in codes)
    return "every one" if most <= _LINES else f"a random {_LINES} of each larger arm"


def _learning_said(arms: Arms, frame: pl.DataFrame, codes: list[str]) -> str:
    parts = []
    for code in codes:
        means = (
            frame.filter(pl.col("ab_group") == code)
            .group_by("scenario_number")
            .agg(pl.col("score").mean())
            .sort("scenario_number")
        )
        steps = ", ".join(f"{number}: {score:.1f}" for number, score in means.iter_rows())
        parts.append(f"{arms.label(code)}, mean at scenario {steps}")
    return "Scores from scenario to scenario. " + "; ".join(parts) + "."
