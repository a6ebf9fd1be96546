"""The agent with a model: Anthropic or OpenAI over HTTP, or any server that speaks as they do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Literal

from pydantic_ai.models import Model, create_async_httpx2_client
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from holdfast.agents.asking import Answered, Question
from holdfast.agents.attempts import Attempts, Limits, Timing
from holdfast.agents.form_filling import Form, fill_in
from holdfast.agents.speaking import Speaking
from holdfast.agents.speech import Persona, Speech, Utterance

Provider = Literal["anthropic", "openai"]

_WHOLE_ANSWERS_ONLY = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
"""Without it, a stream that was closed in the middle would pass for a whole answer."""


class ProviderGateway:
    """Speaks through one model. Shared by all conversations; it keeps connections and nothing else."""

    def __init__(
        self, model: Model, *, limits: Limits, timing: Timing, close: Callable[[], Awaitable[None]]
    ) -> None:
        self._model = model
        self._limits = limits
        self._timing = timing
        self._close = close

    def __repr__(self) -> str:
        return f"ProviderGateway({self._model.system}, {self._model.model_name})"

    async def stream(self, persona: Persona) -> AsyncGenerator[Utterance, None]:
        """Drafts, restarts, and the speech last; see `Gateway.stream`."""
        async with aclosing(self._speaking(persona, streaming=True).utterances()) as utterances:
            async for utterance in utterances:
                yield utterance

    async def speak(self, persona: Persona) -> Speech:
        """The whole reply at once, by plain requests; see `Gateway.speak`."""
        async with aclosing(self._speaking(persona, streaming=False).utterances()) as utterances:
            async for utterance in utterances:
                if isinstance(utterance, Speech):
                    return utterance
        raise AssertionError("a speaking ends with a speech or an exception")

    async def ask(self, question: Question[Form]) -> Answered[Form]:
        """A form filled in; see `Gateway.ask`."""
        return await fill_in(question, Attempts(self._model, self._limits, self._timing))

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        await self._close()

    def _speaking(self, persona: Persona, *, streaming: bool) -> Speaking:
        return Speaking(persona, Attempts(self._model, self._limits, self._timing), streaming=streaming)


def open_gateway(
    provider: Provider,
    model: str,
    *,
    api_key: str,
    base_url: str | None = None,
    limits: Limits | None = None,
    timing: Timing | None = None,
) -> ProviderGateway:
    """A gateway to a provider's model; nothing is sent before somebody speaks.

    Args:
        provider: whose wire format is spoken.
        model: the model's name as the provider knows it.
        api_key: sent with each request and shown nowhere.
        base_url: another server that speaks the same format; for Anthropic without ``/v1``, for OpenAI with
            it. None means the provider's own, or what the provider's usual environment variable names.
        limits: how long and how often to try.
        timing: where time and chance come from.
    """
    client = create_async_httpx2_client()
    opened: Model
    if provider == "anthropic":
        anthropic = AnthropicProvider(api_key=api_key, base_url=base_url, http_client=client)
        opened = AnthropicModel(model, provider=anthropic)
    else:
        openai = OpenAIProvider(api_key=api_key, base_url=base_url, http_client=client)
        opened = OpenAIChatModel(model, provider=openai, profile=_WHOLE_ANSWERS_ONLY)
    return ProviderGateway(opened, limits=limits or Limits(), timing=timing or Timing(), close=client.aclose)
