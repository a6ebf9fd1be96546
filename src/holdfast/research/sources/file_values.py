"""One student's file as the tables read it: its values under one spelling, and what is counted on the way.

Where a key is null or absent the value is missing, never zero. A text that should tell a moment, a
duration or a vital sign and does not is missing too, and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from holdfast.research.sources.readings import Unreadable, duration_s, moment_us, pressure

_SIGNS = ("heart_rate", "respiratory_rate", "spo2", "systolic", "diastolic", "temperature", "gcs", "glucose",
          "pain")  # fmt: skip

WEIGHTS = {"optimal": 100.0, "acceptable": 75.0, "suboptimal": 50.0, "dangerous": 0.0}
"""Of a decision in the overall score, in percent."""

Row = tuple[Any, ...]


class FileValues:
    """One student's file.

    Attributes:
        student: as it was decoded.
        number: of the file.
        notes: what could not be read, counted.
        places: the number of each scenario by its id.
    """

    def __init__(self, student: Any, number: int, notes: Counter[str]) -> None:
        self.student, self.number, self.notes = student, number, notes
        self.id, self.session = student.student_id, student.session_id
        self.meta, self.times, self.performance = student.metadata, student.timestamps, student.performance
        self.complete = self._complete()
        self.places = self._places()

    def _complete(self) -> bool:
        if self.meta and self.meta.complete is not None:
            return bool(self.meta.complete)
        return bool(self.times and self.times.completed)

    def _places(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, scenario in self.scenarios():
            name = scenario if isinstance(scenario, str) else scenario.scenario_id
            if name is not None:
                found.setdefault(name, number)
        return found

    def scenarios(self) -> Iterator[tuple[int, Any]]:
        """The scenarios with their numbers."""
        return enumerate(self.student.scenarios or (), start=1)

    def place(self, index: int | None, scenario_id: str | None) -> tuple[int | None, str | None]:
        """Number and id of a scenario, of which a file may tell one or the other."""
        if index is not None:
            return index + 1, scenario_id or self._name_of(index + 1)
        return (self.places.get(scenario_id) if scenario_id else None), scenario_id

    def _name_of(self, number: int) -> str | None:
        return next((name for name, place in self.places.items() if place == number), None)

    def of_scenarios(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows that begin with scenario, elapsed time and moment, with who, session and sequence."""
        count = Sequence()
        for number, scenario, *rest in rows:
            ordinal = count.next(number)
            yield (self.id, self.session, number, scenario, ordinal, *rest, self.number)

    def role(self, line: Any) -> str | None:
        """Who said a line: the student or the program."""
        if line.role in {"user", "assistant"}:
            return str(line.role)
        if line.role is not None:
            self.notes["role: unreadable"] += 1
        return None

    def moment(self, value: Any, where: str) -> int | None:
        """Microseconds since 1970."""
        if value is None or value == "":
            return None
        try:
            return moment_us(value)
        except Unreadable:
            self.notes[f"{where}: unreadable"] += 1
            return None

    def duration(self, value: Any, where: str) -> float | None:
        """Seconds."""
        seconds: float | None = self.read(duration_s, value, where)
        return seconds

    def read(self, reading: Callable[[Any], Any], value: Any, where: str) -> Any:
        """A value as a reading understands it; missing, and counted, when it does not."""
        if value is None or value == "":
            return None
        try:
            return reading(value)
        except Unreadable:
            self.notes[f"{where}: unreadable"] += 1
            return None

    def signs(self, vitals: Any, where: str) -> list[float | None]:
        """The vital signs in the order of the tables; texts that give no number are counted."""
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
                found[3:5] = self.read(pressure, both, f"{where}.bloodPressure") or (None, None)
            else:
                found[3:5] = both.systolic, both.diastolic
        return found


class Sequence:
    """Numbers rows from 1 within each scenario."""

    def __init__(self) -> None:
        self._at: dict[int | None, int] = {}

    def next(self, scenario: int | None) -> int:
        """The next number."""
        number = self._at[scenario] = self._at.get(scenario, 0) + 1
        return number


def decisions_by_rating(performance: Any) -> tuple[int | None, ...]:
    """Decisions by how they were rated."""
    counts = performance and performance.breakdown
    if not counts:
        return (None,) * 5
    return (counts.optimal, counts.acceptable, counts.suboptimal, counts.dangerous, counts.not_performed)


def with_not_performed(counts: tuple[int | None, ...]) -> float | None:
    """The mean weight over all decisions that came up; none where that is not known."""
    known = [count for count in counts if count is not None]
    if len(known) < 5 or not sum(known):
        return None
    points = sum(w * n for w, n in zip(WEIGHTS.values(), known[:4], strict=True))
    return points / sum(known)


def checklist_of(scenario: Any) -> tuple[int | None, int | None, float | None]:
    """Actions done, actions missed, percent of the points of a scenario."""
    p = None if isinstance(scenario, str) else scenario.performance
    if p is None or isinstance(p, float) or p.checklist is None:
        return None, None, None
    made = p.checklist
    share: float | None = None
    if made.points is not None and made.maximum:
        share = 100 * made.points / made.maximum
    return number_of(made.completed), number_of(made.missed), share


def number_of(things: Any) -> int | None:
    """How many things there are, where they are listed or counted."""
    return things if things is None or isinstance(things, int) else len(things)


def sum_known(values: Iterable[int | None]) -> int | None:
    """The sum of what is known."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def either(first: Any, second: Any) -> Any:
    """The first that is known."""
    return second if first is None else first


def as_text(value: Any) -> str | None:
    """A text; anything else is none."""
    return value if isinstance(value, str) else None


def as_flag(value: Any) -> bool | None:
    """True or false; anything else is none."""
    return value if isinstance(value, bool) else None


def as_amount(value: Any) -> float | None:
    """A number; anything else is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def as_json(value: Any) -> str | None:
    """A value as JSON; nothing for what is empty."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else None


def length_of(content: str | None) -> tuple[int | None, int | None]:
    """Characters and words of a text."""
    return (None, None) if content is None else (len(content), len(content.split()))
