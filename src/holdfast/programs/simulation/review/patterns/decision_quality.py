"""How well decisions were made: what goes well every time, what does not, and what pressure does to them.

A decision's category is read from the scenario's rules (see ``blueprint.decision_category``), so that
decisions of different scenarios can be put side by side. Decisions that were not performed are not
rated and therefore in no share here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from holdfast.programs.simulation.engine.facts import DecisionRated
from holdfast.programs.simulation.review.blueprint import CRITICAL_SEVERITY
from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    percent,
    share,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.scenario.vocabulary import Rating

MINIMUM = 2
STRENGTH_SHARE = 0.67
WEAKNESS_SHARE = 0.5
DROP, LARGE_DROP = 0.3, 0.5

_POOR = {Rating.SUBOPTIMAL.value, Rating.DANGEROUS.value}

STRENGTH = Kind(
    name="Consistent strength",
    category=Category.DECISION_QUALITY,
    priority=9,
    focus="Name what makes these decisions work, and use the same steps elsewhere.",
)
WEAKNESS = Kind(
    name="Consistent weakness",
    category=Category.DECISION_QUALITY,
    priority=2,
    focus="Practise this kind of decision on its own, with the guideline at hand.",
)
HIGH_STAKES = Kind(
    name="High stakes",
    category=Category.DECISION_QUALITY,
    priority=5,
    focus="When the patient gets worse, pause for one breath, say the problem aloud, then decide.",
)


def _rated(run: RunSnapshot) -> Iterator[DecisionRated]:
    return (fact for fact in run.decisions if fact.rating != Rating.NOT_PERFORMED)


def _by_category(runs: Sequence[RunSnapshot]) -> dict[str, list[str]]:
    ratings: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        for fact in _rated(run):
            ratings[run.blueprint.category_of(fact.decision)].append(fact.rating)
    return dict(ratings)


def consistent_strength(runs: Sequence[RunSnapshot]) -> Pattern:
    """A category with at least 2 optimal decisions, at least 67 % of its decisions (two of three suffice)."""
    found = {}
    for category, ratings in _by_category(runs).items():
        optimal = ratings.count(Rating.OPTIMAL)
        if optimal >= MINIMUM and round(optimal / len(ratings), 2) >= STRENGTH_SHARE:
            found[category] = {"optimal": optimal, "decisions": len(ratings)}
    if not found:
        return STRENGTH.absent()
    said = f"Your decisions about {_listed(found)} were optimal again and again."
    return STRENGTH.strength(said, {"categories": found})


def consistent_weakness(runs: Sequence[RunSnapshot]) -> Pattern:
    """A category with at least 2 poor decisions, at least 50 %; HIGH if any was dangerous.

    Poor is suboptimal or dangerous.
    """
    found = {}
    for category, ratings in _by_category(runs).items():
        poor = [rating for rating in ratings if rating in _POOR]
        if len(poor) >= MINIMUM and len(poor) / len(ratings) >= WEAKNESS_SHARE:
            dangerous = poor.count(Rating.DANGEROUS)
            found[category] = {"poor": len(poor), "dangerous": dangerous, "decisions": len(ratings)}
    if not found:
        return WEAKNESS.absent()
    grave = any(entry["dangerous"] for entry in found.values())
    said = f"Decisions about {_listed(found)} were difficult more than once."
    return WEAKNESS.weakness(Severity.HIGH if grave else Severity.MODERATE, said, {"categories": found})


def high_stakes(runs: Sequence[RunSnapshot]) -> Pattern:
    """The share of optimal decisions drops by more than 0.3 under high stakes; HIGH by more than 0.5.

    Stakes are high while the patient is worse than at the start, or in a state of severity 8 or more.
    Needs two decisions on each side.
    """
    sides: dict[bool, list[bool]] = {True: [], False: []}
    for run in runs:
        for fact in _rated(run):
            sides[_at_stake(run, fact.at_s)].append(fact.rating == Rating.OPTIMAL)
    if min(len(side) for side in sides.values()) < MINIMUM:
        return HIGH_STAKES.absent()
    calm, tense = (share(sum(sides[side]), len(sides[side])) for side in (False, True))
    data = {"optimalShareOtherwise": calm, "optimalShareHighStakes": tense, "drop": round(calm - tense, 3)}
    if data["drop"] <= DROP:
        return HIGH_STAKES.absent(data)
    said = (
        f"{percent(calm)} of your decisions were optimal while things were steady, "
        f"{percent(tense)} once the patient was in danger."
    )
    severity = Severity.HIGH if data["drop"] > LARGE_DROP else Severity.MODERATE
    return HIGH_STAKES.weakness(severity, said, data)


def _at_stake(run: RunSnapshot, at_s: float) -> bool:
    severity = run.initial_severity
    for change in run.changes:
        if change.at_s < at_s:
            severity = run.blueprint.severity_of(change.state)
    return severity > run.initial_severity or severity >= CRITICAL_SEVERITY


def _listed(names: dict[str, dict[str, int]]) -> str:
    return " and ".join(sorted(names))
