"""Figures of the primary outcome: raincloud, estimation plot, distribution in each arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from holdfast.research.figures.material import Arms, counts, with_n
from holdfast.research.figures.numbers import POINTS, Values, chosen, density, jitter, mean_interval
from holdfast.research.figures.piece import Drawn, LeftOut, Piece
from holdfast.research.figures.style import GREY, INK, SCORE_LIMITS, Look, looks, panels

_GRID = np.linspace(0.0, 100.0, 401)


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of means as the analysis found it: second arm less control, with its Welch interval."""

    estimate: float
    low: float
    high: float
    se: float
    df: float
    level: float


def raincloud(arms: Arms, found: dict[str, Values], outcome: str) -> Piece:
    """Half a density, a box and the points of every arm."""
    name, title = "raincloud", f"{outcome} by arm"
    if not found:
        return LeftOut(name, title, "no student has a score")
    figure, axes = panels(height_in=1.15 + 1.15 * len(found))
    axis, style = axes[0][0], looks(arms.codes)
    for place, (code, values) in enumerate(reversed(found.items())):
        _cloud(axis, place, values, style[code])
        _box(axis, place - 0.12, values, style[code])
        _drops(axis, place - 0.32, values, style[code], code)
    axis.set_yticks(range(len(found)), [with_n(arms, code, len(found[code])) for code in reversed(found)])
    axis.set(xlabel=f"{outcome} (0 to 100)", xlim=SCORE_LIMITS, ylim=(-0.55, len(found) - 0.35))
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    axis.grid(visible=True, axis="x")
    return Drawn(name, title, _rain_caption(arms, found, outcome), _said(arms, found, outcome), figure)


def _cloud(axis: Axes, place: float, values: Values, look: Look) -> None:
    curve = density(values, _GRID)
    if curve is None:
        return
    height = 0.48 * curve / curve.max()
    seen = height > 0.001
    grid, height = _GRID[seen], height[seen]
    axis.fill_between(grid, place + 0.04, place + 0.04 + height, color=look.colour, alpha=0.35, linewidth=0)
    axis.plot(grid, place + 0.04 + height, color=look.colour, linewidth=1.0)


def _box(axis: Axes, place: float, values: Values, look: Look) -> None:
    if len(values) >= 5:
        axis.boxplot(
            [values],
            positions=[place],
            orientation="horizontal",
            widths=0.11,
            showfliers=False,
            patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": "white", "edgecolor": look.colour},
            medianprops={"color": look.colour, "linewidth": 2.0},
            whiskerprops={"color": look.colour},
            capprops={"color": look.colour},
        )
    interval = mean_interval(values)
    if interval:
        mean, low, high = interval
        axis.plot([low, high], [place - 0.1, place - 0.1], color=INK, linewidth=1.6, solid_capstyle="butt")
        axis.plot([mean], [place - 0.1], marker="D", color=INK, markersize=4)


def _drops(axis: Axes, place: float, values: Values, look: Look, code: str) -> None:
    some = values[chosen(len(values), purpose=f"raincloud {code}")]
    heights = place - 0.04 + jitter(len(some), 0.07, f"raincloud {code}")
    axis.scatter(
        some, heights, s=11, marker=look.marker, color=look.colour, alpha=0.55, linewidths=0, zorder=3
    )


def _rain_caption(arms: Arms, found: dict[str, Values], outcome: str) -> str:
    boxes = "" if min(map(len, found.values())) >= 5 else " Arms of fewer than 5 have no curve and no box."
    return (
        f"{outcome} by arm ({counts(arms, found)}). Curve: Gaussian kernel density (Silverman), cut at 0 "
        "and 100 and scaled to equal height; box: median and quartiles, whiskers to the furthest value "
        "within 1.5 interquartile ranges; black diamond and bar: mean and its 95 % t interval; points: "
        f"students, {_how_many(found)}, displaced at random vertically.{boxes}"
    )


def _how_many(found: dict[str, Values]) -> str:
    if max(map(len, found.values())) > POINTS:
        return f"a random {POINTS} of each larger arm"
    return "every one"


def _said(arms: Arms, found: dict[str, Values], outcome: str) -> str:
    parts = [
        f"{arms.label(code)}: n {len(values):,}, median {np.median(values):.1f}, "
        f"mean {values.mean():.1f}, from {values.min():.1f} to {values.max():.1f}"
        for code, values in found.items()
    ]
    return f"{outcome} by arm. " + "; ".join(parts) + "."


def estimation(
    arms: Arms, found: dict[str, Values], outcome: str, difference: Difference | None, refusal: str = ""
) -> Piece:
    """The points of two arms with their means, and beside them the difference with its interval."""
    name, title = "estimation", "Difference between the arms"
    if difference is None or len(found) != 2:
        return LeftOut(name, title, refusal or "there are not two arms whose means could be compared")
    figure, axes = panels(1, 2, height_in=3.5, gridspec_kw={"width_ratios": [1.55, 1.0]})
    left, right = axes[0]
    style = looks(arms.codes)
    for place, (code, values) in enumerate(found.items()):
        _column(left, place, values, style[code], code)
    left.set_xticks([0, 1], [with_n(arms, code, len(values)) for code, values in found.items()])
    left.set(ylabel=f"{outcome} (0 to 100)", ylim=SCORE_LIMITS, xlim=(-0.5, 1.5), title="Students and means")
    left.grid(visible=True, axis="y")
    _difference(right, difference, arms)
    return Drawn(name, title, _estimation_caption(arms, found, difference), _effect_said(difference), figure)


