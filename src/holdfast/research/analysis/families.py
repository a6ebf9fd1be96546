"""The declared family of outcomes: adjusted p values and the intervals that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.research.analysis.outcomes import Confirmation
from holdfast.research.analysis.results import Family, FamilyMember, Role, Statistic
from holdfast.research.plan.model import Outcome, Plan
from holdfast.research.statistics import multiplicity

NOT_AT_ANY_TIME = "the plan looks at any time, and this kind of outcome has no test that allows it"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An outcome with its confirmatory test."""

    outcome: Outcome
    confirmation: Confirmation


def family_of(plan: Plan, candidates: Sequence[Candidate], alpha: float) -> Family:
    """Holm's adjustment over the family; an outcome without a test keeps its place in the family's size.

    Args:
        plan: says the method and which outcomes are in the family.
        candidates: every outcome.
        alpha: of the family; at a planned look, what this look may spend.
    """
    inside = [one for one in candidates if one.outcome.in_family]
    tested = [_p(one.confirmation.statistic) for one in inside]
    if plan.analysis.multiplicity == "none" or not inside:
        members = [_member(one, p, p, None, alpha, 1 - alpha) for one, p in zip(inside, tested, strict=True)]
        return Family("none", alpha, len(inside), tuple(members))
    adjusted = multiplicity.holm([1.0 if p is None else p for p in tested], alpha)
    order = sorted((p, place) for place, p in enumerate(tested) if p is not None)
    ranks = {place: rank for rank, (_, place) in enumerate(order, start=1)}
    members = [
        _member(
            one, p, None if p is None else found.adjusted_p, ranks.get(place), alpha, found.interval_level
        )
        for place, (one, p, found) in enumerate(zip(inside, tested, adjusted, strict=True))
    ]
    return Family("holm", alpha, len(inside), tuple(members))


def _p(statistic: Statistic) -> float | None:
    return statistic.p if statistic.role is Role.CONFIRMATORY else None


def _member(
    one: Candidate, p: float | None, adjusted: float | None, rank: int | None, alpha: float, level: float
) -> FamilyMember:
    first = one.confirmation.statistic
    if p is None:
        reason = first.refusal or NOT_AT_ANY_TIME
        return FamilyMember(one.outcome.name, None, None, None, None, None, None, None, None, reason)
    wide = one.confirmation.at(level)
    return FamilyMember(
        one.outcome.name,
        p,
        adjusted,
        rank,
        adjusted is not None and adjusted <= alpha,
        wide.estimate,
        wide.low,
        wide.high,
        wide.level,
    )
