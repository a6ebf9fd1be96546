"""Every deterministic statistic against R (golden/make_values.R) to six significant digits, or better."""

import json
from pathlib import Path

import numpy as np
import pytest

from holdfast.research.statistics.allocation import sample_ratio
from holdfast.research.statistics.bayes import jzs
from holdfast.research.statistics.bounds import manski
from holdfast.research.statistics.clusters import cluster_means, cr2
from holdfast.research.statistics.counts import rate_ratio
from holdfast.research.statistics.description import describe
from holdfast.research.statistics.diagnostics import diagnose
from holdfast.research.statistics.effects import average_variance_g, hedges_g
from holdfast.research.statistics.equivalence import tost
from holdfast.research.statistics.looks import open_ended_look, planned_looks
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import seed_d, student, welch
from holdfast.research.statistics.multiplicity import benjamini_hochberg, holm
from holdfast.research.statistics.planning import (
    detectable_effect,
    power_of_means,
    power_of_proportions,
    sample_size_of_means,
    sample_size_of_proportions,
)
from holdfast.research.statistics.proportions import risk_difference
from holdfast.research.statistics.ranks import brunner_munzel, hodges_lehmann, mann_whitney
from holdfast.research.statistics.regression import ancova, lin
from holdfast.research.statistics.resampling import bca_from, permutation_from

GOLDEN = Path(__file__).parent / "golden"
DATA = json.loads((GOLDEN / "data.json").read_text())
VALUES = json.loads((GOLDEN / "values.json").read_text())
SETS = sorted(DATA["arms"])
SMALLEST = 1e-290  # R says 0 where the product says the smallest normal number


def floats(listed):
    return np.array([np.nan if v is None else v for v in listed], dtype=float)


def two(name):
    return floats(DATA["arms"][name]["first"]), floats(DATA["arms"][name]["second"])


def agree(ours, theirs, digits=6, scale=0.0):
    """Relative agreement; ``scale`` allows for numbers that are 0 but for rounding beside it."""
    theirs = None if isinstance(theirs, dict | list) and not theirs else theirs
    if theirs is None or ours is None:
        assert ours is None and theirs is None, (ours, theirs)
        return
    assert ours == pytest.approx(theirs, rel=0.5 * 10.0**-digits, abs=max(SMALLEST, 1e-12 * scale))


def interval(ours, low, high, digits=6, scale=0.0):
    agree(ours.low, low, digits, scale)
    agree(ours.high, high, digits, scale)


def spread(name):
    return float(np.nanmax(np.abs(np.concatenate(two(name)))))


def golden(name, key):
    value = VALUES["arms"][name].get(key)
    if not value:
        pytest.skip(f"R has no {key} for {name}")
    return value


@pytest.mark.parametrize("name", SETS)
def test_descriptions(name):
    for values, key in zip(two(name), ("first", "second"), strict=True):
        found, there = describe(values), VALUES["arms"][name][key]
        assert (found.n, found.missing) == (there["n"], there["missing"])
        agree(found.mean, there["mean"])
        agree(found.sd, there["sd"])
        quartiles = [found.minimum, found.quartile_1, found.median, found.quartile_3, found.maximum]
        for ours, theirs in zip(quartiles, there["quantiles"], strict=True):
            agree(ours, theirs)
        agree(found.skew, there.get("skew"), scale=1)


@pytest.mark.parametrize("name", SETS)
def test_the_t_tests(name):
    scale = spread(name)
    for level, there in golden(name, "welch").items():
        exact = {"0.95": 0.95, "0.9": 0.9}.get(level, 1 - 0.05 / 3)
        found = welch(*two(name), exact)
        interval(found.interval, there["low"], there["high"], scale=scale)
        agree(found.t, there["t"], scale=1)
        for ours, key in [(found.df, "df"), (found.p, "p"), (found.standard_error, "se")]:
            agree(ours, there[key])
        agree(found.difference, there["difference"], scale=scale)
    found, there = student(*two(name)), golden(name, "student")
    interval(found.interval, there["low"], there["high"], scale=scale)
    for ours, key in [(found.t, "t"), (found.df, "df"), (found.p, "p"), (found.standard_error, "se")]:
        agree(ours, there[key], scale=1 if key == "t" else 0)
    agree(seed_d(*two(name)), golden(name, "seed_d"), scale=1)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("method", "key"), [(hedges_g, "hedges"), (average_variance_g, "average")])
