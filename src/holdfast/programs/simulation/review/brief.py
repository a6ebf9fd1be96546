"""What there is to say about one scenario: what happened, what to sustain, improve and apply.

Every point is taken from the run's own facts and the scenario's own texts, the weightiest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import Field

from holdfast.programs.simulation.engine.facts import DecisionRated
from holdfast.programs.simulation.review.patterns.pattern import minutes
from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.review.stored import Stored
from holdfast.programs.simulation.scenario.vocabulary import Importance, Rating
from holdfast.programs.simulation.scoring import AUTOMATIC_DECISION, TimingLabel, TreatmentTiming

SUSTAINED, IMPROVED, APPLIED = 3, 3, 2
"""How many points of each sort are said: more would not be remembered."""

_WEIGHTY = {Importance.CRITICAL, Importance.ESSENTIAL}


class Topic(StrEnum):
    """What a point is about; the order is the order of urgency for action items."""

    MEDICATION_ERROR = "medication_error"
    DANGEROUS = "dangerous_decision"
    NOT_GIVEN = "treatment_not_given"
    DELAYED = "treatment_delayed"
    SUBOPTIMAL = "suboptimal_decision"
    MISSED = "missed_action"
    LESSON = "lesson"
    GOOD = "good"


class Point(Stored):
    """One thing to say.

    Attributes:
        text: the sentence.
        about: the treatment, decision or action by name, for an action item.
        why: the reason or lesson behind it, if the scenario gives one.
    """

    topic: Topic
    text: str
    about: str = ""
    why: str = ""


class ScenarioBrief(Stored):
    """One scenario, ready to be talked about.

    Attributes:
        duration_s: clinical seconds.
        score: the run's overall score, 0 to 100, or none.
        checklist_percentage: 0 to 100, or none.
        complication: whether the patient took a turn that was nobody's fault.
    """

    title: str
    duration_s: float
    final_state: str
    outcome: str | None
    score: float | None
    checklist_percentage: float | None
    complication: bool = False
    sustain: tuple[Point, ...] = ()
    improve: tuple[Point, ...] = ()
    apply: tuple[Point, ...] = Field(default=())


def brief_of(run: RunSnapshot) -> ScenarioBrief:
    """The brief of one run."""
    score = run.score
    improve = _unlike(_to_improve(run))
    return ScenarioBrief(
        title=run.title,
        duration_s=run.duration_s,
        final_state=run.final_state,
        outcome=run.outcome,
        score=score.overall.score,
        checklist_percentage=score.checklist.percentage,
        complication=any(run.is_complication(change) for change in run.changes),
        sustain=_unlike(_to_sustain(run))[:SUSTAINED],
        improve=improve[:IMPROVED],
        apply=_unlike(_to_apply(run, improve))[:APPLIED],
    )


def _unlike(points: Iterable[Point]) -> tuple[Point, ...]:
    """Each thing once: the first point about it stands."""
    first: dict[str, Point] = {}
    for point in points:
        first.setdefault(point.about.casefold() or point.text, point)
    return tuple(first.values())


def _name(run: RunSnapshot, treatment: str) -> str:
    return run.blueprint.treatment_names.get(treatment, treatment.replace("_", " "))


def _good(text: str, about: str) -> Point:
    return Point(topic=Topic.GOOD, text=text, about=about)


def _to_sustain(run: RunSnapshot) -> Iterator[Point]:
    decisions = run.decisions
    yield from (
        _good(f"{d.title}: {d.explanation}", d.title) for d in decisions if d.rating == Rating.OPTIMAL
    )
    for timing in run.score.timing:
        if timing.label is TimingLabel.OPTIMAL and timing.given_at_s is not None:
            name = _name(run, timing.treatment)
            yield _good(f"{name} was given at {minutes(timing.given_at_s)} min, in time.", name)
    if any(not run.is_worse(change) for change in run.changes[-1:]) and any(t.safe for t in run.treatments):
        yield _good("The patient got better under your care.", "course")
    for entry in run.score.checklist.completed:
        if entry.on_time and entry.item.importance in _WEIGHTY:
            text = f"{entry.item.action}: done at {minutes(entry.at_s)} min."
            yield _good(text, entry.item.action)


def _to_improve(run: RunSnapshot) -> Iterator[Point]:
    lessons = run.blueprint.treatment_lessons
    for error in run.errors:
        yield Point(
            topic=Topic.MEDICATION_ERROR,
            text=f"{error.name} at {minutes(error.at_s)} min: {error.reason}",
            about=error.name,
            why=lessons.get(error.treatment, ""),
        )
    yield from _decided(run, Rating.DANGEROUS, Topic.DANGEROUS)
    yield from _late(run)
    yield from _decided(run, Rating.SUBOPTIMAL, Topic.SUBOPTIMAL)
    for entry in run.score.checklist.missed:
        if entry.item.importance in _WEIGHTY:
            text = f"{entry.item.action}: this was not done."
            yield Point(topic=Topic.MISSED, text=text, about=entry.item.action)
    yield from _decided(run, Rating.NOT_PERFORMED, Topic.MISSED)


def _decided(run: RunSnapshot, rating: Rating, topic: Topic) -> Iterator[Point]:
    """Decisions of one rating; the engine's own are told by their medication error already."""
    for fact in run.decisions:
        if fact.rating == rating and not fact.decision.startswith(AUTOMATIC_DECISION):
            yield _point_of(run, fact, topic)


def _point_of(run: RunSnapshot, fact: DecisionRated, topic: Topic) -> Point:
    why = run.blueprint.decision_lessons.get(fact.decision, "")
    return Point(topic=topic, text=f"{fact.title}: {fact.explanation}", about=fact.title, why=why)


def _late(run: RunSnapshot) -> Iterator[Point]:
    for timing in sorted(run.score.timing, key=lambda timing: timing.given_at_s is not None):
        if timing.late:
            yield _late_point(run, timing)


def _late_point(run: RunSnapshot, timing: TreatmentTiming) -> Point:
    name = _name(run, timing.treatment)
    why = run.blueprint.treatment_lessons.get(timing.treatment, "")
    goal = f"the goal is {minutes(timing.target_s)} min"
    if timing.given_at_s is None:
        text = f"{name} was not given, or not in a way that could work; {goal}."
        return Point(topic=Topic.NOT_GIVEN, text=text, about=name, why=why)
    text = f"{name} came at {minutes(timing.given_at_s)} min; {goal}."
    return Point(topic=Topic.DELAYED, text=text, about=name, why=why)


def _to_apply(run: RunSnapshot, improve: Iterable[Point]) -> Iterator[Point]:
    for point in improve:
        if point.why:
            yield Point(topic=Topic.LESSON, text=point.why, about=point.why)
    for lesson in run.blueprint.teaching_points:
        yield Point(topic=Topic.LESSON, text=lesson, about=lesson)
