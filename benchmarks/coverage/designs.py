"""Counts, proportions, covariates and classes."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.coverage.tally import rate, table
from holdfast.research.statistics.clusters import cluster_means, cr2
from holdfast.research.statistics.counts import rate_ratio
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import welch
from holdfast.research.statistics.proportions import score_limits
from holdfast.research.statistics.regression import ancova, lin
from holdfast.research.statistics.samples import Interval


def proportions(replicates: int) -> None:
    """Miettinen and Nurminen's interval."""
    rows = []
    for n, p in [
        ((5, 5), (0.8, 0.6)), ((10, 10), (0.9, 0.7)), ((14, 6), (0.9, 0.7)), ((20, 20), (0.5, 0.5)),
        ((20, 20), (0.98, 0.95)), ((50, 50), (0.95, 0.85)), ((200, 180), (0.9, 0.9)),
    ]:  # fmt: skip
        rng = np.random.default_rng([11, *n])
        first, second = rng.binomial(n[0], p[0], replicates), rng.binomial(n[1], p[1], replicates)
        pairs, which = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)
        limits = np.array([score_limits((int(a), int(b)), n, 1.959963984540054) for a, b in pairs])[which]
        held = (limits[:, 0] <= p[0] - p[1]) & (p[0] - p[1] <= limits[:, 1])
        rows.append([f"{n[0]} / {n[1]}", f"{p[0]} / {p[1]}", rate(held)])
    table(f"Miettinen-Nurminen 95 % interval, {replicates:,} replicates", ["n", "completed", "covers"], rows)


def counts(replicates: int) -> None:
    """The exact rate ratio on Poisson counts, and on students who differ (negative binomial)."""

    @cache
    def interval(first: int, second: int, n: tuple[int, int]) -> Interval | None:
        try:
            return rate_ratio((first, second), (float(n[0]), float(n[1]))).interval
        except Meaningless:
            return None

    rows = []
    for n, means in [
        ((10, 10), (0.5, 0.5)), ((20, 20), (0.3, 0.6)), ((14, 6), (1.0, 2.0)),
        ((50, 50), (0.1, 0.1)), ((50, 50), (2.0, 1.0)),
    ]:  # fmt: skip
        rng = np.random.default_rng([12, *n])
        cells: list[object] = []
        for spread in (0.0, 0.5, 2.0):
            totals = [
                _errors(rng, replicates, size, mean, spread) for size, mean in zip(n, means, strict=True)
            ]
            found = (interval(int(a), int(b), n) for a, b in zip(*totals, strict=True))
            true = means[0] / means[1]
            cells.append(rate(None if limits is None else limits.contains(true) for limits in found))
        rows.append([f"{n[0]} / {n[1]}", f"{means[0]} / {means[1]}", *cells])
    table(
        f"Exact rate ratio, 95 % interval, {replicates:,} replicates (refused: no event in either arm)",
        ["n", "errors a student", "Poisson", "variance of students' rates 0.5", "variance 2"],
        rows,
    )


def _errors(rng: np.random.Generator, replicates: int, n: int, mean: float, spread: float) -> np.ndarray:
    if spread == 0:
        return rng.poisson(mean * n, replicates)
    rates = rng.gamma(1 / spread, spread * mean, (replicates, n))
    return rng.poisson(rates).sum(axis=1)


def covariates(replicates: int) -> None:
    """ANCOVA and Lin's model, both with HC3, where spread and slope differ between the arms."""
    rows = []
    for n, k in [((14, 6), 1), ((10, 10), 1), ((20, 20), 2), ((30, 10), 2), ((50, 50), 3)]:
        rng = np.random.default_rng([13, *n])
        found: dict[str, list[bool | None]] = {"ancova": [], "lin": [], "welch": []}
        arm = np.repeat([True, False], n)
        for _ in range(replicates):
            z = rng.normal(0, 1, (arm.size, k))
            slope = np.where(arm, 4.0, 8.0)
            y = 70 + z[:, 0] * slope + rng.normal(0, np.where(arm, 6, 12))
            found["welch"].append(welch(y[arm], y[~arm]).interval.contains(0))
            for name, method in (("ancova", ancova), ("lin", lin)):
                try:
                    found[name].append(method(y, arm, z).interval.contains(0))
                except Meaningless:
                    found[name].append(None)
        rows.append([f"{n[0]} / {n[1]}", k, *(rate(found[name]) for name in ("welch", "ancova", "lin"))])
    table(
        f"Adjusted difference, SD 6 / 12, slopes 4 / 8, {replicates:,} replicates: its 95 % interval covers",
        ["n", "covariates", "Welch, unadjusted", "ANCOVA, HC3", "Lin, HC3"],
        rows,
    )


def classes(replicates: int) -> None:
    """Whole classes assigned: what ignoring them does, and what CR2 and class means do."""
    rows = []
    for per_arm, sizes, icc in [
        ((5, 5), (10,), 0.1), ((5, 5), (10,), 0.2), ((5, 5), (4, 10, 20), 0.1), ((3, 7), (10,), 0.1),
        ((3, 3), (10,), 0.1), ((2, 2), (10,), 0.1),
    ]:  # fmt: skip
        total = sum(per_arm)
        size = np.resize(sizes, total)
        labels = np.repeat(np.arange(total), size)
        arm = labels < per_arm[0]
        rng = np.random.default_rng([14, *per_arm, len(sizes), int(100 * icc)])
        found: list[tuple[bool, bool, bool]] = []
        for _ in range(replicates):
            y = rng.normal(0, np.sqrt(icc), total)[labels] + rng.normal(0, np.sqrt(1 - icc), labels.size)
            means = cluster_means(y, arm, labels)
            found.append((welch(y[arm], y[~arm]).p < 0.05, cr2(y, arm, labels).p < 0.05, means.p < 0.05))
        names = f"{per_arm[0]} / {per_arm[1]}", "/".join(str(s) for s in sizes)
        rows.append([*names, icc, *(rate(column) for column in zip(*found, strict=True))])
    table(
        f"Whole classes assigned, no difference, {replicates:,} replicates: false positives at 5 %",
        ["classes", "students in a class", "ICC", "Welch, classes ignored", "CR2", "class means"],
        rows,
    )
