"""From rows to judgement: snapshots of runs, their scores, and the totals of a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.changes import statements
from holdfast.programs.simulation.engine import RunState
from holdfast.programs.simulation.engine.facts import Action, DecisionRated, Occurrence
from holdfast.programs.simulation.place import Place
from holdfast.programs.simulation.review.patterns import PatternAnalysis, analyse
from holdfast.programs.simulation.review.snapshot import RunSnapshot, snapshot_of
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scoring import SessionScore, score_session
from holdfast.programs.simulation.stored import action_of, occurrence_of, state_of
from holdfast.store.statements import Connection, Row


@dataclass(frozen=True, slots=True)
class PlayedRun:
    """A run with its scenario and everything that belongs to it, in order.

    Attributes:
        actions: with the clinical seconds at which they were done.
        stamped: what came to light, with the moment at which it did.
    """

    row: Row
    scenario: Scenario
    state: RunState
    actions: tuple[tuple[float, Action], ...]
    stamped: tuple[tuple[datetime, Occurrence], ...]

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """What came to light, in its order."""
        return tuple(occurrence for _, occurrence in self.stamped)

    def snapshot(self, judged: Sequence[DecisionRated] = ()) -> RunSnapshot:
        """The run as the review sees it, with an instructor's ratings in it."""
        return snapshot_of(
            self.scenario,
            self.actions,
            with_judgements(self.occurrences, judged),
            index=self.row["scenario_index"],
            duration_s=self.state.elapsed_s,
            final_state=self.state.patient_state,
            outcome=self.state.outcome,
            state=self.state,
        )


def with_judgements(
    occurrences: Iterable[Occurrence], judged: Sequence[DecisionRated]
) -> tuple[Occurrence, ...]:
    """The occurrences with the decisions that an instructor rated in place of their automatic ratings."""
    replaced = {rating.decision for rating in judged}
    kept = [o for o in occurrences if not (isinstance(o, DecisionRated) and o.decision in replaced)]
    return (*kept, *judged)


async def played_runs(connection: Connection, catalog: Catalog, session_id: str) -> list[PlayedRun]:
    """The runs of a session from rows alone, in their order."""
    rows = await statements.runs.rows(connection, session_id=session_id)
    actions = await statements.actions.rows(connection, session_id=session_id)
    occurred = await statements.occurrences.rows(connection, session_id=session_id)
    runs = []
    for row in rows:
        index = row["scenario_index"]
        edition = await catalog.by_hash(connection, row["content_hash"])
        run = PlayedRun(
            row=row,
            scenario=edition.scenario,
            state=state_of(row["state"]),
            actions=tuple((a["at_s"], action_of(a)) for a in actions if a["scenario_index"] == index),
            stamped=tuple(
                (o["created_at"], occurrence_of(o["type"], o["detail"]))
                for o in occurred
                if o["scenario_index"] == index
            ),
        )
        runs.append(run)
    return runs


async def judgements(connection: Connection, session_id: str) -> dict[int, list[DecisionRated]]:
    """An instructor's ratings by run."""
    found: dict[int, list[DecisionRated]] = {}
    for row in await statements.judgements.rows(connection, session_id=session_id):
        rating = DecisionRated(0.0, row["decision"], row["decision"], row["rating"], row["explanation"])
        found.setdefault(row["scenario_index"], []).append(rating)
    return found


async def snapshots(connection: Connection, catalog: Catalog, session_id: str) -> list[RunSnapshot]:
    """The snapshots of a session's runs, from rows alone."""
    judged = await judgements(connection, session_id)
    runs = await played_runs(connection, catalog, session_id)
    return [run.snapshot(judged.get(run.row["scenario_index"], ())) for run in runs]


def totals_of(
    place: Place, taken: Sequence[RunSnapshot], analysis: PatternAnalysis, *, messages: int
) -> dict[str, Any]:
    """The row of `performance` for a session that is complete now."""
    score: SessionScore = score_session([snapshot.score for snapshot in taken])
    data = score.to_performance_data(
        total_messages=messages,
        total_duration_s=max(0.0, (place.now - place.started_at).total_seconds()),
        patterns=analysis.to_json(),
    )
    return {
        "session_id": place.session_id,
        "student_id": place.student_id,
        **{column: data[key] for column, key in PERFORMANCE_KEYS.items()},
    }


PERFORMANCE_KEYS = {
    "total_messages": "totalMessages",
    "total_duration": "totalDuration",
    "scenarios_completed": "scenariosCompleted",
    "overall_score": "overallScore",
    "optimal_total": "optimalTotal",
    "acceptable_total": "acceptableTotal",
    "suboptimal_total": "suboptimalTotal",
    "dangerous_total": "dangerousTotal",
    "not_performed_total": "notPerformedTotal",
    "critical_actions_completed": "criticalActionsCompleted",
    "critical_actions_missed": "criticalActionsMissed",
    "medication_error_count": "medicationErrorCount",
    "medication_warning_count": "medicationWarningCount",
    "safety_score": "safetyScore",
    "challenge_points_count": "challengePointsCount",
    "pattern_analysis_results": "patternAnalysisResults",
}
"""The columns of `performance` and the seed's names for them."""


def analysis_of(taken: Sequence[RunSnapshot]) -> PatternAnalysis:
    """The patterns over all runs."""
    return analyse(taken)
