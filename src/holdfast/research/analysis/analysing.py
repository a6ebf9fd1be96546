"""From a dataset and a plan to results: the order of an analysis. No clock, no chance of its own."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast import __version__
from holdfast.research.analysis.baseline import baseline_of, safety_of
from holdfast.research.analysis.checks import checks_of
from holdfast.research.analysis.comparison import Comparison, comparison
from holdfast.research.analysis.conditions import Conditions, StudyTables, conditions_of
from holdfast.research.analysis.deviations import deviations_of, plan_record
from holdfast.research.analysis.families import Candidate, family_of
from holdfast.research.analysis.flow import flow_of, missing_reasons
from holdfast.research.analysis.limits import limitations_of, refusals_of
from holdfast.research.analysis.longitudinal import longitudinal
from holdfast.research.analysis.looking import LookNow, look_now, looks_of, unplanned
from holdfast.research.analysis.outcome_values import OutcomeValues, values_of
from holdfast.research.analysis.outcomes import in_population
from holdfast.research.analysis.people import (
    OVERVIEW,
    People,
    Tables,
    covariates_of,
    members,
    people_of,
    populations,
)
from holdfast.research.analysis.results import (
    PER_PROTOCOL,
    Deviation,
    OutcomeResult,
    PlanRecord,
    PopulationResult,
    Results,
    Study,
)
from holdfast.research.plan.model import Plan, Registration
from holdfast.research.statistics.samples import Values

SOFTWARE = ("numpy", "scipy", "polars")


@dataclass(frozen=True)
class Analysis:
    """Results, and the resampled statistics behind the permutation tests and bootstrap intervals.

    ``draws`` by (outcome, statistic): a permutation's t values, a bootstrap's differences, in the order
    of drawing, in the plan's primary population.
    """

    results: Results
    draws: Mapping[tuple[str, str], Values]

    def draws_table(self) -> pl.DataFrame:
        """The draws as one table: outcome, statistic, draw (from 1), value."""
        parts = [
            pl.DataFrame(
                {
                    "outcome": [outcome] * values.size,
                    "statistic": [statistic] * values.size,
                    "draw": np.arange(1, values.size + 1),
                    "value": values,
                }
            )
            for (outcome, statistic), values in self.draws.items()
        ]
        schema = {"outcome": pl.String, "statistic": pl.String, "draw": pl.Int64, "value": pl.Float64}
        return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def carried_out(
    dataset: StudyTables,
    plan: Plan,
    registration: Registration | None = None,
    seed: int | None = None,
    *,
    default_plan: bool = False,
    further: Sequence[Deviation] = (),
) -> Analysis:
    """Carry out a plan on a dataset.

    Args:
        dataset: the tables, and what their source says of itself.
        plan: what is done.
        registration: what is registered for the cohort, with its earlier looks; None: nothing is.
        seed: of permutations and bootstraps; the plan's when None.
        default_plan: the plan was proposed by the software, not written by anybody.
        further: deviations that the caller knows of, such as between the plans of several cohorts.

    Raises:
        InvalidInput: the dataset holds no students. Whatever else is not possible is said in the results.
    """
    seed = plan.analysis.seed if seed is None else seed
    people = people_of(dataset, plan)
    found = [values_of(dataset, people, outcome) for outcome in plan.ordered]
    covariates, lost = covariates_of(dataset, people)
    now = look_now(plan, registration, _observed(people, found[0]))
    deviations = (
        *deviations_of(people, registration, found, seed),
        *further,
        *lost,
        *_odd_look(plan, now),
    )
    record = plan_record(plan, registration, default=default_plan)
    return _assembled(_Work(dataset, people, found, covariates, now, deviations, record, seed))


def analyse(
    dataset: StudyTables, plan: Plan, registration: Registration | None = None, seed: int | None = None
) -> Results:
    """The results of a plan on a dataset; ``carried_out`` also gives what was drawn.

    Raises:
        InvalidInput: the dataset holds no students.
    """
    return carried_out(dataset, plan, registration, seed).results


@dataclass(frozen=True)
class _Work:
    dataset: StudyTables
    people: People
    found: Sequence[OutcomeValues]
    covariates: NDArray[np.float64] | None
    now: LookNow
    deviations: tuple[Deviation, ...]
    record: PlanRecord
    seed: int


def _odd_look(plan: Plan, now: LookNow) -> tuple[Deviation, ...]:
    if not unplanned(plan, now):
        return ()
    planned = ", ".join(f"{one:g}" for one in plan.looks.fractions)
    return (Deviation("look", "information fraction", planned, f"{now.fraction or 0.0:.3f}"),)


def observed_now(dataset: Tables, plan: Plan) -> Mapping[str, int]:
    """Students of the plan's arms with the first primary outcome, by cohort: what a look is recorded with."""
    people = people_of(dataset, plan)
    first = values_of(dataset, people, plan.ordered[0])
    there = first.observed & members(people, people.plan.population.primary)
    named = people.frame["cohort"].cast(pl.String).filter(pl.Series(there)).drop_nulls()
    return Counter(named.to_list())


