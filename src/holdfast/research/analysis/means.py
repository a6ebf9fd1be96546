"""What is said of an outcome that has means: the confirmatory test, its companions, and what is planned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from holdfast.research.analysis.comparison import Comparison, said, with_rates
from holdfast.research.analysis.resampled import resampled
from holdfast.research.analysis.results import Role, Statistic
from holdfast.research.analysis.stating import ONE_LOOK, Fields, Heading, of_difference, refused, stated
from holdfast.research.statistics import (
    bayes,
    bounds,
    diagnostics,
    effects,
    equivalence,
    looks,
    means,
    planning,
    ranks,
)
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.ranks import RankTest
from holdfast.research.statistics.samples import varying_arms

_POOLED = "standardised by the pooled standard deviation; interval from the noncentral t"
_AVERAGE = "standardised by the root mean of both variances, for unequal variances"
_SEED_NOTE = "as the older script computed it; assumes equal variances"


def welch(made: Comparison, level: float | None = None, *, role: Role = Role.CONFIRMATORY) -> Statistic:
    """Welch's test and interval, at another level where one is given."""
    level = made.level if level is None else level
    heading = Heading("welch", "Welch t test", role, _single(made))
    origin = with_rates(made)
    if made.too_few:
        return refused(heading, origin, made.too_few)
    return stated(
        heading,
        origin,
        lambda: {**of_difference(means.welch(made.first, made.second, level)), **_scale(made)},
        level=level,
    )


def sequence(made: Comparison, *, role: Role) -> Statistic:
    """The confidence sequence for looks at any time."""
    heading = Heading("confidence_sequence", "t-mixture confidence sequence", role)
    if made.too_few:
        return refused(heading, made.origin, made.too_few)

    def compute() -> Fields:
        found = looks.open_ended_look(made.first, made.second, 1 - made.level)
        return {
            "estimate": found.difference,
            "interval": found.interval,
            "p": found.p,
            "e_value": found.e_value,
            "log_e": found.log_e,
            "note": found.assumptions,
        }

    return stated(heading, made.origin, compute, level=made.level)


def companions(made: Comparison) -> list[Statistic]:
    """Everything beside the confirmatory test: effects, ranks, resampling, Bayes, bounds, planning."""
    todo = [_pooled(made), _average(made), *_ranks(made), *resampled(made), *_others(made), *bounds_of(made)]
    if made.plan.analysis.seed_figures:
        todo += _seed_figures(made)
    return todo


def of_rates(made: Comparison) -> list[Statistic]:
    """What is said of a count's rates, student by student, beside their ratio.

    Of the bounds only Lee's: a count has no highest value that the worst case could take.
    """
    return [_ranks(made)[0], resampled(made, bootstrap=False)[0], bounds_of(made)[1]]


def short_list(made: Comparison) -> list[Statistic]:
    """What is said in a population that is not the plan's primary one."""
    return [_pooled(made), *_ranks(made)]


def _pooled(made: Comparison) -> Statistic:
    heading = Heading("hedges_g", "Hedges' g", Role.ESTIMATE, _POOLED)
    return said(made, heading, lambda: _standardised(made, effects.hedges_g), level=made.level)


def _average(made: Comparison) -> Statistic:
    heading = Heading("average_variance_g", "Hedges' g, average variance", Role.ESTIMATE, _AVERAGE)
    return said(made, heading, lambda: _standardised(made, effects.average_variance_g), level=made.level)


def _standardised(made: Comparison, method: Callable[..., effects.StandardisedDifference]) -> Fields:
    found = method(made.first, made.second, made.level)
    return {
        "estimate": found.g,
        "interval": found.g_interval,
        "df": found.df,
        "scale": "standard deviations",
        "d": found.d,
        "d_low": found.d_interval.low,
        "d_high": found.d_interval.high,
        "standardiser": found.standardiser,
        "correction": found.correction,
    }


def _ranks(made: Comparison) -> list[Statistic]:
    def fields(found: RankTest) -> Fields:
        return {
            "estimate": found.superiority,
            "interval": found.superiority_interval,
            "statistic": found.statistic,
            "df": found.df,
            "p": found.p,
            "scale": "probability of superiority",
            "rank_biserial": found.rank_biserial,
            "exact": found.exact,
        }

    def shift() -> Fields:
        found = ranks.hodges_lehmann(made.first, made.second, made.level)
        return {
            "estimate": found.estimate,
            "interval": found.interval,
            "median_difference": found.median_difference,
            "achieved_level": found.achieved_level,
            "exact": found.exact,
        }

    rank, location = (
        Heading("mann_whitney", "Mann-Whitney test", Role.SENSITIVITY),
        Heading("hodges_lehmann", "Hodges-Lehmann shift", Role.SENSITIVITY),
    )
    unequal = Heading("brunner_munzel", "Brunner-Munzel test", Role.SENSITIVITY)
    return [
        said(made, rank, lambda: fields(ranks.mann_whitney(made.first, made.second))),
        said(made, location, shift, level=made.level),
        said(made, unequal, lambda: fields(ranks.brunner_munzel(made.first, made.second, made.level))),
    ]


