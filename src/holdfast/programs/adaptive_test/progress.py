"""A student's way over several tests: per concept, and of ability on one scale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from holdfast.kit.clock import iso
from holdfast.programs.adaptive_test.views import ability
from holdfast.store.statements import Row


def progress_of(rows: Sequence[Row]) -> dict[str, Any]:
    """The seed's progress document from the rows of ended tests, oldest first."""
    accuracies = [row["accuracy"] for row in rows if row["accuracy"] is not None]
    return {
        "total_sessions": len(rows),
        "avg_accuracy": sum(accuracies) / len(accuracies) if accuracies else None,
        "progress_timeline": [_entry(row) for row in rows],
        "concept_progress": _concepts(rows),
    }


def _entry(row: Row) -> dict[str, Any]:
    return {
        "session_id": row["id"],
        "scale": row["scale"],
        "date": iso(row["completed_at"] or row["started_at"]),
        "ability": ability(row["ability"], row["standard_error"]),
        "proficiency": row["final_proficiency"],
        "accuracy": row["accuracy"],
        "questions": row["total_questions"],
    }


def _concepts(rows: Sequence[Row]) -> dict[str, Any]:
    """By concept. One that was met on several scales has an entry for each: their numbers do not compare."""
    met: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        for concept, value in (row["final_proficiency"] or {}).items():
            moment = iso(row["completed_at"] or row["started_at"])
            point = {"session_id": row["id"], "date": moment, "level": value}
            met.setdefault((concept, row["scale"]), []).append(point)
    names = [concept for concept, _ in met]
    return {
        concept if names.count(concept) == 1 else f"{concept} ({scale})": {
            "scale": scale,
            "timeline": points,
            "improvement": points[-1]["level"] - points[0]["level"],
            "current_level": points[-1]["level"],
        }
        for (concept, scale), points in met.items()
    }
