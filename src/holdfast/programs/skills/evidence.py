"""Evidence that a teacher can check: quotes of the student's own turns, and what the game's log shows.

A quote is found by its words: whitespace, quotation marks, apostrophes and case may differ, nothing else.
Another speaker's words are never quoted and never found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from holdfast.programs.skills.assessment import EvidenceKind, Piece
from holdfast.programs.skills.features.wording import WORD, matches, sentences
from holdfast.programs.skills.inputs import EventType, GameEvent, GameSession, Transcript, Turn
from holdfast.programs.skills.skill import Skill

TRANSCRIPT, TELEMETRY = "transcript", "game_telemetry"
MOST_QUOTES, MOST_ACTS = 6, 4
SHORTEST_QUOTE = 3
"""Words; a shorter turn ("okay") shows nothing by itself."""
LONGEST_QUOTE = 600
"""Characters; of a longer turn the sentence with the finding is quoted."""
_MARKS = str.maketrans(
    "\u2018\u2019\u201a\u201b\u02bc`\u201c\u201d\u201e\u201f\u00ab\u00bb", "''''''" + '"' * 6
)

FOR: Mapping[Skill, Mapping[str, float]] = {
    Skill.EMPATHY: {"empathy_markers": 1.0},
    Skill.PROBLEM_SOLVING: {"problem_solving_language": 1.0, "reasoning_language": 0.7},
    Skill.SELF_REGULATION: {"regulation_language": 1.0},
    Skill.RESILIENCE: {"perseverance_indicators": 1.0},
    Skill.ADAPTABILITY: {"adaptation_language": 1.0},
    Skill.COMMUNICATION: {"reasoning_language": 1.0, "hedging": 0.5, "coordination_language": 0.5},
    Skill.COLLABORATION: {"coordination_language": 1.0},
}
"""Which lists speak for a skill, and how strongly a single match does."""
AGAINST: Mapping[Skill, Mapping[str, float]] = {
    Skill.EMPATHY: {"against_empathy": 1.0},
    Skill.PROBLEM_SOLVING: {"against_problem_solving": 1.0},
    Skill.SELF_REGULATION: {"against_regulation": 1.0},
    Skill.RESILIENCE: {"against_perseverance": 1.0},
    Skill.ADAPTABILITY: {"against_adaptation": 1.0},
    Skill.COMMUNICATION: {"against_communication": 1.0},
    Skill.COLLABORATION: {"against_collaboration": 1.0},
}
ACTS: Mapping[Skill, Mapping[EventType, str]] = {
    Skill.EMPATHY: {},
    Skill.PROBLEM_SOLVING: {
        EventType.TASK_COMPLETED: "completed a task",
        EventType.REVIEWED: "looked at earlier results",
        EventType.STRATEGY_CHANGED: "changed strategy",
    },
    Skill.SELF_REGULATION: {
        EventType.DISTRACTED: "was distracted",
        EventType.REVIEWED: "looked at earlier results",
        EventType.HELP_REQUESTED: "asked for help or instructions",
    },
    Skill.RESILIENCE: {
        EventType.TASK_RETRIED: "tried a task again after a failure",
        EventType.TASK_COMPLETED: "completed a task",
        EventType.TASK_FAILED: "failed a task",
    },
    Skill.ADAPTABILITY: {
        EventType.STRATEGY_CHANGED: "changed strategy",
        EventType.ACTION_UNDONE: "took back an action",
    },
    Skill.COMMUNICATION: {EventType.HELP_REQUESTED: "asked for help or instructions"},
    Skill.COLLABORATION: {
        EventType.COLLABORATED: "acted with or for another",
        EventType.LED: "led another",
    },
}
"""Which events say something about a skill, in words that follow a subject."""
_CONTRARY = {EventType.DISTRACTED, EventType.TASK_FAILED}


@dataclass(frozen=True, slots=True)
class Located:
    """Where a quote stands.

    Attributes:
        turn: the place of the turn in the transcript, counted from 0.
        begins, ends: characters of the turn's text, the second exclusive.
        words: the student's own words there, as recorded.
        begins_s: when the turn began, in seconds, where known.
    """

    turn: int
    begins: int
    ends: int
    words: str
    begins_s: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of evidence with where it comes from.

    Attributes:
        piece: what is stored.
        supports: false where it speaks against the skill.
        at_s: seconds into the recording or the game, where known.
    """

    piece: Piece
    supports: bool
    at_s: float | None


def locate(quote: str, transcript: Transcript) -> Located | None:
    """Where the student said it, whole words only; the first place. None where the student never did."""
    wanted = _folded(quote.strip().strip("\"'\u201c\u201d\u2018\u2019").strip())[0]
    if not WORD.search(wanted):
        return None
    for place, turn in transcript.own():
        text, origin = _folded(turn.text)
        found = _whole(text, wanted)
        if found is not None:
            begins, ends = origin[found], origin[found + len(wanted) - 1] + 1
            return Located(place, begins, ends, turn.text[begins:ends], turn.begins_s)
    return None


