"""Shapes of what is answered, in the older system's names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from holdfast.kit.clock import iso
from holdfast.programs.skills.assessment import NotEnough
from holdfast.programs.skills.skill import level_of
from holdfast.store.statements import Row


def assessment_shown(row: Row, *, cached: bool | None = None) -> dict[str, Any]:
    """An assessment with its evidence."""
    shown = {
        "id": str(row["id"]),
        "student_id": str(row["student_id"]),
        "skill_type": row["skill_type"],
        "score": row["score"],
        "level": level_of(row["score"]),
        "confidence": row["confidence"],
        "reasoning": row["reasoning"],
        "recommendations": row["recommendations"],
        "feature_importance": row["feature_importance"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "evidence": [_timed(piece) for piece in row["evidence"]],
    }
    return shown | ({} if cached is None else {"status": "assessed", "cached": cached})


def _timed(piece: dict[str, Any]) -> dict[str, Any]:
    moments = {name: iso(datetime.fromisoformat(piece[name])) for name in ("created_at", "updated_at")}
    return {**piece, **moments}


def not_enough_shown(missing: NotEnough, student_id: object) -> dict[str, Any]:
    """That there is no assessment, and why."""
    return {
        "student_id": str(student_id),
        "skill_type": missing.skill,
        "status": "not_enough_evidence",
        "reason": missing.reason,
    }


def course_shown(rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    """Points by skill, oldest first."""
    courses: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        point = {
            "assessment_id": str(row["id"]),
            "score": row["score"],
            "confidence": row["confidence"],
            "created_at": iso(row["created_at"]),
        }
        courses.setdefault(row["skill_type"], []).append(point)
    return courses


def distribution_shown(row: Row) -> dict[str, Any]:
    """How the newest scores of a skill are spread."""
    quartiles = row["quartiles"]
    return {
        "skill_type": row["skill_type"],
        "students": row["students"],
        "mean": row["mean"],
        "sd": row["sd"],
        "min": row["lowest"],
        "q1": quartiles[0],
        "median": quartiles[1],
        "q3": quartiles[2],
        "max": row["highest"],
        "mean_confidence": row["mean_confidence"],
        "levels": {"low": row["low"], "medium": row["medium"], "high": row["high"]},
        "tenths": [row["tenths"].get(str(tenth), 0) for tenth in range(10)],
    }


def input_shown(row: Row, kind: str) -> dict[str, Any]:
    """A transcript or game session in a list: what it is, how much, and its features."""
    hidden = {"total"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    return {
        "kind": kind,
        **{
            name: iso(value) if isinstance(value, datetime) else str(value) if name.endswith("_id") else value
            for name, value in shown.items()
        },
    }
