"""What a student's file holds of words, and the patterns found in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holdfast.research.sources.file_values import (
    FileValues,
    Row,
    as_flag,
    as_json,
    as_text,
    length_of,
)


def messages(file: FileValues) -> Iterator[Row]:
    """What was said in the session."""
    for ordinal, line in enumerate(file.student.messages or (), start=1):
        number = None if line.index is None else line.index + 1
        yield (
            file.id, file.session, ordinal, number, file.role(line), line.agent, None,
            file.moment(line.timestamp, "messages.timestamp"), *length_of(line.content), line.content,
            file.number,
        )  # fmt: skip


def review(file: FileValues) -> Iterator[Row]:
    """What was said in the review afterwards."""
    for ordinal, line in enumerate(file.student.review or (), start=1):
        yield (
            file.id, file.session, ordinal, file.role(line),
            file.moment(line.timestamp, "aarTranscript.timestamp"),
            *length_of(line.content), line.content,
            file.number,
        )  # fmt: skip


def coach(file: FileValues) -> Iterator[Row]:
    """The answers to the coach."""
    answers = file.student.coach.responses if file.student.coach else None
    for ordinal, each in enumerate(answers or (), start=1):
        yield (
            file.id, file.session, ordinal, each.question_id, each.reasoning,
            file.moment(each.timestamp, "cognitiveCoach.timestamp"), *length_of(each.response),
            each.response, each.reply, file.number,
        )  # fmt: skip


def patterns(file: FileValues) -> Iterator[Row]:
    """The patterns that were looked for."""
    found = file.student.patterns
    groups = found.items() if isinstance(found, dict) else ()
    for category, patterns in groups:
        for pattern in patterns if isinstance(patterns, list) else ():
            if isinstance(pattern, dict) and isinstance(pattern.get("patternName"), str):
                yield (file.id, file.session, *pattern_row(category, pattern), file.number)


def pattern_row(category: str, pattern: dict[str, Any]) -> Row:
    """A pattern of the analysis, from its JSON form, as `PATTERNS` has it behind student and session."""
    severity, priority = pattern.get("severity"), pattern.get("priority")
    return (
        as_text(pattern.get("category")) or category,
        pattern["patternName"],
        as_flag(pattern.get("detected")),
        as_flag(pattern.get("isStrength")),
        severity if severity in {"LOW", "MODERATE", "HIGH"} else None,
        priority if isinstance(priority, int) and not isinstance(priority, bool) else None,
        as_text(pattern.get("educationalFocus")) or None,
        as_json(pattern.get("data")),
    )
