"""What was said: messages, the review's transcript, the coach's questions, and patterns that showed."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.programs.simulation.export.variables import (
    MOMENT,
    SCENARIO_NUMBER,
    SESSION,
    STUDENT,
    count,
    ordered,
)

_ROLE = Variable(
    "role",
    Kind.CATEGORY,
    "Who speaks",
    values={"user": "the student", "assistant": "the program"},
    missing="not recorded",
)
_LENGTH = (
    count("characters", "Length in characters", "no text was recorded"),
    count("words", "Length in words", "no text was recorded"),
)
_CONTENT = Variable("content", Kind.FREE_TEXT, "What was said", missing="no text was recorded")
_NUMBER = Variable("message_number", Kind.INTEGER, "Order within the session, from 1", low=1)

MESSAGES = Table(
    name="messages",
    sheet="Messages",
    one_row_is="a message",
    key=("student_id", "message_number"),
    variables=(
        STUDENT,
        SESSION,
        _NUMBER,
        SCENARIO_NUMBER,
        _ROLE,
        Variable("agent", Kind.CATEGORY, "Who is spoken to or speaks", missing="not recorded"),
        Variable(
            "elapsed_s",
            Kind.NUMBER,
            "Clinical time since the scenario began",
            unit="seconds",
            low=0,
            missing="outside a scenario, or not recorded",
        ),
        MOMENT,
        *_LENGTH,
        _CONTENT,
    ),
)

AAR = Table(
    name="aar_transcripts",
    sheet="AAR Transcripts",
    one_row_is="a message of the after-action review",
    key=("student_id", "message_number"),
    variables=(
        STUDENT,
        SESSION,
        Variable("message_number", Kind.INTEGER, "Order within the review, from 1", low=1),
        _ROLE,
        MOMENT,
        *_LENGTH,
        _CONTENT,
    ),
)

COACH = Table(
    name="coach_answers",
    sheet="Cognitive Coach",
    one_row_is="an answer to a question of the cognitive coach",
    key=("student_id", "question_number"),
    variables=(
        STUDENT,
        SESSION,
        Variable("question_number", Kind.INTEGER, "Order within the session, from 1", low=1),
        Variable("question_id", Kind.TEXT, "The question", missing="not recorded"),
        Variable("reasoning", Kind.CATEGORY, "How the reasoning was judged", missing="not recorded"),
        MOMENT,
        *_LENGTH,
        Variable("response", Kind.FREE_TEXT, "The student's answer", missing="no text was recorded"),
        Variable("reply", Kind.FREE_TEXT, "What the coach said to it", missing="no text was recorded"),
    ),
)

PATTERNS = Table(
    name="pattern_analysis",
    sheet="Pattern Analysis",
    one_row_is="a pattern that was looked for in a session",
    key=("student_id", "priority", "pattern_name"),
    variables=(
        STUDENT,
        SESSION,
        Variable("category", Kind.CATEGORY, "What the pattern is about", missing="not recorded"),
        Variable("pattern_name", Kind.TEXT, "The pattern"),
        Variable("detected", Kind.BOOLEAN, "It showed", missing="not recorded"),
        Variable("is_strength", Kind.BOOLEAN, "It showed as a strength", missing="not recorded"),
        ordered(
            "severity",
            "How much a weakness matters",
            {"LOW": "little", "MODERATE": "moderately", "HIGH": "much"},
            "not detected, or a strength",
        ),
        Variable("priority", Kind.INTEGER, "Order of speaking, 1 first", low=1, missing="not recorded"),
        Variable("educational_focus", Kind.TEXT, "What to take up", missing="not recorded"),
        Variable("data", Kind.TEXT, "The figures it rests on, as JSON", missing="none"),
    ),
)
