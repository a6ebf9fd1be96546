"""How figures look: one palette, one set of marks, one size of type, whatever the machine's own settings.

The colours are those of Okabe and Ito (2008, "Color Universal Design"), told apart with any colour
vision; arms differ in mark and line as well, so that a grey print is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WIDTH_IN = 6.7
"""The width of a page of A4 between margins of 2 cm."""

SCORE_LIMITS = (-2.0, 102.0)
"""Scores run from 0 to 100; the axis never moves, so that figures of two cohorts compare."""

GREY = "#5b6570"
INK = "#1d2329"
PALE = "#d5dae0"

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e6e9ed",
    "grid.linewidth": 0.7,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "text.color": INK,
    "text.parse_math": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "holdfast",
    "figure.dpi": 100.0,
    "savefig.dpi": 300.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

_DRAWING = Lock()


@dataclass(frozen=True, slots=True)
class Look:
    """How one arm is drawn everywhere."""

    colour: str
    marker: str
    line: Literal["-", "--", "-.", ":"]


_LOOKS = (
    Look("#0072b2", "o", "-"),
    Look("#d55e00", "^", "--"),
    Look("#009e73", "s", "-."),
    Look("#cc79a7", "D", ":"),
    Look("#56b4e9", "v", "-"),
    Look("#e69f00", "P", "--"),
)


def looks(arms: Sequence[str]) -> dict[str, Look]:
    """The look of each arm, by its place in the list."""
    return {arm: _LOOKS[place % len(_LOOKS)] for place, arm in enumerate(arms)}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with these settings only; one at a time, since Matplotlib keeps settings for the whole process."""
    settings: Any = mpl.rcParams
    with _DRAWING, mpl.rc_context():
        mpl.rcdefaults()
        settings.update(_SETTINGS)
        yield


def panels(
    rows: int = 1, columns: int = 1, *, height_in: float, width_in: float = WIDTH_IN, **more: Any
) -> tuple[Figure, list[list[Axes]]]:
    """A figure of so many panels, not bound to a display."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, **more)
    return figure, [list(row) for row in axes]
