"""What a student's file tells of the student and of the whole session. Pure."""

from __future__ import annotations

from holdfast.research.sources.file_values import (
    FileValues,
    Row,
    checklist_of,
    decisions_by_rating,
    either,
    number_of,
    sum_known,
    with_not_performed,
)

_STATUS = {"IN_PROGRESS", "PAUSED", "COMPLETED", "ABANDONED"}


def overview(file: FileValues) -> Row:
    """The row of the student."""
    s, meta, times = file.student, file.meta, file.times
    spoken = [line for line in s.messages or () if line.role == "user" and line.content is not None]
    said = s.messages is not None
    registered = file.moment(times and times.registered, "timestamps.registered")
    return (
        file.id, file.id, s.name, s.email, s.group, s.cohort, None, s.cluster, s.session_id, s.order, s.block,
        registered if registered is not None else file.moment(s.registered, "registeredAt"),
        None, None,
        file.moment(times and times.started, "timestamps.sessionStarted"),
        file.moment(times and times.completed, "timestamps.sessionCompleted"),
        _status(file), file.complete, None if s.session_id is None else 1,
        meta and meta.challenges_enabled,
        len(meta.queue) if meta and meta.queue is not None else None,
        meta and meta.scenarios_completed,
        file.duration(times and times.elapsed, "timestamps.totalElapsed"),
        either(meta and meta.total_messages, len(s.messages) if said else None),
        len(spoken) if said else None,
        sum(len(line.content.split()) for line in spoken) if said else None,
        meta and meta.time_scale,
        file.number,
    )  # fmt: skip


def _status(file: FileValues) -> str | None:
    if file.student.status in _STATUS:
        return str(file.student.status)
    if file.complete:
        return "COMPLETED"
    return "IN_PROGRESS" if file.student.session_id else None


def totals(file: FileValues) -> Row:
    """The row of the whole session."""
    s, meta, p = file.student, file.meta, file.performance
    counts = decisions_by_rating(p)
    score = p and p.score
    decisions = p and p.decisions
    if decisions is None and None not in counts[:4]:
        decisions = sum(counts[:4])
    if score is not None and decisions == 0:
        file.notes["performance.overallScore: a score without a decision is missing"] += 1
        score = None
    errors = number_of(meta and meta.errors)
    if errors is None:
        errors = p.errors if p and p.errors is not None else _logged(file, "dangerous_medication_given")
    warnings = number_of(meta and meta.warnings)
    if warnings is None:
        warnings = p.warnings if p and p.warnings is not None else _logged(file, "medication_warning")
    totals = meta and meta.totals
    checked = [checklist_of(each) for _, each in file.scenarios()]
    return (
        file.id, s.group, s.cohort, s.session_id, score, p and p.level, with_not_performed(counts),
        *counts, decisions, None, errors, warnings, meta and meta.violations,
        either(p and p.safety_score, totals and totals.safety_score),
        None if s.actions is None else len(s.actions),
        either(totals and totals.done, sum_known(c[0] for c in checked)),
        either(totals and totals.missed, sum_known(c[1] for c in checked)),
        None,
        either(p and p.challenges, None if s.challenges is None else len(s.challenges)),
        p and p.challenge_score,
        file.number,
    )  # fmt: skip


def _logged(file: FileValues, action: str) -> int | None:
    if file.student.actions is None:
        return None
    return sum(1 for entry in file.student.actions if entry.action == action)
