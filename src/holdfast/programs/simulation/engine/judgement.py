"""Checklist and critical decision points: each item done once, each decision rated once.

The end of the run is the last deadline: a decision that is still open then gets the first of its
ratings that holds, or else its `otherwise`. A decision left to an instructor is never rated here.
"""

from __future__ import annotations

from holdfast.programs.simulation.engine.course import Course
from holdfast.programs.simulation.engine.facts import ChecklistDone, DecisionRated
from holdfast.programs.simulation.engine.predicates import Predicate
from holdfast.programs.simulation.engine.rules import DecisionRules, Rules
from holdfast.programs.simulation.scenario.judgement import ChecklistItem, RatingRule

LATE_SHARE = 0.5
"""Of its points, what a checklist item earns when done after its time target."""


def judge(rules: Rules, course: Course, *, acted: bool) -> None:
    """Tick the checklist and rate what is due; dangerous rules are asked when the student acted."""
    for done, item in rules.checklist:
        if item.id not in course.done and done(course):
            _tick(course, item)
    for rule in rules.decisions:
        if rule.decision.id not in course.rated:
            _rate_if_due(course, rule, acted=acted)


def rate_open(rules: Rules, course: Course) -> None:
    """Rate every decision that is still open, because the run ends now."""
    for rule in rules.decisions:
        if rule.decision.id not in course.rated:
            _rate(course, rule, _first(course, rule.ratings))


def _tick(course: Course, item: ChecklistItem) -> None:
    now_s = course.elapsed_s
    on_time = item.target_s is None or now_s <= item.target_s
    course.done[item.id] = now_s
    course.occurrences.append(
        ChecklistDone(
            now_s,
            item.id,
            item.action,
            item.category,
            item.importance.value,
            item.points if on_time else item.points * LATE_SHARE,
            on_time,
        )
    )


def _rate_if_due(course: Course, rule: DecisionRules, *, acted: bool) -> None:
    deadline_s = rule.decision.deadline_s
    due = deadline_s is not None and round(deadline_s, 3) <= course.elapsed_s
    if due or (rule.decided and rule.decided(course)):
        _rate(course, rule, _first(course, rule.ratings))
    elif acted and (danger := _first(course, rule.dangerous)):
        _rate(course, rule, danger)


def _first(course: Course, ratings: tuple[tuple[Predicate, RatingRule], ...]) -> RatingRule | None:
    return next((rating for holds, rating in ratings if holds(course)), None)


def _rate(course: Course, rule: DecisionRules, chosen: RatingRule | None) -> None:
    decision = rule.decision
    rating = chosen.rating if chosen else decision.otherwise
    explanation = chosen.explanation if chosen else decision.otherwise_explanation
    course.rated[decision.id] = rating.value
    course.occurrences.append(
        DecisionRated(course.elapsed_s, decision.id, decision.title, rating.value, explanation)
    )
