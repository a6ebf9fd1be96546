"""The checklist score: points of the critical actions done, against those that could be had.

The points awarded come from the engine's occurrences (all on time, half when late). Two kinds of
item are in the sum only when they were done: an action that is critical only *if needed*, and one
that nothing but an instructor can judge. Leaving them out is not counted as missing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.programs.simulation.engine.facts import ChecklistDone, Occurrence
from holdfast.programs.simulation.scenario.judgement import ChecklistItem
from holdfast.programs.simulation.scenario.vocabulary import Importance
from holdfast.programs.simulation.scoring.rounding import to_tenth


class ChecklistLevel(StrEnum):
    """What a checklist percentage means; lower limits 90, 80, 70 and 60, inclusive."""

    EXCELLENT = "excellent"
    GOOD = "good"
    SATISFACTORY = "satisfactory"
    BORDERLINE = "borderline"
    INSUFFICIENT = "insufficient"


_FROM: tuple[tuple[float, ChecklistLevel], ...] = (
    (90, ChecklistLevel.EXCELLENT),
    (80, ChecklistLevel.GOOD),
    (70, ChecklistLevel.SATISFACTORY),
    (60, ChecklistLevel.BORDERLINE),
)


@dataclass(frozen=True, slots=True)
class CompletedItem:
    """A critical action that was done, with the points awarded for it."""

    item: ChecklistItem
    at_s: float
    points: float
    on_time: bool

    def to_json(self) -> dict[str, Any]:
        """The item with its time; seconds are clinical."""
        return _described(self.item) | {"atS": self.at_s, "points": self.points, "onTime": self.on_time}


@dataclass(frozen=True, slots=True)
class MissedItem:
    """A critical action that was not done."""

    item: ChecklistItem

    def to_json(self) -> dict[str, Any]:
        """The item, worth nothing."""
        return _described(self.item) | {"points": 0.0}


def _described(item: ChecklistItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "action": item.action,
        "category": item.category,
        "importance": item.importance.value,
        "maxPoints": item.points,
        "targetS": item.target_s,
    }


@dataclass(frozen=True, slots=True)
class ChecklistScore:
    """What of the checklist was done, in the order of the scenario."""

    completed: tuple[CompletedItem, ...]
    missed: tuple[MissedItem, ...]

    @property
    def points(self) -> float:
        """Points awarded."""
        return sum((entry.points for entry in self.completed), 0.0)

    @property
    def maximum(self) -> float:
        """Points that could be had."""
        items = [entry.item for entry in self.completed] + [entry.item for entry in self.missed]
        return sum((item.points for item in items), 0.0)

    @property
    def percentage(self) -> float | None:
        """Points of maximum in percent, one decimal; none when no points could be had."""
        return to_tenth(100 * self.points, self.maximum) if self.maximum else None

    @property
    def level(self) -> ChecklistLevel | None:
        """What the percentage means, or none without a percentage."""
        percentage = self.percentage
        if percentage is None:
            return None
        return next((level for limit, level in _FROM if percentage >= limit), ChecklistLevel.INSUFFICIENT)

    def to_json(self) -> dict[str, Any]:
        """The ``checklistResults`` of a run."""
        return {
            "points": self.points,
            "maxPoints": self.maximum,
            "percentage": self.percentage,
            "level": self.level and self.level.value,
            "completed": [entry.to_json() for entry in self.completed],
            "missed": [entry.to_json() for entry in self.missed],
        }


def checklist_score(checklist: Sequence[ChecklistItem], occurrences: Sequence[Occurrence]) -> ChecklistScore:
    """The checklist of one run against what was done in it; the first time an item was done counts."""
    done: dict[str, ChecklistDone] = {}
    for fact in occurrences:
        if isinstance(fact, ChecklistDone):
            done.setdefault(fact.item, fact)
    completed = tuple(_completed(item, done[item.id]) for item in checklist if item.id in done)
    missed = tuple(MissedItem(item) for item in checklist if item.id not in done and _expected(item))
    return ChecklistScore(completed, missed)


def _completed(item: ChecklistItem, fact: ChecklistDone) -> CompletedItem:
    return CompletedItem(item, fact.at_s, fact.points, fact.on_time)


def _expected(item: ChecklistItem) -> bool:
    return item.done_when is not None and item.importance is not Importance.CRITICAL_IF_NEEDED
