"""A student before a patient of a kind that nobody taught: the general approach, and nothing else.

Played when the queue names a scenario that this machine does not have (an imported one, on a server
elsewhere). It looks, listens and measures, gives oxygen, asks for help and hands over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdfast.operations.simulated_students.bedside import Turn
from holdfast.operations.simulated_students.conversation import greeting
from holdfast.operations.simulated_students.skill import SimulatedStudent, forgets, slowness

_APPROACH: tuple[tuple[float, float, str], ...] = (
    (20, 0.5, "Check the scene safety. I put on gloves."),
    (40, 0.9, "Check the airway. Check the breathing. Check the pulse."),
    (70, 0.9, "I attach the monitor. What is the saturation? Check the blood pressure."),
    (100, 0.5, "Give oxygen 15 l/min by mask."),
    (150, 0.6, "What is the level of consciousness? Check the pupils. Check the blood glucose."),
    (200, 0.4, "Any allergies? What about medications? What about past medical history?"),
    (260, 0.4, "Listen to the chest. Record a 12-lead ECG."),
    (330, 0.6, "Call for backup."),
    (400, 0.5, "Check the breathing. What is the saturation?"),
    (480, 0.8, "Pre-alert the hospital. Transport to hospital."),
)
_REPLY_S = 15.0


class AmongStrangers:
    """The general approach as a student carries it out; used as `Bedside` is."""

    def __init__(self, student: SimulatedStudent, index: int) -> None:
        rng = student.draws(f"stranger {index}")
        pace = slowness(student.ability, rng)
        self._meant = [Turn(4.0, text=greeting(student.name, rng))]
        for at_s, weight, text in _APPROACH:
            if rng.random() >= forgets(student.ability, weight):
                self._meant.append(Turn(at_s * pace, text=text))

    def next(self) -> Turn | None:
        """The next turn, or none when there is nothing left to do."""
        return self._meant.pop(0) if self._meant else None

    def saw(self, answer: Mapping[str, Any]) -> None:
        """Take in what a turn was answered: the end, or a question that is answered as well as may be."""
        if answer.get("scenarioEnded"):
            self._meant.clear()
        elif answer.get("activeChallenge"):
            at_s = float(answer.get("clinicalTimeS") or 0.0) + _REPLY_S
            self._meant.insert(0, Turn(at_s, text="I think so because the patient needs help first."))
