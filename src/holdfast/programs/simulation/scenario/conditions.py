"""Conditions: the small language in which a scenario states its rules.

Every key that is present must hold (they are joined by *and*); ``any``, ``all`` and ``not`` nest.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from holdfast.programs.simulation.scenario.vocabulary import (
    Part,
    Seconds,
    Slug,
    Text,
    VitalSign,
    as_tuple,
)

Slugs = Annotated[tuple[Slug, ...], BeforeValidator(as_tuple)]
Phrases = Annotated[tuple[Text, ...], BeforeValidator(as_tuple)]


class VitalLimit(Part):
    """A true vital sign at or beyond a limit."""

    sign: VitalSign
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("state at_least, at_most or both")
        return self


class Condition(Part):
    """A rule over treatments, assessments, words, time, state and vital signs.

    Attributes:
        given: all of these treatments were given safely (right dose and route, not contraindicated).
        given_any: at least one of these was given safely.
        attempted: all of these were given in whatever way, safe or not.
        assessed: all of these findings were assessed.
        assessed_any: at least one of these was assessed.
        mentioned: at least one of these phrases was said by the student in this run
            (whole words, any case).
        by_s: the facts named beside it (given, attempted, assessed, mentioned) were true by this
            time; it needs one of them.
        after: the facts named beside it happened after each of these treatments or findings
            had happened first.
        elapsed_at_least_s, elapsed_at_most_s: clinical time since the scenario began.
        state: the patient is in one of these states now.
        was_in_state: the patient has been in one of these states.
        state_for_at_least_s: the present state has lasted this long.
        vital: a limit on a true vital sign now.
        harm_within_s: a harmful or contraindicated treatment was given in the last so many seconds.
        errors_at_least: so many medication errors were made in this run.
        patient_has: the patient has this condition, allergy or regular medicine (patient.conditions).
    """

    any_of: tuple[Condition, ...] = Field(default=(), alias="any")
    all_of: tuple[Condition, ...] = Field(default=(), alias="all")
    negated: Condition | None = Field(default=None, alias="not")
    given: Slugs = ()
    given_any: Slugs = ()
    attempted: Slugs = ()
    assessed: Slugs = ()
    assessed_any: Slugs = ()
    mentioned: Phrases = ()
    by_s: Seconds | None = None
    after: Slugs = ()
    elapsed_at_least_s: Seconds | None = None
    elapsed_at_most_s: Seconds | None = None
    state: Slugs = ()
    was_in_state: Slugs = ()
    state_for_at_least_s: Seconds | None = None
    vital: VitalLimit | None = None
    harm_within_s: Seconds | None = None
    errors_at_least: Annotated[int, Field(ge=1)] | None = None
    patient_has: Slugs = ()

    model_config = Part.model_config | {"populate_by_name": True}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a condition states at least one thing")
        facts = (self.given, self.given_any, self.attempted, self.assessed, self.assessed_any, self.mentioned)
        if (self.by_s is not None or self.after) and not any(facts):
            raise ValueError("by_s and after need given, attempted, assessed or mentioned beside them")
        return self

    def nested(self) -> tuple[Condition, ...]:
        """The conditions directly inside this one."""
        inner = (*self.any_of, *self.all_of)
        return inner if self.negated is None else (*inner, self.negated)

    def treatments(self) -> set[str]:
        """Every treatment this condition names as given or attempted, nested ones included."""
        names = {*self.given, *self.given_any, *self.attempted}
        return names.union(*(c.treatments() for c in self.nested()))

    def findings(self) -> set[str]:
        """Every finding this condition names as assessed, nested ones included."""
        names = {*self.assessed, *self.assessed_any}
        return names.union(*(c.findings() for c in self.nested()))

    def states(self) -> set[str]:
        """Every state this condition names, nested ones included."""
        return {*self.state, *self.was_in_state}.union(*(c.states() for c in self.nested()))

    def predecessors(self) -> set[str]:
        """Every treatment or finding named under ``after``, nested ones included."""
        return set(self.after).union(*(c.predecessors() for c in self.nested()))

    def phrases(self) -> set[str]:
        """Every phrase that is listened for, nested ones included."""
        return set(self.mentioned).union(*(c.phrases() for c in self.nested()))
