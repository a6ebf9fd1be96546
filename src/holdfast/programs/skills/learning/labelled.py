"""Texts with ratings, from a CSV file: who wrote each, the text, and one column for every rated skill."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.skill import Skill

STUDENT_COLUMNS = ("student_id", "student", "writer", "response_id")
TEXT_COLUMNS = ("text", "essay", "transcript")
LARGEST_FILE = 200_000_000
"""Bytes."""
csv.field_size_limit(1_000_000)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are read.

    Attributes:
        student, text: their names; none means the first of the usual names that the file has.
        low, high: the scale of the ratings; they are brought to 0 to 1.
    """

    student: str | None = None
    text: str | None = None
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rated texts.

    Attributes:
        students, texts: one entry for every row.
        scores: for each rated skill one entry for every row, 0 to 1, none where not rated.
        sha256: of the file.
        low, high: the scale that the ratings came in.
    """

    students: Sequence[str]
    texts: Sequence[str]
    scores: Mapping[Skill, Sequence[float | None]]
    sha256: str
    low: float
    high: float

    def rated(self, skill: Skill) -> tuple[list[str], list[str], list[float]]:
        """Students, texts and scores of the rows that have a rating of a skill."""
        rows = [
            (student, text, score)
            for student, text, score in zip(self.students, self.texts, self.scores[skill], strict=True)
            if score is not None
        ]
        return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def read_labelled(content: bytes, columns: Columns | None = None) -> Labelled:
    """The rated texts of a CSV file (UTF-8, with a header).

    Raises:
        InvalidInput: no such column, no skill among the columns, or a bad row; the message names the line.
    """
    asked = columns or Columns()
    if not asked.low < asked.high or not isfinite(asked.high - asked.low):
        raise InvalidInput("the scale's first number must be below its second", field="scale")
    if len(content) > LARGEST_FILE:
        raise InvalidInput(f"the file is larger than {LARGEST_FILE} bytes", field="file")
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = list(reader.fieldnames or ())
        student = _column(header, asked.student, STUDENT_COLUMNS, "student")
        text = _column(header, asked.text, TEXT_COLUMNS, "text")
        skills = [Skill(name) for name in header if name in list(Skill)]
        if not skills:
            raise InvalidInput("no column is named as a skill: " + ", ".join(Skill), field="file")
        return _rows(reader, (student, text), skills, asked, hashlib.sha256(content).hexdigest())
    except UnicodeDecodeError as error:
        raise InvalidInput(f"is not UTF-8 at byte {error.start}", field="file") from None
    except csv.Error as error:
        raise InvalidInput(f"is no CSV: {error}", field="file") from None


def _column(header: Sequence[str], stated: str | None, usual: Sequence[str], what: str) -> str:
    wanted = [stated] if stated else usual
    found = next((name for name in wanted if name in header), None)
    if found is None:
        raise InvalidInput(f"no column {' or '.join(wanted)} for the {what}", field="file")
    return found


def _rows(
    reader: csv.DictReader[str], names: tuple[str, str], skills: Sequence[Skill], asked: Columns, digest: str
) -> Labelled:
    students: list[str] = []
    texts: list[str] = []
    scores: dict[Skill, list[float | None]] = {skill: [] for skill in skills}
    for row in reader:
        line = f"line {reader.line_num}"
        student, text = (row.get(name) or "" for name in names)
        if not student.strip() or not text.strip():
            raise InvalidInput(f"{line}: the student or the text is empty", field="file")
        students.append(student.strip())
        texts.append(text)
        for skill in skills:
            scores[skill].append(_score(row.get(skill) or "", asked, f"{line}: {skill}"))
    return Labelled(students, texts, scores, digest, asked.low, asked.high)


def _score(cell: str, asked: Columns, place: str) -> float | None:
    if not cell.strip():
        return None
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not asked.low <= value <= asked.high:
        raise InvalidInput(
            f"{place} must be a number from {asked.low:g} to {asked.high:g}; another scale can be stated",
            field="file",
        )
    return (value - asked.low) / (asked.high - asked.low)
