"""Which rows of which table a student's file gives. Pure.

Where a key is null or absent the value is missing, never zero. A text that should tell a moment, a
duration or a vital sign and does not is missing too, and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from holdfast.programs.simulation.export import (
    AAR,
    CHALLENGES,
    COACH,
    CRITICAL_ACTIONS,
    DECISIONS,
    MEDICATION_EVENTS,
    MEDICATIONS,
    MESSAGES,
    OVERVIEW,
    PATTERNS,
    PERFORMANCE,
    SCENARIOS,
    STATES,
    VITAL_SIGNS,
)
from holdfast.programs.simulation.export.variables import RATINGS
from holdfast.research.sources.readings import Unreadable, duration_s, moment_us, pressure
from holdfast.research.sources.student_file import Malformed

WEIGHTS = {"optimal": 100.0, "acceptable": 75.0, "suboptimal": 50.0, "dangerous": 0.0}
_SIGNS = ("heart_rate", "respiratory_rate", "spo2", "systolic", "diastolic", "temperature", "gcs", "glucose",
          "pain")  # fmt: skip
_OLD_MINUTES = ("cdp_evaluation", "challenge_point_triggered", "challenge_evaluated")
_WITH_COLUMNS = {"dose", "unit", "route", "rating", "quality", "onTime", "points", "category"}
_NOTHING: dict[str, Any] = {}
_STATUS = {"IN_PROGRESS", "PAUSED", "COMPLETED", "ABANDONED"}

_QUALITIES = set(CHALLENGES.variable("quality").values)

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]


class FileRows:
    """Collects the rows of many files; the last column of each is the number of the file.

    Attributes:
        rows: by table, columns in the order of the codebook.
        notes: what could not be read, and what was null or absent, counted.
    """

    def __init__(self) -> None:
        self.rows: Rows = {table.name: [] for table in FILE_TABLES}
        self.notes: Counter[str] = Counter()
        self.unfinished = 0

    def add(self, student: Any, number: int) -> None:
        """The rows of one file.

        Raises:
            Malformed: it names no student, or its values contradict one another.
        """
        if not student.student_id or not student.student_id.strip():
            raise Malformed("studentId: there is none")
        made = _File(student, number, self.notes)
        for name, rows in made.tables():
            self.rows[name] += rows
        self.unfinished += not made.complete


class _File:
    """One student's file."""

    def __init__(self, student: Any, number: int, notes: Counter[str]) -> None:
        self.student, self.number, self.notes = student, number, notes
        self.id, self.session = student.student_id, student.session_id
        self.meta, self.times, self.performance = student.metadata, student.timestamps, student.performance
        self.complete = self._complete()
        self.places = self._places()

    def tables(self) -> Iterator[tuple[str, Iterable[Row]]]:
        """The rows of each table."""
        scenarios = [self._scenario(*each) for each in self._scenarios()]
        events = self._medication_events()
        yield OVERVIEW.name, [self._overview()]
        yield PERFORMANCE.name, [self._totals()]
        yield SCENARIOS.name, scenarios
        timeline, given = self._log()
        yield CRITICAL_ACTIONS.name, timeline
        yield MEDICATIONS.name, given
        yield MEDICATION_EVENTS.name, self._of_scenarios(events)
        yield CHALLENGES.name, self._challenges()
        yield DECISIONS.name, self._of_scenarios(self._decisions())
        yield VITAL_SIGNS.name, self._vital_signs()
        yield STATES.name, self._of_scenarios(self._states())
        yield MESSAGES.name, self._messages()
        yield AAR.name, self._review()
        yield COACH.name, self._coach()
        yield PATTERNS.name, self._patterns()

    # --- students ---------------------------------------------------------------------------------

    def _overview(self) -> Row:
        s, meta, times = self.student, self.meta, self.times
        spoken = [line for line in s.messages or () if line.role == "user" and line.content is not None]
        said = s.messages is not None
        registered = self._moment(times and times.registered, "timestamps.registered")
        return (
            self.id, self.id, s.name, s.email, s.group, s.cohort, s.cluster, s.session_id, s.order, s.block,
            registered if registered is not None else self._moment(s.registered, "registeredAt"),
            None, None,
            self._moment(times and times.started, "timestamps.sessionStarted"),
            self._moment(times and times.completed, "timestamps.sessionCompleted"),
            self._status(), self.complete, None if s.session_id is None else 1,
            meta and meta.challenges_enabled,
            len(meta.queue) if meta and meta.queue is not None else None,
            meta and meta.scenarios_completed,
            self._duration(times and times.elapsed, "timestamps.totalElapsed"),
            _either(meta and meta.total_messages, len(s.messages) if said else None),
            len(spoken) if said else None,
            sum(len(line.content.split()) for line in spoken) if said else None,
            meta and meta.time_scale,
            self.number,
        )  # fmt: skip

    def _complete(self) -> bool:
        if self.meta and self.meta.complete is not None:
            return bool(self.meta.complete)
        return bool(self.times and self.times.completed)

    def _status(self) -> str | None:
        if self.student.status in _STATUS:
            return str(self.student.status)
        if self.complete:
            return "COMPLETED"
        return "IN_PROGRESS" if self.student.session_id else None

    def _totals(self) -> Row:
        s, meta, p = self.student, self.meta, self.performance
        counts = _counts(p)
        score = p and p.score
        decisions = p and p.decisions
        if decisions is None and None not in counts[:4]:
            decisions = sum(counts[:4])
        if score is not None and decisions == 0:
            self.notes["performance.overallScore: a score without a decision is missing"] += 1
            score = None
        errors = _number_of(meta and meta.errors)
        if errors is None:
            errors = p.errors if p and p.errors is not None else self._logged("dangerous_medication_given")
        warnings = _number_of(meta and meta.warnings)
        if warnings is None:
            warnings = p.warnings if p and p.warnings is not None else self._logged("medication_warning")
        totals = meta and meta.totals
        checked = [_checklist(each) for _, each in self._scenarios()]
        return (
            self.id, s.group, s.cohort, s.session_id, score, p and p.level, _with_not_performed(counts),
            *counts, decisions, None, errors, warnings, meta and meta.violations,
            _either(p and p.safety_score, totals and totals.safety_score),
            None if s.actions is None else len(s.actions),
            _either(totals and totals.done, _sum(c[0] for c in checked)),
            _either(totals and totals.missed, _sum(c[1] for c in checked)),
            None,
            _either(p and p.challenges, None if s.challenges is None else len(s.challenges)),
            p and p.challenge_score,
            self.number,
        )  # fmt: skip

    def _logged(self, action: str) -> int | None:
        if self.student.actions is None:
            return None
        return sum(1 for entry in self.student.actions if entry.action == action)

    # --- scenarios --------------------------------------------------------------------------------

    def _places(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, scenario in self._scenarios():
            name = scenario if isinstance(scenario, str) else scenario.scenario_id
            if name is not None:
                found.setdefault(name, number)
        return found

    def _scenarios(self) -> Iterator[tuple[int, Any]]:
        return enumerate(self.student.scenarios or (), start=1)

    def _scenario(self, number: int, scenario: Any) -> Row:
        if isinstance(scenario, str):
            empty = (None,) * (len(SCENARIOS.variables) - 5)
            return (
                self.id,
                self.student.session_id,
                self.student.group,
                number,
                scenario,
                *empty,
                self.number,
            )
        p = scenario.performance
        whole = p if p is not None and not isinstance(p, float) else None
        score = whole.score if whole else p
        counts = _counts(whole)
        decisions = whole and whole.decisions
        if decisions == 0:
            score = None
        done, missed, share = _checklist(scenario)
        return (
            self.id, self.session, self.student.group, number, scenario.scenario_id, scenario.title,
            scenario.version, scenario.engine,
            "COMPLETED" if scenario.completed is not None or scenario.outcome is not None else None,
            self._moment(scenario.started, "scenarios.startedAt"),
            self._moment(scenario.completed, "scenarios.completedAt"),
            self._duration(scenario.duration, "scenarios.duration"),
            score, _with_not_performed(counts), *counts, decisions,
            _either(_number_of(scenario.errors), whole and whole.errors),
            _either(_number_of(scenario.warnings), whole and whole.warnings),
            whole and whole.safety_score, done, missed, share, whole and whole.challenges,
            whole and whole.challenge_score, scenario.final_state, scenario.outcome,
            *self._signs(scenario.vitals, "scenarios.finalVitals"),
            self.number,
        )  # fmt: skip

    def _place(self, index: int | None, scenario_id: str | None) -> tuple[int | None, str | None]:
        """Number and id of a scenario, of which a file may tell one or the other."""
        if index is not None:
            return index + 1, scenario_id or self._name(index + 1)
        return (self.places.get(scenario_id) if scenario_id else None), scenario_id

    def _name(self, number: int) -> str | None:
        return next((name for name, place in self.places.items() if place == number), None)

    # --- the course -------------------------------------------------------------------------------

    def _log(self) -> tuple[list[Row], list[Row]]:
        """The timeline, and the administrations in it."""
        timeline: list[Row] = []
        given: list[Row] = []
        entries, medications = _Sequence(), _Sequence()
        for entry in self.student.actions or ():
            action, name, details = entry.action, entry.name, entry.details
            known = details if isinstance(details, dict) else _NOTHING
            number, scenario = self._place(entry.index, entry.scenario_id)
            elapsed = _elapsed(entry, action)
            at = self._moment(entry.timestamp, "criticalActions.timestamp")
            dose = _amount(known.get("dose")), _text(known.get("unit")), _text(known.get("route"))
            rating = known.get("rating", entry.rating)
            on_time = known.get("onTime")
            timeline.append((
                self.id, self.session, number, scenario, entries.next(number), elapsed, at, action, name,
                entry.category or _text(known.get("category")), *dose,
                rating if isinstance(rating, str) and rating in RATINGS else None,
                _text(known.get("quality")),
                on_time if isinstance(on_time, bool) else None, _amount(known.get("points")),
                _rest(details, known, entry.reason), self.number,
            ))  # fmt: skip
            wrong = action == "dangerous_medication_given"
            # Where the kind of an error is told, the administration has an entry of its own.
            if action == "treatment_given" or (wrong and "kind" not in known):
                given.append((
                    self.id, self.session, number, scenario, medications.next(number), elapsed, at,
                    _text(known.get("treatment")), name or _text(known.get("medication")), *dose,
                    _text(known.get("impact")), True if wrong else None, self.number,
                ))  # fmt: skip
        return timeline, given

    def _medication_events(self) -> list[Row]:
        found = []
        meta = self.meta
        for number, scenario in self._scenarios():
            if not isinstance(scenario, str):
                found += self._events(scenario.errors, "error", number, scenario.scenario_id)
                found += self._events(scenario.warnings, "warning", number, scenario.scenario_id)
        if not found and meta:
            found += self._events(meta.errors, "error", None, None)
            found += self._events(meta.warnings, "warning", None, None)
        return found

    def _events(self, events: Any, severity: str, number: int | None, scenario: str | None) -> list[Row]:
        if events is None or isinstance(events, int):
            return []
        named = (e if not isinstance(e, str) else None for e in events)
        return [
            (
                number, scenario, e and e.elapsed_s,
                self._moment(e and e.timestamp, "medicationErrors.timestamp"), severity, e and e.kind,
                e and e.treatment, e.name if e else str(event), e and e.reason,
            )
            for event, e in zip(events, named, strict=True)
        ]  # fmt: skip

    def _decisions(self) -> Iterator[Row]:
        for number, scenario in self._scenarios():
            if not isinstance(scenario, str):
                yield from self._rated(scenario.decisions, number, scenario.scenario_id)
        yield from self._rated(self.student.decisions, None, None)

    def _rated(self, decisions: Any, number: int | None, scenario: str | None) -> Iterator[Row]:
        for rated in decisions or ():
            at = rated.elapsed_s
            if at is None and rated.elapsed_min is not None:
                at = rated.elapsed_min * 60
            rating = rated.rating if rated.rating in RATINGS else None
            if rated.rating is not None and rating is None:
                self.notes["cdpEvaluations.rating: unreadable"] += 1
            yield (
                number, scenario, at, self._moment(rated.timestamp, "cdpEvaluations.timestamp"), rated.cdp_id,
                rated.title, rating, WEIGHTS.get(rating or ""), None, rated.explanation,
            )  # fmt: skip

    def _states(self) -> Iterator[Row]:
        for number, scenario in self._scenarios():
            if not isinstance(scenario, str):
                yield from self._changes(scenario.states, number, scenario.scenario_id)
        yield from self._changes(self.student.states, None, None)

    def _changes(self, changes: Any, number: int | None, scenario: str | None) -> Iterator[Row]:
        for change in changes or ():
            yield (
                number, scenario, change.elapsed_s, self._moment(change.timestamp, "stateHistory.timestamp"),
                change.previous, change.state, change.reason,
                *self._signs(change.vitals, "stateHistory.vitals"),
            )  # fmt: skip

    def _of_scenarios(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows that begin with scenario, elapsed time and moment, with who, session and sequence."""
        count = _Sequence()
        for number, scenario, *rest in rows:
            ordinal = count.next(number)
            yield (self.id, self.session, number, scenario, ordinal, *rest, self.number)

    def _challenges(self) -> Iterator[Row]:
        s = self.student
        for ordinal, c in enumerate(s.challenges or (), start=1):
            verdict = c.evaluation
            number, scenario = self._place(None, c.scenario_id)
            elapsed = c.elapsed
            if elapsed is not None and c.scenario_id is None:
                elapsed *= 60  # the older program counted minutes here, and named no scenario
            quality = "skipped" if c.skipped else verdict and verdict.rating
            answered = None
            if c.response is not None or c.skipped is not None:
                answered = True
            yield (
                self.id, s.group, s.session_id, ordinal, number, scenario, c.challenge_id, c.text,
                c.context or None, elapsed, self._moment(c.timestamp, "challengePoints.timestamp"), answered,
                c.skipped, c.response_s, quality if quality in _QUALITIES else None,
                verdict and verdict.found, verdict and verdict.total, c.response, self.number,
            )  # fmt: skip

    def _vital_signs(self) -> Iterator[Row]:
        count = _Sequence()
        for record in self.student.vital_signs or ():
            number, scenario = self._place(record.index, None)
            yield (
                self.id, self.session, number, scenario, count.next(number), record.elapsed,
                self._moment(record.timestamp, "vitalSigns.timestamp"),
                *self._signs(record, "vitalSigns"), record.state, self.number,
            )  # fmt: skip

    # --- words ------------------------------------------------------------------------------------

    def _messages(self) -> Iterator[Row]:
        for ordinal, line in enumerate(self.student.messages or (), start=1):
            number = None if line.index is None else line.index + 1
            yield (
                self.id, self.session, ordinal, number, self._role(line), line.agent, None,
                self._moment(line.timestamp, "messages.timestamp"), *_length(line.content), line.content,
                self.number,
            )  # fmt: skip

    def _review(self) -> Iterator[Row]:
        for ordinal, line in enumerate(self.student.review or (), start=1):
            yield (
                self.id, self.session, ordinal, self._role(line),
                self._moment(line.timestamp, "aarTranscript.timestamp"),
                *_length(line.content), line.content,
                self.number,
            )  # fmt: skip

    def _role(self, line: Any) -> str | None:
        if line.role in {"user", "assistant"}:
            return str(line.role)
        if line.role is not None:
            self.notes["role: unreadable"] += 1
        return None

    def _coach(self) -> Iterator[Row]:
        answers = self.student.coach.responses if self.student.coach else None
        for ordinal, each in enumerate(answers or (), start=1):
            yield (
                self.id, self.session, ordinal, each.question_id, each.reasoning,
                self._moment(each.timestamp, "cognitiveCoach.timestamp"), *_length(each.response),
                each.response, each.reply, self.number,
            )  # fmt: skip

    def _patterns(self) -> Iterator[Row]:
        found = self.student.patterns
        groups = found.items() if isinstance(found, dict) else ()
        for category, patterns in groups:
            for pattern in patterns if isinstance(patterns, list) else ():
                if isinstance(pattern, dict) and isinstance(pattern.get("patternName"), str):
                    yield (self.id, self.session, *pattern_row(category, pattern), self.number)

    # --- values -----------------------------------------------------------------------------------

    def _moment(self, value: Any, where: str) -> int | None:
        return None if value is None else self._read(moment_us, value, where)

    def _duration(self, value: Any, where: str) -> float | None:
        seconds: float | None = self._read(duration_s, value, where)
        return seconds

    def _read(self, reading: Callable[[Any], Any], value: Any, where: str) -> Any:
        if value is None or value == "":
            return None
        try:
            return reading(value)
        except Unreadable:
            self.notes[f"{where}: unreadable"] += 1
            return None

    def _signs(self, vitals: Any, where: str) -> list[float | None]:
        if vitals is None:
            return [None] * len(_SIGNS)
        found = []
        for sign in _SIGNS:
            value = getattr(vitals, sign)
            if isinstance(value, str):
                self.notes[f"{where}.{sign}: unreadable"] += 1
                value = None
            found.append(value)
        if found[3] is None and found[4] is None and vitals.pressure is not None:
            both = vitals.pressure
            if isinstance(both, str):
                found[3:5] = self._read(pressure, both, f"{where}.bloodPressure") or (None, None)
            else:
                found[3:5] = both.systolic, both.diastolic
        return found


class _Sequence:
    """Numbers rows from 1 within each scenario."""

    def __init__(self) -> None:
        self._at: dict[int | None, int] = {}

    def next(self, scenario: int | None) -> int:
        """The next number."""
        number = self._at[scenario] = self._at.get(scenario, 0) + 1
        return number


def pattern_row(category: str, pattern: dict[str, Any]) -> Row:
    """A pattern of the analysis, from its JSON form, as `PATTERNS` has it behind student and session."""
    severity, priority = pattern.get("severity"), pattern.get("priority")
    return (
        _text(pattern.get("category")) or category,
        pattern["patternName"],
        _flag(pattern.get("detected")),
        _flag(pattern.get("isStrength")),
        severity if severity in {"LOW", "MODERATE", "HIGH"} else None,
        priority if isinstance(priority, int) and not isinstance(priority, bool) else None,
        _text(pattern.get("educationalFocus")) or None,
        _json(pattern.get("data")),
    )


def _counts(performance: Any) -> tuple[int | None, ...]:
    counts = performance and performance.breakdown
    if not counts:
        return (None,) * 5
    return (counts.optimal, counts.acceptable, counts.suboptimal, counts.dangerous, counts.not_performed)


def _with_not_performed(counts: tuple[int | None, ...]) -> float | None:
    """The mean weight over all decisions that came up; none where that is not known."""
    known = [count for count in counts if count is not None]
    if len(known) < 5 or not sum(known):
        return None
    points = sum(w * n for w, n in zip(WEIGHTS.values(), known[:4], strict=True))
    return points / sum(known)


def _checklist(scenario: Any) -> tuple[int | None, int | None, float | None]:
    """Actions done, actions missed, percent of the points of a scenario."""
    p = None if isinstance(scenario, str) else scenario.performance
    if p is None or isinstance(p, float) or p.checklist is None:
        return None, None, None
    made = p.checklist
    share: float | None = None
    if made.points is not None and made.maximum:
        share = 100 * made.points / made.maximum
    return _number_of(made.completed), _number_of(made.missed), share


def _number_of(things: Any) -> int | None:
    return things if things is None or isinstance(things, int) else len(things)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _either(first: Any, second: Any) -> Any:
    return second if first is None else first


def _rest(details: Any, known: dict[str, Any], reason: str | None) -> str | None:
    """What no column has, as JSON."""
    if details is None and reason is None:
        return None
    if details is not None and details is not known:
        return _json(details)
    left = {name: v for name, v in known.items() if v is not None and name not in _WITH_COLUMNS}
    if reason is not None:
        left.setdefault("reason", reason)
    return _json(left)


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


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _amount(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _json(value: Any) -> str | None:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else None


def _length(content: str | None) -> tuple[int | None, int | None]:
    return (None, None) if content is None else (len(content), len(content.split()))


FILE_TABLES = (
    OVERVIEW, PERFORMANCE, SCENARIOS, CRITICAL_ACTIONS, MEDICATIONS, MEDICATION_EVENTS, CHALLENGES, DECISIONS,
    VITAL_SIGNS, STATES, MESSAGES, AAR, COACH, PATTERNS,
)  # fmt: skip
"""The tables that a student's file has something for."""