def _column(axis: Axes, place: float, values: Values, look: Look, code: str) -> None:
    some = values[chosen(len(values), purpose=f"estimation {code}")]
    across = place - 0.12 + jitter(len(some), 0.17, f"estimation {code}")
    axis.scatter(across, some, s=13, marker=look.marker, color=look.colour, alpha=0.55, linewidths=0)
    interval = mean_interval(values)
    if interval:
        mean, low, high = interval
        axis.plot([place + 0.24] * 2, [low, high], color=INK, linewidth=1.8, solid_capstyle="butt")
        axis.plot([place + 0.24], [mean], marker="D", color=INK, markersize=4.5)


def _difference(axis: Axes, found: Difference, arms: Arms) -> None:
    reach = stats.t.ppf(0.998, found.df) * found.se
    grid = np.linspace(found.estimate - reach, found.estimate + reach, 301)
    curve = stats.t.pdf((grid - found.estimate) / found.se, found.df)
    axis.fill_betweenx(grid, 0.0, 0.8 * curve / curve.max(), color=GREY, alpha=0.25, linewidth=0)
    axis.plot([0, 0], [found.low, found.high], color=INK, linewidth=2.4, solid_capstyle="butt")
    axis.plot([0], [found.estimate], marker="D", color=INK, markersize=6)
    axis.axhline(0.0, color=GREY, linewidth=1.0, linestyle=":")
    axis.annotate(f"{found.estimate:.1f}", (0, found.estimate), (-7, 0), textcoords="offset points",
                  ha="right", va="center", fontweight="bold")  # fmt: skip
    axis.set_xlim(-0.45, 0.95)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    axis.yaxis.set_label_position("right")
    axis.yaxis.tick_right()
    axis.spines["right"].set_visible(True)
    axis.spines["left"].set_visible(False)
    bottom, top = min(0.0, grid[0]), max(0.0, grid[-1])
    axis.set(
        ylim=(bottom - 0.08 * (top - bottom), top + 0.08 * (top - bottom)), title="Difference of the means"
    )
    axis.set_ylabel(f"{arms.codes[1]} less {arms.codes[0]} (points)")
    axis.grid(visible=True, axis="y")


def _estimation_caption(arms: Arms, found: dict[str, Values], difference: Difference) -> str:
    return (
        f"Left: students ({counts(arms, found)}; {_how_many(found)} drawn), with means and their 95 % t "
        "intervals. Right, on its own scale: the difference of the means, "
        f"{arms.label(arms.codes[1])} less {arms.label(arms.codes[0])}, with its "
        f"{100 * difference.level:g} % Welch interval (bar) and the t distribution from which the interval "
        f"comes (shaded; {difference.df:.1f} degrees of freedom). Dotted: no difference."
    )


def _effect_said(difference: Difference) -> str:
    return (
        f"Difference of the means {difference.estimate:.2f} points, {100 * difference.level:g} % interval "
        f"from {difference.low:.2f} to {difference.high:.2f}; the interval "
        f"{'includes' if difference.low <= 0 <= difference.high else 'excludes'} zero."
    )


def distribution(arms: Arms, found: dict[str, Values], outcome: str) -> Piece:
    """A histogram of every arm, one above the other, on the same axes."""
    name, title = "distribution", f"Distribution of {outcome[:1].lower()}{outcome[1:]} in each arm"
    if not found:
        return LeftOut(name, title, "no student has a score")
    if max(map(len, found.values())) < 5:
        return LeftOut(name, title, "fewer than 5 scores in every arm: the raincloud shows each of them")
    figure, axes = panels(len(found), 1, height_in=0.6 + 1.55 * len(found), sharex=True, sharey=True)
    style, edges = looks(arms.codes), np.arange(0.0, 101.0, 5.0)
    for row, (code, values) in zip(axes, found.items(), strict=True):
        _histogram(row[0], values, style[code], edges)
        row[0].set_title(f"{arms.label(code)} (n = {len(values):,})")
    axes[-1][0].set(xlabel=f"{outcome} (0 to 100)", xlim=SCORE_LIMITS)
    axes[0][0].legend(loc="upper left", ncols=2, handlelength=1.6)
    caption = (
        f"Students in each arm by {outcome[:1].lower()}{outcome[1:]}, in steps of 5 points as shares of the "
        f"arm ({counts(arms, found)}). Black line and band: mean and its 95 % t interval; dashes: median."
    )
    return Drawn(name, title, caption, _said(arms, found, outcome), figure)


def _histogram(axis: Axes, values: Values, look: Look, edges: Values) -> None:
    share = np.full(len(values), 100.0 / len(values))
    axis.hist(values, bins=list(edges), weights=share, color=look.colour, alpha=0.6, edgecolor="white")
    interval = mean_interval(values)
    if interval:
        axis.axvspan(interval[1], interval[2], color=INK, alpha=0.15, linewidth=0)
        axis.axvline(interval[0], color=INK, linewidth=1.4, label="mean (95 % CI)")
    axis.axvline(float(np.median(values)), color=INK, linewidth=1.2, linestyle="--", label="median")
    axis.set_ylabel("% of arm")
    axis.grid(visible=True, axis="y")
