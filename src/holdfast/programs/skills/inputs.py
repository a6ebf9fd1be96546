"""What comes in about a student: transcripts and game sessions, as values without ids or storage.

A transcript holds the turns of everybody who spoke; `speaker` says which of them is the student that it
belongs to. Nothing that another person said is ever counted for, or quoted about, the student. Times are
seconds from the start of the recording or of the game, where they are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance.

    Attributes:
        speaker: who spoke, by the transcript's own name.
        text: what was said.
        begins_s, ends_s: seconds from the start of the recording; none where not recorded.
    """

    speaker: str
    text: str
    begins_s: float | None = None
    ends_s: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, in order.

    Attributes:
        speaker: the name under which the student speaks in it.
        turns: everybody's turns, in order of beginning.
    """

    speaker: str
    turns: Sequence[Turn] = ()

    def own(self) -> list[tuple[int, Turn]]:
        """The student's own turns with their places in the transcript, counted from 0."""
        return [(place, turn) for place, turn in enumerate(self.turns) if turn.speaker == self.speaker]


class EventType(StrEnum):
    """What a game may tell about a student; every other type is stored, and counted as activity only."""

    TASK_STARTED = "task_started"
    TASK_COMPLETED = "task_completed"
    TASK_FAILED = "task_failed"
    TASK_RETRIED = "task_retried"
    ACTION = "action"
    ACTION_UNDONE = "action_undone"
    HELP_REQUESTED = "help_requested"
    REVIEWED = "reviewed"
    STRATEGY_CHANGED = "strategy_changed"
    DISTRACTED = "distracted"
    COLLABORATED = "collaborated"
    LED = "led"


@dataclass(frozen=True, slots=True)
class GameEvent:
    """One telemetry event of the student.

    Attributes:
        type: an `EventType` value, or any other text.
        at_s: seconds from the start of the game session, 0 or more.
        data: what the game says about it. Known keys: `task` (which task; pairs start, failure and
            completion), `detail` (a sentence that may be quoted), `quality` (0 to 1, how near to the best).
    """

    type: str
    at_s: float
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GameSession:
    """One sitting of one student in a game, its events in order of time.

    Attributes:
        game: the game's name.
        ends_s: when the sitting ended, in seconds from its start; none means with its last event.
    """

    game: str
    events: Sequence[GameEvent] = ()
    ends_s: float | None = None