def test_standardised_differences(name, method, key):
    there, found = golden(name, key), method(*two(name))
    agree(found.d, there["d"], scale=1)
    agree(found.g, there["g"], scale=1)
    interval(found.d_interval, there["d_low"], there["d_high"], scale=10)
    interval(found.g_interval, there["g_low"], there["g_high"], scale=10)


@pytest.mark.parametrize("name", SETS)
def test_the_package_effectsize_agrees_to_its_own_tolerance(name):
    there = golden(name, "effectsize")
    if abs(welch(*two(name)).t) > 30:
        pytest.skip("R's noncentral t ends at 37.62")
    for found, (g, low, high) in [
        (hedges_g(*two(name)), there["g"]),
        (average_variance_g(*two(name)), there["average"]),
    ]:
        agree(found.g, g, scale=1)
        assert found.g_interval.low == pytest.approx(low, abs=2e-3 * (1 + abs(low)))
        assert found.g_interval.high == pytest.approx(high, abs=2e-3 * (1 + abs(high)))


@pytest.mark.parametrize("name", SETS)
def test_rank_tests_and_the_shift(name):
    there = golden(name, "mann_whitney")
    found = mann_whitney(*two(name))
    assert found.exact is there["exact"]
    agree(found.statistic, there["w"])
    agree(found.p, there["p"])
    shift, there = hodges_lehmann(*two(name)), golden(name, "hodges_lehmann")
    scale = spread(name)
    agree(shift.estimate, there["estimate"], scale=scale)
    agree(shift.median_difference, there["median"], scale=scale)
    interval(shift.interval, there["low"], there["high"], scale=scale)


@pytest.mark.parametrize("name", SETS)
def test_brunner_munzel(name):
    there = VALUES["arms"][name].get("brunner_munzel")
    if not there:
        with pytest.raises(Meaningless):
            brunner_munzel(*two(name))
        return
    found = brunner_munzel(*two(name))
    for ours, key in [(found.p, "p"), (found.df, "df"), (found.superiority, "superiority")]:
        agree(ours, there[key])
    agree(found.statistic, there["t"], scale=1)
    interval(found.superiority_interval, there["low"], there["high"], scale=1)


@pytest.mark.parametrize("name", SETS)
def test_the_bayes_factor(name):
    found = jzs(*two(name)) if golden(name, "log_jzs") else None
    agree(found.log_bf10, golden(name, "log_jzs"), scale=10)
    log_bf, error = golden(name, "bayes_factor")
    if abs(found.t) < 15:  # beyond, the package approximates the integral, and does not say how well
        assert found.log_bf10 == pytest.approx(log_bf, abs=max(5 * error, 1e-6))


@pytest.mark.parametrize("name", SETS)
def test_equivalence(name):
    there = golden(name, "tost")
    found = tost(*two(name), there["margin"])
    for ours, key in [
        (found.t_lower, "t_lower"), (found.p_lower, "p_lower"),
        (found.t_upper, "t_upper"), (found.p_upper, "p_upper"),
    ]:  # fmt: skip
        agree(ours, there[key])
    assert found.p == max(found.p_lower, found.p_upper)
    ninety = VALUES["arms"][name]["welch"]["0.9"]
    interval(found.interval, ninety["low"], ninety["high"], scale=spread(name))


