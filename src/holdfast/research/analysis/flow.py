"""Who was randomised, who received what was meant, who was lost and why, who is analysed: CONSORT 2025."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from holdfast.research.analysis.conditions import Conditions
from holdfast.research.analysis.outcome_values import OutcomeValues
from holdfast.research.analysis.people import Mask, People, filters_of, meets, members
from holdfast.research.analysis.results import PER_PROTOCOL, ArmFlow, Count, Filter, Flow

STARTED = ("session_id", "session_started", "session_status")
"""Columns of which one that holds something says that a student began."""

_WORDS = {
    "session_complete": "session not completed",
    "scenarios_completed": "fewer scenarios completed than assigned",
    "challenge_points_enabled": "challenge points not as the arm says",
}


def flow_of(people: People, intake: Conditions, first: OutcomeValues, population: str) -> Flow:
    """The flow diagram's counts; ``analysed`` is for the first primary outcome in its population."""
    plan = people.plan
    other: dict[str, int] = {}
    for arm in people.arms:
        if arm not in plan.codes:
            name = "no arm" if arm is None else f"arm {arm}, which the plan does not compare"
            other[name] = other.get(name, 0) + 1
    before = intake.found - intake.loaded
    excluded = [*intake.excluded, *_records(intake)]
    if people.twice:
        excluded.append(Count("in several cohorts, counted once", people.twice))
        before += people.twice
    return Flow(
        assessed=before + people.frame.height,
        excluded=tuple(excluded),
        randomised=people.frame.height,
        other_arms=tuple(Count(name, count) for name, count in sorted(other.items())),
        arms=tuple(_arm(people, arm.code, arm.name, first, population) for arm in plan.arms),
        analysed_for=first.outcome.name,
    )


def _records(intake: Conditions) -> list[Count]:
    counts = (
        Count("record could not be read", intake.quarantined),
        Count("record stood there twice", intake.duplicates),
    )
    return [one for one in counts if one.count]


def _arm(people: People, code: str, label: str, first: OutcomeValues, population: str) -> ArmFlow:
    allocated = people.in_arm(code)
    began = started(people)
    complete = allocated & people.true("session_complete")
    seen = allocated & first.observed
    analysed = seen & members(people, population)
    return ArmFlow(
        code,
        label,
        int(allocated.sum()),
        int((allocated & began).sum()),
        _counts({"did not start": allocated & ~began}),
        int(complete.sum()),
        _counts({"did not complete the session": allocated & began & ~complete}),
        int(analysed.sum()),
        _counts(
            {
                **missing_reasons(people, allocated, first),
                "not in the analysed population": seen & ~analysed,
            }
        ),
        int((allocated & members(people, PER_PROTOCOL)).sum()),
        _counts(_protocol_reasons(people, allocated)),
    )


def missing_reasons(people: People, arm: Mask, found: OutcomeValues) -> dict[str, Mask]:
    """Why students of an arm have no value, each counted once."""
    lost = arm & ~found.observed
    began, complete = started(people), people.true("session_complete")
    return {
        "did not start": lost & ~began,
        "did not complete the session": lost & began & ~complete,
        "completed, but nothing was scored": lost & began & complete,
    }


def started(people: People) -> Mask:
    """Who began a session, as far as the dataset tells."""
    found = people.true("session_complete") | (np.nan_to_num(people.numbers("scenarios_completed")) > 0)
    for column in STARTED:
        if people.has(column):
            found |= ~people.frame[column].is_null().to_numpy()
    return found


def _protocol_reasons(people: People, allocated: Mask) -> Mapping[str, Mask]:
    left, reasons = allocated.copy(), {}
    for condition in filters_of(people, PER_PROTOCOL)[1:]:
        fails = left & ~meets(people, condition)
        reasons[reason_of(condition)] = fails
        left &= ~fails
    return reasons


def reason_of(condition: Filter) -> str:
    """In words, what it means not to meet a condition of the protocol."""
    return _WORDS.get(condition.column, f"{condition.column} is not as the protocol says")


def _counts(reasons: Mapping[str, Mask]) -> tuple[Count, ...]:
    counted: Sequence[Count] = [Count(name, int(mask.sum())) for name, mask in reasons.items()]
    return tuple(one for one in counted if one.count)
