"""A student at the patient's side: what to say or do next, and what to make of the answer.

It knows no transport. Whoever plays it asks `next`, sends the turn when it is due, and tells it
with `saw` what came back; a server or the bare rule engine may be at the other end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from holdfast.operations.simulated_students.conversation import answer_challenge, greeting
from holdfast.operations.simulated_students.expert import HANDOVER, interval_s, response
from holdfast.operations.simulated_students.intentions import Intention, answer_to, intentions_of
from holdfast.operations.simulated_students.reading import Need
from holdfast.operations.simulated_students.skill import SimulatedStudent, recognises, slowness
from holdfast.operations.simulated_students.wording import PhraseBook
from holdfast.programs.simulation.scenario.model import Scenario

TOGETHER_S = 22.0
"""What is meant to be done within so many clinical seconds is ordered in one breath."""

MOST_TOGETHER = 4
_BUTTON_CHANCE = 0.3
"""How often a single order is given by a structured action instead of words."""

_FIRST_LOOK_S = 20.0
_SEEING_IT_WORK_S = 75.0
_THINKING_S = 15.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One request to be made at a clinical time: words, or a structured action."""

    at_s: float
    text: str | None = None
    action: dict[str, Any] | None = None


class Bedside:
    """A student in one scenario, from the first look to the handover.

    Args:
        student: after allocation.
        scenario: what the student was taught about this kind of patient; behaviour is read from it.
        index: the place of the scenario in the queue.
        book: how the scenario's orders are said.
    """

    def __init__(self, student: SimulatedStudent, scenario: Scenario, index: int, book: PhraseBook) -> None:
        self._student, self._scenario, self._index, self._book = student, scenario, index, book
        self._meant = list(intentions_of(student, scenario, index))
        self._challenge: str | None = None
        self._done: dict[str, float] = {}
        self._states: set[str] = {"initial"}
        self._now_s = 0.0
        self._turns = 0
        self.over = False

    def next(self) -> Turn | None:
        """The next turn, or none when the student has nothing left to do or the scenario is over."""
        if self.over:
            return None
        rng = self._rng(f"turn {self._turns}")
        self._turns += 1
        if self._turns == 1:
            return Turn(4.0, text=greeting(self._student.name, rng))
        if self._challenge is not None:
            return self._reply()
        if not self._meant:
            return None
        together = self._taken()
        at_s = max(together[-1].at_s, self._now_s)
        self._done.update((m.target, at_s) for m in together)
        if len(together) == 1 and rng.random() < _BUTTON_CHANCE:
            return Turn(at_s, action=_pressed(together[0]))
        return Turn(at_s, text=" ".join(self._book.say(m, rng) for m in together))

    def saw(self, answer: Mapping[str, Any]) -> None:
        """Take in what a turn was answered: the time, a challenge, how the patient looks, the end."""
        self._now_s = float(answer.get("clinicalTimeS") or self._now_s)
        if answer.get("scenarioEnded"):
            self.over = True
        opened = answer.get("activeChallenge")
        if opened:
            self._challenge = str(opened["challengeId"])
        looks = answer.get("patientLooks")
        if looks:
            self._look(str(looks))

    def _taken(self) -> list[Intention]:
        """The next intentions that are due close together."""
        together = self._meant[:1]
        for meant in self._meant[1:MOST_TOGETHER]:
            if meant.at_s - together[0].at_s > TOGETHER_S or HANDOVER in meant.target:
                break
            together.append(meant)
        del self._meant[: len(together)]
        return together

    def _reply(self) -> Turn:
        name, self._challenge = self._challenge, None
        challenge = next((c for c in self._scenario.challenge_points if c.id == name), None)
        text = answer_challenge(challenge, self._student.ability, self._rng(f"challenge {name}"), self._book)
        return Turn(self._now_s + _THINKING_S, text=text)

    def _look(self, looks: str) -> None:
        """Recognise the patient's new state by how the patient looks, or fail to."""
        states = (name for name, s in self._scenario.states.items() if s.appearance == looks)
        state = next(states, None)
        if state is None or state in self._states:
            return
        self._states.add(state)
        rng = self._rng(f"state {state}")
        if rng.random() < recognises(self._student.ability):
            at_s = self._now_s + _FIRST_LOOK_S * slowness(self._student.ability, rng)
            for number, need in enumerate(response(self._scenario, state, frozenset(self._done))):
                self._answer(need, at_s + 6 * number)

    def _answer(self, need: Need, at_s: float) -> None:
        """Do what the state asks for now, instead of when it was planned for; hand over later."""
        treatment = self._scenario.treatments.get(need.target)
        if treatment is not None and need.target in self._done:
            at_s = max(at_s, self._done[need.target] + interval_s(treatment))
        answer = answer_to(self._student, self._scenario, need, at_s)
        others = [m for m in self._meant if m.target != need.target]
        later = [_not_before(m, at_s + _SEEING_IT_WORK_S) if HANDOVER in m.target else m for m in others]
        self._meant = sorted([answer, *later], key=lambda m: m.at_s)

    def _rng(self, purpose: str) -> Any:
        return self._student.draws(f"bedside {self._index} {self._scenario.id}, {purpose}")


def _not_before(meant: Intention, at_s: float) -> Intention:
    return replace(meant, at_s=max(meant.at_s, at_s))


def _pressed(meant: Intention) -> dict[str, Any]:
    order = {"type": meant.kind, "target": meant.target}
    amount = {"dose": meant.dose, "unit": meant.unit, "route": meant.route}
    return order | {name: value for name, value in amount.items() if value is not None}