@pytest.mark.parametrize("name", SETS)
def test_diagnostics(name):
    found = diagnose(*two(name))
    for arm, key in zip(found.arms, ("first", "second"), strict=True):
        w, p = VALUES["arms"][name][key].get("shapiro") or (None, None)
        agree(arm.shapiro_w, w)
        agree(arm.shapiro_p, p)
    f, p = VALUES["arms"][name].get("brown_forsythe") or (None, None)
    agree(found.brown_forsythe_f, f, scale=1)
    agree(found.brown_forsythe_p, p)


@pytest.mark.parametrize("name", SETS)
def test_open_ended_looks(name):
    there = golden(name, "mixture")
    found = open_ended_look(*two(name))
    agree(found.log_e, there["log_e"], scale=10)
    interval(found.interval, there.get("low"), there.get("high"), scale=spread(name))


@pytest.mark.parametrize("name", sorted(DATA["models"]))
@pytest.mark.parametrize(("method", "key"), [(ancova, "ancova"), (lin, "lin")])
def test_adjusted_differences(name, method, key):
    made, there = DATA["models"][name], VALUES["models"][name][key]
    found = method(floats(made["values"]), made["in_first"], made["covariates"])
    for ours, theirs in [
        (found.difference, "difference"), (found.standard_error, "se"), (found.t, "t"), (found.p, "p"),
        (found.df, "df"), (found.r_squared, "r_squared"),
        (found.adjusted_means[0].mean, "first_mean"), (found.adjusted_means[0].standard_error, "first_se"),
        (found.adjusted_means[1].mean, "second_mean"), (found.adjusted_means[1].standard_error, "second_se"),
    ]:  # fmt: skip
        agree(ours, there[theirs])
    interval(found.interval, there["low"], there["high"])
    assert found.left_out == made["values"].count(None)


@pytest.mark.parametrize("name", sorted(DATA["clusters"]))
def test_clusters(name):
    made, there = DATA["clusters"][name], VALUES["clusters"][name]
    found = cr2(made["values"], made["in_first"], made["clusters"], made.get("covariates"))
    expected = there["cr2"]
    for ours, key in [
        (found.difference, "difference"),
        (found.standard_error, "se"),
        (found.df, "df"),
        (found.p, "p"),
    ]:
        agree(ours, expected[key])
    interval(found.interval, expected["low"], expected["high"])
    if "means" not in there:
        with pytest.raises(Meaningless, match="both arms"):
            cluster_means(made["values"], made["in_first"], made["clusters"])
        return
    means, expected = cluster_means(made["values"], made["in_first"], made["clusters"]), there["means"]
    for ours, key in [(means.t, "t"), (means.df, "df"), (means.p, "p")]:
        agree(ours, expected[key])
    interval(means.interval, expected["low"], expected["high"])


@pytest.mark.parametrize("at", range(len(DATA["counts"])))
def test_rate_ratios(at):
    counts, exposures = DATA["counts"][at]
    found, there = rate_ratio(tuple(counts), tuple(exposures)), VALUES["counts"][at]
    agree(found.ratio, there.get("ratio"))
    agree(found.p, there["p"])
    interval(found.interval, there["low"], there.get("high"))
    assert bool(found.note) is (0 in counts)


@pytest.mark.parametrize("at", range(len(DATA["proportions"])))
def test_risk_differences(at):
    events, n = DATA["proportions"][at]
    found, there = risk_difference(tuple(events), tuple(n)), VALUES["proportions"][at]
    interval(found.interval, there["low"], there["high"], scale=1)
    agree(found.z, there["z"])
    agree(found.p, there["p"])


def test_risk_differences_against_published_intervals():
    """Newcombe (1998), Statistics in Medicine 17, 873, table II, method 6 (Miettinen and Nurminen)."""
    for events, n, low, high in [
        ((56, 48), (70, 80), 0.0528, 0.3382),
        ((9, 3), (10, 10), 0.1700, 0.8406),
        ((10, 0), (10, 20), 0.7156, 1.0000),
    ]:
        found = risk_difference(events, n).interval
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize("at", range(len(DATA["ratios"])))
def test_sample_ratios(at):
    observed, designed = DATA["ratios"][at]
    agree(sample_ratio(tuple(observed), tuple(designed)).p, VALUES["ratios"][at])


