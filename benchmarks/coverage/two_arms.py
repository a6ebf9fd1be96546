"""Two independent arms: Welch against the older script's test, and every interval beside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage.populations import (
    Population,
    ceiling,
    decisions,
    middle_difference,
    normal,
    skewed,
    superiority,
)
from benchmarks.coverage.tally import Rate, rate, table
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import student, welch
from holdfast.research.statistics.noncentral import noncentral_t_probability
from holdfast.research.statistics.ranks import brunner_munzel, hodges_lehmann, mann_whitney
from holdfast.research.statistics.resampling import bca, permutation_test
from holdfast.research.statistics.samples import Interval

Arms = tuple[NDArray[np.float64], NDArray[np.float64]]

NORMAL = [
    (n, sds)
    for n in [(5, 5), (14, 6), (15, 5), (6, 14), (5, 15), (30, 10), (10, 30), (50, 50)]
    for sds in [(10.0, 10.0), (10.0, 20.0)]
] + [((15, 5), (8.0, 16.0))]
OTHERS = [
    ((10, 10), skewed(1.5, 12), skewed(1.5, 12)),
    ((15, 5), skewed(1.5, 12), skewed(1.5, 24)),
    ((30, 20), skewed(1.5, 12), skewed(1.5, 24)),
    ((10, 10), ceiling(92, 12), ceiling(92, 12)),
    ((14, 6), ceiling(95, 10), ceiling(85, 20)),
    ((30, 20), ceiling(95, 10), ceiling(85, 20)),
    ((12, 12), decisions(5, 0.8), decisions(5, 0.8)),
    ((30, 20), decisions(5, 0.9), decisions(5, 0.7)),
]


def normal_arms(replicates: int) -> bool:
    """False-positive rate and coverage on normal data; the figures that must hold."""
    rows, held = [], True
    for n, sds in NORMAL:
        rng = np.random.default_rng([1, *n, int(sds[0]), int(sds[1])])
        arms = list(_draws(rng, replicates, n, normal(75, sds[0]), normal(75, sds[1])))
        tests = [welch(x, y) for x, y in arms]
        false = rate(test.p < 0.05 for test in tests)
        covered = rate(test.interval.contains(0) for test in tests)
        seed = rate(student(x, y).p < 0.05 for x, y in arms)
        held &= 4.0 <= round(false.share, 1) <= 6.0 and 94.0 <= round(covered.share, 1) <= 96.0
        rows.append([f"{n[0]} / {n[1]}", f"{sds[0]:g} / {sds[1]:g}", seed, false, covered])
    table(
        f"Normal scores, no difference, {replicates:,} replicates: false positives at 5 %, per cent",
        ["n", "SD", "Student (the seed's)", "Welch", "Welch's interval covers"],
        rows,
    )
    return held


def other_arms(replicates: int) -> None:
    """Coverage of the intervals for the difference, the shift and the superiority, whatever comes out."""
    rows = []
    settings = [
        ((14, 6), normal(75, 10), normal(70, 20)),
        ((10, 10), normal(75, 10), normal(70, 10)),
        *OTHERS,
    ]
    for n, first, second in settings:
        rng = np.random.default_rng([2, *n, len(rows)])
        arms = list(_draws(rng, replicates, n, first, second))
        true = first.mean - second.mean
        middle, better = middle_difference(first, second), superiority(first, second)
        drawing = np.random.default_rng(3)
        rows.append(
            [
                f"{first.name}; {second.name}",
                f"{n[0]} / {n[1]}",
                _covers(arms, lambda x, y: welch(x, y).interval, true),
                _covers(arms, lambda x, y, rng=drawing: bca(x, y, rng, 999).interval, true),
                _covers(arms, lambda x, y: hodges_lehmann(x, y).interval, middle),
                _covers(arms, _superiority, better),
            ]
        )
    table(
        f"Coverage of 95 % intervals, {replicates:,} replicates",
        ["First; second arm", "n", "Welch", "BCa, 999 resamples", "Hodges-Lehmann", "Brunner-Munzel"],
        rows,
    )


def tests_without_a_difference(replicates: int) -> None:
    """False positives of the sensitivity analyses where the arms differ in nothing, or in spread only."""
    rows = []
    for n, first, second in [
        ((10, 10), normal(75, 10), normal(75, 10)),
        ((14, 6), normal(75, 10), normal(75, 20)),
        ((6, 14), normal(75, 10), normal(75, 20)),
        ((14, 6), ceiling(92, 12), ceiling(92, 12)),
        ((12, 12), decisions(5, 0.8), decisions(5, 0.8)),
    ]:
        rng = np.random.default_rng([4, *n, len(rows)])
        arms = list(_draws(rng, replicates, n, first, second))
        drawing = np.random.default_rng(5)
        rows.append(
            [
                f"{first.name}; {second.name}",
                f"{n[0]} / {n[1]}",
                _rejects(arms, lambda x, y: welch(x, y).p),
                _rejects(arms, lambda x, y: mann_whitney(x, y).p),
                _rejects(arms, lambda x, y: brunner_munzel(x, y).p),
                _rejects(arms, lambda x, y, rng=drawing: _permuted(x, y, rng)),
            ]
        )
    table(
        f"False positives at 5 %, {replicates:,} replicates (999 draws for each permutation test)",
        ["First; second arm", "n", "Welch", "Mann-Whitney", "Brunner-Munzel", "permutation"],
        rows,
    )


def standardised(replicates: int) -> None:
    """Coverage of the noncentral intervals: the true effect is inside when t is in neither tail."""
    rows = []
    for n, sds, effect in [
        ((10, 10), (10.0, 10.0), 0.5), ((14, 6), (10.0, 10.0), 0.8), ((5, 5), (10.0, 10.0), 1.5),
        ((14, 6), (10.0, 20.0), 0.8), ((6, 14), (10.0, 20.0), 0.8), ((50, 50), (10.0, 20.0), 0.5),
    ]:  # fmt: skip
        rng = np.random.default_rng([6, *n, int(sds[1])])
        average = float(np.sqrt((sds[0] ** 2 + sds[1] ** 2) / 2))
        arms = list(_draws(rng, replicates, n, normal(75 + effect * average, sds[0]), normal(75, sds[1])))
        pooled = _noncentral(arms, effect, equal=True) if sds[0] == sds[1] else "-"
        rows.append(
            [f"{n[0]} / {n[1]}", f"{sds[0]:g} / {sds[1]:g}", effect, pooled, _noncentral(arms, effect)]
        )
    table(
        f"95 % intervals of the standardised difference cover, normal scores, {replicates:,} replicates",
        ["n", "SD", "true d", "g, pooled", "g, average variance"],
        rows,
    )


def _noncentral(arms: list[Arms], effect: float, *, equal: bool = False) -> Rate:
    tests = [student(x, y) if equal else welch(x, y) for x, y in arms]
    m, n = arms[0][0].size, arms[0][1].size
    t, df = np.array([test.t for test in tests]), np.array([test.df for test in tests])
    scale = np.full(len(tests), np.sqrt(1 / m + 1 / n))
    if not equal:
        average = np.array([np.sqrt((test.sds[0] ** 2 + test.sds[1] ** 2) / 2) for test in tests])
        scale = np.array([test.standard_error for test in tests]) / average
    place = noncentral_t_probability(t, df, effect / scale)
    return rate((place > 0.025) & (place < 0.975))


def _draws(
    rng: np.random.Generator, replicates: int, n: tuple[int, int], first: Population, second: Population
) -> list[Arms]:
    x, y = first.draw(rng, (replicates, n[0])), second.draw(rng, (replicates, n[1]))
    return list(zip(x, y, strict=True))


def _covers(
    arms: list[Arms],
    method: Callable[[NDArray[np.float64], NDArray[np.float64]], Interval | None],
    true: float,
) -> Rate:
    def one(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool | None:
        try:
            found = method(x, y)
        except Meaningless:
            return None
        return None if found is None else found.contains(true)

    return rate(one(x, y) for x, y in arms)


def _rejects(arms: list[Arms], p: Callable[[NDArray[np.float64], NDArray[np.float64]], float]) -> Rate:
    def one(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool | None:
        try:
            return p(x, y) < 0.05
        except Meaningless:
            return None

    return rate(one(x, y) for x, y in arms)


def _superiority(x: NDArray[np.float64], y: NDArray[np.float64]) -> Interval | None:
    return brunner_munzel(x, y).superiority_interval


def _permuted(x: NDArray[np.float64], y: NDArray[np.float64], rng: np.random.Generator) -> float:
    arm = np.repeat([True, False], [x.size, y.size])
    return permutation_test(np.concatenate([x, y]), arm, rng, permutations=999).p
