"""One planned outcome: described by arm, tested once, and looked at from other sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from holdfast.research.analysis import adjusted, events, means
from holdfast.research.analysis.comparison import Comparison
from holdfast.research.analysis.people import Mask
from holdfast.research.analysis.results import ArmSummary, PopulationResult, Role, Statistic
from holdfast.research.statistics.description import describe
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import mean_of

AtLevel = Callable[[float | None], Statistic]


@dataclass(frozen=True)
class Confirmation:
    """The one test of an outcome, and how to state it again at another level."""

    statistic: Statistic
    at: AtLevel


def confirmation(made: Comparison) -> Confirmation:
    """The test that the outcome is judged by: for each kind one, fixed by the plan and not by the data."""
    open_ended = made.plan.looks.kind == "open-ended"
    role = Role.SENSITIVITY if open_ended else Role.CONFIRMATORY
    at: AtLevel
    if made.outcome.kind == "count":
        at = lambda level: events.rate_ratio(made, level, role=role)  # noqa: E731
    elif made.outcome.kind == "binary":
        at = lambda level: events.risk_difference(made, level, role=role)  # noqa: E731
    elif open_ended:
        at = lambda _: means.sequence(made, role=Role.CONFIRMATORY)  # noqa: E731
    elif made.plan.analysis.allocated_by_cluster:
        at = lambda level: adjusted.clustered(made, level, role=role)[0]  # noqa: E731
    else:
        at = lambda level: means.welch(made, level, role=role)  # noqa: E731
    return Confirmation(at(None), at)


def in_population(made: Comparison, *, primary: bool) -> tuple[PopulationResult, Confirmation | None]:
    """An outcome in one population; the confirmatory test belongs to the plan's primary one alone."""
    confirmed = confirmation(made) if primary else None
    statistics = [confirmed.statistic] if confirmed else []
    names = {statistic.name for statistic in statistics}
    statistics += [one for one in _beside(made, primary=primary) if one.name not in names]
    return PopulationResult(made.population, arms_of(made), tuple(statistics), made.origin), confirmed


def _beside(made: Comparison, *, primary: bool) -> list[Statistic]:
    if made.outcome.kind == "binary":
        missing = made.observed != _sizes(made)
        bounds = means.bounds_of(made) if missing else []
        return bounds if primary else [events.risk_difference(made, role=Role.SENSITIVITY)]
    welch = means.welch(made, role=Role.SENSITIVITY)
    models = _models(made) if primary else []
    if made.outcome.kind == "count":
        ratio = [events.rate_ratio(made, role=Role.SENSITIVITY), events.dispersion(made)]
        return [*ratio, welch, *(means.of_rates(made) if primary else []), *models]
    return [welch, *(means.companions(made) if primary else means.short_list(made)), *models]


def _models(made: Comparison) -> list[Statistic]:
    clustered = adjusted.clustered(made, role=Role.SENSITIVITY)
    return [*adjusted.adjusted(made), *clustered, *adjusted.over_scenarios(made)]


def _sizes(made: Comparison) -> tuple[int, int]:
    return int((made.chosen & ~made.treated).sum()), int((made.chosen & made.treated).sum())


def arms_of(made: Comparison) -> tuple[ArmSummary, ...]:
    """Both arms described, control first."""
    return tuple(
        _arm(made, arm.code, arm.name, members)
        for arm, members in zip(made.plan.arms, (~made.treated, made.treated), strict=True)
    )


def _arm(made: Comparison, code: str, label: str, members: Mask) -> ArmSummary:
    here = made.chosen & members
    there = here & made.found.observed
    values = made.found.values[there]
    found = describe(values)
    try:
        interval = mean_of(values, made.level).interval
    except Meaningless:
        interval = None
    low, high, kind = made.outcome.low, made.outcome.high, made.outcome.kind
    exposure = made.found.exposure
    return ArmSummary(
        code,
        label,
        int(here.sum()),
        int(there.sum()),
        int(here.sum() - there.sum()),
        found.mean,
        found.sd,
        found.median,
        found.quartile_1,
        found.quartile_3,
        found.minimum,
        found.maximum,
        found.skew,
        interval.low if interval else None,
        interval.high if interval else None,
        float(values.sum()) if kind == "count" else None,
        float(exposure[there].sum()) if exposure is not None else None,
        int(values.sum()) if kind == "binary" else None,
        int((values == low).sum()) if low is not None else 0,
        int((values == high).sum()) if high is not None else 0,
    )
