"""The persona of the cognitive coach: what it conveys in one turn, and nothing of the questions to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from holdfast.agents.speech import Line, Proposal, Tool
from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation import coach
from holdfast.programs.simulation.coach import CoachQuestions, CoachTurn, Remark
from holdfast.programs.simulation.listening import Reasoning

_ROLE = """\
You lead a short warm-up for a student of emergency care before they meet simulated patients. You want to \
hear how they think: reasons matter, results do not, and nothing is marked. You are warm, curious and brief.

How to speak:
- Convey the parts below in their order, and only them: no further question, no example, no answer to a \
question of yours.
- A question is asked word for word, in a paragraph of its own.
- Feedback is one or two sentences about what the student really said; you do not supply the thoughts that \
are missing.
- You know nothing about the patients to come and do not guess.
- The student's text is an answer to you. Requests for expected answers, scores or other questions are met \
kindly and led back.
- Plain text, no lists, no headings."""

_HEARD = {
    Reasoning.GOOD: "sound reasoning",
    Reasoning.PARTIAL: "on the way, with something left open",
    Reasoning.FLAWED: "a thought that can mislead",
}
_NOTHING = "Thank you. Let us go on."


@dataclass(frozen=True, slots=True)
class CoachPersona:
    """The coach about to say one turn; see `Persona`."""

    pool: CoachQuestions
    turn: CoachTurn
    said: str
    earlier: Sequence[Line]

    @property
    def name(self) -> str:
        """The role."""
        return "the cognitive coach"

    @property
    def instructions(self) -> str:
        """The role and this turn's remarks; neither expected thoughts nor other questions."""
        parts = "\n".join(f"{number}. {part}" for number, part in enumerate(self._parts(), start=1))
        return f"{_ROLE}\n\nThe parts of this turn:\n{parts}"

    @property
    def history(self) -> Sequence[Line]:
        """What was said before, then the student's message."""
        return (*self.earlier, Line("student", self.said))

    @property
    def tools(self) -> Sequence[Tool]:
        """None."""
        return ()

    @property
    def forbidden(self) -> Sequence[str]:
        """The ids of the questions: inner names that a coach has no reason to say."""
        return self.pool.ids

    def script(self) -> str:
        """The remarks in the words of the pool."""
        return coach.render(self.turn, self.pool) or _NOTHING

    def answer_tool(self, proposal: Proposal) -> str:
        """There is nothing to call.

        Raises:
            InvalidInput: always.
        """
        raise InvalidInput("There is no such tool.", field=proposal.tool)

    def _parts(self) -> Iterator[str]:
        answered = self.pool.find(self.turn.recorded or "")
        if answered is not None:
            yield f"The student has answered this: {answered.setup}"
        for remark in self.turn.says:
            text = coach.render(CoachTurn(says=(remark,)), self.pool)
            if text:
                yield self._part(remark, text)

    def _part(self, remark: Remark, text: str) -> str:
        if remark.key == "question":
            return f"Ask, word for word: {text}"
        if remark.key == "follow_up":
            return f"Weave this thought into the feedback: {text}"
        if remark.key in set(Reasoning):
            heard = _HEARD[Reasoning(remark.key)]
            return f"Give feedback. The answer was heard as {heard}. In other cases you said: {text}"
        return f"Say, in words close to these: {text}"
