"""What a student's file tells of the course: what was done, asked and measured, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holdfast.programs.simulation.export import CHALLENGES
from holdfast.programs.simulation.export.variables import RATINGS
from holdfast.research.sources.file_values import (
    FileValues,
    Row,
    Sequence,
    as_amount,
    as_flag,
    as_json,
    as_text,
)

_OLD_MINUTES = ("cdp_evaluation", "challenge_point_triggered", "challenge_evaluated")
_WITH_COLUMNS = {"dose", "unit", "route", "rating", "quality", "onTime", "points", "category"}
_OF_A_DOSE = {"dose", "unit", "route"}
_NOTHING: dict[str, Any] = {}
_QUALITIES = set(CHALLENGES.variable("quality").values)


def log(file: FileValues) -> tuple[list[Row], list[Row]]:
    """The timeline, and the administrations in it."""
    timeline: list[Row] = []
    given: list[Row] = []
    entries, medications = Sequence(), Sequence()
    for entry in file.student.actions or ():
        action, name, details = entry.action, entry.name, entry.details
        known = details if isinstance(details, dict) else _NOTHING
        told = _told(known) if known else _TOLD_NOTHING
        number, scenario = file.place(entry.index, entry.scenario_id)
        elapsed, at = _elapsed(entry, action), file.moment(entry.timestamp, "criticalActions.timestamp")
        rating = known.get("rating", entry.rating)
        timeline.append((
            file.id, file.session, number, scenario, entries.next(number), elapsed, at, action, name,
            entry.category or told[3], *told[:3],
            rating if isinstance(rating, str) and rating in RATINGS else None, *told[4:],
            _rest(details, known, entry.reason), file.number,
        ))  # fmt: skip
        wrong = action == "dangerous_medication_given"
        # Where the kind of an error is told, the administration has an entry of its own.
        if action == "treatment_given" or (wrong and "kind" not in known):
            given.append((
                file.id, file.session, number, scenario, medications.next(number), elapsed, at,
                as_text(known.get("treatment")), name or as_text(known.get("medication")), *told[:3],
                as_text(known.get("impact")), True if wrong else None, file.number,
            ))  # fmt: skip
    return timeline, given


_TOLD_NOTHING = (None,) * 7


def _told(known: dict[str, Any]) -> tuple[Any, ...]:
    """Dose, unit, route, category, quality, whether it was on time, and points, of an entry's details."""
    dose, unit, route = map(known.get, ("dose", "unit", "route"))
    first = as_amount(dose), as_text(unit), as_text(route)
    if known.keys() <= _OF_A_DOSE:
        return (*first, None, None, None, None)
    category, quality, points = map(known.get, ("category", "quality", "points"))
    on_time = as_flag(known.get("onTime"))
    return (*first, as_text(category), as_text(quality), on_time, as_amount(points))


def _rest(details: Any, known: dict[str, Any], reason: str | None) -> str | None:
    """What no column has, as JSON."""
    if details is None and reason is None:
        return None
    if details is not None and details is not known:
        return as_json(details)
    if reason is None and known.keys() <= _WITH_COLUMNS:
        return None
    left = {name: v for name, v in known.items() if v is not None and name not in _WITH_COLUMNS}
    if reason is not None:
        left.setdefault("reason", reason)
    return as_json(left)


def _elapsed(entry: Any, action: str | None) -> float | None:
    """Seconds; the older log has some rows in minutes, which its clock (``m:ss``) gives away."""
    value: float | None = entry.elapsed
    if value is None or action not in _OLD_MINUTES or entry.clock is None:
        return value
    minutes, _, seconds = entry.clock.partition(":")
    if not (minutes.isdigit() and seconds.isdigit()):
        return value
    shown = int(minutes) * 60 + int(seconds)
    return value * 60 if abs(value * 60 - shown) < abs(value - shown) else value


def challenges(file: FileValues) -> Iterator[Row]:
    """What was asked at the points of challenge, and the answers."""
    s = file.student
    for ordinal, c in enumerate(s.challenges or (), start=1):
        verdict = c.evaluation
        number, scenario = file.place(None, c.scenario_id)
        elapsed = c.elapsed
        if elapsed is not None and c.scenario_id is None:
            elapsed *= 60  # the older program counted minutes here, and named no scenario
        quality = "skipped" if c.skipped else verdict and verdict.rating
        answered = None
        if c.response is not None or c.skipped is not None:
            answered = True
        yield (
            file.id, s.group, s.session_id, ordinal, number, scenario, c.challenge_id, c.text,
            c.context or None, elapsed, file.moment(c.timestamp, "challengePoints.timestamp"), answered,
            c.skipped, c.response_s, quality if quality in _QUALITIES else None,
            verdict and verdict.found, verdict and verdict.total, c.response, file.number,
        )  # fmt: skip


def vital_signs(file: FileValues) -> Iterator[Row]:
    """The vital signs as they were recorded."""
    count = Sequence()
    for record in file.student.vital_signs or ():
        number, scenario = file.place(record.index, None)
        yield (
            file.id, file.session, number, scenario, count.next(number), record.elapsed,
            file.moment(record.timestamp, "vitalSigns.timestamp"),
            *file.signs(record, "vitalSigns"), record.state, file.number,
        )  # fmt: skip
