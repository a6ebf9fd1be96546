"""What a student's words show to coach and review: a wish to go on or to stop, reasoning, a topic.

Plain word matching, repeatable and offline. It chooses a friendly sentence, it never scores anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

STEM_LENGTH = 6
SHORTEST_WORD = 4
NAMED_SHARE = 0.34
NAMED_WORDS = 2
SHORT_TEXT_WORDS = 10

_COMMON_WORDS = (
    "about after again also always another before being been because both could does doing done down each"
    " ever every from give given goes going have having here into just keep know like made make many more"
    " most much must need never only onto other over same says should show some such take than that their"
    " them then there these they thing things think this those through time under until very want well"
    " were what when where which while will with without would your yours patient patients student"
)
_COMMON = frozenset(_COMMON_WORDS.split())


class Reasoning(StrEnum):
    """How an answer to a question about reasoning was heard."""

    GOOD = "good"
    PARTIAL = "partial"
    FLAWED = "flawed"


def stems(text: str) -> frozenset[str]:
    """The content words of a text by their first letters, so that forms of one word agree."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return frozenset(w[:STEM_LENGTH] for w in words if len(w) >= SHORTEST_WORD and w not in _COMMON)


def names(text: str, thought: str, *, known: str = "") -> bool:
    """Whether a text names a thought: two of its content words, and at least a third of them.

    Words in `known` (the question itself) show nothing and are left out. A thought of a single content
    word needs that one.
    """
    wanted = stems(thought) - stems(known)
    found = len(wanted & stems(text))
    return found >= min(NAMED_WORDS, len(wanted)) > 0 and found >= NAMED_SHARE * len(wanted)


def judge_reasoning(text: str, expected: Sequence[str], flawed: Sequence[str], setup: str) -> Reasoning:
    """How an answer is heard against a question's expected and flawed thoughts.

    Good names at least half of the expected thoughts (two at most are asked for) and more of them than
    flawed ones; flawed names more flawed than expected ones; everything else is partial. A thought that
    shares its words with the other side is told apart by the words that only it has.
    """
    good = _named(text, expected, setup)
    bad = _named(text, flawed, f"{setup} {' '.join(expected)}")
    if bad > good:
        return Reasoning.FLAWED
    wanted = min(2, (len(expected) + 1) // 2)
    return Reasoning.GOOD if good >= wanted > 0 and good > bad else Reasoning.PARTIAL


def _named(text: str, thoughts: Iterable[str], known: str) -> int:
    return sum(names(text, thought, known=known) for thought in thoughts)


_POLITE = (
    r"(?:please|ok(?:ay)?|well|yes|no|sorry|hey|thanks|thank you|then|now|so|and|just|i think"
    r"|(?:can|could|may|shall|should) (?:we|i|you)"
    r"|(?:i|we)(?: would|'d)? (?:want|like|prefer|rather|wish)(?: to)?"
    r"|let's|lets|let us|let me|i'm going to)"
)
_AFTER = r"(?:please|now|already|thanks|thank you|right away|straight away|then|if possible|for now|today)"
_ASIDE = (
    r"(?:all|the|this|these|that|it|any|more|of|warm-?up|coach(?:ing)?|part|phase|intro(?:duction)?"
    r"|questions?|reflection|conversation|exercise|rest|ahead|step)"
)
_CALL = r"(?:to|the|my|a|first|patients?|scenarios?|scene|cases?|call|simulation|mission)"
_PLAIN_SKIP = rf"skip(?: {_ASIDE})*(?: (?:and )?(?:go |get |straight )*(?:{_CALL} ?)+)?"
_NO_QUESTIONS = (
    r"(?:no|enough|without)(?: more| further| of)?(?: the| these)? (?:questions?|coaching|warm-?up)"
)
_TO_THE_PATIENT = (
    rf"(?:go|get|move|jump|take me|bring me|continue|proceed|see|start|begin|meet)"
    rf"(?: (?:straight|directly|right|on|over|with))*(?: {_CALL})+"
)
_GO_ON = r"(?:start|begin|go|move on|get started|get going|go on|next phase|start now|begin now)"


def _sentence(core: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_POLITE} )*(?:{core})(?: {_AFTER})*", re.IGNORECASE)


_SKIP = _sentence(rf"{_PLAIN_SKIP}|{_NO_QUESTIONS}")
_ONWARD = _sentence(rf"{_PLAIN_SKIP}|{_NO_QUESTIONS}|{_TO_THE_PATIENT}")
_ONWARD_OR_START = _sentence(rf"{_PLAIN_SKIP}|{_NO_QUESTIONS}|{_TO_THE_PATIENT}|{_GO_ON}")
_FILLER = re.compile(rf"(?:{_POLITE} ?)*|(?:i'm |i am |we're )?ready", re.IGNORECASE)

_CLAUSES = r"[.!?;,\n]+|\band\b"
_REVIEW = r"(?:the|this|that|our|it|review|debriefing|debrief|session|conversation|discussion|aar|here|today)"
_STOP = _sentence(
    rf"(?:end|finish|stop|close|quit|conclude|wrap up|leave)(?: {_REVIEW})*"
    r"|(?:i'm|i am|we're|we are) (?:done|finished)|that(?:'s| is) (?:all|enough)|enough"
    r"|skip to the end|goodbye|bye"
)


def wants_to_skip(text: str, *, opening: bool = False) -> bool:
    """Whether the text is an explicit request to leave the questions and go to the patient.

    A request is a sentence of its own ("Can we skip this?"); "I would not skip the allergies" is an answer.
    Phrases that could be part of an answer ("go to the patient") count only when the text says nothing
    else. "Let's start" counts too, except in answer to the introduction (`opening`), where it starts
    the questions.
    """
    sentences = _split(text, r"[.!?;\n]+")
    if any(_SKIP.fullmatch(sentence) for sentence in sentences):
        return True
    if len(text.split()) > SHORT_TEXT_WORDS:
        return False
    onward = _ONWARD if opening else _ONWARD_OR_START
    return _says_only(_split(text, _CLAUSES), onward)


def wants_to_end(text: str) -> bool:
    """Whether the text is an explicit request to end the conversation, as a sentence of its own."""
    sentences = _split(text, r"[.!?;\n]+")
    return any(_says_only(_split(sentence, _CLAUSES), _STOP) for sentence in sentences)


def _split(text: str, at: str) -> list[str]:
    plain = text.replace("\u2019", "'")
    return [" ".join(part.split()) for part in re.split(at, plain, flags=re.IGNORECASE) if part.strip()]


def _says_only(parts: Sequence[str], wish: re.Pattern[str]) -> bool:
    rest = [part for part in parts if not wish.fullmatch(part)]
    return len(rest) < len(parts) and all(_FILLER.fullmatch(part) for part in rest)