@pytest.mark.parametrize("at", range(len(DATA["p_values"])))
def test_multiplicity(at):
    there = VALUES["p_values"][at]
    for method, key in [(holm, "holm"), (benjamini_hochberg, "bh")]:
        found = [row.adjusted_p for row in method(DATA["p_values"][at])]
        np.testing.assert_allclose(found, np.atleast_1d(there[key]), rtol=1e-12)


def test_permutations_from_exported_draws():
    made, there = DATA["permuted"], VALUES["permuted"]
    found = permutation_from(made["values"], made["in_first"], made["draws"])
    agree(found.observed, there["observed"])
    np.testing.assert_allclose(found.statistics, there["statistics"], rtol=1e-9, atol=1e-9)
    assert found.p == pytest.approx(there["p"], rel=1e-14)


def test_bootstrap_from_exported_draws():
    made, there = DATA["resampled"], VALUES["resampled"]
    x, y = np.array(made["first"]), np.array(made["second"])
    drawn = x[np.array(made["first_places"])].mean(axis=1) - y[np.array(made["second_places"])].mean(axis=1)
    found = bca_from(x, y, drawn)
    agree(found.bias_correction, there["z0"])
    agree(found.acceleration, there["acceleration"])
    interval(found.interval, *there["limits"])


@pytest.mark.parametrize("name", sorted(DATA["bounded"]))
def test_bounds(name):
    made, there = DATA["bounded"][name], VALUES["bounded"][name]
    found = manski(floats(made["first"]), floats(made["second"]))
    agree(found.low, there["low"])
    agree(found.high, there["high"])
    interval(found.interval, *there["interval"])


def test_planning():
    there = VALUES["planning"]
    for row in there["means"]:
        agree(power_of_means(tuple(row["n"]), row["effect"]).power, row["power"])
    for row in there["welch"]:
        agree(power_of_means(tuple(row["n"]), row["effect"], sd_ratio=row["sd_ratio"]).power, row["power"])
    for row in there["detectable"]:
        agree(detectable_effect(tuple(row["n"])).effect, row["effect"])
    for row in there["sizes"]:
        assert sample_size_of_means(row["effect"]).n == (row["n"], row["n"])
    for row in there["proportions"]:
        n = int(row["n"])
        agree(power_of_proportions((n, n), tuple(row["proportions"])).power, row["power"])
    for row in there["proportion_sizes"]:
        assert sample_size_of_proportions(tuple(row["proportions"])).n == (row["n"], row["n"])


@pytest.mark.parametrize(
    ("key", "shares", "alpha"),
    [("five", [0.2, 0.4, 0.6, 0.8, 1], 0.05), ("three", [0.3, 0.55, 1], 0.05), ("two_at_01", [0.5, 1], 0.01)],
)
def test_planned_looks(key, shares, alpha):
    for look, z in zip(planned_looks(shares, alpha), VALUES["looks"][key], strict=True):
        agree(look.z, z)


def test_planned_looks_against_published_boundaries():
    """Five equal looks, two-sided 0.05, as ld98 prints them (the second is 3.35701 on a finer grid)."""
    found = [look.z for look in planned_looks([0.2, 0.4, 0.6, 0.8, 1.0])]
    assert found == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


@pytest.mark.parametrize("name", sorted(DATA["refused"]))
@pytest.mark.parametrize(
    "method", [welch, student, hedges_g, average_variance_g, jzs, seed_d, hodges_lehmann]
)
def test_refused_with_a_reason(name, method):
    made = DATA["refused"][name]
    with pytest.raises(Meaningless) as refusal:
        method(floats(made["first"]), floats(made["second"]))
    assert len(refusal.value.reason) > 15
