"""The work of one turn, the same for every candidate, made before the clock runs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import orjson

QUESTION_BYTES, REPLY_BYTES, STATE_BYTES = 200, 600, 8192
_VARIANTS = 64

_WORDS = tuple(
    word
    for line in (
        "airway breathing pulse pressure oxygen mask monitor patient answers slowly chest pain left arm",
        "since morning allergy none medication aspirin dose route given time checked again wheeze both",
        "sides pale sweating alert oriented pupils equal glucose normal temperature history asthma",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Work:
    """What one turn stores.

    Attributes:
        question: the student's message, 200 bytes.
        reply: the agent's, 600 bytes.
        state: the new state, 8 KB as JSON, as hard to compress as a real one (numbers and words).
    """

    question: str
    reply: str
    state: dict[str, Any]


def work(turn: int) -> Work:
    """The work of the turn with this number; it differs from that of the turn before."""
    return _WORKS[turn % _VARIANTS]


def _make(seed: int) -> Work:
    draw = random.Random(seed)
    return Work(_prose(draw, QUESTION_BYTES), _prose(draw, REPLY_BYTES), _state(draw))


def _prose(draw: random.Random, size: int) -> str:
    text = " ".join(draw.choice(_WORDS) for _ in range(size // 4))
    return text[:size].ljust(size, ".")


def _state(draw: random.Random) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    while len(orjson.dumps(entries)) < STATE_BYTES - 120:
        at_s, value = round(draw.uniform(0, 1800), 3), round(draw.uniform(0, 200), 2)
        entries.append({"what": draw.choice(_WORDS), "atS": at_s, "value": value, "note": _prose(draw, 24)})
    filled = STATE_BYTES - len(orjson.dumps({"entries": entries, "rest": ""}))
    return {"entries": entries, "rest": _prose(draw, filled)}


_WORKS = [_make(seed) for seed in range(_VARIANTS)]
