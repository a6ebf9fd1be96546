"""The words and numbers that people read. Pure: the moment is an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from holdfast.kit.clock import seconds_between

PHASES = {
    "coach": "Warm-up",
    "ready": "Warm-up done",
    "scenario": "With the patient",
    "between": "Between patients",
    "review_due": "Before the review",
    "review": "Review",
    "complete": "Complete",
}
STATUSES = {
    "IN_PROGRESS": "Under way",
    "PAUSED": "Paused",
    "COMPLETED": "Complete",
    "ABANDONED": "Given up",
    "VOID": "Void",
}
SPEAKERS = {"cognitive_coach": "Coach", "core_agent": "At the patient", "aar_agent": "Reviewer"}
SIGNS = {
    "heart_rate": ("Heart rate", "/min"),
    "respiratory_rate": ("Resp. rate", "/min"),
    "spo2": ("SpO₂", "%"),
    "systolic": ("Systolic", "mmHg"),
    "diastolic": ("Diastolic", "mmHg"),
    "temperature": ("Temperature", "°C"),
    "gcs": ("GCS", "/15"),
    "glucose": ("Glucose", "mmol/l"),
    "pain": ("Pain", "/10"),
}
"""Vital signs with their units, in the order of a monitor."""

NONE = "\u2013"
"""What stands where there is no value: a dash."""

_WITH_A_DECIMAL = {"temperature", "glucose"}


def phase(word: str) -> str:
    """A phase as people call it."""
    return PHASES.get(word, word)


def status(word: str) -> str:
    """A session's status as people call it."""
    return STATUSES.get(word, word)


def speaker(role: str, agent: str) -> str:
    """Who said something."""
    return "Student" if role == "user" else SPEAKERS.get(agent, agent)


def words_of(name: str) -> str:
    """A name of the code, readable: ``not_performed`` becomes ``not performed``."""
    return name.replace("_", " ")


def clinical(seconds: float | None) -> str:
    """Clinical time as minutes and seconds, ``07:05``; a dash for none."""
    if seconds is None:
        return NONE
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


def score(value: float | None) -> str:
    """A score of 0 to 100; nothing scored is a dash, not a zero."""
    return NONE if value is None else f"{value:g}"


def reading(value: float | None, sign: str) -> str:
    """A vital sign as a monitor shows it; a dash for none."""
    if value is None:
        return NONE
    return f"{value:.1f}" if sign in _WITH_A_DECIMAL else f"{value:.0f}"


def signs(true: Mapping[str, float], measured: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    """Rows of a table: each vital sign as it is, as it was measured, and when (clinical time)."""
    return [
        {
            "name": name,
            "unit": unit,
            "true": reading(true.get(sign), sign),
            "measured": reading(measured[sign]["value"], sign) if sign in measured else NONE,
            "at": clinical(measured[sign]["at_s"]) if sign in measured else "",
        }
        for sign, (name, unit) in SIGNS.items()
        if sign in true or sign in measured
    ]


def since(moment: datetime, now: datetime) -> str:
    """How long ago, roughly: ``just now``, ``40 s``, ``12 min``, ``5 h``, ``3 days``."""
    seconds = seconds_between(moment, now)
    for limit, size, unit in ((5, 0, ""), (90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit} ago" if size else "just now"
    return f"{seconds / 86_400:.0f} days ago"


FILTERS: dict[str, Callable[..., str]] = {
    "phase": phase,
    "status": status,
    "words": words_of,
    "clinical": clinical,
    "score": score,
}
"""What templates may write after a bar."""
