"""A student in the after-action review: what is remembered of each scenario, and how it is told.

Insight grows with ability: better students name what they really missed, weaker ones speak of feelings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from holdfast.operations.simulated_students.skill import SimulatedStudent, reasons_well

CONTENT_FROM = 70.0
"""The overall score from which a student is content with a scenario."""

_CONTENT = (
    "I am quite satisfied. It felt calm, and I knew what to do next most of the time.",
    "Good, I think. I was quick at the beginning and kept looking at the patients.",
    "Tired but content. I would like to hear how you saw it.",
)
_DISCONTENT = (
    "Difficult. I was slow at the start and nervous, and I forgot things I know.",
    "Not great. I felt lost when a patient got worse and I tried too many things.",
    "Honestly, bad. I know more than I showed.",
)
_VAGUE = (
    "I am not sure what the main problem was. I did what I could.",
    "It went too fast for me to say. I was busy with the equipment.",
    "I think the main problem was the breathing. I would start earlier next time.",
)
_TAKEN = (
    "That is true. I had not noticed it while it happened.",
    "I see. I thought about it and then something else came in between.",
    "Good to hear that this part worked. The rest I have to practise.",
    "Agreed. Why is the order so important there?",
)
_PATTERNS = (
    "Yes, I recognise that. It happens to me when I am in a hurry.",
    "That surprises me a little, but the times speak for themselves.",
    "I agree. I start well and then stop measuring.",
)
_PLANS = (
    "Next time I say my order aloud and look at the monitor after every drug.",
    "I will learn the doses by heart and check for contraindications before I draw up anything.",
    "I want to practise the first three minutes until they run by themselves.",
)
_THANKS = (
    "Look again after everything I do. Thank you, that was useful.",
    "First look, then treat, then look again. Thanks.",
    "One thing at a time, and say it aloud. Thank you.",
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a student could remember of one scenario.

    Attributes:
        done, missed: critical actions, in the words of the checklist.
        content: whether it went well.
    """

    done: tuple[str, ...]
    missed: tuple[str, ...]
    content: bool

    @classmethod
    def of(cls, performance: Mapping[str, Any]) -> Memory:
        """From a scenario's performance."""
        results = performance.get("checklistResults") or {}
        score = performance.get("overallScore")
        return cls(_actions(results, "completed"), _actions(results, "missed"), (score or 0) >= CONTENT_FROM)


def _actions(results: Mapping[str, Any], which: str) -> tuple[str, ...]:
    return tuple(str(item["action"]) for item in results.get(which) or ())


class Reviewed:
    """The student's side of the review, which answers by the review's phase and says nothing twice in a row.

    In the three middle phases every first reply is a reflection and every second one answers feedback.
    """

    def __init__(self, student: SimulatedStudent, memories: Sequence[Memory]) -> None:
        self._student = student
        self._memories = memories
        self._turns: Counter[str] = Counter()
        self._last = ""

    def answer(self, phase: str | None) -> str:
        """What the student says to the facilitator."""
        phase = phase or "closing"
        turn = self._turns[phase]
        self._turns[phase] += 1
        rng = self._student.draws(f"review {phase} {turn}")
        said = [text for text in self._choices(phase, turn, rng) if text != self._last]
        self._last = rng.choice(said) if said else "Thank you."
        return self._last

    def _choices(self, phase: str, turn: int, rng: Random) -> Sequence[str]:
        reflecting = turn % 2 == 0
        if phase == "opening":
            good = sum(memory.content for memory in self._memories) * 2 > len(self._memories)
            return _CONTENT if good else _DISCONTENT
        if phase == "scenario_review":
            return self._reflections(turn // 2, rng) if reflecting else _TAKEN
        if phase == "pattern_analysis":
            return _PATTERNS
        if phase == "action_plan":
            return _PLANS if reflecting else _TAKEN
        return _THANKS

    def _reflections(self, scenario: int, rng: Random) -> Sequence[str]:
        insight = rng.random() < reasons_well(self._student.ability)
        if not insight or scenario >= len(self._memories):
            return _VAGUE
        memory = self._memories[scenario]
        parts = []
        if memory.done:
            parts.append(f"What went well: {_small(rng.choice(memory.done))}.")
        if memory.missed:
            parts.append(f"What I missed: {_small(rng.choice(memory.missed))}. I would do that next time.")
        return (" ".join(parts),) if parts else _VAGUE


def _small(text: str) -> str:
    plain = text.rstrip(".")
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() else plain
