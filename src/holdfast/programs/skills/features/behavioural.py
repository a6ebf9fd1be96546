"""Behavioural features: what is measured in the events of one game session (`table` documents each).

What the events do not tell is unknown, never a default: a student without failures has no recovery rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean

from holdfast.programs.skills.features.table import Extraction, Kind
from holdfast.programs.skills.inputs import EventType, GameEvent, GameSession

LONGEST_PAUSE_S = 60.0
"""A longer gap between two events is time away from the task."""
Judge = Callable[[GameEvent, Sequence[GameEvent]], bool]
_DONE = EventType.TASK_COMPLETED
_FAILED = EventType.TASK_FAILED


def behavioural_features(session: GameSession) -> Extraction:
    """The behavioural features of one session; without events only the counts are known."""
    events = sorted(session.events, key=lambda event: event.at_s)
    results = [quality for event in events if (quality := number(event, "quality", 1.0)) is not None]
    values: dict[str, float | None] = {
        "task_completion_rate": _completion(events),
        "time_efficiency": _efficiency(events),
        "recovery_rate": _after_failures(events, _recovers),
        "review_share": _after_failures(events, _reviews),
        "best_quality": max(results, default=None),
        "quality_gain": _gain(results),
        "collaboration_indicators": _share(events, EventType.COLLABORATED),
        "leadership_indicators": _share(events, EventType.LED),
        "event_count": float(len(events)),
        "retry_count": float(_of(events, EventType.TASK_RETRIED)),
        "help_count": float(_of(events, EventType.HELP_REQUESTED)),
        "strategy_change_count": float(_of(events, EventType.STRATEGY_CHANGED)),
        "undo_share": _undone(events),
    }
    return Extraction(Kind.BEHAVIOURAL, values | _attention(events, session.ends_s))


def number(event: GameEvent, key: str, highest: float) -> float | None:
    """A number in an event's data, none unless it is one from 0 to `highest`."""
    value = event.data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        return None
    return float(value)


def task_of(event: GameEvent) -> str:
    """Which task an event is about; a game with a single task need not say."""
    return str(event.data.get("task", ""))


def _of(events: Sequence[GameEvent], kind: EventType) -> int:
    return sum(event.type == kind for event in events)


def _share(events: Sequence[GameEvent], kind: EventType) -> float | None:
    return _of(events, kind) / len(events) if events else None


def _undone(events: Sequence[GameEvent]) -> float | None:
    done, undone = _of(events, EventType.ACTION), _of(events, EventType.ACTION_UNDONE)
    return min(1.0, undone / done) if done else None


def _completion(events: Sequence[GameEvent]) -> float | None:
    known = {EventType.TASK_STARTED, _FAILED, _DONE}
    begun = {task_of(event) for event in events if event.type in known}
    return len({task_of(event) for event in events if event.type == _DONE}) / len(begun) if begun else None


def _efficiency(events: Sequence[GameEvent]) -> float | None:
    started: dict[str, float] = {}
    shares = []
    for event in events:
        task = task_of(event)
        if event.type == EventType.TASK_STARTED:
            started.setdefault(task, event.at_s)
        elif event.type == _DONE and task in started:
            expected = number(event, "expected_s", 1e9)
            taken = event.at_s - started.pop(task)
            if expected:
                shares.append(min(1.0, expected / taken) if taken > 0 else 1.0)
    return fmean(shares) if shares else None


def _after_failures(events: Sequence[GameEvent], judge: Judge) -> float | None:
    failures = [place for place, event in enumerate(events) if event.type == _FAILED]
    if not failures:
        return None
    return fmean(float(judge(events[place], events[place + 1 :])) for place in failures)


def _recovers(failure: GameEvent, later: Sequence[GameEvent]) -> bool:
    reached = number(failure, "quality", 1.0)
    for event in later:
        if task_of(event) != task_of(failure):
            continue
        quality = number(event, "quality", 1.0)
        if event.type == _DONE or (reached is not None and quality is not None and quality > reached):
            return True
    return False


def _reviews(failure: GameEvent, later: Sequence[GameEvent]) -> bool:
    for event in later:
        if event.type == EventType.REVIEWED:
            return True
        if event.type in (_FAILED, _DONE) and task_of(event) == task_of(failure):
            return False
    return False


def _gain(results: Sequence[float]) -> float | None:
    third = len(results) // 3
    return fmean(results[-third:]) - fmean(results[:third]) if third else None


def _attention(events: Sequence[GameEvent], ends_s: float | None) -> dict[str, float | None]:
    if len(events) < 2:
        return {"distraction_resistance": None, "focus_duration": None}
    times = [event.at_s for event in events]
    last = max(times[-1], ends_s or 0.0)
    spans = [*pairwise(events), (events[-1], GameEvent("end", last))]
    lost, stretch, longest = 0.0, 0.0, 0.0
    for one, following in spans:
        gap = following.at_s - one.at_s
        if gap > LONGEST_PAUSE_S or one.type == EventType.DISTRACTED:
            lost, stretch = lost + gap, 0.0
        else:
            stretch += gap
            longest = max(longest, stretch)
    total = last - times[0]
    # Sums of many gaps may pass the total by a rounding.
    kept = max(0.0, 1 - lost / total) if total > 0 else None
    return {"distraction_resistance": kept, "focus_duration": longest}
