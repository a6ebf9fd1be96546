"""Looking before the end: the error over all looks together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.coverage.populations import Population, ceiling, normal, skewed
from benchmarks.coverage.tally import rate, table
from holdfast.research.statistics.looks import log_mixture, planned_looks

Sums = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

SETTINGS: list[tuple[str, tuple[int, int], Population, Population]] = [
    ("normal, equal SD", (1, 1), normal(75, 10), normal(75, 10)),
    ("normal, SD 10 / 20", (1, 1), normal(75, 10), normal(75, 20)),
    ("normal, SD 10 / 20, 2 : 1", (2, 1), normal(75, 10), normal(75, 20)),
    ("normal, SD 20 / 10, 2 : 1", (2, 1), normal(75, 20), normal(75, 10)),
    ("ceiling", (1, 1), ceiling(92, 12), ceiling(92, 12)),
    ("skewed", (1, 1), skewed(1.5, 12), skewed(1.5, 12)),
]


def planned(replicates: int) -> bool:
    """Lan-DeMets on Welch's p; the seed's way (0.05 at each look) beside it."""
    rows, held = [], True
    for looks in (3, 5, 10):
        shares = np.arange(1, looks + 1) / looks
        boundary = np.array([look.p for look in planned_looks(shares)])
        for name, ratio, first, second in SETTINGS:
            rng = np.random.default_rng([21, looks, *ratio, len(name)])
            at = np.arange(1, looks + 1) * 10
            p = _welch_p(
                _sums(rng, replicates, at * ratio[0], first), _sums(rng, replicates, at * ratio[1], second)
            )
            kept, naive = rate((p < boundary).any(axis=1)), rate((p < 0.05).any(axis=1))
            if name == "normal, equal SD":
                held &= kept.share <= 5 + 3 * kept.error
            rows.append([looks, name, naive, kept])
    table(
        f"Planned looks after each 10 per arm, no difference, {replicates:,} replicates: ever significant",
        ["looks", "scores", "0.05 at each look", "O'Brien-Fleming spending"],
        rows,
    )
    return held


def open_ended(replicates: int) -> bool:
    """The confidence sequence looked at after every student from 5 per arm to 300."""
    rows, held = [], True
    for name, ratio, first, second in SETTINGS:
        rng = np.random.default_rng([22, *ratio, len(name)])
        at = np.arange(5, 301)
        x = _sums(rng, replicates, at * ratio[0], first)
        y = _sums(rng, replicates, at * ratio[1], second)
        log_e = _log_e(x, y)
        ever = rate((log_e >= np.log(20)).any(axis=1))
        if name == "normal, equal SD":
            held &= ever.share <= 5 + 3 * ever.error
        last = rate(log_e[:, -1] >= np.log(20))
        rows.append([name, ever, last])
    table(
        f"Open-ended looks after every student, 5 to 300 per arm, {replicates:,} replicates: 0 ever left out",
        ["scores", "at any look", "at the last"],
        rows,
    )
    return held


def _sums(rng: np.random.Generator, replicates: int, at: NDArray[np.int64], population: Population) -> Sums:
    """n, mean and variance after each look, for every replicate."""
    values = population.draw(rng, (replicates, int(at[-1]))) - population.mean
    total, squares = np.cumsum(values, axis=1)[:, at - 1], np.cumsum(values**2, axis=1)[:, at - 1]
    n = at.astype(np.float64)
    return np.broadcast_to(n, total.shape), total / n, (squares - total**2 / n) / (n - 1)


def _welch_p(first: Sums, second: Sums) -> NDArray[np.float64]:
    share_x, share_y = first[2] / first[0], second[2] / second[0]
    error = share_x + share_y
    df = error**2 / (share_x**2 / (first[0] - 1) + share_y**2 / (second[0] - 1))
    return np.asarray(2 * special.stdtr(df, -np.abs(first[1] - second[1]) / np.sqrt(error)))


def _log_e(first: Sums, second: Sums) -> NDArray[np.float64]:
    df = first[0] + second[0] - 2
    pooled = ((first[0] - 1) * first[2] + (second[0] - 1) * second[2]) / df
    n = first[0] * second[0] / (first[0] + second[0])
    return log_mixture((first[1] - second[1]) * np.sqrt(n / pooled), df, n)
