"""How soon each critical treatment was given, measured against the checklist's time targets.

A treatment's target is the shortest target among the checklist items that ask for it; without one
it is five minutes. Within the target is optimal, within one and a half times acceptable, within twice
delayed, later critically delayed. The first *safe* administration counts: a wrong dose is not care.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.programs.simulation.engine.facts import ChecklistDone, Occurrence, TreatmentGiven
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.judgement import ChecklistItem
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import Impact, Importance

DEFAULT_TARGET_S = 300.0
ACCEPTABLE_FACTOR = 1.5
DELAYED_FACTOR = 2.0


class TimingLabel(StrEnum):
    """How timely a critical treatment was."""

    OPTIMAL = "optimal"
    ACCEPTABLE = "acceptable"
    DELAYED = "delayed"
    CRITICALLY_DELAYED = "critically_delayed"
    NOT_GIVEN = "not_given"


@dataclass(frozen=True, slots=True)
class TreatmentTiming:
    """When a critical treatment was given; times in clinical seconds, none when it never was."""

    treatment: str
    target_s: float
    given_at_s: float | None
    label: TimingLabel

    @property
    def late(self) -> bool:
        """Whether it was delayed, critically delayed or not given at all."""
        return self.label not in {TimingLabel.OPTIMAL, TimingLabel.ACCEPTABLE}

    def to_json(self) -> dict[str, Any]:
        """One entry of the record's ``treatmentTiming``."""
        return {
            "treatment": self.treatment,
            "targetS": self.target_s,
            "givenAtS": self.given_at_s,
            "label": self.label.value,
        }


def timing_label(given_at_s: float | None, target_s: float) -> TimingLabel:
    """The label of a treatment given at `given_at_s` with the target `target_s`, both in seconds."""
    if given_at_s is None:
        return TimingLabel.NOT_GIVEN
    if given_at_s <= target_s:
        return TimingLabel.OPTIMAL
    if given_at_s <= ACCEPTABLE_FACTOR * target_s:
        return TimingLabel.ACCEPTABLE
    return TimingLabel.DELAYED if given_at_s <= DELAYED_FACTOR * target_s else TimingLabel.CRITICALLY_DELAYED


def critical_treatments_of(scenario: Scenario) -> tuple[str, ...]:
    """The ids of the treatments whose impact is critical, in the order of the file."""
    return tuple(name for name, care in scenario.treatments.items() if care.impact is Impact.CRITICAL)


def asked_treatments(condition: Condition) -> set[str]:
    """The treatments that a condition asks for; what stands under ``not`` is not asked for."""
    asked = {*condition.given, *condition.given_any, *condition.attempted}
    return asked.union(*(asked_treatments(inner) for inner in (*condition.any_of, *condition.all_of)))


def treatment_timings(
    critical: Sequence[str], checklist: Sequence[ChecklistItem], occurrences: Sequence[Occurrence]
) -> tuple[TreatmentTiming, ...]:
    """The timing of the treatments in `critical` that this patient needed, in that order.

    Needed are those that an ordinary checklist item asks for (not one that is critical only if needed);
    if the checklist names none of them, all. One that was not given is left out when every item that
    asks for it was done by another treatment; of alternatives that were all left, the first stands for
    them.
    """
    given: dict[str, float] = {}
    for fact in occurrences:
        if isinstance(fact, TreatmentGiven) and fact.safe:
            given[fact.treatment] = min(fact.at_s, given.get(fact.treatment, fact.at_s))
    done = {fact.item for fact in occurrences if isinstance(fact, ChecklistDone)}
    asking = {name: _items_asking(name, checklist) for name in critical}
    linked = any(asking.values())
    needed: list[str] = []
    for name, items in asking.items():
        others = [other for other in needed if other not in given and _alternatives(name, other, items)]
        if (name in given and items) or (_lacking(items, done) and not others) or not linked:
            needed.append(name)
    return tuple(_timing(name, given.get(name), asking[name]) for name in needed)


def _alternatives(one: str, other: str, items: Sequence[ChecklistItem]) -> bool:
    """Whether some item is done by either of two treatments."""
    choices = (choice for item in items if item.done_when for choice in _choices(item.done_when))
    return any(one in choice and other in choice for choice in choices)


def _choices(condition: Condition) -> Iterator[set[str]]:
    """The sets of treatments of which one is enough: ``given_any`` lists and branches of ``any``."""
    yield set(condition.given_any)
    yield set().union(*(asked_treatments(branch) for branch in condition.any_of))
    for inner in (*condition.any_of, *condition.all_of):
        yield from _choices(inner)


def _items_asking(treatment: str, checklist: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    return [
        item
        for item in checklist
        if item.importance is not Importance.CRITICAL_IF_NEEDED
        and item.done_when
        and treatment in asked_treatments(item.done_when)
    ]


def _lacking(items: Sequence[ChecklistItem], done: set[str]) -> bool:
    return any(item.id not in done for item in items)


def _timing(treatment: str, given_at_s: float | None, items: Sequence[ChecklistItem]) -> TreatmentTiming:
    target_s = min((i.target_s for i in items if i.target_s is not None), default=DEFAULT_TARGET_S)
    return TreatmentTiming(treatment, target_s, given_at_s, timing_label(given_at_s, target_s))
