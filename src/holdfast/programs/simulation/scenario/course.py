"""The course of a run: transitions between states, teaching points, and what ends it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.vocabulary import Part, Seconds, Slug, Text


class Transition(Part):
    """A rule that moves the patient from one state to another; the first that holds wins.

    Attributes:
        origin: states it applies in (``from`` in the file); ``*`` is every state.
    """

    origin: tuple[Slug, ...] | Literal["*"] = Field(alias="from")
    to: Slug
    when: Condition
    reason: Text

    model_config = Part.model_config | {"populate_by_name": True}


class ComplicationDespiteCare(Part):
    """A bad turn that is not the student's fault, drawn once per run from the recorded seed."""

    probability: Annotated[float, Field(ge=0, le=1)]
    at_s: Seconds
    to: Slug
    reason: Text


class TeachingPoint(Part):
    """A lesson for the after-action review; with `when` it is raised only where it applies."""

    text: Text
    when: Condition | None = None


class CommonError(Part):
    """A typical mistake and what to learn from it."""

    error: Text
    teaching_point: Text
    when: Condition | None = None


class RunEnd(Part):
    """A condition that ends the scenario, with the outcome shown in the review."""

    when: Condition
    outcome: Literal["handed_over", "stabilised", "lost", "time"]
    reason: Text


class RunRules(Part):
    """Limits of one run."""

    maximum_duration_s: Annotated[float, Field(ge=60, le=14_400)] = 1200
    maximum_challenges: Annotated[int, Field(ge=0, le=10)] = 2
    ends: tuple[RunEnd, ...] = ()
    complication: ComplicationDespiteCare | None = None
