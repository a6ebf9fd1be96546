"""Which rows of which table a student's file gives. Pure.

Students and totals stand in ``file_totals``, scenarios in ``file_scenarios``, the course in ``file_course``,
words in ``file_words``; how values are read, in ``file_values``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

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
from holdfast.research.sources.decoding import Malformed
from holdfast.research.sources.file_course import challenges, log, vital_signs
from holdfast.research.sources.file_scenarios import decisions, medication_events, scenario, states
from holdfast.research.sources.file_totals import overview, totals
from holdfast.research.sources.file_values import FileValues, Row
from holdfast.research.sources.file_words import coach, messages, patterns, review

Rows = dict[str, list[Row]]


class FileRows:
    """Collects the rows of many files; the last column of each is the number of the file.

    Attributes:
        rows: by table, columns in the order of the codebook.
        notes: what could not be read, counted.
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
        made = FileValues(student, number, self.notes)
        for name, rows in _tables(made):
            self.rows[name] += rows
        self.unfinished += not made.complete


def _tables(file: FileValues) -> Iterator[tuple[str, Iterable[Row]]]:
    """The rows of each table."""
    scenarios = [scenario(file, *each) for each in file.scenarios()]
    events = medication_events(file)
    yield OVERVIEW.name, [overview(file)]
    yield PERFORMANCE.name, [totals(file)]
    yield SCENARIOS.name, scenarios
    timeline, given = log(file)
    yield CRITICAL_ACTIONS.name, timeline
    yield MEDICATIONS.name, given
    yield MEDICATION_EVENTS.name, file.of_scenarios(events)
    yield CHALLENGES.name, challenges(file)
    yield DECISIONS.name, file.of_scenarios(decisions(file))
    yield VITAL_SIGNS.name, vital_signs(file)
    yield STATES.name, file.of_scenarios(states(file))
    yield MESSAGES.name, messages(file)
    yield AAR.name, review(file)
    yield COACH.name, coach(file)
    yield PATTERNS.name, patterns(file)


FILE_TABLES = (
    OVERVIEW, PERFORMANCE, SCENARIOS, CRITICAL_ACTIONS, MEDICATIONS, MEDICATION_EVENTS, CHALLENGES, DECISIONS,
    VITAL_SIGNS, STATES, MESSAGES, AAR, COACH, PATTERNS,
)  # fmt: skip
"""The tables that a student's file has something for."""
