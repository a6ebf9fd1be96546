"""What must be true of the statistics whatever the data are."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from holdfast.research.statistics.bayes import jzs
from holdfast.research.statistics.bounds import lee, manski
from holdfast.research.statistics.clusters import cluster_means, cr2
from holdfast.research.statistics.counts import rate_ratio
from holdfast.research.statistics.description import describe
from holdfast.research.statistics.diagnostics import diagnose
from holdfast.research.statistics.effects import average_variance_g, hedges_g
from holdfast.research.statistics.equivalence import tost
from holdfast.research.statistics.looks import open_ended_look, planned_looks
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import student, welch
from holdfast.research.statistics.multiplicity import benjamini_hochberg, holm
from holdfast.research.statistics.pairwise import PairwiseDifferences
from holdfast.research.statistics.proportions import risk_difference
from holdfast.research.statistics.ranks import brunner_munzel, hodges_lehmann, mann_whitney
from holdfast.research.statistics.regression import ancova, lin
from holdfast.research.statistics.resampling import bca, permutation_test

SCORES = st.one_of(
    st.integers(0, 10).map(lambda v: v * 10.0),
    st.floats(0, 100).map(lambda v: round(v, 6)),
)
ARM = st.lists(SCORES, min_size=2, max_size=14)
ANY = st.lists(
    st.one_of(SCORES, st.just(math.nan), st.floats(-1e8, 1e8), st.floats(-1e-8, 1e-8)), min_size=0, max_size=9
)


def stacked(method, **more):
    """A method that takes all values and whose they are."""

    def call(x, y):
        values, arm = [*x, *y], [1] * len(x) + [0] * len(y)
        return method(values, arm, **{name: make(len(x), len(y)) for name, make in more.items()})

    return call


def classes(n, m):
    return [f"a{i // 2}" for i in range(n)] + [f"b{i // 2}" for i in range(m)]


def wave(n, m):
    return np.sin(np.arange(n + m))


def seeded(n, m):
    return np.random.default_rng(1)


TESTS = [
    welch, student, hedges_g, average_variance_g, mann_whitney, brunner_munzel, hodges_lehmann, jzs,
    open_ended_look, describe, diagnose, lee,
    lambda x, y: tost(x, y, 5.0),
    lambda x, y: manski(x, y, -2e8, 2e8),
    lambda x, y: bca(x, y, np.random.default_rng(1), 200),
    stacked(permutation_test, rng=seeded),
    stacked(cr2, clusters=classes),
    stacked(cluster_means, clusters=classes),
    stacked(ancova, covariates=wave),
    stacked(lin, covariates=wave),
]  # fmt: skip


def numbers(result):
    """Every number within a result."""
    if dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            yield from numbers(getattr(result, field.name))
    elif isinstance(result, tuple | np.ndarray):
        for item in result:
            yield from numbers(item)
    elif isinstance(result, int | float | np.number):
        yield float(result)


@settings(max_examples=100, deadline=None)
@given(ANY, ANY, st.sampled_from(range(len(TESTS))))
def test_a_number_or_a_reason_and_never_nan(first, second, at):
    method = TESTS[at]
    try:
        result = method(first) if method is describe else method(first, second)
    except Meaningless:
        return
    assert all(math.isfinite(number) for number in numbers(result))


def apart(first, second):
    assume(np.ptp(first) > 1e-3 and np.ptp(second) > 1e-3)
    return np.array(first), np.array(second)


@settings(max_examples=30, deadline=None)
@given(ARM, ARM)
def test_swapping_the_arms_changes_signs_and_nothing_else(first, second):
    x, y = apart(first, second)
    one, other = welch(x, y), welch(y, x)
    assert (one.t, one.p) == pytest.approx((-other.t, other.p), rel=1e-9, abs=1e-12)
    assert one.interval.low == pytest.approx(-other.interval.high, rel=1e-9, abs=1e-9)
    for effect in (hedges_g, average_variance_g):
        one, other = effect(x, y), effect(y, x)
        assert one.g == pytest.approx(-other.g, abs=1e-12)
        assert one.g_interval.low == pytest.approx(-other.g_interval.high, rel=1e-9, abs=1e-8)
    assert mann_whitney(x, y).p == pytest.approx(mann_whitney(y, x).p, rel=1e-12)
    assert mann_whitney(x, y).rank_biserial == pytest.approx(-mann_whitney(y, x).rank_biserial, abs=1e-12)
    one, other = hodges_lehmann(x, y), hodges_lehmann(y, x)
    assert one.interval.low == pytest.approx(-other.interval.high, abs=1e-9)
    assert one.median_difference == pytest.approx(-other.median_difference, abs=1e-9)
    assert jzs(x, y).log_bf10 == pytest.approx(jzs(y, x).log_bf10, rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(ARM, ARM, st.sampled_from([1e-8, 0.5, 1024.0, 1e8]), st.integers(-3, 3))
def test_shift_and_scale_go_through(first, second, factor, shift):
    x, y = apart(first, second)
    u, v = (x + 10 * shift) * factor, (y + 10 * shift) * factor
    one, other = welch(x, y), welch(u, v)
    assert other.t == pytest.approx(one.t, rel=1e-6, abs=1e-8)
    assert other.interval.low == pytest.approx(one.interval.low * factor, rel=1e-6, abs=1e-7 * factor)
    assert hedges_g(u, v).g == pytest.approx(hedges_g(x, y).g, rel=1e-6, abs=1e-8)
    assert jzs(u, v).log_bf10 == pytest.approx(jzs(x, y).log_bf10, rel=1e-6, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(ARM, ARM)
def test_an_interval_holds_its_estimate_and_a_p_value_is_one(first, second):
    x, y = apart(first, second)
    tests = [welch(x, y), student(x, y), mann_whitney(x, y)]
    assert all(0 < test.p <= 1 for test in tests)
    assert tests[0].interval.contains(tests[0].difference)
    effect = hedges_g(x, y)
    assert effect.d_interval.contains(effect.d)
    assert abs(effect.g) <= abs(effect.d)
    shift = hodges_lehmann(x, y)
    assert shift.interval.contains(shift.median_difference)
    assert shift.interval.contains(shift.estimate)
    assert (welch(x, y).p < 0.05) is not welch(x, y).interval.contains(0) or welch(x, y).p == pytest.approx(
        0.05
    )
    equivalence = tost(x, y, 10.0)
    inside = equivalence.interval.low > -10 and equivalence.interval.high < 10
    assert equivalence.equivalent is inside or equivalence.p == pytest.approx(0.05)


@settings(max_examples=40, deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=40), st.lists(SCORES, min_size=1, max_size=40), st.data())
def test_a_selected_difference_is_the_one_of_the_sorted_table(first, second, data):
    differences = PairwiseDifferences(np.array(first), np.array(second))
    table = np.sort(np.subtract.outer(first, second), axis=None)
    rank = data.draw(st.integers(0, table.size - 1))
    assert differences.at(rank) == table[rank]
    assert differences.median() == pytest.approx(np.median(table), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_keep_the_order(p):
    for method in (holm, benjamini_hochberg):
        rows = method(p)
        assert all(row.p <= row.adjusted_p + 1e-15 <= 1 + 1e-12 for row in rows)
        by_p = sorted(rows, key=lambda row: row.p)
        adjusted = [row.adjusted_p for row in by_p]
        assert adjusted == sorted(adjusted)
    bonferroni = [min(1, value * len(p)) for value in p]
    assert all(row.adjusted_p <= most + 1e-12 for row, most in zip(holm(p), bonferroni, strict=True))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_proportions_and_rates_turn_over(n, m, data):
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    one, other = risk_difference((a, b), (n, m)), risk_difference((b, a), (m, n))
    assert one.interval.contains(one.difference)
    assert one.interval.low == pytest.approx(-other.interval.high, abs=1e-9)
    assert -1 <= one.interval.low <= one.interval.high <= 1
    lost = risk_difference((n - a, m - b), (n, m))
    assert lost.interval.low == pytest.approx(-one.interval.high, abs=1e-9)
    if a and b:
        ratio, turned = rate_ratio((a, b), (3.0, 7.0)), rate_ratio((b, a), (7.0, 3.0))
        assert ratio.interval.low == pytest.approx(1 / turned.interval.high, rel=1e-9)
        assert ratio.interval.contains(ratio.ratio)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.02, 1), min_size=1, max_size=8, unique=True))
def test_looks_spend_no_more_than_alpha(shares):
    shares = sorted(shares)
    assume(np.all(np.diff(shares) > 0.01))
    looks = planned_looks(shares)
    assert all(look.p <= 0.05 + 1e-12 for look in looks)
    assert looks[-1].spent <= 0.05 + 1e-12
    if len(looks) == 1 and shares[0] == 1:
        assert looks[0].p == pytest.approx(0.05)


@settings(max_examples=40, deadline=None)
@given(ARM, ARM, st.integers(0, 3), st.integers(0, 3))
def test_bounds_hold_what_could_have_been(first, second, lost, gone):
    x, y = [*first, *[math.nan] * lost], [*second, *[math.nan] * gone]
    found = manski(x, y)
    filled = np.array([*first, *[50.0] * lost]).mean() - np.array([*second, *[20.0] * gone]).mean()
    assert found.low - 1e-9 <= filled <= found.high + 1e-9
    trimmed = lee(x, y)
    assert trimmed.low <= trimmed.high + 1e-9
