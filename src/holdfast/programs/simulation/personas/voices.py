"""Who answers in the scripted reply: the lines the student asked for, the history, the voice of the state.

A patient who is not awake has gestures only; a bystander may speak in their place.
"""

from __future__ import annotations

from zlib import crc32

from holdfast.programs.simulation.engine.facts import FindingRevealed, StateChanged, TreatmentGiven
from holdfast.programs.simulation.personas.cast import said_by, spoken
from holdfast.programs.simulation.personas.exchange import Exchange
from holdfast.programs.simulation.personas.topics import history_asked, lines_asked
from holdfast.programs.simulation.scenario.care import FindingCategory
from holdfast.programs.simulation.scenario.patient import Line

_AWAKE = ("I hear you.", "What happens now?", "Please stay with me.", "I don't know what to say to that.")
_NOT_AWAKE = (
    "{name} does not answer.",
    "There is no answer from {name}.",
    "{name} gives no sign of having heard you.",
)


def voices(exchange: Exchange, *, told_something: bool) -> list[str]:
    """What is said beside the events; not empty unless the reply has `told_something` already."""
    acted = exchange.has(TreatmentGiven, FindingRevealed)
    answers = _answers(exchange, acted=acted) or _history(exchange, acted=acted)
    if answers:
        return answers
    if exchange.has(StateChanged):
        return [text for text in (_voice(exchange), _alarm(exchange)) if text]
    waiting = "?" in exchange.said and not exchange.has(FindingRevealed)
    return [_voice(exchange)] if waiting or not told_something else []


def line_text(line: Line, state: str) -> str | None:
    """What a line says in a state, or none where the scenario has nothing for it."""
    return line.says.get(state) or line.says.get("default")


def _answers(exchange: Exchange, *, acted: bool) -> list[str]:
    lines = lines_asked(exchange.scenario, exchange.said, acted=acted, awake=exchange.awake)
    if not exchange.awake:
        silent = next((line for line in lines if line.speaker == "patient"), None)
        lines = tuple(line for line in lines if line.speaker == "bystander" or line is silent)
    told = (_answer(exchange, line) for line in lines)
    return [text for text in told if text]


def _answer(exchange: Exchange, line: Line) -> str:
    text = line_text(line, exchange.state.patient_state)
    if text is None:
        return ""
    if line.speaker == "bystander":
        return spoken(exchange.cast.bystander, text)
    return spoken(exchange.cast.patient, text, in_words=exchange.awake) or _voice(exchange)


def _history(exchange: Exchange, *, acted: bool) -> list[str]:
    """What the scenario's history says, where no line or finding of it answers and somebody can tell."""
    history = FindingCategory.HISTORY.value
    if any(fact.category == history for fact in exchange.all_of(FindingRevealed)):
        return []
    if not exchange.awake and exchange.scenario.scene.bystanders is None:
        return []
    return history_asked(exchange.scenario, exchange.said, acted=acted)


def _voice(exchange: Exchange) -> str:
    """How the patient sounds now, another way from message to message."""
    name = exchange.cast.patient
    turn = crc32(exchange.said.encode(errors="replace")) + exchange.state.order
    heard = (spoken(name, text, in_words=exchange.awake) for text in exchange.patient_state.voice)
    if fitting := [text for text in heard if text]:
        return fitting[turn % len(fitting)]
    if exchange.awake:
        return said_by(name, _AWAKE[turn % len(_AWAKE)])
    return _NOT_AWAKE[turn % len(_NOT_AWAKE)].format(name=name)


def _alarm(exchange: Exchange) -> str:
    """What a bystander cries when a patient who cannot speak has changed, if the scenario says."""
    if exchange.awake:
        return ""
    state = exchange.state.patient_state
    for line in exchange.scenario.patient.lines:
        if line.speaker == "bystander" and state in line.says:
            return spoken(exchange.cast.bystander, line.says[state])
    return ""
