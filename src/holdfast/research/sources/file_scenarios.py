"""What a student's file tells of each scenario: its result, decisions, states and medication events. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holdfast.programs.simulation.export import SCENARIOS
from holdfast.programs.simulation.export.variables import RATINGS
from holdfast.research.sources.file_values import (
    WEIGHTS,
    FileValues,
    Row,
    checklist_of,
    decisions_by_rating,
    either,
    number_of,
    with_not_performed,
)


def scenario(file: FileValues, number: int, scenario: Any) -> Row:
    """The row of a scenario; of one that is only named, its name."""
    if isinstance(scenario, str):
        empty = (None,) * (len(SCENARIOS.variables) - 5)
        return (
            file.id,
            file.student.session_id,
            file.student.group,
            number,
            scenario,
            *empty,
            file.number,
        )
    p = scenario.performance
    whole = p if p is not None and not isinstance(p, float) else None
    score = whole.score if whole else p
    counts = decisions_by_rating(whole)
    decisions = whole and whole.decisions
    if decisions == 0:
        score = None
    done, missed, share = checklist_of(scenario)
    return (
        file.id, file.session, file.student.group, number, scenario.scenario_id, scenario.title,
        scenario.version, scenario.engine,
        "COMPLETED" if scenario.completed is not None or scenario.outcome is not None else None,
        file.moment(scenario.started, "scenarios.startedAt"),
        file.moment(scenario.completed, "scenarios.completedAt"),
        file.duration(scenario.duration, "scenarios.duration"),
        score, with_not_performed(counts), *counts, decisions,
        either(number_of(scenario.errors), whole and whole.errors),
        either(number_of(scenario.warnings), whole and whole.warnings),
        whole and whole.safety_score, done, missed, share, whole and whole.challenges,
        whole and whole.challenge_score, scenario.final_state, scenario.outcome,
        *file.signs(scenario.vitals, "scenarios.finalVitals"),
        file.number,
    )  # fmt: skip


def medication_events(file: FileValues) -> list[Row]:
    """Errors and warnings, of the scenarios or else of the whole session."""
    found = []
    meta = file.meta
    for number, scenario in file.scenarios():
        if not isinstance(scenario, str):
            found += _events(file, scenario.errors, "error", number, scenario.scenario_id)
            found += _events(file, scenario.warnings, "warning", number, scenario.scenario_id)
    if not found and meta:
        found += _events(file, meta.errors, "error", None, None)
        found += _events(file, meta.warnings, "warning", None, None)
    return found


def _events(
    file: FileValues, events: Any, severity: str, number: int | None, scenario: str | None
) -> list[Row]:
    if events is None or isinstance(events, int):
        return []
    named = (e if not isinstance(e, str) else None for e in events)
    return [
        (
            number, scenario, e and e.elapsed_s,
            file.moment(e and e.timestamp, "medicationErrors.timestamp"), severity, e and e.kind,
            e and e.treatment, e.name if e else str(event), e and e.reason,
        )
        for event, e in zip(events, named, strict=True)
    ]  # fmt: skip


def decisions(file: FileValues) -> Iterator[Row]:
    """The decisions and how they were rated."""
    for number, scenario in file.scenarios():
        if not isinstance(scenario, str):
            yield from _rated(file, scenario.decisions, number, scenario.scenario_id)
    yield from _rated(file, file.student.decisions, None, None)


def _rated(file: FileValues, decisions: Any, number: int | None, scenario: str | None) -> Iterator[Row]:
    for rated in decisions or ():
        at = rated.elapsed_s
        if at is None and rated.elapsed_min is not None:
            at = rated.elapsed_min * 60
        rating = rated.rating if rated.rating in RATINGS else None
        if rated.rating is not None and rating is None:
            file.notes["cdpEvaluations.rating: unreadable"] += 1
        yield (
            number, scenario, at, file.moment(rated.timestamp, "cdpEvaluations.timestamp"), rated.cdp_id,
            rated.title, rating, WEIGHTS.get(rating or ""), None, rated.explanation,
        )  # fmt: skip


def states(file: FileValues) -> Iterator[Row]:
    """The states of the patient, one after the other."""
    for number, scenario in file.scenarios():
        if not isinstance(scenario, str):
            yield from _changes(file, scenario.states, number, scenario.scenario_id)
    yield from _changes(file, file.student.states, None, None)


def _changes(file: FileValues, changes: Any, number: int | None, scenario: str | None) -> Iterator[Row]:
    for change in changes or ():
        yield (
            number, scenario, change.elapsed_s, file.moment(change.timestamp, "stateHistory.timestamp"),
            change.previous, change.state, change.reason,
            *file.signs(change.vitals, "stateHistory.vitals"),
        )  # fmt: skip
