"""What is told about a migration: each table's count, each row that was not taken, each difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["refused", "present"]

SHOWN = 200
"""How many rows of a kind an answer over HTTP or a terminal lists; the counts are of all."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row that was not taken, and why.

    Attributes:
        table: the old table.
        key: names the row in it; never a secret.
        outcome: ``refused`` for its defects, ``present`` when an earlier run took it.
        problems: fields and reasons; never a value.
    """

    table: str
    key: str
    outcome: Outcome
    problems: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """As reports write it."""
        return {
            "table": self.table,
            "key": self.key,
            "outcome": self.outcome,
            "field": self.problems[0][0],
            "reason": self.problems[0][1],
            "problems": [{"field": name, "reason": reason} for name, reason in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Something about a row that was taken which is not as the old table had it."""

    table: str
    key: str
    field: str
    what: str

    def to_json(self) -> dict[str, Any]:
        """As reports write it."""
        return {"table": self.table, "key": self.key, "field": self.field, "what": self.what}


@dataclass(slots=True)
class TableCount:
    """One old table: every row of it is in exactly one of `taken`, `refused`, `present` and `left`.

    Attributes:
        rows: how many the database counted.
        left: rows of a table that stays where it is and is not read.
        columns: those that were read.
        unread_columns: those that were not, secrets among them.
        renamed_to: its new name.
    """

    rows: int = 0
    taken: int = 0
    refused: int = 0
    present: int = 0
    left: int = 0
    columns: tuple[str, ...] = ()
    unread_columns: tuple[str, ...] = ()
    renamed_to: str | None = None

    @property
    def reconciles(self) -> bool:
        """Whether the rows that came in are those that were taken and those that are reported."""
        return self.rows == self.taken + self.refused + self.present + self.left

    def to_json(self) -> dict[str, Any]:
        """As reports write it."""
        return {
            "rows": self.rows,
            "taken": self.taken,
            "reported": self.refused + self.present,
            "refused": self.refused,
            "present": self.present,
            "left": self.left,
            "columns": list(self.columns),
            "unreadColumns": list(self.unread_columns),
            "renamedTo": self.renamed_to,
        }


@dataclass(slots=True)
class Report:
    """A whole migration, or what one would do."""

    schema: str
    dry_run: bool
    students: int = 0
    sessions: int = 0
    step_progress: int = 0
    tables: dict[str, TableCount] = field(default_factory=dict)
    not_taken: list[NotTaken] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    @property
    def nothing_to_do(self) -> bool:
        """Whether there was no old table to read."""
        return not any(count.renamed_to for count in self.tables.values())

    @property
    def refused(self) -> int:
        """How many rows were not taken for their defects."""
        return sum(count.refused for count in self.tables.values())

    @property
    def by_field(self) -> dict[str, int]:
        """How many differences there are in each field."""
        return dict(Counter(entry.field for entry in self.differences))

    @property
    def message(self) -> str:
        """The outcome in a sentence."""
        if self.nothing_to_do:
            return f"Nothing to do: the schema {self.schema} has no legacy workshop tables."
        done = "Dry run, nothing was changed: would bring over" if self.dry_run else "Brought over"
        taken = sum(count.taken for count in self.tables.values())
        rows = sum(count.rows - count.left for count in self.tables.values())
        present = sum(count.present for count in self.tables.values())
        known = f", {present} were taken before" if present else ""
        return f"{done} {taken} of {rows} rows; {self.refused} were refused{known}."

    def to_json(self, *, most: int | None = None) -> dict[str, Any]:
        """As clients and files read it; lists hold at most so many entries, counts are of everything."""
        refused = [entry for entry in self.not_taken if entry.outcome == "refused"]
        present = [entry for entry in self.not_taken if entry.outcome == "present"]
        return {
            "success": True,
            "message": self.message,
            "dryRun": self.dry_run,
            "steps": list(self.steps),
            "stats": {
                "students": self.students,
                "sessions": self.sessions,
                "stepProgress": self.step_progress,
            },
            "schema": SCHEMA,
            "legacySchema": self.schema,
            "counts": {name: count.to_json() for name, count in self.tables.items()},
            "errors": [entry.to_json() for entry in refused[:most]],
            "errorsTotal": len(refused),
            "present": [entry.to_json() for entry in present[:most]],
            "presentTotal": len(present),
            "differences": [entry.to_json() for entry in self.differences[:most]],
            "differencesTotal": len(self.differences),
            "differencesByField": self.by_field,
        }


SCHEMA = {
    "students": {"table": "holdfast.students", "primaryKey": "student_id (UUID)"},
    "sessions": {
        "table": "holdfast.workshop_sessions, on holdfast.sessions",
        "primaryKey": "session_id",
        "foreignKeys": ["student_id -> students.student_id (cascade)"],
    },
    "step_progress": {
        "table": "holdfast.step_progress",
        "primaryKey": "id",
        "foreignKeys": [
            "session_id -> sessions.session_id (cascade)",
            "student_id -> students.student_id (cascade)",
        ],
    },
    "events": {"table": "holdfast.events", "primaryKey": "event_id (UUID)"},
}
"""Where the data stands now, in the words of the seed's answer."""
