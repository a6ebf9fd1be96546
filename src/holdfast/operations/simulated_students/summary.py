"""What came of a simulation: a row for each student, figures for each arm, and the difference between them.

A student's row is flat JSON. The difference is Cohen's d with the pooled standard deviation; its
confidence interval uses the large-sample standard error sqrt((a + b) / (a b) + d^2 / (2 (a + b)))
(Hedges and Olkin 1985, chapter 5). It is a check of the simulation, not the study's analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, sqrt
from statistics import mean, stdev, variance
from typing import Any

from holdfast.operations.simulated_students.crowd import Played

_Z_95 = 1.959964


def row_of(played: Played) -> dict[str, Any]:
    """One student's session as flat JSON; scores are none when it was not finished."""
    performance = played.performance or {}
    totals = performance.get("totals") or {}
    return {
        "number": played.student.number,
        "name": played.student.name,
        "studentId": played.student_code,
        "sessionId": played.session_id,
        "group": played.student.arm,
        "talent": round(played.student.talent, 4),
        "ability": round(played.student.ability, 4),
        "scenarioQueue": list(played.queue),
        "finished": played.finished,
        "problem": played.problem,
        "overallScore": totals.get("overallScore"),
        "safetyScore": totals.get("safetyScore"),
        "checklistPercentage": _checklist(performance.get("scenarios") or ()),
        "medicationErrors": totals.get("medicationErrorCount"),
        "medicationWarnings": totals.get("medicationWarningCount"),
        "challengePoints": totals.get("challengePointsCount", played.challenges),
        "durationS": round(played.duration_s, 2),
        "turns": played.turns,
        "requests": played.requests,
        "retries": played.retries,
        "replayed": played.replayed,
    }


def _checklist(scenarios: Iterable[dict[str, Any]]) -> float | None:
    """Checklist points of all scenarios against those that could be had, in percent."""
    results = [s["checklistResults"] for s in scenarios if s.get("checklistResults")]
    maximum = sum(r["maxPoints"] for r in results)
    return round(100 * sum(r["points"] for r in results) / maximum, 1) if maximum else None


def summary_of(played: Sequence[Played]) -> dict[str, Any]:
    """Figures over all students: per arm, the difference between A and B, requests and latency."""
    rows = [row_of(p) for p in played]
    arms = sorted({str(row["group"]) for row in rows if row["group"]})
    latencies = sorted(second for p in played for second in p.latencies_s)
    return {
        "students": len(rows),
        "finished": sum(row["finished"] for row in rows),
        "arms": {arm: _figures([r for r in rows if r["group"] == arm]) for arm in arms},
        "all": _figures(rows),
        "difference": difference(
            [r["overallScore"] for r in rows if r["group"] == "A" and r["overallScore"] is not None],
            [r["overallScore"] for r in rows if r["group"] == "B" and r["overallScore"] is not None],
        ),
        "latencyMs": {f"p{p}": _percentile_ms(latencies, p) for p in (50, 95, 99)},
    }


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "n": len(rows),
        "completed": sum(row["finished"] for row in rows),
        "overallScore": _moments(rows, "overallScore"),
        "safetyScore": _moments(rows, "safetyScore"),
        "checklistPercentage": _moments(rows, "checklistPercentage"),
        "medicationErrors": _moments(rows, "medicationErrors"),
        "challengePoints": _moments(rows, "challengePoints"),
        "durationS": _moments(rows, "durationS"),
        "turns": sum(row["turns"] for row in rows),
        "requests": sum(row["requests"] for row in rows),
        "retries": sum(row["retries"] for row in rows),
    }


def _moments(rows: Iterable[dict[str, Any]], column: str) -> dict[str, float | None]:
    """Mean and standard deviation of the values there are; none where there are too few."""
    values = [row[column] for row in rows if row[column] is not None]
    return {
        "mean": round(mean(values), 2) if values else None,
        "sd": round(stdev(values), 2) if len(values) > 1 else None,
    }


def difference(first: Sequence[float], second: Sequence[float]) -> dict[str, float] | None:
    """The difference of two groups: in points, and as Cohen's d with its 95 % confidence interval.

    None with fewer than two values in a group, or when no value differs from another.
    """
    a, b = len(first), len(second)
    if min(a, b) < 2:
        return None
    pooled = ((a - 1) * variance(first) + (b - 1) * variance(second)) / (a + b - 2)
    if pooled == 0:
        return None
    points = mean(first) - mean(second)
    d = points / sqrt(pooled)
    margin = _Z_95 * sqrt((a + b) / (a * b) + d * d / (2 * (a + b)))
    figures = {"points": points, "d": d, "low": d - margin, "high": d + margin}
    return {name: round(value, 3) for name, value in figures.items()}


def _percentile_ms(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile in milliseconds."""
    if not ordered:
        return None
    rank = max(1, ceil(percent / 100 * len(ordered)))
    return round(1000 * ordered[rank - 1], 1)
