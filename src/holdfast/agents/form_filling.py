"""Putting a question to a provider's model: asked, corrected once, and then the script."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from holdfast.agents.asking import Answered, Question, misfit, prompt_of, read_form, scripted
from holdfast.agents.attempts import Attempts

Form = TypeVar("Form", bound=BaseModel)

ASKINGS = 2


async def fill_in(question: Question[Form], attempts: Attempts) -> Answered[Form]:
    """The model's answer, or the script's where it declines or twice gives what does not fit.

    Raises:
        Silence: no model answered in the attempts and the time allowed.
    """
    instructions, material = prompt_of(question)
    messages: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart(material)])]
    for _ in range(ASKINGS):
        response = await _answer(messages, instructions, question, attempts)
        text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        if response.finish_reason == "content_filter" or not text.strip():
            return scripted(question, attempts.usage(), "refused")
        try:
            return Answered(read_form(question.form, text), "model", attempts.usage())
        except ValidationError as error:
            correction = ModelRequest(parts=[UserPromptPart(misfit(error))])
            messages = [*messages, ModelResponse(parts=[TextPart(text)]), correction]
    return scripted(question, attempts.usage(), "invalid")


async def _answer(
    messages: list[ModelMessage], instructions: str, question: Question[Form], attempts: Attempts
) -> ModelResponse:
    native = bool(attempts.model.profile.get("supports_json_schema_output"))
    parameters = ModelRequestParameters(
        output_mode="native" if native else "prompted",
        output_object=OutputObjectDefinition(
            json_schema=question.form.model_json_schema(), name=question.form.__name__, strict=True
        ),
        instruction_parts=[InstructionPart(content=instructions)],
    )
    settings = ModelSettings(max_tokens=attempts.limits.max_output_tokens, thinking=False)
    answer = None
    async for piece in attempts.answer(messages, parameters, settings, streaming=False):
        if isinstance(piece, ModelResponse):
            answer = piece
    if answer is None:
        raise AssertionError("an answer ends with a response or an exception")
    return answer
