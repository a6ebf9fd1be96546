"""Was the study conducted as designed: sizes of the arms, who received what, who was lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from holdfast.research.analysis.outcome_values import OutcomeValues
from holdfast.research.analysis.people import ARM, OVERVIEW, People
from holdfast.research.analysis.results import Check, Count, Filter, Origin, Role
from holdfast.research.analysis.stating import Heading, stated
from holdfast.research.statistics import allocation, proportions
from holdfast.research.statistics.meaningless import Meaningless

RATIO_THRESHOLD = 0.001
"""Below it the sizes do not fit the design; the usual value for sample-ratio checks."""


def checks_of(people: People, first: OutcomeValues) -> tuple[Check, ...]:
    """Sample ratio, contamination and attrition."""
    made = [sample_ratio(people)]
    if people.plan.population.challenge_points is not None:
        made.append(contamination(people))
    return (*made, attrition(people, first))


def _origin(people: People, column: str) -> Origin:
    filters = (Filter(OVERVIEW, ARM, "in", "\t".join(people.plan.codes)),)
    return Origin(OVERVIEW, column, filters=filters, arms=people.plan.codes)


def sample_ratio(people: People) -> Check:
    """Sizes of the arms against the designed ratio."""
    sizes = tuple(int(people.in_arm(code).sum()) for code in people.plan.codes)
    ratio = tuple(arm.ratio / sum(arm.ratio for arm in people.plan.arms) for arm in people.plan.arms)
    heading = Heading("sample_ratio", "Sizes of the arms against the design", Role.DESCRIPTIVE)

    def compute() -> Mapping[str, Any]:
        if sum(sizes) == 0:
            raise Meaningless("no student is in an arm of the plan")
        found = allocation.sample_ratio(sizes, ratio, RATIO_THRESHOLD)
        return {
            "p": found.p,
            "method": found.method,
            "threshold": found.threshold,
            **{f"observed_{n}": size for n, size in enumerate(found.observed)},
            **{f"expected_{n}": size for n, size in enumerate(found.expected)},
        }

    done = stated(heading, _origin(people, ARM), compute)
    passed = None if done.p is None else done.p >= RATIO_THRESHOLD
    words = {
        None: done.refusal,
        True: "the sizes of the arms fit the designed ratio",
        False: "the sizes of the arms do not fit the designed ratio: find out why before reading any result",
    }
    counts = tuple(
        Count("allocated", size, arm.code) for arm, size in zip(people.plan.arms, sizes, strict=True)
    )
    return Check("sample_ratio", heading.label, passed, words[passed], counts, done)


def contamination(people: People) -> Check:
    """Whether the arm that was meant to have challenge points had them, and the other had none."""
    name, label = "contamination", "Challenge points as allocated"
    meant = people.plan.population.challenge_points
    if meant is None or not people.has("challenge_points_enabled"):
        finding = "the data do not say who had challenge points"
        return Check(name, label, None, finding)
    received = people.numbers("challenge_points_enabled")[people.in_arms]
    found = allocation.contamination(people.in_arm(meant)[people.in_arms], received)
    other = next(code for code in people.plan.codes if code != meant)
    counts = (
        Count("without challenge points though meant to have them", found.first_without, meant),
        Count("with challenge points though meant to have none", found.second_with, other),
        Count("not known", found.unknown),
    )
    finding = "everybody had what the arm says" if found.clean else "some students crossed between the arms"
    if found.unknown:
        finding += f"; of {found.unknown} it is not known"
    return Check(name, label, found.clean, finding, tuple(one for one in counts if one.count))


def attrition(people: People, first: OutcomeValues) -> Check:
    """The share without the first primary outcome in each arm, and the difference of the shares."""
    heading = Heading(
        "attrition",
        "Share without the first primary outcome, by arm",
        Role.DESCRIPTIVE,
        "a difference of these shares biases every comparison of those who remain",
    )
    lost, sizes = [], []
    for code in people.plan.codes:
        arm = people.in_arm(code)
        sizes.append(int(arm.sum()))
        lost.append(int((arm & ~first.observed).sum()))

    def compute() -> Mapping[str, Any]:
        if min(sizes) == 0:
            raise Meaningless("an arm is empty")
        if sum(lost) in {0, sum(sizes)}:
            raise Meaningless("nobody is missing" if sum(lost) == 0 else "everybody is missing")
        found = proportions.risk_difference((lost[1], lost[0]), (sizes[1], sizes[0]))
        return {"estimate": found.difference, "interval": found.interval, "statistic": found.z, "p": found.p}

    origin = _origin(people, ARM)
    origin = Origin(first.outcome.table, first.outcome.column, filters=origin.filters, arms=origin.arms)
    done = stated(heading, origin, compute)
    counts = tuple(
        Count("without the outcome", count, code) for code, count in zip(people.plan.codes, lost, strict=True)
    )
    shares = [
        f"{arm.name}: {count} of {size}"
        for arm, count, size in zip(people.plan.arms, lost, sizes, strict=True)
    ]
    return Check("attrition", heading.label, None, "; ".join(shares), counts, done)


def dropout(check: Check) -> bool:
    """Whether anybody is missing at all."""
    return bool(np.sum([count.count for count in check.counts]))
