"""One speech in the making: a small conversation with the provider.

The model may call tools, is told facts, and speaks. Its words pass the sieve on their way out. If it says
what it must not, says nothing or declines, it is asked once more with a reminder; then the persona's script
speaks in its place. If no answer comes at all, that is `Silence`, and the program decides when to ask again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

from pydantic import ValidationError
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from holdfast.agents.attempts import Again, Attempts
from holdfast.agents.prompts import NEVER_SPOKEN, REMINDER, Turn, conversation, cue, system_prompt
from holdfast.agents.reply import Reply
from holdfast.agents.scripted import word_groups
from holdfast.agents.speech import Draft, Fallback, Persona, Proposal, Restart, Speech, Tool, Utterance
from holdfast.kit.errors import HoldfastError

_log = logging.getLogger(__name__)

_TOO_MANY_CALLS = "No further tool calls in this reply. Speak now."


class Speaking:
    """One persona being asked for one reply."""

    def __init__(self, persona: Persona, attempts: Attempts, *, streaming: bool) -> None:
        self._persona = persona
        self._attempts = attempts
        self._limits = attempts.limits
        self._streaming = streaming
        self._tools = {tool.name: tool for tool in persona.tools}
        self._parameters = ModelRequestParameters(
            function_tools=[_definition(tool) for tool in persona.tools],
            instruction_parts=[InstructionPart(content=system_prompt(persona))],
        )
        self._calls = 0
        self._proposals: list[Proposal] = []
        self._response: ModelResponse | None = None

    async def utterances(self) -> AsyncGenerator[Utterance, None]:
        """Drafts and restarts, then the speech: the model's, or the script's after two vain askings.

        Raises:
            Silence: the provider gave no answer.
        """
        trouble: Fallback | None = None
        for reminder in (None, REMINDER):
            reply = Reply((*self._persona.forbidden, *NEVER_SPOKEN))
            drafted = False
            async with aclosing(self._converse(reply, reminder)) as drafts:
                async for draft in drafts:
                    drafted = True
                    yield draft
            trouble = reply.trouble
            if trouble is None:
                yield Speech(reply.text, tuple(self._proposals), self._attempts.usage(), "model")
                return
            _log.info("%s: a reply of the model was withheld (%s)", self._persona.name, trouble)
            if drafted:
                yield Restart()
        script = self._persona.script()
        for group in word_groups(script):
            yield Draft(group)
        # The model's proposals go with its words: they would be effects that nobody was told of.
        yield Speech(script, (), self._attempts.usage(), "script", trouble)

    async def _converse(self, reply: Reply, reminder: str | None) -> AsyncGenerator[Draft | Restart, None]:
        """Ask, answer tool calls, ask again, until the model has spoken or lost its say."""
        messages = self._opening(reminder)
        self._calls, self._proposals = 0, []
        for calling in (*(True for _ in range(self._limits.tool_rounds)), False):
            may_call = calling and self._calls < self._limits.tool_calls
            async with aclosing(self._hear(messages, reply, may_call=may_call)) as drafts:
                async for draft in drafts:
                    yield draft
            response = self._response
            reply.refused = response is None or response.finish_reason == "content_filter"
            if response is None or reply.refused or reply.withheld:
                return
            calls = _calls(response) if may_call else []
            if not calls:
                break
            messages += [response, ModelRequest(parts=[self._result(call) for call in calls])]
            reply.next_round()
        for draft in reply.close():
            yield draft

    async def _hear(
        self, messages: list[ModelMessage], reply: Reply, *, may_call: bool
    ) -> AsyncGenerator[Draft | Restart, None]:
        """Ask once and take the answer into the reply; hangs up at the first forbidden word."""
        self._response = None
        settings = self._settings(may_call=may_call)
        answer = self._attempts.answer(messages, self._parameters, settings, streaming=self._streaming)
        async with aclosing(answer):
            async for piece in answer:
                if isinstance(piece, ModelResponse):
                    self._response = piece
                    continue
                for draft in reply.restart() if isinstance(piece, Again) else reply.say(piece):
                    yield draft
                if reply.withheld:
                    return

    def _opening(self, reminder: str | None) -> list[ModelMessage]:
        turns = conversation(self._persona.history)
        messages: list[ModelMessage] = [_message(turn) for turn in turns[:-1]]
        last = [UserPromptPart(turns[-1].text)]
        if reminder:
            last.append(UserPromptPart(cue(reminder)))
        return [*messages, ModelRequest(parts=last)]

    def _settings(self, *, may_call: bool) -> ModelSettings:
        settings = ModelSettings(max_tokens=self._limits.max_output_tokens, thinking=False)
        if self._tools:
            settings["tool_choice"] = "auto" if may_call else "none"
        return settings

    def _result(self, call: ToolCallPart) -> ToolReturnPart:
        """What the model is told about one call; a call that holds becomes a proposal."""
        self._calls += 1
        content, held = self._answer(call)
        outcome: Literal["success", "failed"] = "success" if held else "failed"
        return ToolReturnPart(call.tool_name, content, call.tool_call_id, outcome=outcome)

    def _answer(self, call: ToolCallPart) -> tuple[str, bool]:
        tool = self._tools.get(call.tool_name)
        if tool is None:
            return "There is no such tool.", False
        if self._calls > self._limits.tool_calls:
            return _TOO_MANY_CALLS, False
        try:
            arguments = tool.arguments.model_validate_json(call.args_as_json_str())
            proposal = Proposal(tool.name, arguments.model_dump(mode="json"))
            content = self._persona.answer_tool(proposal)
        except ValidationError as error:
            return _misfit(error), False
        except HoldfastError as error:
            return str(error), False
        self._proposals.append(proposal)
        return content, True


def _definition(tool: Tool) -> ToolDefinition:
    return ToolDefinition(
        name=tool.name,
        description=tool.description,
        parameters_json_schema=tool.arguments.model_json_schema(),
    )


def _calls(response: ModelResponse) -> list[ToolCallPart]:
    return [part for part in response.parts if isinstance(part, ToolCallPart)]


def _message(turn: Turn) -> ModelMessage:
    if turn.role == "user":
        return ModelRequest(parts=[UserPromptPart(turn.text)])
    return ModelResponse(parts=[TextPart(turn.text)])


def _misfit(error: ValidationError) -> str:
    """The fields that are wrong, for the model to correct; its own values are not repeated."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}" for fault in faults)
