"""One outcome in one population, laid out for the statistics: the second arm of the plan less its control."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.research.analysis.outcome_values import OutcomeValues
from holdfast.research.analysis.people import Mask, People, filters_of
from holdfast.research.analysis.results import Origin, Statistic
from holdfast.research.analysis.stating import Heading, refused, stated
from holdfast.research.plan.model import Outcome, Plan
from holdfast.research.statistics.samples import Values

LARGEST_RESAMPLED = 5_000
"""Students; in larger arms the permutation and bootstrap distributions are the normal ones for any purpose
of a report, and drawing them would take longer than all the rest of an analysis."""


@dataclass(frozen=True)
class Comparison:
    """What every statistic of an outcome is computed from.

    Attributes:
        chosen: who is in the population; ``treated`` who of all is in the second arm of the plan.
        blocks, clusters: labels of all students; None when they are not used.
        covariates: of all students, one column each; None when there are none.
        level: of intervals; 1 - alpha.
        draws: the resampled statistics by name, for whoever wants to recompute or draw them.
    """

    plan: Plan
    outcome: Outcome
    population: str
    found: OutcomeValues
    chosen: Mask
    treated: Mask
    origin: Origin
    blocks: NDArray[np.object_] | None
    clusters: NDArray[np.object_] | None
    covariates: NDArray[np.float64] | None
    level: float
    seed: int
    draws: dict[str, Values] = field(default_factory=dict)

    @property
    def first(self) -> Values:
        """Values of the second arm of the plan, which differences start from; NaN where missing."""
        return self.found.rates[self.chosen & self.treated]

    @property
    def second(self) -> Values:
        """Values of the control arm."""
        return self.found.rates[self.chosen & ~self.treated]

    @property
    def observed(self) -> tuple[int, int]:
        """Students with a value, control first."""
        there = self.found.observed & self.chosen
        return int((there & ~self.treated).sum()), int((there & self.treated).sum())

    @property
    def too_few(self) -> str:
        """Why the arms are described and not tested; "" when they can be tested."""
        if self.found.problem:
            return self.found.problem
        smallest, least = min(self.observed), self.plan.analysis.minimum_per_arm
        names = [arm.name for arm in self.plan.arms]
        if max(self.observed) == 0:
            return "no student of these arms has a value"
        if smallest == 0:
            return f"only one arm has values: {names[int(np.argmax(self.observed))]}"
        if smallest < least:
            return f"an arm has {smallest} values; fewer than {least} are described, not tested"
        return ""

    @property
    def too_many(self) -> str:
        """Why nothing is resampled; "" when it is."""
        most = max(self.observed)
        if most > LARGEST_RESAMPLED:
            return f"not drawn above {LARGEST_RESAMPLED} students in an arm (here {most})"
        return ""

    def chance(self, what: str) -> np.random.Generator:
        """A stream of its own for each use, so that leaving one out changes no other.

        Raises:
            ValueError: never; the seed was checked with the plan.
        """
        name = zlib.crc32(f"{self.outcome.name}/{self.population}/{what}".encode())
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, name])))


def comparison(
    people: People,
    found: OutcomeValues,
    population: str,
    chosen: Mask,
    covariates: NDArray[np.float64] | None,
    *,
    alpha: float,
    seed: int,
) -> Comparison:
    """Lay out one outcome in one population."""
    plan, outcome = people.plan, found.outcome
    blocks = people.labels("allocation_block") if plan.analysis.blocks else None
    clusters = people.labels(plan.analysis.cluster) if plan.analysis.cluster else None
    origin = Origin(
        outcome.table,
        outcome.column,
        population,
        filters_of(people, population),
        plan.codes,
        exposure=outcome.exposure or "",
        per_student="mean" if outcome.kind == "repeated" else "",
    )
    return Comparison(
        plan,
        outcome,
        population,
        found,
        chosen,
        people.in_arm(plan.codes[1]),
        origin,
        blocks,
        clusters,
        covariates,
        1 - alpha,
        seed,
    )


def with_rates(made: Comparison) -> Origin:
    """The origin of what is computed from a count's rates, student by student."""
    return replace(made.origin, per_student="rate") if made.outcome.kind == "count" else made.origin


def said(
    made: Comparison, heading: Heading, compute: Callable[[], Mapping[str, Any]], **parameters: float | str
) -> Statistic:
    """A statistic of the means: refused where the arms can only be described."""
    if made.too_few:
        return refused(heading, with_rates(made), made.too_few)
    return stated(heading, with_rates(made), compute, **parameters)