def _others(made: Comparison) -> list[Statistic]:
    analysis, outcome = made.plan.analysis, made.outcome
    statistics = [
        said(
            made,
            Heading("jzs", "JZS Bayes factor", Role.SENSITIVITY, "from Student's t; Cauchy prior"),
            lambda: _bayes(made),
            prior_scale=analysis.prior_scale,
        ),
        said(
            made,
            Heading("detectable", "Minimum detectable effect", Role.PLANNING, "for the students obtained"),
            lambda: _detectable(made),
            power=analysis.power,
            alpha=1 - made.level,
        ),
        said(made, Heading("diagnostics", "Shape of the data", Role.DESCRIPTIVE), lambda: _shape(made)),
    ]
    if outcome.margin is not None:
        heading = Heading("tost", "Two one-sided tests of equivalence", Role.ESTIMATE, _single(made))
        margin = outcome.margin
        statistics.append(said(made, heading, lambda: _equivalence(made, margin), margin=margin))
    return statistics


def _bayes(made: Comparison) -> Fields:
    found = bayes.jzs(made.first, made.second, made.plan.analysis.prior_scale)
    return {"statistic": found.t, "df": found.df, "bf10": found.bf10, "log_bf10": found.log_bf10}


def _detectable(made: Comparison) -> Fields:
    control, treated = made.observed
    power = made.plan.analysis.power
    found = planning.detectable_effect((treated, control), power, 1 - made.level)
    try:
        unit = means.pooled_sd(*varying_arms(made.first, made.second))
    except Meaningless:
        unit = None
    return {
        "estimate": found.effect,
        "scale": "standard deviations",
        "power": found.power,
        "in_units": None if unit is None else found.effect * unit,
    }


def _shape(made: Comparison) -> Fields:
    low = made.outcome.low if made.outcome.low is not None else -np.inf
    high = made.outcome.high if made.outcome.high is not None else np.inf
    found = diagnostics.diagnose(made.first, made.second, low, high)
    names = ("shapiro_w", "shapiro_p", "at_ceiling", "at_floor", "skew")
    arms = {
        f"{name}_{arm}": getattr(one, name)
        for arm, one in zip(("treated", "control"), found.arms, strict=True)
        for name in names
    }
    return {
        **arms,
        "brown_forsythe_f": found.brown_forsythe_f,
        "brown_forsythe_p": found.brown_forsythe_p,
        "sd_ratio": found.sd_ratio,
    }


def _equivalence(made: Comparison, margin: float) -> Fields:
    found = equivalence.tost(made.first, made.second, margin, 1 - made.level)
    return {
        "interval": found.interval,
        "df": found.df,
        "p": found.p,
        "margin": found.margin,
        "t_lower": found.t_lower,
        "p_lower": found.p_lower,
        "t_upper": found.t_upper,
        "p_upper": found.p_upper,
        "equivalent": found.equivalent,
    }


def bounds_of(made: Comparison) -> list[Statistic]:
    """What missing outcomes could hide."""
    worst = Heading("manski", "Worst-case bounds for missing outcomes", Role.SENSITIVITY)
    trimmed = Heading("lee", "Lee's bounds for missing outcomes", Role.SENSITIVITY)
    low, high = (0.0, 1.0) if made.outcome.kind == "binary" else (made.outcome.low, made.outcome.high)

    def fields(found: bounds.Bounds) -> Fields:
        return {
            "bound_low": found.low,
            "bound_high": found.high,
            "interval": found.interval,
            "missing_treated": found.missing[0],
            "missing_control": found.missing[1],
            "share_trimmed": found.share_trimmed,
        }

    if low is None or high is None:
        manski = refused(worst, with_rates(made), "the plan names no lowest and highest value of the scale")
    else:
        ends = (low, high)
        manski = said(
            made,
            worst,
            lambda: fields(bounds.manski(made.first, made.second, *ends, made.level)),
            lowest=low,
            highest=high,
            level=made.level,
        )
    return [manski, said(made, trimmed, lambda: fields(bounds.lee(made.first, made.second)))]


def _seed_figures(made: Comparison) -> list[Statistic]:
    student = Heading("student", "Student t test", Role.SEED, _SEED_NOTE)
    d = Heading("seed_d", "The older script's d", Role.SEED, "root mean of both variances, uncorrected")
    return [
        said(made, student, lambda: of_difference(means.student(made.first, made.second, made.level))),
        said(
            made,
            d,
            lambda: {"estimate": means.seed_d(made.first, made.second), "scale": "standard deviations"},
        ),
    ]


def _scale(made: Comparison) -> Fields:
    return {"scale": "difference of rates"} if made.outcome.kind == "count" else {}


def _single(made: Comparison) -> str:
    return ONE_LOOK if made.plan.looks.kind == "open-ended" else ""
