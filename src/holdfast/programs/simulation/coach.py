"""The cognitive coach: a warm-up of a few questions about reasoning, as a stored state machine.

Phases follow one another explicitly: introduction, questions, mental organisation, complete. The reply
to the introduction opens the questions and consumes none of them. A request to skip leads to mental
organisation; any reply there completes. What is said is named by keys and question ids; the texts are
data (`CoachQuestions`), and `render` puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from random import Random
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from holdfast.kit.errors import InvalidInput, WrongStep
from holdfast.programs.simulation.listening import Reasoning, judge_reasoning, wants_to_skip
from holdfast.programs.simulation.scenario.conditions import Phrases
from holdfast.programs.simulation.scenario.vocabulary import Part, Text, as_tuple

FEWEST, MOST, USUAL = 2, 5, 3

Variants = Annotated[tuple[Text, ...], BeforeValidator(as_tuple), Field(min_length=1)]
"""Ways of saying the same; a text alone is a list of one."""


class CoachQuestion(Part):
    """One question of the pool.

    Attributes:
        setup: the situation and the question, as the student reads it.
        expected_good_reasoning, common_flawed_reasoning: thoughts that an answer may show.
        coach_follow_up: what the coach adds when an answer leaves something open: a thought, then a
            question that deepens it. The scripted coach says the thought and goes on to the next
            question; an agent that converses may use both.
    """

    id: Annotated[str, Field(min_length=1, max_length=40)]
    category: Text
    setup: Text
    expected_good_reasoning: Phrases
    common_flawed_reasoning: Phrases = ()
    coach_follow_up: Text


class CoachTexts(Part):
    """What the coach says besides the questions, each in one or more variants."""

    introduction: Variants
    transition: Variants
    skipped: Variants = ("Of course, we skip the questions.",)
    mental_organisation: Variants
    closing: Variants
    good: Variants = ("That is sound reasoning: you named what matters and why.",)
    partial: Variants = ("You are on the way; take the thought one step further.",)
    flawed: Variants = ("I see how one gets there, but that thought can mislead at the bedside.",)


class CoachQuestions(Part):
    """The pool of questions with the coach's texts."""

    texts: CoachTexts
    questions: Annotated[tuple[CoachQuestion, ...], Field(min_length=FEWEST)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = self.ids
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise ValueError(f"questions: id stands twice: {', '.join(repeated)}")
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all questions, in the order of the file."""
        return tuple(question.id for question in self.questions)

    def find(self, question_id: str) -> CoachQuestion | None:
        """The question of that id, or none when it is no longer in the pool."""
        return next((question for question in self.questions if question.id == question_id), None)


def load(text: str) -> CoachQuestions:
    """Read the pool from YAML.

    Raises:
        InvalidInput: when it is not YAML or not of this form; the field is named.
    """
    try:
        return CoachQuestions.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise InvalidInput(f"the coach's questions are not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(first["msg"], field=place or "coach_questions") from error


def draw(pool_ids: Iterable[str], *, seed: int, count: int = USUAL) -> tuple[str, ...]:
    """Question ids drawn without repetition; the same pool and seed give the same ids.

    Args:
        pool_ids: all ids; their order does not matter.
        seed: recorded with the session.
        count: clamped to 2-5, and to the size of the pool.
    """
    pool = sorted(set(pool_ids))
    return tuple(Random(seed).sample(pool, min(len(pool), max(FEWEST, min(MOST, count)))))


class Phase(StrEnum):
    """Where the conversation with the coach is."""

    INTRODUCTION = "introduction"
    QUESTIONS = "questions"
    MENTAL_ORGANISATION = "mental_organisation"
    COMPLETE = "complete"


class CoachResponse(BaseModel):
    """That a question was answered, and how the reasoning was heard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    reasoning: Reasoning


class CoachState(BaseModel):
    """The stored state of the coach.

    Attributes:
        seed: what the questions and the variants of the texts were drawn with.
        questions: the ids drawn, in the order of asking.
        index: how many of them were answered.
        skipped: whether the student asked to skip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    questions: tuple[str, ...]
    phase: Phase = Phase.INTRODUCTION
    index: int = 0
    responses: tuple[CoachResponse, ...] = ()
    skipped: bool = False

    @property
    def complete(self) -> bool:
        """Whether the student may go on to the first scenario."""
        return self.phase is Phase.COMPLETE

    @property
    def current_question(self) -> str | None:
        """The id of the question that waits for an answer."""
        return self.questions[self.index] if self.phase is Phase.QUESTIONS else None

    @property
    def remaining(self) -> int:
        """How many questions are still to be answered; none once they are over or skipped."""
        return len(self.questions) - self.index if self.phase in _BEFORE_THE_END else 0

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back to an equal state."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; pydantic's ValidationError when it is something else."""
        return cls.model_validate(document)


_BEFORE_THE_END = (Phase.INTRODUCTION, Phase.QUESTIONS)

TextKey = Literal[
    "introduction", "transition", "skipped", "mental_organisation", "closing", "good", "partial", "flawed"
]


class Remark(BaseModel):
    """One thing the coach says: a text by its key and variant, a question, or a follow-up to one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: TextKey | Literal["question", "follow_up"]
    variant: int = 0
    question: str | None = None


class CoachTurn(BaseModel):
    """What the coach says next, and what there is to record.

    Attributes:
        says: the remarks in order.
        recorded: the id of the question that the student's text answered, to be stored with it.
        reasoning: how that answer was heard.
        completed: whether the warm-up ended with this turn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: tuple[Remark, ...]
    recorded: str | None = None
    reasoning: Reasoning | None = None
    completed: bool = False


def begin(pool: CoachQuestions, *, seed: int, count: int = USUAL) -> tuple[CoachState, CoachTurn]:
    """Draw the questions and greet."""
    state = CoachState(seed=seed, questions=draw(pool.ids, seed=seed, count=count))
    return state, CoachTurn(says=(_say(state, "introduction", pool),))


def reply(state: CoachState, text: str, pool: CoachQuestions) -> tuple[CoachState, CoachTurn]:
    """What the student's text leads to.

    Raises:
        WrongStep: when the warm-up is complete; the expected step is to begin the scenario.
    """
    if state.complete:
        raise WrongStep("The warm-up is complete; begin the scenario.", expected="begin-scenario")
    if state.phase is Phase.MENTAL_ORGANISATION:
        ended = state.model_copy(update={"phase": Phase.COMPLETE})
        return ended, CoachTurn(says=(_say(state, "closing", pool),), completed=True)
    if wants_to_skip(text, opening=state.phase is Phase.INTRODUCTION):
        return _skip(state, pool)
    if state.phase is Phase.INTRODUCTION:
        asked, says = _ask_from(state, 0, pool)
        return asked, CoachTurn(says=says)
    return _answered(state, text, pool)


def _skip(state: CoachState, pool: CoachQuestions) -> tuple[CoachState, CoachTurn]:
    moved = state.model_copy(update={"phase": Phase.MENTAL_ORGANISATION, "skipped": True})
    says = (_say(state, "skipped", pool), _say(state, "mental_organisation", pool))
    return moved, CoachTurn(says=says)


def _answered(state: CoachState, text: str, pool: CoachQuestions) -> tuple[CoachState, CoachTurn]:
    question_id = state.questions[state.index]
    question = pool.find(question_id)
    reasoning = Reasoning.PARTIAL
    feedback: tuple[Remark, ...] = ()
    if question is not None:
        reasoning = judge_reasoning(
            text, question.expected_good_reasoning, question.common_flawed_reasoning, question.setup
        )
        feedback = _feedback(state, question_id, reasoning, pool)
    response = CoachResponse(question=question_id, reasoning=reasoning)
    recorded = state.model_copy(update={"responses": (*state.responses, response)})
    moved, says = _ask_from(recorded, state.index + 1, pool)
    return moved, CoachTurn(says=(*feedback, *says), recorded=question_id, reasoning=reasoning)


def _feedback(
    state: CoachState, question_id: str, reasoning: Reasoning, pool: CoachQuestions
) -> tuple[Remark, ...]:
    """One sentence, and the question's follow-up as a second where the answer left something open."""
    said = _say(state, reasoning.value, pool, turn=state.index)
    if reasoning is Reasoning.GOOD:
        return (said,)
    return (said, Remark(key="follow_up", question=question_id))


def _ask_from(state: CoachState, index: int, pool: CoachQuestions) -> tuple[CoachState, tuple[Remark, ...]]:
    """Ask the next question that is still in the pool, or go on to mental organisation."""
    while index < len(state.questions) and pool.find(state.questions[index]) is None:
        index += 1
    if index < len(state.questions):
        moved = state.model_copy(update={"phase": Phase.QUESTIONS, "index": index})
        return moved, (Remark(key="question", question=state.questions[index]),)
    moved = state.model_copy(update={"phase": Phase.MENTAL_ORGANISATION, "index": index})
    return moved, (_say(state, "transition", pool), _say(state, "mental_organisation", pool))


def _say(state: CoachState, key: TextKey, pool: CoachQuestions, *, turn: int = 0) -> Remark:
    variants: tuple[str, ...] = getattr(pool.texts, key)
    first = Random(f"{state.seed}:{key}").randrange(len(variants))
    return Remark(key=key, variant=(first + turn) % len(variants))


def render(turn: CoachTurn, pool: CoachQuestions) -> str:
    """The turn as plain text, a paragraph for feedback and one for each other remark."""
    paragraphs: list[str] = []
    for remark in turn.says:
        said = _text_of(remark, pool)
        if remark.key == "follow_up" and paragraphs:
            paragraphs[-1] += f" {said}"
        elif said:
            paragraphs.append(said)
    return "\n\n".join(paragraphs)


def _thought(follow_up: str) -> str:
    """The first sentence, unless it is itself the question: two questions at once get no answer."""
    first = re.split(r"(?<=[.!?])\s+", follow_up, maxsplit=1)[0]
    return follow_up if first.endswith("?") else first


def _text_of(remark: Remark, pool: CoachQuestions) -> str:
    if remark.key in {"question", "follow_up"}:
        question = pool.find(remark.question or "")
        if question is None:
            return ""
        return question.setup if remark.key == "question" else _thought(question.coach_follow_up)
    variants: tuple[str, ...] = getattr(pool.texts, remark.key)
    return variants[remark.variant % len(variants)]
