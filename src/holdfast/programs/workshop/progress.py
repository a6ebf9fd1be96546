"""What a report does to a step, and what the steps of a session come to. Pure.

Step numbers are stored counted from 1. A client that counts from 0 says so with every request, and
its numbers are translated where they come in and go out, never further inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop.definition import Definition, Step

Base: TypeAlias = int
"""From which number a client counts steps: 0 or 1."""

LONGEST_REPORT_S = 31 * 24 * 3600
"""More seconds than this in one report are an error of the client: no session lasts so long."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a client reports about one step.

    Attributes:
        step: the step of the session's workshop.
        step_name: as the client calls it; none leaves it as it was.
        completed: the client says that the step's validation passed.
        time_spent: further seconds on the step, 0 or more.
        code_submitted, deployment_url: what was handed in; none leaves it as it was.
    """

    step: Step
    step_name: str | None = None
    completed: bool = False
    time_spent: int = 0
    code_submitted: str | None = None
    deployment_url: str | None = None


@dataclass(frozen=True, slots=True)
class StepState:
    """How far a step has come.

    Attributes:
        time_spent: seconds in all.
        attempts: how many reports there were.
        validation_passed: once true, always true.
        completed_at: when it first passed.
    """

    step_number: int
    step_name: str
    completed_at: datetime | None = None
    time_spent: int = 0
    attempts: int = 0
    validation_passed: bool = False
    code_submitted: str | None = None
    deployment_url: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What the steps of a session come to.

    Attributes:
        current_step: the furthest step reached, counted from 1; 0 before the first.
        total_time_spent: seconds on passed steps, as the seed's function counts.
        completion_rate: percent of the workshop's steps that are passed, 0 to 100.
    """

    current_step: int
    total_time_spent: int
    completion_rate: int


def after(state: StepState | None, report: Report, *, now: datetime) -> StepState:
    """The step after a report: time accumulates, attempts count, what has passed stays passed.

    A later report without completion keeps the first completion date; what is not handed in again
    keeps what was handed in before.
    """
    before = state or StepState(report.step.number, report.step.name)
    first_passed = report.completed and not before.validation_passed
    return replace(
        before,
        step_name=report.step_name or before.step_name,
        completed_at=(before.completed_at or now) if first_passed else before.completed_at,
        time_spent=before.time_spent + report.time_spent,
        attempts=before.attempts + 1,
        validation_passed=before.validation_passed or report.completed,
        code_submitted=before.code_submitted if report.code_submitted is None else report.code_submitted,
        deployment_url=before.deployment_url if report.deployment_url is None else report.deployment_url,
    )


def totals(steps: Iterable[StepState], *, total_steps: int) -> Totals:
    """The session's totals; ``holdfast.update_session_progress`` in the database computes the same.

    Args:
        steps: every step that was reported about.
        total_steps: of the workshop, 1 to 100.
    """
    all_steps = tuple(steps)
    passed = [step for step in all_steps if step.validation_passed]
    return Totals(
        current_step=max((step.step_number for step in all_steps), default=0),
        total_time_spent=sum(step.time_spent for step in passed),
        completion_rate=min(100, (200 * len(passed) + total_steps) // (2 * total_steps)),
    )


def step_of(definition: Definition, number: int, name: str | None, *, base: Base) -> Step:
    """The step that a client means by a number (and a name) in its way of counting.

    Raises:
        InvalidInput: the number is outside the workshop, or the name is that of another step, which
            is how a client that counts from 0 shows when it does not say so.
    """
    step = definition.step(number + 1 - base)
    if step is None:
        raise InvalidInput(
            f"must be from {base} to {definition.total_steps - 1 + base}; a client that counts "
            f"from {1 - base} sends stepBase {1 - base}",
            field="stepNumber",
        )
    meant = definition.called(name) if name else None
    if meant is not None and meant != step:
        raise InvalidInput(
            f"is the name of step {told(meant.number, base=base)}, not of step {number}; a client that "
            f"counts from {1 - base} sends stepBase {1 - base}",
            field="stepName",
        )
    return step


def told(number: int, *, base: Base) -> int:
    """A stored step number as a client counts; before the first step is 0 in either way."""
    return max(0, number - 1 + base)
