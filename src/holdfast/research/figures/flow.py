"""The participant flow of CONSORT 2025 as a drawing: boxes, arrows and the counts that the analysis found.

Boxes are sized by their words, so that long reasons push the rest down and nothing is cut.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from holdfast.research.analysis.results import ArmFlow, Count
from holdfast.research.analysis.results import Flow as Counts
from holdfast.research.figures.piece import Drawn, LeftOut, Piece
from holdfast.research.figures.style import GREY, INK, WIDTH_IN, looks

_LINE_IN = 0.155
_GAP_IN = 0.3
_PAD_IN = 0.09
_SIZE = 7.6


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    top: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return _LINE_IN * len(self.lines) + 2 * _PAD_IN

    @property
    def bottom(self) -> float:
        return self.top - self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def flow(counts: Counts, outcome: str) -> Piece:
    """The diagram; left out when nobody was allocated. `outcome` is what ``analysed`` is about."""
    name, title = "consort_flow", "Participant flow"
    if not counts.arms or counts.randomised == 0:
        return LeftOut(name, title, "nobody was allocated to an arm")
    heading = _head(counts)
    width = int(15.5 * (WIDTH_IN / len(counts.arms) - 0.25))
    columns = [_stages(arm, min(width, 60)) for arm in counts.arms]
    heights = [max(len(stage[row]) for stage in columns) for row in range(len(columns[0]))]
    boxes, arms, bottom = _placed(heading, columns, heights, len(counts.arms))
    figure = _paper(bottom)
    axis = figure.axes[0]
    for box in boxes:
        _draw(axis, box, INK)
    for column, arm in zip(arms, counts.arms, strict=True):
        colour = looks([one.arm for one in counts.arms])[arm.arm].colour
        for box in column:
            _draw(axis, box, colour)
    _arrows(axis, boxes, arms)
    return Drawn(name, title, _caption(outcome), _said(counts), figure)


def _head(counts: Counts) -> tuple[list[str], list[str], list[str]]:
    assessed = _wrapped([f"Found in the records (n = {counts.assessed:,})"], 40)
    excluded = sum(one.count for one in counts.excluded)
    side = _wrapped([f"Excluded (n = {excluded:,})", *_reasons(counts.excluded)], 44)
    randomised = [f"Allocated (n = {counts.randomised:,})"]
    others = [f"  {one.reason} (n = {one.count:,})" for one in counts.other_arms]
    return assessed, side, _wrapped(randomised + others, 40)


def _stages(arm: ArmFlow, width: int) -> list[list[str]]:
    """The boxes of one arm, from allocation to analysis."""
    return [
        _wrapped([f"Allocated to {arm.label} (n = {arm.allocated:,})",
                  f"Received it (n = {arm.received:,})",
                  *_lost("Did not receive it", arm.not_received)], width),
        _wrapped([f"Completed (n = {arm.completed:,})", *_lost("Lost", arm.lost)], width),
        _wrapped([f"Analysed (n = {arm.analysed:,})", *_lost("Not analysed", arm.not_analysed),
                  f"Per protocol (n = {arm.per_protocol:,})",
                  *_reasons(arm.not_per_protocol, "not: ")], width),
    ]  # fmt: skip


def _lost(what: str, counts: Sequence[Count]) -> list[str]:
    return [f"{what} (n = {sum(one.count for one in counts):,})", *_reasons(counts)]


def _reasons(counts: Sequence[Count], before: str = "") -> list[str]:
    return [f"  {before}{one.reason} (n = {one.count:,})" for one in counts if one.count]


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    cut: list[str] = []
    for words in lines:
        line = words.replace("(n = ", "(n\u00a0=\u00a0")  # a count stays in one piece
        indent = "  " if line.startswith("  ") else ""
        cut += textwrap.wrap(line, width, initial_indent="", subsequent_indent=indent + "  ") or [""]
    return cut


def _placed(
    heading: tuple[list[str], list[str], list[str]],
    columns: list[list[list[str]]],
    heights: list[int],
    arms: int,
) -> tuple[list[_Box], list[list[_Box]], float]:
    assessed, side, randomised = heading
    centre, width = WIDTH_IN / 2, 2.7
    first = _Box(centre - width / 2 - 0.75, 0.0, width, tuple(assessed))
    beside = _Box(centre + 0.85, first.bottom - _GAP_IN / 2, 2.45, tuple(side))
    second = _Box(first.x, beside.bottom - _GAP_IN / 2, width, tuple(randomised))
    across = (WIDTH_IN - 0.25 * (arms - 1)) / arms
    top = second.bottom - 1.5 * _GAP_IN
    placed: list[list[_Box]] = [[] for _ in columns]
    for row, lines in enumerate(heights):
        for place, column in enumerate(columns):
            padded = tuple(column[row] + [""] * (lines - len(column[row])))
            placed[place].append(_Box(place * (across + 0.25), top, across, padded))
        top -= _LINE_IN * lines + 2 * _PAD_IN + _GAP_IN
    return [first, beside, second], placed, top + _GAP_IN


def _paper(bottom: float) -> Figure:
    height = -bottom + 0.1
    figure = Figure(figsize=(WIDTH_IN + 0.1, height))
    FigureCanvasAgg(figure)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_axis_off()
    axis.set(xlim=(-0.05, WIDTH_IN + 0.05), ylim=(bottom - 0.05, 0.05))
    return figure


def _draw(axis: Axes, box: _Box, colour: str) -> None:
    axis.add_patch(
        FancyBboxPatch(
            (box.x, box.bottom), box.width, box.height, boxstyle="round,pad=0,rounding_size=0.05",
            facecolor="white", edgecolor=colour, linewidth=1.1,
        )
    )  # fmt: skip
    for number, line in enumerate(box.lines):
        axis.text(
            box.x + 0.1, box.top - _PAD_IN - (number + 0.5) * _LINE_IN, line, fontsize=_SIZE, va="center",
            fontweight="bold" if number == 0 else "normal",
        )  # fmt: skip


def _arrows(axis: Axes, boxes: list[_Box], arms: list[list[_Box]]) -> None:
    first, beside, second = boxes
    _arrow(axis, (first.middle, first.bottom), (first.middle, second.top))
    level = (beside.top + beside.bottom) / 2
    _arrow(axis, (first.middle, level), (beside.x, level))
    bar = second.bottom - 0.6 * _GAP_IN
    ends = [column[0].middle for column in arms]
    axis.plot([second.middle, second.middle], [second.bottom, bar], color=GREY, linewidth=1.0)
    axis.plot(
        [min([*ends, second.middle]), max([*ends, second.middle])], [bar, bar], color=GREY, linewidth=1.0
    )
    for column in arms:
        _arrow(axis, (column[0].middle, bar), (column[0].middle, column[0].top))
        for above, below in pairwise(column):
            _arrow(axis, (above.middle, above.bottom), (below.middle, below.top))


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops=style)


def _caption(outcome: str) -> str:
    return (
        "Participant flow (CONSORT 2025). Analysed means: with a value of "
        f'"{outcome}", in the arm to which the student was allocated; every reason counts a '
        "student once."
    )


def _said(counts: Counts) -> str:
    excluded = sum(one.count for one in counts.excluded)
    arms = "; ".join(
        f"{arm.label}: allocated {arm.allocated}, received {arm.received}, completed {arm.completed}, "
        f"analysed {arm.analysed}, per protocol {arm.per_protocol}"
        for arm in counts.arms
    )
    return (
        f"Flow diagram: {counts.assessed} found, {excluded} excluded, {counts.randomised} allocated. {arms}."
    )
