"""What practice offers to research: the columns of one row per finished session, and where rows come from.

Topics, words and areas are counted and not named, because what somebody talks about may tell who it is;
metadata is whatever a client sent and stays here. Who has not consented, or no longer does, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from holdfast.programs.practice.saving import statements

NAME = "practice_sessions"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of `ROWS`.

    Attributes:
        kind: ``id`` is to be replaced by a pseudonym; the others are what they say.
        meaning: for the codebook, with unit and range.
    """

    name: str
    kind: Literal["id", "category", "time", "count", "number"]
    meaning: str


COLUMNS = (
    ExportColumn("student_id", "id", "the student"),
    ExportColumn("arm", "category", "the student's study group in the cohort"),
    ExportColumn("cohort", "category", "the cohort that the session belongs to"),
    ExportColumn("created_at", "time", "when the session was saved"),
    ExportColumn("session_type", "category", "conversation, pronunciation or roleplay"),
    ExportColumn("duration_seconds", "count", "seconds, 0 to 86,400, as the client measured"),
    ExportColumn("words_spoken", "count", "words, as the client counted"),
    ExportColumn("pronunciation_score", "number", "0 to 100; missing when it was not scored"),
    ExportColumn("fluency_score", "number", "0 to 100; missing when it was not scored"),
    ExportColumn("grammar_score", "number", "0 to 100; missing when it was not scored"),
    ExportColumn("topics", "count", "different topics, 0 to 50"),
    ExportColumn("words", "count", "different words learned or repeated, 0 to 200"),
    ExportColumn("areas", "count", "different areas to improve, 0 to 50"),
    ExportColumn(
        "mean_rating", "number", "mean rating of the words that were rated, 1 to 4; missing without"
    ),
)

ROWS = statements.research_rows
"""Yields `COLUMNS`, ordered by student and time; to be read with a cursor."""
