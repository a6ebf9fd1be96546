"""Inputs as clients and files bring them, made into the values that the rules work on. Pure.

A line of a bulk file is one input with its kind and student; the same shapes serve single requests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

import orjson
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from holdfast.kit.plain import Line, Name, PlainObject, storable
from holdfast.programs.skills.inputs import GameEvent, GameSession, Transcript, Turn

MOST_TURNS = 5_000
MOST_EVENTS = 50_000
LONGEST_LINE = 20_000_000
"""Bytes of one line of a bulk file."""
LONGEST_S = 7 * 24 * 3600.0
"""No recording or sitting is longer than a week; a larger number is milliseconds by mistake."""

Seconds = Annotated[float, Field(strict=True, ge=0, le=LONGEST_S, allow_inf_nan=False)]
Said = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(storable)]


def _aware(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


When = Annotated[datetime, AfterValidator(_aware)]


class TurnBody(BaseModel):
    """One utterance; times in seconds from the start of the recording."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    speaker: Name
    text: Said
    begins_s: Annotated[Seconds | None, Field(validation_alias=AliasChoices("begins_s", "start"))] = None
    ends_s: Annotated[Seconds | None, Field(validation_alias=AliasChoices("ends_s", "end"))] = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.begins_s is not None and self.ends_s is not None and self.ends_s < self.begins_s:
            raise ValueError("ends before it begins")
        return self


class TranscriptBody(BaseModel):
    """What was said, by everybody; `speaker` says who of them the student is."""

    model_config = ConfigDict(extra="forbid")

    speaker: Name
    source: Name = "transcript"
    language: Annotated[Line, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = "en"
    recorded_at: When | None = None
    turns: Annotated[list[TurnBody], Field(min_length=1, max_length=MOST_TURNS)]

    @model_validator(mode="after")
    def _speaks(self) -> Self:
        if all(turn.speaker != self.speaker for turn in self.turns):
            raise ValueError(f"speaker {self.speaker!r} has no turn in the transcript")
        return self

    def value(self) -> Transcript:
        """As the rules work on it."""
        turns = [Turn(t.speaker, t.text, t.begins_s, t.ends_s) for t in self.turns]
        return Transcript(self.speaker, turns)


class EventBody(BaseModel):
    """One telemetry event."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    type: Annotated[Name, Field(validation_alias=AliasChoices("type", "event_type"))]
    at_s: Seconds
    data: PlainObject = Field(default_factory=dict)


class GameSessionBody(BaseModel):
    """One sitting of the student in a game; events may come in any order."""

    model_config = ConfigDict(extra="forbid")

    game: Name
    started_at: When | None = None
    ends_s: Seconds | None = None
    events: Annotated[list[EventBody], Field(min_length=1, max_length=MOST_EVENTS)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.events.sort(key=lambda event: event.at_s)
        if self.ends_s is not None and self.events[-1].at_s > self.ends_s:
            raise ValueError("ends_s is before the last event")
        return self

    def value(self) -> GameSession:
        """As the rules work on it."""
        events = [GameEvent(event.type, event.at_s, event.data) for event in self.events]
        return GameSession(self.game, events, self.ends_s)


class TranscriptLine(TranscriptBody):
    """A transcript in a bulk file.

    Attributes:
        student: a readable code or an id, or with `system` how that system calls the student.
    """

    kind: Literal["transcript"]
    student: Name
    system: Name | None = None


class GameSessionLine(GameSessionBody):
    """A game session in a bulk file; `student` and `system` as for a transcript."""

    kind: Literal["game_session"]
    student: Name
    system: Name | None = None


InputLine = Annotated[TranscriptLine | GameSessionLine, Field(discriminator="kind")]
_LINE: TypeAdapter[TranscriptLine | GameSessionLine] = TypeAdapter(InputLine)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not taken: its number, counted from 1, and why."""

    number: int
    why: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.why}"


def read_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, TranscriptLine | GameSessionLine | BadLine]]:
    """The inputs of a JSON Lines file with their line numbers; blank lines are passed over."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _read(number, line)


def _read(number: int, line: bytes) -> TranscriptLine | GameSessionLine | BadLine:
    if len(line) > LONGEST_LINE:
        return BadLine(number, f"is longer than {LONGEST_LINE} bytes")
    try:
        return _LINE.validate_python(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        return BadLine(number, f"is no JSON ({error})")
    except ValidationError as error:
        return BadLine(number, told(error))


def told(error: ValidationError) -> str:
    """The first things that are wrong, with their places."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    parts = []
    for fault in faults[:3]:
        place = ".".join(str(part) for part in fault["loc"] if part not in {"transcript", "game_session"})
        text = fault["msg"].removeprefix("Value error, ")
        parts.append(f"{place[:200]}: {text}" if place else text)
    more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
    return "; ".join(parts) + more


def content_hash(body: TranscriptBody | GameSessionBody) -> str:
    """SHA-256 of what an input says, whichever way it came: the same input is stored once for a student."""
    content = body.model_dump(mode="json", exclude={"kind", "student", "system"})
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
