"""Whether the patient's course was steered and noticed."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    Verdict,
    follow_ups,
    percent,
    share,
    verdict,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot

PREVENTED_SHARE = 0.67
GRAVE_RUNS = 2
NOTICE_WITHIN_S = 120.0
NOTICE_STRONG, NOTICE_WEAK = 0.6, 0.4
LOST = "lost"

PREVENTION = Kind(
    name="Deterioration prevention",
    category=Category.PATIENT_AWARENESS,
    priority=4,
    focus="Find the treatment that changes the course and give it first.",
)
RECOGNITION = Kind(
    name="State-change recognition",
    category=Category.PATIENT_AWARENESS,
    priority=14,
    focus="When something looks different, go back to airway, breathing, circulation at once.",
)


def deterioration_prevention(runs: Sequence[RunSnapshot]) -> Pattern:
    """The patient ended better, or no worse without ever being critical; HIGH if 2 or more were critical.

    Prevented in at least 67 % of the runs with none critical is a strength; any critical run is a
    weakness. Without a safe treatment nothing was prevented, the patient was only lucky. Left out are
    runs with a complication in spite of good care and runs whose states are unknown. What critical
    means is said in ``blueprint``.
    """
    judged = [
        run for run in runs if run.blueprint.severities and not any(map(run.is_complication, run.changes))
    ]
    if not judged:
        return PREVENTION.absent()
    critical = [run.index for run in judged if _was_critical(run)]
    prevented = [run.index for run in judged if _was_prevented(run)]
    data = {"runs": len(judged), "prevented": prevented, "critical": critical}
    if critical:
        severity = Severity.HIGH if len(critical) >= GRAVE_RUNS else Severity.MODERATE
        said = f"In {len(critical)} of {len(judged)} scenarios the patient became critical."
        return PREVENTION.weakness(severity, said, data)
    if round(len(prevented) / len(judged), 2) >= PREVENTED_SHARE:
        said = (
            f"In {len(prevented)} of {len(judged)} scenarios your care kept the patient from getting worse."
        )
        return PREVENTION.strength(said, data)
    return PREVENTION.absent(data)


def _was_critical(run: RunSnapshot) -> bool:
    reached = {change.state for change in run.changes} | {run.final_state}
    return run.outcome == LOST or bool(reached & run.blueprint.critical_states)


def _was_prevented(run: RunSnapshot) -> bool:
    held = run.blueprint.severity_of(run.final_state) <= run.initial_severity
    return held and not _was_critical(run) and any(fact.safe for fact in run.treatments)


def state_change_recognition(runs: Sequence[RunSnapshot]) -> Pattern:
    """Share of state changes with an examination in the 2 min after; 0.6 strength, below 0.4 weakness."""
    judged = [
        noticed
        for run in runs
        for noticed in follow_ups(
            run,
            (change.at_s for change in run.changes),
            [fact.at_s for fact in run.examinations],
            NOTICE_WITHIN_S,
        )
    ]
    if not judged:
        return RECOGNITION.absent()
    rate = share(sum(judged), len(judged))
    data = {"changes": len(judged), "noticed": sum(judged), "share": rate}
    said = f"After {percent(rate)} of the changes in the patient's state you looked again within two minutes."
    match verdict(rate, NOTICE_STRONG, NOTICE_WEAK):
        case Verdict.HIGH:
            return RECOGNITION.strength(said, data)
        case Verdict.LOW:
            return RECOGNITION.weakness(Severity.MODERATE, said, data)
    return RECOGNITION.absent(data)
