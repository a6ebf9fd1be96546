"""The action plan: few, concrete things to do next time, drawn from what the session showed.

Two items from an overall score of 80 on, three from 60, four below, five below 40; three when nothing
was scored. Where the session gives fewer reasons, habits that always serve fill the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from holdfast.programs.simulation.review.brief import Point, ScenarioBrief, Topic
from holdfast.programs.simulation.review.patterns import Pattern
from holdfast.programs.simulation.review.stored import Stored

_ITEMS: tuple[tuple[float, int], ...] = ((80, 2), (60, 3), (40, 4))
_FEWEST_POINTS_ITEMS = 5
_UNSCORED_ITEMS = 3

_URGENT = (Topic.MEDICATION_ERROR, Topic.DANGEROUS, Topic.NOT_GIVEN)
_LATER = (Topic.DELAYED, Topic.SUBOPTIMAL, Topic.MISSED)

_DO: dict[Topic, str] = {
    Topic.MEDICATION_ERROR: "Before giving {about}, say aloud dose, route and what would forbid it.",
    Topic.DANGEROUS: "Rehearse this decision step by step with the guideline: {about}.",
    Topic.NOT_GIVEN: "Make {about} part of your first-minutes checklist for such patients.",
    Topic.DELAYED: "Prepare {about} during the first assessment, so that it is in time.",
    Topic.SUBOPTIMAL: "Go through the better options once more: {about}.",
    Topic.MISSED: "Put this on your own checklist: {about}.",
}

_HABITS = (
    ("After each treatment, reassess within five minutes and say what changed.", "Effects have to be seen."),
    ("Sum up aloud every few minutes: problem, done, next.", "It keeps the whole team on one picture."),
    ("Begin every assessment with airway, breathing, circulation.", "A fixed order holds under stress."),
    ("Order drugs completely: name, dose with unit, route.", "It leaves nothing to be guessed."),
    ("Tell the patient what you are doing and why.", "A calm patient is easier to treat."),
)


class ActionItem(Stored):
    """One thing to do, and the reason for it."""

    do: str
    because: str


def items_for(overall: float | None) -> int:
    """How many action items a session with this overall score (0 to 100) gets."""
    if overall is None:
        return _UNSCORED_ITEMS
    return next((number for limit, number in _ITEMS if overall >= limit), _FEWEST_POINTS_ITEMS)


def action_items(
    briefs: Sequence[ScenarioBrief], patterns: Sequence[Pattern], overall: float | None
) -> tuple[ActionItem, ...]:
    """The items, the most urgent first; their number is that of `items_for`."""
    chosen: dict[str, ActionItem] = {}
    for item in _candidates(briefs, patterns):
        chosen.setdefault(item.do, item)
    return tuple(chosen.values())[: items_for(overall)]


def _candidates(briefs: Sequence[ScenarioBrief], patterns: Sequence[Pattern]) -> Iterator[ActionItem]:
    points = [point for brief in briefs for point in brief.improve]
    yield from _from_points(points, _URGENT)
    for pattern in patterns:
        if not pattern.is_strength:
            yield ActionItem(do=pattern.educational_focus, because=pattern.talking_point)
    yield from _from_points(points, _LATER)
    yield from (ActionItem(do=do, because=because) for do, because in _HABITS)


def _from_points(points: Iterable[Point], topics: Sequence[Topic]) -> Iterator[ActionItem]:
    chosen = sorted((p for p in points if p.topic in topics), key=lambda point: topics.index(point.topic))
    for point in chosen:
        about = point.about.rstrip(".")
        yield ActionItem(do=_DO[point.topic].format(about=about), because=point.why or point.text)
