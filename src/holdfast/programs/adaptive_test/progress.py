"""A student's way over several tests: per concept, and of ability on one scale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from holdfast.kit.clock import iso
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.gain import EstimateKind, SessionEstimate, learning_gain
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
        "ability_gain": _gains(rows),
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


def _gains(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """From the first to the last test on each scale; where they do not compare, why not."""
    scales: dict[str, list[Row]] = {}
    for row in rows:
        if row["scored_questions"]:
            scales.setdefault(row["scale"], []).append(row)
    return [_gain(scale, tests[0], tests[-1]) for scale, tests in scales.items() if len(tests) > 1]


def _gain(scale: str, first: Row, last: Row) -> dict[str, Any]:
    known = {"scale": scale, "from": first["id"], "to": last["id"]}
    try:
        return known | asdict(learning_gain(_estimate(first), _estimate(last)))
    except InvalidInput as refused:
        return known | {"gain": None, "reason": str(refused)}


def _estimate(row: Row) -> SessionEstimate:
    kind = EstimateKind(row["rules"]["method"].upper())
    prior = row["rules"]["prior"]
    return SessionEstimate(
        theta=row["ability"],
        se=row["standard_error"],
        scale=row["scale"],
        kind=kind,
        prior_mean=prior["mean"] if kind.has_prior else None,
        prior_sd=prior["sd"] if kind.has_prior else None,
        at_bound=bool(row["at_bound"]),
    )
