"""What simulated students say when they are not giving orders: to the coach, to the patient, at a challenge.

Better students name more of the thoughts that are listened for, and fewer of the misleading ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from holdfast.operations.simulated_students.skill import reasons_well, skips
from holdfast.operations.simulated_students.wording import PhraseBook
from holdfast.programs.simulation.coach import CoachQuestion
from holdfast.programs.simulation.questions import pool
from holdfast.programs.simulation.scenario.judgement import ChallengePoint

_READY = ("Yes, ready.", "I am ready, go ahead.", "Sure, ask me.", "A bit nervous, but yes.")
_SKIP_COACH = ("Can we skip this?", "Skip, please.", "I would like to go straight to the patients.")
_SKIP_CHALLENGE = ("I don't know.", "Not sure.", "Skip, please.")
_OPENINGS = ("I would say: ", "My first thought: ", "Hm. ", "For me it is this. ", "")
_VAGUE = (
    "I would look at the patient again and decide then.",
    "Probably follow the protocol and see what happens.",
    "I am not certain. I would ask somebody with more experience.",
)
_ORDER = (
    "Airway, breathing, circulation. I tend to forget to look again. A falling saturation.",
    "First the scene, then the face, then the pulse. I say who I am.",
    "Breathing in the first minute; history can wait; the papers I leave to others.",
    "ready",
)
_GREETINGS = (
    "Hello, we are from the ambulance. My name is {name}. What happened?",
    "Good day, I'm {name}, paramedic student. Can you hear me? What happened here?",
    "Hi, I am {name}, we are here to help you. What is the matter?",
)


def answer_coach(message: str, ability: float, rng: Random, *, opening: bool) -> str:
    """An answer to what the coach said last.

    Args:
        message: the coach's words; the question is the one of the pool that stands in it.
        ability: decides which thoughts come to mind.
        rng: the student's, for this turn alone.
        opening: whether it is the coach's first message.
    """
    if rng.random() < skips(ability) * (0.9 if opening else 0.4):
        return rng.choice(_SKIP_COACH)
    question = next((q for q in pool().questions if _squeezed(q.setup) in _squeezed(message)), None)
    if question is not None:
        return _reasoned(question, ability, rng)
    return rng.choice(_READY if opening else _ORDER)


def _reasoned(question: CoachQuestion, ability: float, rng: Random) -> str:
    good, flawed = question.expected_good_reasoning, question.common_flawed_reasoning
    named = [thought for thought in good if rng.random() < reasons_well(ability)]
    named += [thought for thought in flawed if rng.random() < 0.35 * (1 - reasons_well(ability))]
    if not named:
        return rng.choice(_VAGUE)
    rng.shuffle(named)
    return rng.choice(_OPENINGS) + " ".join(f"{thought.rstrip('.')}." for thought in named[:3])


def greeting(name: str, rng: Random) -> str:
    """The first words at the patient's side."""
    return rng.choice(_GREETINGS).format(name=name.split(maxsplit=1)[0])


_THOUGHTS = (
    "I think of {}, because that decides what comes next.",
    "I think it is about {}, because of what I saw.",
    "Because of {}, I think.",
)


def answer_challenge(challenge: ChallengePoint | None, ability: float, rng: Random, book: PhraseBook) -> str:
    """A reply to a challenge point: as many of the expected thoughts as come to mind, or none.

    The words are chosen so that reasoning about a drug is not read as an order for it.
    """
    if rng.random() < skips(ability):
        return rng.choice(_SKIP_CHALLENGE)
    expected = challenge.expected if challenge else ()
    named = [rng.choice(e.keywords) for e in expected if rng.random() < reasons_well(ability)]
    if not named:
        return rng.choice(("I think it is the usual thing to do.", "I believe that is what one does here."))
    frames = rng.sample(_THOUGHTS, len(_THOUGHTS))
    spoken = [frame.format(_listed(named)) for frame in frames]
    return next((text for text in spoken if not book.heard(text)), _without_orders(named, book))


def _without_orders(named: Sequence[str], book: PhraseBook) -> str:
    """The thoughts that can be said without ordering anything."""
    for length in range(len(named), 0, -1):
        for keep in ([*named[:length]], [*named[-length:]]):
            text = _THOUGHTS[-1].format(_listed(keep))
            if not book.heard(text):
                return text
    return "I think there is a good reason for it, because the guideline says so."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _squeezed(text: str) -> str:
    return " ".join(text.split())
