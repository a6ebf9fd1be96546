"""What a student's text asks for: the lines and the parts of the history that its words call for.

An order is not a question: "start oxygen" must not make the patient tell when it started. So where a message
asks, only its questions are listened to, and one that only ordered something asks nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from holdfast.programs.simulation.interpreter.listening import Listener
from holdfast.programs.simulation.personas.kept import Kept
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.patient import Line

LINES_PER_SENTENCE, LINES_PER_REPLY = 2, 3
"""More answers at once than these are no conversation."""

BESIDE_THE_BEST = 0.4
"""A second line of one sentence needs a keyword of at least this share of the best one's length."""

LISTENED_CHARACTERS = 2000
"""A question stands at the beginning of a message or in a short one."""

_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]*")
_ASKS = re.compile(
    r"\s*(?:and |so |then |ok(?:ay)?,? |hello,? |hi,? |please |now )*"
    r"(?:what|when|where|who|whose|which|why|how|do|does|did|is|are|was|were|am|can|could|may|will|would"
    r"|have|has|had|any|tell|describe|ask|rate|show)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\s*(\w+(?: \w+)?),(?=\s*\w)")
"""Who is spoken to: "Ivana, what happened?" asks her, not about her."""

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

    If the message also `acted`, only its questions count; if the patient is not `awake`, bystanders are asked
    where they have an answer.
    """
    topics = _kept.of(scenario)
    if not topics.lines:
        return ()
    called = [_called_for(topics, sentence, awake=awake) for sentence in questions(said, acted=acted)]
    ranked = dict.fromkeys(index for rank in zip_longest(*called) for index in rank if index is not None)
    return tuple(topics.lines[index] for index in list(ranked)[:LINES_PER_REPLY])


def history_asked(scenario: Scenario, said: str, *, acted: bool) -> list[str]:
    """The parts of the history that a text asks for, each under its heading."""
    history = scenario.patient.history
    asked = " ".join(questions(said, acted=acted))
    told = [f"{name}: {getattr(history, field)}" for field, name, words in _HISTORY if words.search(asked)]
    return told[:LINES_PER_REPLY]


def questions(said: str, *, acted: bool) -> list[str]:
    """The sentences that ask; all of them where none does and the message did nothing else."""
    sentences = _SENTENCE.findall(said[:LISTENED_CHARACTERS])
    asking = [sentence for sentence in sentences if "?" in sentence or _ASKS.match(sentence)]
    return asking if asking or acted else sentences


def _called_for(topics: Topics, sentence: str, *, awake: bool) -> list[int]:
    address = _ADDRESS.match(sentence)
    called = _weights(topics, address[1]) if address else {}
    weights = _weights(topics, sentence[address.end() :] if address else sentence) or called
    if not awake or any(topics.lines[index].speaker == "bystander" for index in called):
        weights = {i: w for i, w in weights.items() if topics.lines[i].speaker == "bystander"} or weights
    best = sorted(weights, key=lambda index: (-weights[index], index))[:LINES_PER_SENTENCE]
    return [index for index in best if weights[index] >= BESIDE_THE_BEST * weights[best[0]]]


def _weights(topics: Topics, words: str) -> dict[int, int]:
    """The lines that words call for, each with the letters of its longest keyword."""
    weights: dict[int, int] = {}
    for keyword in topics.listener.heard(words):
        letters = len(keyword) - keyword.count(" ")
        for index in topics.by_keyword[keyword]:
            weights[index] = max(weights.get(index, 0), letters)
    return weights
