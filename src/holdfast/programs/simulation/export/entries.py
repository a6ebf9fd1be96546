"""What is stored of one thing that happened, as the columns of the tables that tell it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from holdfast.programs.simulation.stored import Columns as Record

SIGNS = ("heart_rate", "respiratory_rate", "spo2", "systolic", "diastolic", "temperature", "gcs", "glucose",
         "pain")  # fmt: skip


def microseconds(moment: datetime | None) -> int | None:
    """Microseconds since 1970, exactly."""
    if moment is None:
        return None
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def logged(kind: str, detail: Record) -> dict[str, Any]:
    """An occurrence as the critical actions timeline names it."""
    name, more = _LOGGED[kind]
    action, about, details = name(detail)
    return _named(action, about, **details) | {column: detail[key] for column, key in more.items()}


def _medication_log(detail: Record) -> tuple[str, str, dict[str, Any]]:
    action = "dangerous_medication_given" if detail["severity"] == "error" else "medication_warning"
    return action, detail["name"], {"kind": detail["kind"], "reason": detail["reason"]}


_DOSES = {"dose": "dose", "dose_unit": "unit", "route": "route"}
_LOGGED: Mapping[str, tuple[Callable[[Record], tuple[str, str, dict[str, Any]]], Mapping[str, str]]] = {
    "treatment_given": (lambda d: ("treatment_given", d["name"], {"impact": d["impact"]}), _DOSES),
    "medication_event": (_medication_log, {}),
    "decision_rated": (lambda d: ("cdp_evaluation", d["title"], {}), {"rating": "rating"}),
    "challenge_opened": (lambda d: ("challenge_point_triggered", d["challenge"], {}), {}),
    "challenge_answered": (lambda d: ("challenge_evaluated", d["challenge"], {}), {"quality": "quality"}),
    "checklist_done": (
        lambda d: ("critical_action_done", d["action"], {"importance": d["importance"]}),
        {"category": "category", "points": "points", "on_time": "on_time"},
    ),
    "state_changed": (
        lambda d: (f"state_change_to_{d['state']}", d["state"], {"reason": d["reason"]}),
        {},
    ),
}
"""By type: how an entry is named, and which columns its fields have."""


def _named(action: str, name: str, **details: Any) -> dict[str, Any]:
    rest = orjson.dumps(details, option=orjson.OPT_SORT_KEYS).decode() if details else None
    return {"action_type": action, "action_name": name, "details": rest}


def _dose(detail: Record) -> dict[str, Any]:
    return {column: detail[key] for column, key in _DOSES.items()}


def state(detail: Record) -> dict[str, Any]:
    """A change of the patient's state, with the vital signs then."""
    signs = {sign: detail["vitals"].get(sign) for sign in SIGNS}
    named = {"previous_state": detail["previous"] or None, "state": detail["state"]}
    return signs | named | {"reason": detail["reason"] or None}


def medication_event(detail: Record) -> dict[str, Any]:
    """A warning or an error that a medication gave rise to."""
    return {
        "severity": detail["severity"], "event_kind": detail["kind"], "medication_id": detail["treatment"],
        "medication": detail["name"], "reason": detail["reason"],
    }  # fmt: skip


def administration(detail: Record, *, error: bool) -> dict[str, Any]:
    """A medication that was given."""
    named = {"medication_id": detail["treatment"], "medication": detail["name"], "impact": detail["impact"]}
    return _dose(detail) | named | {"medication_error": error}


def challenge(detail: Record, answer: Record | None) -> dict[str, Any]:
    """A challenge point with what was answered, if it was."""
    opened = {
        "challenge_id": detail["challenge"], "challenge_text": detail["question"],
        "context": detail["context"] or None, "answered": answer is not None, "quality": None,
    }  # fmt: skip
    if answer is None:
        return opened
    return opened | {
        "skipped": answer["skipped"],
        "response_s": answer["response_s"],
        "quality": answer["quality"],
        "concepts_found": len(answer["found"]),
        "concepts_expected": len(answer["found"]) + len(answer["missing"]),
        "response": answer["response"],
    }


def pattern(category: str, pattern: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern that the review looked for."""
    data = pattern.get("data")
    return {
        "category": category,
        "pattern_name": pattern["patternName"],
        "detected": pattern["detected"],
        "is_strength": pattern["isStrength"],
        "severity": pattern["severity"],
        "priority": pattern["priority"],
        "educational_focus": pattern["educationalFocus"] or None,
        "data": orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode() if data else None,
    }
