"""Figures of a simulation, drawn without a display; saving them is the caller's."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from holdfast.programs.adaptive_test.psychometrics.simulation.lockstep import Outcome
from holdfast.programs.adaptive_test.psychometrics.simulation.report import Report


def figures(outcome: Outcome, report: Report, *, rate: float | None = None) -> dict[str, Figure]:
    """By name: `accuracy`, `progress`, `exposure` and `length`; `rate` is drawn as the maximum."""
    return {
        "accuracy": _accuracy(report),
        "progress": _progress(outcome),
        "exposure": _exposure(report, rate),
        "length": _length(outcome),
    }


def _new(xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(visible=True, alpha=0.3)
    return figure, axes


def _accuracy(report: Report) -> Figure:
    """Bias, RMSE and stated SE over true ability."""
    figure, axes = _new("true ability", "units of ability")
    middle = [(band.low + band.high) / 2 for band in report.bands]
    axes.plot(middle, [band.bias for band in report.bands], marker="o", label="bias")
    axes.plot(middle, [band.rmse for band in report.bands], marker="s", label="RMSE")
    axes.plot(middle, [band.mean_se for band in report.bands], linestyle="--", label="stated SE")
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.legend()
    return figure


def _progress(outcome: Outcome) -> Figure:
    """Median SE and its middle half over the places of the test, among tests still under way."""
    figure, axes = _new("place in the test", "standard error")
    under_way = ~np.isnan(outcome.error_trail).all(axis=0)
    places = np.flatnonzero(under_way)
    quartiles = np.nanquantile(outcome.error_trail[:, under_way], [0.25, 0.5, 0.75], axis=0)
    axes.fill_between(places + 1, quartiles[0], quartiles[2], alpha=0.3, label="middle half")
    axes.plot(places + 1, quartiles[1], label="median")
    axes.set_ylim(bottom=0.0)
    axes.legend()
    return figure


def _exposure(report: Report, rate: float | None) -> Figure:
    """Exposure rates of all active items, descending."""
    figure, axes = _new("items, most exposed first", "exposure rate")
    axes.step(np.arange(1, len(report.rates) + 1), report.rates, where="mid")
    if rate is not None:
        axes.axhline(rate, color="black", linestyle="--", label="maximum")
        axes.legend()
    axes.set_ylim(bottom=0.0)
    return figure


def _length(outcome: Outcome) -> Figure:
    """How many tests had how many scored items."""
    figure, axes = _new("scored items", "tests")
    lengths, tests = np.unique(outcome.lengths, return_counts=True)
    axes.bar(lengths, tests)
    return figure
