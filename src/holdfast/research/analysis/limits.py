"""The limitations that follow from the data, and the refusals, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from holdfast.research.analysis.results import (
    ITT,
    Check,
    Deviation,
    Flow,
    Looks,
    OutcomeResult,
    PlanRecord,
    PopulationResult,
)
from holdfast.research.plan.model import Plan

CEILING = 0.15
"""Share of an arm at an end of the scale from which floor and ceiling effects are spoken of (McHorney and
Tarlov 1995)."""
OVERDISPERSED = 1.5
SMALL = 30
"""Students in an arm below which intervals rest on the shape of the distribution."""


def limitations_of(
    plan: Plan,
    record: PlanRecord,
    flow: Flow,
    checks: Sequence[Check],
    outcomes: Sequence[OutcomeResult],
    looks: Looks,
    deviations: Sequence[Deviation],
) -> tuple[str, ...]:
    """What a reader has to keep in mind; nothing that would be true of every study."""
    return (
        *_of_the_plan(record, deviations),
        *_of_the_conduct(plan, flow, checks),
        *_of_the_data(plan, outcomes),
        *([] if looks.kind != "none" or len(looks.looks) < 2 else [looks.finding]),
    )


def _of_the_plan(record: PlanRecord, deviations: Sequence[Deviation]) -> Iterator[str]:
    if record.status == "not_registered":
        yield "The analysis plan was not registered; every result is exploratory."
    elif record.before_first_outcome is False:
        yield "The analysis plan was registered after the first outcome was known; results are exploratory."
    if record.status == "differs":
        yield "The analysis followed another plan than the registered one; the differences are listed."
    lost = [one.what for one in deviations if one.kind in {"missing_outcome", "missing_covariate"}]
    if lost:
        yield f"Planned and not possible with these data: {', '.join(lost)}."


def _of_the_conduct(plan: Plan, flow: Flow, checks: Sequence[Check]) -> Iterator[str]:
    for check in checks:
        if check.passed is False:
            yield f"{check.label}: {check.finding}."
    lost = [(arm.label, arm.allocated - arm.analysed, arm.allocated) for arm in flow.arms]
    if any(missing for _, missing, _ in lost):
        shares = "; ".join(f"{label}: {missing} of {size}" for label, missing, size in lost)
        yield (
            f"Not every allocated student has the primary outcome ({shares}); the bounds show what that "
            "could hide."
        )
    if plan.analysis.cluster and not plan.analysis.allocated_by_cluster:
        yield "Students were taught in classes; the class-robust estimate stands beside the confirmatory one."


def _of_the_data(plan: Plan, outcomes: Sequence[OutcomeResult]) -> Iterator[str]:
    for outcome in outcomes:
        population = outcome.population(plan.population.primary)
        if population is None:
            continue
        yield from _of_one(outcome, population)
    first = outcomes[0].population(plan.population.primary) if outcomes else None
    if first and 0 < min(arm.observed for arm in first.arms) < SMALL:
        sizes = " and ".join(str(arm.observed) for arm in first.arms)
        yield f"The arms are small ({sizes} students with the primary outcome); estimates are imprecise."


def _of_one(outcome: OutcomeResult, population: PopulationResult) -> Iterator[str]:
    for arm in population.arms:
        for count, end in ((arm.at_low, "lowest"), (arm.at_high, "highest")):
            if outcome.kind in {"score", "repeated"} and arm.observed and count / arm.observed >= CEILING:
                yield (
                    f"{outcome.label}: {count} of {arm.observed} students of {arm.label} stand at the {end} "
                    "possible value, which hides differences."
                )
    spread = population.statistic("dispersion")
    if spread is not None and spread.estimate is not None and spread.estimate > OVERDISPERSED:
        yield (
            f"{outcome.label}: counts vary {spread.estimate:.1f} times as much between students as chance "
            "alone would let them, so the exact interval is too narrow; read the test of rates beside it."
        )


def refusals_of(outcomes: Sequence[OutcomeResult]) -> tuple[str, ...]:
    """Every number that was refused, once for each outcome, population and reason."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for outcome in outcomes:
        for population in outcome.populations:
            for one in population.statistics:
                if one.refusal:
                    found.setdefault((outcome.label, population.population, one.refusal), []).append(
                        one.label
                    )
    words = {ITT: "intention to treat"}
    return tuple(
        f"{label} ({words.get(where, 'per protocol')}): no {', '.join(names)}: {reason}."
        for (label, where, reason), names in found.items()
    )
