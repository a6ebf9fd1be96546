"""The requests that one speech needs: sent, repeated where that may help, counted.

A failure that may pass (rate limit, overload, server error, connection, time-out, an answer that makes no
sense) is tried again after a growing pause, or after what the provider asked for; a refusal is not. What the
provider's error says stays in the log, without bodies: they can quote the student, and exceptions can carry
the key.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from holdfast.agents.gateway import Silence
from holdfast.agents.refusals import Verdict, judge
from holdfast.agents.speech import Usage

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often to try.

    Attributes:
        timeout_s: longest wait for the beginning of an answer, and for each further piece of it.
        deadline_s: longest time for a whole speech, pauses and repeats included.
        attempts: requests sent for one answer before giving up.
        backoff_s: pause before the second request; doubles with each further one, plus up to half again at
            random.
        max_output_tokens: longest answer, including what a model thinks where it cannot be told not to.
        tool_rounds: how often the model may call tools before it must speak.
        tool_calls: how many calls it may make in all for one speech.
    """

    timeout_s: float = 30.0
    deadline_s: float = 90.0
    attempts: int = 3
    backoff_s: float = 0.5
    max_output_tokens: int = 1024
    tool_rounds: int = 4
    tool_calls: int = 8


@dataclass(frozen=True, slots=True)
class Timing:
    """Where time and chance come from.

    Attributes:
        monotonic: seconds on a clock that never steps back.
        sleep: waits for some seconds.
        jitter: a number from 0 up to 1, so that many servers do not all come back at once.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Again:
    """The answer broke off after some of it had come; it begins anew."""


class _BrokenOff(Exception):
    """The answer ended without saying that it was complete."""


@dataclass
class Attempts:
    """All requests for one speech: their shared deadline and what they used."""

    model: Model
    limits: Limits
    timing: Timing
    sent: int = 0
    _tokens: RequestUsage = field(default_factory=RequestUsage)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.timing.monotonic()

    async def answer(
        self,
        messages: Sequence[ModelMessage],
        parameters: ModelRequestParameters,
        settings: ModelSettings,
        *,
        streaming: bool,
    ) -> AsyncGenerator[str | Again | ModelResponse, None]:
        """One answer: pieces of its text where streaming, `Again` where they were void, the whole last.

        Raises:
            Silence: every attempt failed, the request was refused, or the time is over.
        """
        for attempt in range(1, self.limits.attempts + 1):
            said = False
            pieces = self._once(messages, parameters, self._timed(settings), streaming=streaming)
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        said = said or isinstance(piece, str)
                        yield piece
            # At a malformed answer the libraries below raise anything, an AttributeError for one.
            except Exception as error:  # noqa: BLE001
                verdict = judge(error)
            else:
                return
            # Outside the handler, so that what is raised carries no context: it can hold the key.
            await self._pause(verdict, attempt)
            if said:
                yield Again()

    def usage(self) -> Usage:
        """What was used until now."""
        return Usage(
            provider=self.model.system,
            model=self.model.model_name,
            input_tokens=self._tokens.input_tokens,
            output_tokens=self._tokens.output_tokens,
            cached_tokens=self._tokens.cache_read_tokens,
            latency_s=self.timing.monotonic() - self._begun,
            attempts=self.sent,
        )

    async def _once(
        self,
        messages: Sequence[ModelMessage],
        parameters: ModelRequestParameters,
        settings: ModelSettings,
        *,
        streaming: bool,
    ) -> AsyncGenerator[str | ModelResponse, None]:
        self.sent += 1
        if not streaming:
            response = await model_request(
                self.model, messages, model_settings=settings, model_request_parameters=parameters
            )
            self._tokens += response.usage
            if text := "".join(
                part.content for part in _complete(response).parts if isinstance(part, TextPart)
            ):
                yield text
            yield response
            return
        async with model_request_stream(
            self.model, messages, model_settings=settings, model_request_parameters=parameters
        ) as stream:
            try:
                async for event in stream:
                    if text := _text(event):
                        yield text
            finally:
                self._tokens += stream.usage
            yield _complete(stream.get())

    def _timed(self, settings: ModelSettings) -> ModelSettings:
        return {
            **settings,
            "max_retries": 0,
            "timeout": self.limits.timeout_s,
            "first_event_timeout": self.limits.timeout_s,
            "request_timeout": max(0.001, self._left()),
        }

    def _left(self) -> float:
        return self.limits.deadline_s - (self.timing.monotonic() - self._begun)

    async def _pause(self, verdict: Verdict, attempt: int) -> None:
        _log.warning(
            "%s %s: %s (attempt %d of %d)",
            self.model.system,
            self.model.model_name,
            verdict.reason,
            attempt,
            self.limits.attempts,
        )
        wait = self.limits.backoff_s * 2 ** (attempt - 1) * (1 + self.timing.jitter() / 2)
        wait = max(wait, verdict.retry_after_s or 0.0)
        if not verdict.may_pass or attempt == self.limits.attempts or wait >= self._left():
            raise Silence(self.usage(), retry_after_s=verdict.retry_after_s)
        await self.timing.sleep(wait)


def _text(event: ModelResponseStreamEvent) -> str:
    match event:
        case (
            PartStartEvent(part=TextPart(content=text))
            | PartDeltaEvent(delta=TextPartDelta(content_delta=text))
        ):
            return text
        case _:
            return ""


def _complete(response: ModelResponse) -> ModelResponse:
    """The response, if the provider said why it ended: a connection can close cleanly in the middle."""
    if response.finish_reason is None:
        raise _BrokenOff
    return response
