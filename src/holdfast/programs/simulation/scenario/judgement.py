"""What a run is judged by: checklist, critical decision points, challenge points."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from holdfast.programs.simulation.scenario.conditions import Condition, Phrases
from holdfast.programs.simulation.scenario.vocabulary import Importance, Part, Rating, Seconds, Slug, Text


class ChecklistItem(Part):
    """A critical action with its time target.

    Attributes:
        points: awarded in full when done by `target_s`, half when later; may be 0.
        done_when: becomes true when the action is done. Without it an instructor must judge.
    """

    id: Slug
    action: Text
    category: Text
    importance: Importance
    points: Annotated[float, Field(ge=0, le=1000)]
    target_s: Seconds | None = None
    done_when: Condition | None = None


class RatingRule(Part):
    """One rating of a decision and the condition under which it is given."""

    rating: Rating
    when: Condition
    explanation: Text


class DecisionPoint(Part):
    """A critical decision point (CDP).

    The decision is rated once: when `decided_when` first holds, or at `deadline_s`. The first of
    `ratings` whose condition holds then is the rating; when none holds, it is `otherwise`.
    A dangerous rule is also looked at after every action, because harm need not wait for a deadline.
    A decision point without `decided_when` and ratings is left to an instructor.
    """

    id: Slug
    title: Text
    description: Text | None = None
    decided_when: Condition | None = None
    deadline_s: Seconds | None = None
    ratings: tuple[RatingRule, ...] = ()
    otherwise: Rating = Rating.NOT_PERFORMED
    otherwise_explanation: Text = "The decision was not made in time."
    rubric: dict[Rating, Text] = Field(default_factory=dict, description="prose for instructors")
    factors: tuple[Text, ...] = ()
    teaching_point: Text | None = None

    @model_validator(mode="after")
    def _decidable(self) -> Self:
        if self.ratings and self.decided_when is None and self.deadline_s is None:
            raise ValueError("ratings need decided_when or deadline_s")
        return self


class ExpectedElement(Part):
    """A concept that good reasoning names, and the words that show it."""

    concept: Text
    keywords: Phrases


class ChallengeResolution(Part):
    """What is said to the student after the reply."""

    good: Text
    partial: Text
    struggling: Text


class ChallengePoint(Part):
    """A Socratic interruption of a decision in progress, for the arm that has them."""

    id: Slug
    name: Text
    priority: Literal["high", "medium", "low"] = "medium"
    trigger: Condition
    skip_if: Condition | None = None
    question: Text
    context: Text | None = None
    expected: tuple[ExpectedElement, ...] = ()
    teaching_goal: Text | None = None
    resolution: ChallengeResolution
