"""The figures of a simulation against values worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from holdfast.operations.simulated_students.crowd import Played
from holdfast.operations.simulated_students.skill import student_of
from holdfast.operations.simulated_students.summary import difference, row_of, summary_of


def performance(score: float) -> dict[str, Any]:
    results = [{"points": 40.0, "maxPoints": 100.0}, {"points": 35.0, "maxPoints": 50.0}]
    totals = {
        "overallScore": score,
        "safetyScore": 85.0,
        "medicationErrorCount": 1,
        "medicationWarningCount": 0,
        "challengePointsCount": 2,
    }
    return {
        "complete": True,
        "totals": totals,
        "scenarios": [{"checklistResults": r} for r in results],
    }


def played(number: int, arm: str, score: float | None, latencies_ms: tuple[float, ...] = (10.0,)) -> Played:
    return Played(
        student=student_of(1, number).allocated(arm, 0.5),
        student_code=f"s_{number}",
        session_id=f"session_{number}",
        queue=("stemi",),
        performance=None if score is None else performance(score),
        duration_s=20.0,
        turns=30,
        challenges=2,
        requests=40,
        retries=1,
        replayed=0,
        latencies_s=tuple(ms / 1000 for ms in latencies_ms),
        problem="coach: no answer" if score is None else None,
    )


def test_the_difference_is_cohens_d_with_its_interval():
    # Means 4 and 2, both variances 1: d = 2; SE = sqrt(6/9 + 4/12) = 1.
    result = difference([3, 4, 5], [1, 2, 3])

    assert result == {
        "points": 2.0,
        "d": 2.0,
        "low": pytest.approx(2 - 1.96, abs=1e-3),
        "high": pytest.approx(2 + 1.96, abs=1e-3),
    }


@pytest.mark.parametrize("groups", [([1.0], [2.0, 3.0]), ([], [1.0]), ([2.0, 2.0], [2.0, 2.0])])
def test_no_difference_where_none_can_be_known(groups: tuple[list[float], list[float]]):
    assert difference(*groups) is None


def test_a_row_pools_the_checklist_and_keeps_missing_scores_missing():
    row, unfinished = row_of(played(1, "A", 80.0)), row_of(played(2, "B", None))

    assert (row["checklistPercentage"], row["overallScore"], row["finished"]) == (50.0, 80.0, True)
    assert (unfinished["overallScore"], unfinished["safetyScore"]) == (None, None)
    assert (unfinished["finished"], unfinished["problem"]) == (False, "coach: no answer")


def test_each_arm_has_its_figures():
    summary = summary_of(
        [played(1, "A", 80.0), played(2, "A", 60.0), played(3, "B", 50.0), played(4, "B", None)]
    )

    a, b = summary["arms"]["A"], summary["arms"]["B"]
    assert (a["n"], a["completed"], a["overallScore"]["mean"]) == (2, 2, 70.0)
    assert a["overallScore"]["sd"] == pytest.approx(math.sqrt(200), abs=0.01)
    assert (b["n"], b["completed"], b["overallScore"]) == (2, 1, {"mean": 50.0, "sd": None})
    assert (summary["students"], summary["finished"], summary["all"]["requests"]) == (4, 3, 160)
    assert summary["difference"] is None


def test_latency_percentiles_are_nearest_rank():
    summary = summary_of([played(1, "A", 80.0, tuple(float(ms) for ms in range(1, 101)))])

    assert summary["latencyMs"] == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert summary_of([played(1, "A", 80.0, ())])["latencyMs"] == {"p50": None, "p95": None, "p99": None}