def _observed(people: People, first: OutcomeValues) -> int:
    return int((first.observed & members(people, people.plan.population.primary)).sum())


def _outcomes(
    people: People, found: Sequence[OutcomeValues], covariates: NDArray[np.float64] | None, seed: int
) -> tuple[list[OutcomeResult], list[Candidate], list[Comparison]]:
    plan = people.plan
    masks = {name: members(people, name) for name in populations(plan)}
    results, candidates, primary = [], [], []
    for one in found:
        parts = []
        for name, chosen in masks.items():
            if name != plan.population.primary and name == PER_PROTOCOL and _makes_the_protocol(one):
                continue
            made = comparison(people, one, name, chosen, covariates, alpha=plan.analysis.alpha, seed=seed)
            part, confirmed = in_population(made, primary=name == plan.population.primary)
            parts.append(part)
            if confirmed is not None:
                candidates.append(Candidate(one.outcome, confirmed))
                primary.append(made)
        results.append(_result(people, one, parts))
    return results, candidates, primary


def _makes_the_protocol(one: OutcomeValues) -> bool:
    """Whether an outcome is itself a condition of the protocol, so that all who keep to it are alike."""
    return (one.outcome.table, one.outcome.column) in {
        (OVERVIEW, "session_complete"),
        (OVERVIEW, "scenarios_completed"),
    }


def _result(people: People, one: OutcomeValues, parts: Sequence[PopulationResult]) -> OutcomeResult:
    outcome = one.outcome
    missing = tuple(
        (code, reason, int(mask.sum()))
        for code in people.plan.codes
        for reason, mask in missing_reasons(people, people.in_arm(code), one).items()
        if mask.any()
    )
    return OutcomeResult(
        outcome.name,
        outcome.label,
        outcome.rank,
        outcome.kind,
        outcome.definition,
        outcome.unit,
        outcome.better,
        outcome.low,
        outcome.high,
        tuple(parts),
        missing,
    )


def _assembled(work: _Work) -> Analysis:
    people, plan, record = work.people, work.people.plan, work.record
    outcomes, candidates, made = _outcomes(people, work.found, work.covariates, work.seed)
    conditions = conditions_of(work.dataset.intake)
    flow = flow_of(people, conditions, work.found[0], plan.population.primary)
    checks = checks_of(people, work.found[0])
    looks = looks_of(made[0], work.now, conditions.snapshot, candidates[0].confirmation.statistic.p)
    results = Results(
        study=_study(people, conditions),
        plan=record,
        deviations=work.deviations,
        flow=flow,
        baseline=baseline_of(work.dataset, people),
        checks=checks,
        outcomes=tuple(outcomes),
        family=family_of(plan, candidates, work.now.alpha),
        safety=safety_of(work.dataset, people, seed=work.seed),
        looks=looks,
        longitudinal=longitudinal(people, made[0]),
        limitations=limitations_of(plan, record, flow, checks, outcomes, looks, work.deviations),
        refusals=refusals_of(outcomes),
        alpha=plan.analysis.alpha,
        seed=work.seed,
        software=software(),
    )
    draws = {(one.outcome.name, name): values for one in made for name, values in one.draws.items()}
    return Analysis(results, draws)


def software() -> tuple[tuple[str, str], ...]:
    """What computed the numbers, with versions."""
    ours = (("holdfast", __version__), ("python", platform.python_version()))
    return (*ours, *((name, version(name)) for name in SOFTWARE))


def _study(people: People, conditions: Conditions) -> Study:
    plan = people.plan
    total = sum(arm.ratio for arm in plan.arms)
    named = people.frame["cohort"].cast(pl.String) if people.has("cohort") else pl.Series([], dtype=pl.String)
    return Study(
        title=plan.title,
        source=conditions.source,
        snapshot=conditions.snapshot,
        cohorts=tuple(sorted(named.drop_nulls().unique())),
        arms=tuple((arm.code, arm.name) for arm in plan.arms),
        ratio=tuple(arm.ratio / total for arm in plan.arms),
        found=conditions.found,
        loaded=conditions.loaded,
        quarantined=conditions.quarantined,
        duplicates=conditions.duplicates,
        excluded=conditions.excluded,
    )
