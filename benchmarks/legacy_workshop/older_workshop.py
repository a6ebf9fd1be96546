"""A database of the older workshop, in the three generations of its columns, with defects in some rows.

What each sound row means is written down here beside it, so that tests need not trust what they test.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg

NAMES = (
    "connect-accounts",
    "choose-use-case",
    "provision-services",
    "basic-twiml",
    "websocket-handler",
    "conversationrelay",
    "custom-ai-prompt",
    "tools-functions",
    "final-deployment",
)
OLD_KEY = bytes(range(32))
"""Under which the older system encrypted API keys."""
EPOCH = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)

TABLES = {
    "serial": """
        CREATE TABLE workshop_students (
            id SERIAL PRIMARY KEY, session_token TEXT UNIQUE, student_email TEXT, student_name TEXT,
            exercises JSONB DEFAULT '{}', started_at TIMESTAMPTZ, last_activity TIMESTAMPTZ,
            total_time_spent INTEGER, completion_rate INTEGER, repo_created BOOLEAN, demo_mode BOOLEAN)""",
    "keyed": """
        CREATE TABLE workshop_students (
            student_id VARCHAR(100) PRIMARY KEY, student_email TEXT, student_name TEXT, exercises TEXT,
            created_at TIMESTAMP, updated_at TIMESTAMP, total_time_spent TEXT, completion_rate NUMERIC)""",
    "configured": """
        CREATE TABLE workshop_students (
            id SERIAL PRIMARY KEY, session_token TEXT, student_email TEXT, student_name TEXT, exercises JSON,
            started_at TIMESTAMPTZ, last_activity TIMESTAMPTZ, total_time_spent BIGINT, completion_rate REAL,
            current_step INTEGER, use_case_description TEXT, call_direction TEXT, selected_phone_number TEXT,
            tts_provider TEXT, selected_voice TEXT, openai_api_key TEXT, system_prompt TEXT,
            ivr_greeting TEXT, tools JSONB, voice_settings TEXT, websocket_url TEXT, codespace_url TEXT,
            github_repo_url TEXT, railway_url TEXT, bug_reports JSONB)""",
}
SIGN_INS = """
    CREATE TABLE workshop_sessions (
        session_id TEXT PRIMARY KEY, student_id TEXT, account_sid TEXT, auth_token TEXT, api_key_sid TEXT,
        api_key_secret TEXT, created_at TIMESTAMPTZ, expires_at TIMESTAMPTZ, last_activity TIMESTAMPTZ,
        is_demo_mode BOOLEAN)"""
CONFIGS = """
    CREATE TABLE student_configs (student_email TEXT, step4_code_validated BOOLEAN, step4_deployed BOOLEAN)"""

DEFECTS = {
    "an address that is none": ("student_email", "no address"),
    "time below zero": ("exercises.step-1.timeSpent", {"step-1": {"completed": True, "timeSpent": -5}}),
    "a key of nothing": ("exercises.warm-up", {"warm-up": {"completed": True}}),
    "a step beyond the last": ("exercises.step-10", {"step-10": {"completed": True}}),
    "a step that is no object": ("exercises.step-2", {"step-2": "done"}),
    "steps counted from 0": ("exercises.step-3-basic-twiml", {"step-3-basic-twiml": {"completed": True}}),
    "a moment that is none": ("exercises.step-1.timestamp", {"step-1": {"timestamp": "yesterday"}}),
    "a list of steps": ("exercises", [{"completed": True}]),
    "attempts beyond counting": ("exercises.step-1.attempts", {"step-1": {"attempts": 1e300}}),
    "neither true nor false": ("exercises.step-1.completed", {"step-1": {"completed": "perhaps"}}),
}
"""The field that a report must name, and what stands there instead."""


@dataclass
class Row:
    """One row and, where it is sound, what it means: seconds, attempts and passed by step."""

    values: dict[str, object]
    steps: dict[int, tuple[int, int, bool]] = field(default_factory=dict)
    defect: str | None = None


def _keys(step: int, how: random.Random) -> list[str]:
    forms = [f"step-{step}", f"step-{step}-{NAMES[step - 1]}", f"exercise-{step}"]
    return how.sample(forms, 2) if how.random() < 0.1 else [how.choice(forms)]


def _progress(row: Row, how: random.Random) -> dict[str, object]:
    """An `exercises` object with every form of key; what it means goes into the row."""
    kept: dict[str, object] = {}
    for step in range(1, how.randint(0, 9) + 1):
        passed, seconds, attempts = how.random() < 0.8, 0, 0
        for key in _keys(step, how):
            spent, tries = how.randint(0, 900), how.randint(0, 5)
            done = (EPOCH + timedelta(minutes=how.randint(0, 5000))).isoformat().replace("+00:00", "Z")
            kept[key] = {
                "completed": passed,
                "timestamp": done if passed else None,
                "timeSpent": spent,
                "attempts": tries,
            }
            seconds, attempts = seconds + spent, attempts + tries
        row.steps[step] = (seconds, attempts, passed)
    return kept


def rows(generation: str, students: int, *, broken: float = 0.02, seed: int = 1) -> list[Row]:
    """Rows of `workshop_students` in one generation of its columns; so many of them broken."""
    how = random.Random(f"{generation}:{seed}")
    defects = set(how.sample(range(students), round(students * broken)))
    return [_row(generation, number, how, broken=number in defects) for number in range(students)]


def _row(generation: str, number: int, how: random.Random, *, broken: bool) -> Row:
    row = Row({})
    exercises: object = _progress(row, how)
    began = EPOCH + timedelta(minutes=number)
    email: object = None if how.random() < 0.05 else f"Student{number}@Example.com"
    if broken:
        row.defect = sorted(DEFECTS)[number % len(DEFECTS)]
        wrong = DEFECTS[row.defect][1]
        exercises, email = (exercises, wrong) if isinstance(wrong, str) else (wrong, email)
    if generation == "keyed" or number % 3 == 0:
        exercises = json.dumps(exercises)
    row.values = {"student_email": email, "student_name": f"Student Number {number}"}
    row.values["exercises"] = exercises if generation == "keyed" else json.dumps(exercises)
    row.values |= {"total_time_spent": 0, "completion_rate": how.randint(0, 100)}
    if generation == "keyed":
        naive = began.replace(tzinfo=None)
        row.values |= {"student_id": f"student-{number}", "created_at": naive, "updated_at": naive}
        row.values["total_time_spent"] = "0"
        return row
    row.values |= {"id": number + 1, "started_at": began, "last_activity": began + timedelta(hours=2)}
    row.values["session_token"] = None if how.random() < 0.2 else f"ws_{number}_{how.getrandbits(64):x}"
    if generation == "serial":
        row.values |= {"repo_created": True, "demo_mode": number % 2 == 0}
    else:
        row.values |= {
            "current_step": 1,
            "use_case_description": "A line for bookings",
            "call_direction": how.choice(["inbound", "Outbound", None]),
            "openai_api_key": f"sk-secret-{number:04}",
            "tools": json.dumps([{"name": "book"}]),
            "voice_settings": json.dumps({"speed": 1.1}),
            "bug_reports": json.dumps([]),
        }
    return row


async def build(
    connection: asyncpg.Connection[asyncpg.Record],
    generation: str,
    students: list[Row],
    schema: str = "public",
) -> None:
    """Create the older workshop's table in a schema and fill it."""
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    await connection.execute(TABLES[generation].replace("TABLE ", f"TABLE {schema}.", 1))
    columns = list(students[0].values)
    await connection.copy_records_to_table(
        "workshop_students",
        schema_name=schema,
        columns=columns,
        records=[tuple(row.values[column] for column in columns) for row in students],
    )
