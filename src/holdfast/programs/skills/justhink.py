"""A converter for the JUSThink Dialogue and Actions Corpus (Norman, Dinkar, Bruno and Clavel, CC BY 4.0).

Two children (A and B) connect gold mines on a map by the cheapest tracks while a robot (R) leads and an
experimenter (I) helps. A team's transcript and log become, for each child, one transcript (with everybody's
turns) and one game session, as the JSON Lines that ``holdfast skills load`` reads. The corpus itself is not
part of this product.

| In the log | Becomes |
|---|---|
| the child's first event | `task_started`, task `cheapest network` |
| `adds` | `action` |
| `removes` | `action_undone` |
| `presses help` | `help_requested` |
| `presses compare`, `previous`, `next` | `reviewed` |
| `loads` (an earlier solution taken up) | `strategy_changed` |
| `presses submit` within 10 s of the other child's press | `collaborated` (the first to press: `led`) |
| other `presses` | `action` if enabled, else left out |
| `submits` by the team, cost above the least | `task_failed` for both, `quality` = least cost / cost |
| `submits` by the team, least cost | `task_completed` for both, `quality` 1 |
| the child's first act after a failure | `task_retried` as well |

The attempt is the team's: failure, completion and quality are the same for both children. What a button press
means is read from the log alone; a press that the other child asked for looks like one's own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.inputs import EventType

CHILDREN = ("A", "B")
TEAM = "T"
GAME = "JUSThink"
TASK = "cheapest network"
ANSWERED_WITHIN_S = 10.0
_COST = re.compile(r"cost=(\d+) \(opt_cost=(\d+)\)")
_REVIEWS = ("compare", "previous", "next")
_TRANSCRIPT = ("team_no", "start", "end", "interlocutor", "utterance")
_LOG = ("team_no", "time", "subject", "verb", "object")

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a log."""

    at_s: float
    subject: str
    verb: str
    thing: str


def student_of(team: str, child: str) -> str:
    """How a child is called in the lines, such as ``justhink-07-A``."""
    return f"justhink-{int(team):02d}-{child}"


def transcript_lines(content: str) -> list[dict[str, Any]]:
    """Both children's transcript lines from a team's transcript file (tab-separated, with a header).

    Raises:
        InvalidInput: a column is missing or a time is none; the message names the line.
    """
    turns, team = [], ""
    for number, row in _rows(content, _TRANSCRIPT):
        team = row["team_no"]
        begins, ends = _seconds(row["start"], number), _seconds(row["end"], number)
        turn = {"speaker": row["interlocutor"], "text": row["utterance"]}
        turns.append(turn | {"begins_s": begins, "ends_s": max(begins, ends)})
    speaking = {turn["speaker"] for turn in turns}
    return [
        {"kind": "transcript", "student": student_of(team, child), "speaker": child, "turns": turns}
        for child in CHILDREN
        if child in speaking
    ]


def game_lines(content: str) -> list[dict[str, Any]]:
    """Both children's game session lines from a team's log file (tab-separated, with a header).

    Raises:
        InvalidInput: as for a transcript.
    """
    acts, team = [], ""
    for number, row in _rows(content, _LOG):
        team = row["team_no"]
        acts.append(Act(_seconds(row["time"], number), row["subject"], row["verb"], row["object"]))
    acts.sort(key=lambda act: act.at_s)
    found = []
    for child in CHILDREN:
        events = list(_events(acts, child))
        if events:
            line = {"kind": "game_session", "student": student_of(team, child), "game": GAME}
            found.append(line | {"ends_s": acts[-1].at_s, "events": events})
    return found


def convert(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of every team in a folder that has the corpus's `transcripts` and `logs`.

    Raises:
        InvalidInput: a file is not of the corpus; the message names it.
    """
    readers = {"transcripts": transcript_lines, "logs": game_lines}
    for name, read in readers.items():
        for path in sorted((folder / name).glob("*.csv")):
            try:
                yield from read(path.read_text(encoding="utf-8"))
            except (InvalidInput, UnicodeDecodeError) as error:
                raise InvalidInput(f"{name}/{path.name}: {error}", field="folder") from None


def _rows(content: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(content, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [name for name in columns if name not in (reader.fieldnames or ())]
    if missing:
        raise InvalidInput(f"no column {missing[0]}", field="file")
    for row in reader:
        if any(row[name] is None for name in columns) or not row["team_no"].isdigit():
            raise InvalidInput(f"line {reader.line_num}: a column is missing or the team is no number")
        yield reader.line_num, row


def _seconds(text: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise InvalidInput(f"line {line}: {text[:40]!r} is no time in seconds", field="file")
    return value


def _event(kind: EventType, act: Act, **data: Any) -> Event:
    return {"type": str(kind), "at_s": act.at_s, "data": {"detail": f"{act.verb} {act.thing}"} | data}


def _events(acts: Sequence[Act], child: str) -> Iterator[Event]:
    begun = failed = False
    for place, act in enumerate(acts):
        if act.subject == TEAM and begun:
            result = _result(act)
            if result:
                failed = result["type"] == EventType.TASK_FAILED
                yield result
        if act.subject != child:
            continue
        if not begun:
            begun = True
            yield _event(EventType.TASK_STARTED, act, task=TASK)
        if failed:
            failed = False
            yield _event(EventType.TASK_RETRIED, act, task=TASK)
        kind = _kind(acts, place)
        if kind:
            yield _event(kind, act)


def _result(act: Act) -> Event | None:
    found = _COST.search(act.thing)
    if not found:
        return None
    cost, least = int(found[1]), int(found[2])
    if cost <= least or not cost:
        return _event(EventType.TASK_COMPLETED, act, task=TASK, quality=1.0)
    return _event(EventType.TASK_FAILED, act, task=TASK, quality=round(least / cost, 4))


def _kind(acts: Sequence[Act], place: int) -> EventType | None:
    act = acts[place]
    by_verb = {
        "adds": EventType.ACTION,
        "removes": EventType.ACTION_UNDONE,
        "loads": EventType.STRATEGY_CHANGED,
    }
    if act.verb in by_verb:
        return by_verb[act.verb]
    button, _, state = act.thing.partition(" ")
    if act.verb != "presses" or "disabled" in state:
        return None
    if button == "help":
        return EventType.HELP_REQUESTED
    if button in _REVIEWS:
        return EventType.REVIEWED
    if button == "submit":
        return _submission(acts, place)
    return EventType.ACTION


def _submission(acts: Sequence[Act], place: int) -> EventType:
    act = acts[place]

    def agrees(other: Act) -> bool:
        pressed = (
            other.verb == "presses" and other.thing.startswith("submit") and "disabled" not in other.thing
        )
        return pressed and other.subject in CHILDREN and other.subject != act.subject

    def near(other: Act) -> bool:
        return abs(other.at_s - act.at_s) <= ANSWERED_WITHIN_S

    if any(agrees(other) and near(other) for other in acts[max(0, place - 40) : place]):
        return EventType.COLLABORATED
    if any(agrees(other) and near(other) for other in acts[place + 1 : place + 40]):
        return EventType.LED
    return EventType.ACTION
