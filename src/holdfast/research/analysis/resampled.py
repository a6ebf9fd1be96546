"""Permutation within allocation blocks and the bootstrap interval of an outcome's means."""

from __future__ import annotations

from dataclasses import replace

from holdfast.research.analysis.comparison import Comparison, said, with_rates
from holdfast.research.analysis.results import Role, Statistic
from holdfast.research.analysis.stating import Fields, Heading, refused
from holdfast.research.statistics import resampling


def resampled(made: Comparison, *, bootstrap: bool = True) -> list[Statistic]:
    """The studentised permutation test, and the bootstrap interval unless only the test is wanted."""
    within = "allocation_block" if made.blocks is not None else ""
    note = "permuted within the allocation blocks" if within else "permuted over all students"
    permuted = Heading("permutation", "Studentised permutation test", Role.SENSITIVITY, note)
    booted = Heading("bca", "BCa bootstrap interval", Role.SENSITIVITY, "of the difference of means")
    analysis, origin = made.plan.analysis, with_rates(made)
    headings = (permuted, booted) if bootstrap else (permuted,)
    if made.too_many:
        return [refused(heading, origin, made.too_many) for heading in headings]
    drawn = said(made, permuted, lambda: _permutation(made), draws=analysis.permutations, seed=made.seed)
    drawn = replace(drawn, origin=replace(drawn.origin, blocks=within))
    if not bootstrap:
        return [drawn]
    draws = {"draws": analysis.bootstraps, "seed": made.seed, "level": made.level}
    return [drawn, said(made, booted, lambda: _bootstrap(made), **draws)]


def _permutation(made: Comparison) -> Fields:
    blocks = None if made.blocks is None else made.blocks[made.chosen]
    found = resampling.permutation_test(
        made.found.rates[made.chosen],
        made.treated[made.chosen],
        made.chance("permutation"),
        blocks,
        made.plan.analysis.permutations,
    )
    made.draws["permutation"] = found.statistics
    return {"statistic": found.observed, "p": found.p, "as_extreme": found.as_extreme, "blocks": found.blocks}


def _bootstrap(made: Comparison) -> Fields:
    draws = made.plan.analysis.bootstraps
    found = resampling.bca(made.first, made.second, made.chance("bca"), draws, made.level)
    made.draws["bca"] = found.replicates
    return {
        "estimate": found.estimate,
        "interval": found.interval,
        "se": found.standard_error,
        "bias_correction": found.bias_correction,
        "acceleration": found.acceleration,
    }
