"""The scripted reply at the scene: what happened in this turn, told in the scenario's own words.

Order: the answer to a challenge; acts, findings and changes of state as they came; who answers the student,
and what is noted of it; a new challenge; the end. All but the answers are also facts that a model is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from holdfast.programs.simulation.engine.facts import (
    ChallengeAnswered,
    ChallengeOpened,
    FindingRevealed,
    MedicationEvent,
    Occurrence,
    StateChanged,
    TreatmentGiven,
)
from holdfast.programs.simulation.personas.cast import (
    MONITOR,
    PARTNER,
    SPEAKS_FROM_GCS,
    SUPERVISOR,
    said_by,
    spoken,
)
from holdfast.programs.simulation.personas.exchange import Exchange
from holdfast.programs.simulation.personas.giving import lowered, refused, told
from holdfast.programs.simulation.personas.voices import voices
from holdfast.programs.simulation.scenario.care import FindingCategory

_HISTORY = FindingCategory.HISTORY.value
_READERS = {FindingCategory.MONITORING.value: MONITOR, FindingCategory.TEST.value: PARTNER}
_ENDINGS = {
    "handed_over": "The next team takes over and you step back. This scenario is over.",
    "stabilised": "The patient is settled and goes on with the next crew. This scenario is over.",
    "lost": "Others take over from you now. This scenario ends here.",
    "time": "The time for this scenario is over.",
}
_ENDED = "This scenario is over."


def reply(exchange: Exchange) -> str:
    """The whole scripted reply, one thing per line; never empty."""
    parts, noted = [*feedback(exchange), *events(exchange)], list(notes(exchange))
    if exchange.state.outcome is not None:
        return "\n".join([*parts, *noted, closing(exchange.state.outcome)])
    parts += voices(exchange, told_something=bool(parts or noted))
    parts += noted
    return "\n\n".join(["\n".join(dict.fromkeys(parts)), *interruptions(exchange)])


def feedback(exchange: Exchange) -> Iterator[str]:
    """What the supervisor says to an answer; a challenge that the end of the run closed gets none."""
    for fact in exchange.all_of(ChallengeAnswered):
        if fact.response:
            yield said_by(SUPERVISOR, fact.says)


def events(exchange: Exchange) -> Iterator[str]:
    """Acts, what was seen and changes of state as they came; of several changes in a row the last."""
    not_in_place = {
        fact.treatment for fact in exchange.all_of(MedicationEvent) if fact.kind == "requirement_missing"
    }
    changed: StateChanged | None = None
    for fact in exchange.occurred:
        if isinstance(fact, StateChanged):
            changed = fact
        elif sentences := _event(exchange, fact, not_in_place):
            if changed:
                yield _look(exchange, changed)
                changed = None
            yield from sentences
    if changed:
        yield _look(exchange, changed)


def notes(exchange: Exchange) -> Iterator[str]:
    """What was learnt by asking; it stands after the answers, as one writes it down."""
    return (finding(fact) for fact in exchange.all_of(FindingRevealed) if fact.category == _HISTORY)


def interruptions(exchange: Exchange) -> Iterator[str]:
    """A challenge that opened, marked as an interruption, with its question word for word."""
    for fact in exchange.all_of(ChallengeOpened):
        context = f" {fact.context}" if fact.context else ""
        yield (
            f"Your supervisor stops you for a moment.{context}\n"
            f'{SUPERVISOR}: "{fact.question}"\n'
            '(Answer in a sentence or two, or say "skip". You can go on treating meanwhile.)'
        )


def closing(outcome: str) -> str:
    """The last words of a run: how it stopped, never how well it went."""
    return _ENDINGS.get(outcome, _ENDED)


def finding(fact: FindingRevealed) -> str:
    """A finding under its name; what stands on the monitor and what a test shows is read out."""
    if fact.category == _HISTORY:
        return f"You note under {lowered(fact.name)}: {fact.text}"
    reader = _READERS.get(fact.category)
    heading = f"{reader}, {lowered(fact.name)}" if reader else fact.name
    return f"{heading}: {fact.text}"


def _event(exchange: Exchange, fact: Occurrence, not_in_place: Collection[str]) -> list[str]:
    if isinstance(fact, TreatmentGiven):
        treatment = exchange.scenario.treatments.get(fact.treatment)
        done = told(fact, treatment, exchange.said, held_back=fact.treatment in not_in_place)
        reaction = _reaction(exchange, fact.says) if fact.says else ""
        return [done, reaction] if reaction else [done]
    if isinstance(fact, FindingRevealed) and fact.category != _HISTORY:
        return [finding(fact)]
    if isinstance(fact, MedicationEvent) and fact.kind == "unknown_drug":
        return [refused(fact, exchange.said)]
    return []


def _look(exchange: Exchange, changed: StateChanged) -> str:
    return f"You notice a change: {exchange.scenario.states[changed.state].appearance.rstrip('.')}."


def _reaction(exchange: Exchange, says: str) -> str:
    """The patient's reaction; gestures meant for somebody awake do not fit one who no longer is."""
    if not exchange.awake and exchange.scenario.vital_signs.gcs >= SPEAKS_FROM_GCS:
        return ""
    return spoken(exchange.cast.patient, says, in_words=exchange.awake)
