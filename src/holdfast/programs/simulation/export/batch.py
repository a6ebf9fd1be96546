"""What the simulation's statements yielded for some students, before it becomes rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from holdfast.programs.simulation.stored import Columns as Record

Place = tuple[str, int]
"""A session and the 0-based index of a run in it."""


@dataclass(frozen=True, slots=True)
class Who:
    """A student as every row names them: the columns that do not come from the simulation.

    Attributes:
        identity: columns of the overview that the cohort's list tells.
    """

    student_id: str
    arm: str | None
    cohort: str | None
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """What the statements yielded for some students.

    Attributes:
        members: one for each student, in the order of the students.
        medications: treatments that are medications, oxygen or fluids, by the hash of their scenario.
    """

    members: Sequence[tuple[Who, Record]]
    runs: Sequence[Record] = ()
    occurrences: Sequence[Record] = ()
    judgements: Sequence[Record] = ()
    vital_signs: Sequence[Record] = ()
    messages: Sequence[Record] = ()
    medications: Mapping[str, frozenset[str]] = field(default_factory=dict)
