"""Results as sentences in the style of the APA, used by several sections."""

from __future__ import annotations

from holdfast.research.analysis.results import ITT, ArmSummary, OutcomeResult, PopulationResult, Results
from holdfast.research.report.content import literal
from holdfast.research.report.wording import (
    degrees,
    interval,
    level,
    mean_sd,
    number,
    p_equals,
    percent,
    sentence,
    whole,
    with_interval,
)


def difference_sentence(results: Results, outcome: OutcomeResult) -> str:
    """What an outcome showed, in one or two sentences; why nothing can be said where nothing can."""
    test = outcome.confirmatory
    population = outcome.population(ITT) or (outcome.populations[0] if outcome.populations else None)
    if population is None or test is None or not test.there or len(population.arms) < 2:
        return _refused(results, outcome, population)
    control, other = population.arms[:2]
    if outcome.kind == "count":
        return _count(outcome, population)
    if outcome.kind == "binary":
        return _binary(outcome, population)
    direction = "higher" if (test.estimate or 0) > 0 else "lower"
    size = abs(test.estimate or 0)
    effect = population.statistic("hedges_g")
    said = f", Hedges' *g* = {with_interval(effect)}" if effect is not None and effect.there else ""
    return (
        f"{literal(other.label)} ({mean_sd(other)}) had a mean {number(size)} "
        f"{literal(outcome.unit or 'units')} "
        f"{direction} than "
        f"{literal(control.label)} ({mean_sd(control)}): difference {number(test.estimate)}, "
        f"{level(test.level)} CI {interval(test.low, test.high)}, Welch's *t*({degrees(test.df)}) = "
        f"{number(test.statistic)}, {p_equals(test.p)}{said}."
    )


def _refused(results: Results, outcome: OutcomeResult, population: PopulationResult | None) -> str:
    test = outcome.confirmatory
    why = test.refusal if test is not None and test.refusal else "; ".join(results.refusals)
    arms = "; ".join(_described(outcome, arm) for arm in population.arms) if population else ""
    begun = f"{literal(outcome.label)} was not tested: {sentence(literal(why or 'there is no test'))}"
    return f"{begun} Described: {arms}." if arms else begun


def _described(outcome: OutcomeResult, arm: ArmSummary) -> str:
    if arm.observed == 0:
        return f"{literal(arm.label)} has no value"
    if outcome.kind == "binary":
        return f"{literal(arm.label)} {whole(arm.yes)} of {whole(arm.observed)}"
    if arm.observed == 1:
        return f"{literal(arm.label)} a single value, {number(arm.mean)}"
    return f"{literal(arm.label)} {mean_sd(arm)}"


def _count(outcome: OutcomeResult, population: PopulationResult) -> str:
    test = outcome.confirmatory
    control, other = population.arms[:2]
    shown = [
        f"{whole(arm.total)} in {number(arm.exposure, 0)} ({literal(arm.label)})" for arm in (other, control)
    ]
    if test is None:
        return ""
    estimate = "could not be estimated" if test.estimate is None else number(test.estimate)
    return (
        f"{literal(outcome.label)}: {shown[0]} and {shown[1]}, ratio of rates {estimate}, "
        f"{level(test.level)} "
        f"CI {interval(test.low, test.high)}, {p_equals(test.p)} (exact conditional)."
    )


def _binary(outcome: OutcomeResult, population: PopulationResult) -> str:
    test = outcome.confirmatory
    control, other = population.arms[:2]
    shown = [
        f"{whole(arm.yes)} of {whole(arm.observed)} ({percent(arm.yes or 0, arm.observed)}; "
        f"{literal(arm.label)})"
        for arm in (other, control)
    ]
    if test is None:
        return ""
    return (
        f"{literal(outcome.label)}: {shown[0]} and {shown[1]}, difference {with_interval(test, 3)}, "
        f"{p_equals(test.p)}."
    )