def find_words(quote: str, transcripts: Sequence[Transcript]) -> str | None:
    """The student's own words that a quote stands for, in the newest transcript that has them."""
    return next((at.words for one in reversed(transcripts) if (at := locate(quote, one))), None)


def find_evidence(
    skill: Skill, transcripts: Sequence[Transcript], sessions: Sequence[GameSession]
) -> list[Finding]:
    """What speaks for and against a skill: the strongest quotes, then what was done, strongest first."""
    quotes = [finding for transcript in transcripts for finding in _quotes(skill, transcript)]
    acts = [finding for session in sessions for finding in _acts(skill, session)]
    return _strongest(quotes, MOST_QUOTES) + _strongest(acts, MOST_ACTS)


def _strongest(findings: Sequence[Finding], most: int) -> list[Finding]:
    """The most relevant, each content once; a third of the places is kept for what speaks against."""
    once: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda one: -one.piece.relevance):
        once.setdefault(_folded(finding.piece.content)[0], finding)
    contrary = [one for one in once.values() if not one.supports][: most // 3]
    supporting = [one for one in once.values() if one.supports][: most - len(contrary)]
    return sorted(supporting + contrary, key=lambda one: -one.piece.relevance)


def _quotes(skill: Skill, transcript: Transcript) -> list[Finding]:
    found = []
    for _, turn in transcript.own():
        for passage in _passages(turn):
            supporting, opposing = _strength(passage, FOR[skill]), _strength(passage, AGAINST[skill])
            if not supporting and not opposing:
                continue
            supports = supporting >= opposing
            relevance = _relevance(max(supporting, opposing), len(WORD.findall(passage)))
            piece = Piece(EvidenceKind.LINGUISTIC, TRANSCRIPT, passage, relevance)
            found.append(Finding(piece, supports, turn.begins_s))
    return found


def _passages(turn: Turn) -> list[str]:
    """What of a turn may be quoted: the whole if it is short, else its sentences, word for word."""
    text = turn.text.strip()
    parts = [text] if len(text) <= LONGEST_QUOTE else re.split(r"(?<=[.!?…])\s+", text)
    return [part[:LONGEST_QUOTE] for part in parts if len(WORD.findall(part)) >= SHORTEST_QUOTE]


def _strength(text: str, lists: Mapping[str, float]) -> float:
    spoken = sentences(text)
    return sum(
        weight * len({tuple(words[begin:end]) for words in spoken for begin, end in matches(words, name)})
        for name, weight in lists.items()
    )


def _relevance(strength: float, words: int) -> float:
    """From .3 for one weak word to .95: rises with different matches, and a little with the words around."""
    matched = 1 - float(0.6**strength)
    return round(min(0.95, 0.2 + 0.5 * matched + 0.01 * min(words, 20)), 3)


def _acts(skill: Skill, session: GameSession) -> list[Finding]:
    counted = Counter(event.type for event in session.events)
    found = []
    for kind, words in ACTS[skill].items():
        if not counted[kind]:
            continue
        first = next(event for event in session.events if event.type == kind)
        relevance = round(min(0.95, 0.45 + 0.1 * counted[kind] ** 0.5), 3)
        content = _told(session.game, words, counted[kind], first)
        piece = Piece(EvidenceKind.BEHAVIORAL, TELEMETRY, content, relevance)
        found.append(Finding(piece, kind not in _CONTRARY, first.at_s))
    return found


def _told(game: str, words: str, times: int, first: GameEvent) -> str:
    often = "once" if times == 1 else f"{times} times"
    when = f"at {first.at_s:.0f} s" if times == 1 else f"first at {first.at_s:.0f} s"
    detail = first.data.get("detail")
    shown = f': "{detail[:200]}"' if isinstance(detail, str) and detail.strip() else ""
    return f"In {game}, {words} {often}, {when}{shown}."


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as quotes are compared, and for each of its characters the place in the original."""
    letters: list[str] = []
    origin: list[int] = []
    for place, letter in enumerate(text.translate(_MARKS)):
        if letter.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                origin.append(place)
            continue
        for folded in letter.casefold():
            letters.append(folded)
            origin.append(place)
    if letters and letters[-1] == " ":
        letters.pop()
        origin.pop()
    return "".join(letters), origin


def _whole(text: str, wanted: str) -> int | None:
    place = text.find(wanted)
    while place >= 0:
        before, after = text[place - 1 : place], text[place + len(wanted) : place + len(wanted) + 1]
        cut_before = before.isalnum() and wanted[0].isalnum()
        cut_after = after.isalnum() and wanted[-1].isalnum()
        if not cut_before and not cut_after:
            return place
        place = text.find(wanted, place + 1)
    return None
