"""What a student's text asks for: the lines and the parts of the history that its words call for.

An order is not a question: "start oxygen" must not make the patient tell when it started. So in a message
that did something, only sentences that ask or speak to somebody are listened to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.listening import Listener
from holdfast.programs.simulation.personas.kept import Kept
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.patient import Line

LINES_PER_SENTENCE, LINES_PER_REPLY = 2, 3
"""More answers at once than these are no conversation."""

LISTENED_CHARACTERS = 2000
"""A question stands at the beginning of a message or in a short one."""

_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]*")
_ASKS = re.compile(
    r"\s*(?:and |so |then |ok(?:ay)?,? |hello,? |hi,? |please |now )*"
    r"(?:what|when|where|who|whose|which|why|how|do|does|did|is|are|was|were|am|can|could|may|will|would"
    r"|have|has|had|any|tell|describe|ask|rate|show|hello|hi|good (?:morning|evening|day|afternoon))\b",
    re.IGNORECASE,
)
_HISTORY: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (field, name, re.compile(pattern, re.IGNORECASE))
    for field, name, pattern in (
        ("symptoms", "Symptoms", r"\bsymptom|\bsigns and\b|\bcomplain"),
        ("allergies", "Allergies", r"\ballerg"),
        ("medications", "Medicines", r"\bmedic(?:ine|ation)|\btablet|\bpills?\b|\bprescri"),
        (
            "past_history",
            "Past history",
            r"\bhistory\b|\billness|\bdisease|\bmedical problem|\bconditions?\b",
        ),
        ("last_intake", "Last intake", r"\b(?:eat|ate|eaten|meal|food|drink|drank|drunk)\b|\bintake\b"),
        ("events", "Events", r"\bhappen|\bevents?\b|\bbefore this\b|\bwere you doing\b"),
    )
)


@dataclass(frozen=True, slots=True)
class Topics:
    """The keywords of a scenario's lines.

    Attributes:
        lines: the lines, in file order.
        by_keyword: which lines a keyword calls for.
    """

    lines: tuple[Line, ...]
    listener: Listener
    by_keyword: dict[str, tuple[int, ...]]


def _topics(scenario: Scenario) -> Topics:
    by_keyword: dict[str, tuple[int, ...]] = {}
    for index, line in enumerate(scenario.patient.lines):
        for keyword in line.keywords:
            by_keyword[keyword] = (*by_keyword.get(keyword, ()), index)
    return Topics(scenario.patient.lines, Listener.of(by_keyword), by_keyword)


_kept = Kept(_topics)


def lines_asked(scenario: Scenario, said: str, *, acted: bool, awake: bool) -> tuple[Line, ...]:
    """The lines that a text calls for, the best of each sentence first.

    If the message also `acted`, only its questions count; if the patient is not `awake`, bystanders are heard
    first.
    """
    topics = _kept.of(scenario)
    found: dict[int, None] = {}
    if topics.lines:
        for sentence in questions(said, acted=acted):
            found.update(dict.fromkeys(_called_for(topics, sentence, awake=awake)))
    return tuple(topics.lines[index] for index in list(found)[:LINES_PER_REPLY])


def history_asked(scenario: Scenario, said: str, *, acted: bool) -> list[str]:
    """The parts of the history that a text asks for, each under its heading."""
    history = scenario.patient.history
    asked = " ".join(questions(said, acted=acted))
    told = [f"{name}: {getattr(history, field)}" for field, name, words in _HISTORY if words.search(asked)]
    return told[:LINES_PER_REPLY]


def questions(said: str, *, acted: bool) -> Iterator[str]:
    """The sentences of a text that may ask for something."""
    for sentence in _SENTENCE.findall(said[:LISTENED_CHARACTERS]):
        if not acted or "?" in sentence or _ASKS.match(sentence):
            yield sentence


def _called_for(topics: Topics, sentence: str, *, awake: bool) -> list[int]:
    weights: dict[int, int] = {}
    for keyword in topics.listener.heard(sentence):
        for index in topics.by_keyword[keyword]:
            weights[index] = weights.get(index, 0) + 1 + keyword.count(" ")
    asleep = {} if awake else {i: topics.lines[i].speaker == "patient" for i in weights}
    best = sorted(weights, key=lambda index: (asleep.get(index, False), -weights[index], index))
    return best[:LINES_PER_SENTENCE]
