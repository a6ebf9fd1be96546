"""The two producers: a model through the gateway or else the rubric, and the trained models or the baseline.

Nothing is stored here, and no connection is held while a model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from holdfast.agents.gateway import Gateway, Silence
from holdfast.agents.speech import Usage
from holdfast.kit.errors import AgentUnavailable
from holdfast.programs.skills.assessment import Judgement, NotEnough
from holdfast.programs.skills.examiner import examine, question
from holdfast.programs.skills.material import Material
from holdfast.programs.skills.skill import Skill


class Rules(Protocol):
    """What judges without a model, and what finds a student's words."""

    def by_rubric(self, skill: Skill, material: Material) -> Judgement:
        """The documented rubric's judgement."""
        ...

    def by_learning(self, skill: Skill, material: Material) -> Judgement:
        """The trained model's judgement, or the baseline's where there is none."""
        ...

    def find(self, quote: str, material: Material) -> str | None:
        """The student's own words that a quote stands for; none where the student never said so."""
        ...


@dataclass(frozen=True, slots=True)
class Produced:
    """A judgement and what it took.

    Attributes:
        usage: none where no model was asked.
        fallback: why the rubric judged although a model was asked: ``refused``, ``invalid`` or
            ``unfounded`` (no quote held).
        dropped: quotes of the model that the student never said.
    """

    judgement: Judgement
    usage: Usage | None = None
    fallback: str | None = None
    dropped: int = 0

    @property
    def skill(self) -> Skill:
        """What was judged."""
        return self.judgement.skill


class Unheard(AgentUnavailable):
    """No model answered; nothing was stored. `usage` is for the ledger."""

    def __init__(self, skill: Skill, silence: Silence) -> None:
        super().__init__("The model does not answer just now; nothing was stored. Please try again.")
        self.details.update(silence.details)
        self.skill = skill
        self.usage = silence.usage


@dataclass(frozen=True, slots=True)
class Producers:
    """Both ways to a judgement."""

    gateway: Gateway
    asks_model: bool
    rules: Rules

    async def assess(self, skill: Skill, material: Material) -> Produced:
        """The AI path.

        Raises:
            Unheard: no model answered in the attempts and the time allowed.
        """
        if not self.asks_model or not material.transcripts:
            # Without anything said there is nothing that a model could quote.
            return Produced(self.rules.by_rubric(skill, material))
        try:
            answered = await self.gateway.ask(question(skill, material))
        except Silence as silence:
            raise Unheard(skill, silence) from None
        if answered.value is None:
            return Produced(self.rules.by_rubric(skill, material), answered.usage, answered.fallback)
        done = examine(skill, answered.value, lambda quote: self.rules.find(quote, material))
        if done.judgement is None:
            judged = self.rules.by_rubric(skill, material)
            return Produced(judged, answered.usage, "unfounded", done.dropped)
        return Produced(done.judgement, answered.usage, None, done.dropped)

    def infer(self, skill: Skill, material: Material) -> Produced:
        """The ML path."""
        return Produced(self.rules.by_learning(skill, material))


def nothing_came_in(skill: Skill) -> NotEnough:
    """The judgement of a student of whom there is nothing."""
    return NotEnough(skill, "no transcript and no game session has come in")
