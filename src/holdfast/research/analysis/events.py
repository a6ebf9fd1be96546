"""What is said of outcomes that are counted or that happen or not."""

from __future__ import annotations

import numpy as np

from holdfast.research.analysis.comparison import Comparison
from holdfast.research.analysis.results import Role, Statistic
from holdfast.research.analysis.stating import ONE_LOOK, Fields, Heading, refused, stated
from holdfast.research.statistics import counts, proportions
from holdfast.research.statistics.meaningless import Meaningless


def rate_ratio(made: Comparison, level: float | None = None, *, role: Role) -> Statistic:
    """The exact conditional ratio of two rates."""
    level = made.level if level is None else level
    note = ONE_LOOK if made.plan.looks.kind == "open-ended" else ""
    heading = Heading("rate_ratio", "Rate ratio (exact, conditional)", role, note)
    if made.too_few:
        return refused(heading, made.origin, made.too_few)
    return stated(heading, made.origin, lambda: _rates(made, level), level=level)


def _rates(made: Comparison, level: float) -> Fields:
    there = made.found.observed & made.chosen
    exposure = made.found.exposure
    arms = (there & made.treated, there & ~made.treated)
    if exposure is None:
        raise Meaningless("a count needs an exposure")
    totals = [float(made.found.values[arm].sum()) for arm in arms]
    over = [float(exposure[arm].sum()) for arm in arms]
    if any(total != round(total) or total < 0 for total in totals):
        raise Meaningless("the counts are not whole numbers")
    found = counts.rate_ratio((round(totals[0]), round(totals[1])), (over[0], over[1]), level)
    return {
        "estimate": found.ratio,
        "interval": found.interval,
        "p": found.p,
        "scale": "rate ratio",
        "count_treated": found.counts[0],
        "count_control": found.counts[1],
        "exposure_treated": found.exposures[0],
        "exposure_control": found.exposures[1],
        "rate_treated": found.rates[0],
        "rate_control": found.rates[1],
        "note": found.note,
    }


def dispersion(made: Comparison) -> Statistic:
    """How much more the counts vary between students than by chance: Pearson's chi squared over its df."""
    heading = Heading(
        "dispersion",
        "Dispersion of the counts",
        Role.DESCRIPTIVE,
        "about 1 for counts of chance alone; well above 1 the exact test's p is too small",
    )
    if made.too_few:
        return refused(heading, made.origin, made.too_few)
    return stated(heading, made.origin, lambda: _dispersion(made))


def _dispersion(made: Comparison) -> Fields:
    exposure = made.found.exposure
    if exposure is None:
        raise Meaningless("a count needs an exposure")
    chi_squared, students = 0.0, 0
    for arm in (made.treated, ~made.treated):
        there = made.found.observed & made.chosen & arm & (exposure > 0)
        events, over = made.found.values[there], exposure[there]
        if there.sum() and events.sum():
            expected = over * events.sum() / over.sum()
            chi_squared += float(np.sum((events - expected) ** 2 / expected))
            students += int(there.sum()) - 1
    if students <= 0:
        raise Meaningless("no events, or too few students")
    return {
        "estimate": chi_squared / students,
        "statistic": chi_squared,
        "df": float(students),
        "scale": "ratio",
    }


def risk_difference(made: Comparison, level: float | None = None, *, role: Role) -> Statistic:
    """The difference of two proportions with Miettinen and Nurminen's interval."""
    level = made.level if level is None else level
    note = ONE_LOOK if made.plan.looks.kind == "open-ended" else ""
    heading = Heading("risk_difference", "Risk difference (Miettinen-Nurminen)", role, note)
    if made.too_few:
        return refused(heading, made.origin, made.too_few)
    return stated(heading, made.origin, lambda: _risks(made, level), level=level)


def _risks(made: Comparison, level: float) -> Fields:
    first, second = (arm[~np.isnan(arm)] for arm in (made.first, made.second))
    yes = int(first.sum()), int(second.sum())
    if yes in {(0, 0), (first.size, second.size)}:
        raise Meaningless("everybody has the same answer" if yes[0] else "nobody in either arm has it")
    found = proportions.risk_difference(yes, (first.size, second.size), level)
    return {
        "estimate": found.difference,
        "interval": found.interval,
        "statistic": found.z,
        "p": found.p,
        "scale": "difference of proportions",
        "yes_treated": yes[0],
        "yes_control": yes[1],
        "n_treated": found.n[0],
        "n_control": found.n[1],
    }
