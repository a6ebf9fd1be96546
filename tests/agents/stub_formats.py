"""What the stub provider can say, and how two providers write it on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

TEXT_STOP, TOOL_STOP = "end_turn", "tool_use"
_OPENAI_STOPS = {
    "end_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "refusal": "content_filter",
}


@dataclass(frozen=True)
class Call:
    """A tool call that the model makes."""

    name: str
    arguments: Any
    id: str = "call_1"


@dataclass(frozen=True)
class Say:
    """A whole answer: text, tool calls, or both."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    stop: str | None = None
    pieces: int = 3
    input_tokens: int = 100
    cached_tokens: int = 0
    output_tokens: int = 10

    @property
    def stop_reason(self) -> str:
        return self.stop or (TOOL_STOP if self.calls else TEXT_STOP)

    def text_pieces(self) -> list[str]:
        size = max(1, -(-len(self.text) // self.pieces))
        return [self.text[start : start + size] for start in range(0, len(self.text), size)]


class Dialect(Protocol):
    """How a provider writes its answers, plain and streamed."""

    def whole(self, say: Say) -> dict[str, Any]: ...

    def opening(self, say: Say) -> Iterator[bytes]: ...

    def ending(self, say: Say) -> Iterator[bytes]: ...

    def error(self, kind: str, message: str) -> dict[str, Any]: ...

    def error_event(self, kind: str) -> bytes: ...


class Anthropic:
    """The Messages API."""

    def whole(self, say: Say) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": say.text}] if say.text else []
        content += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
            for call in say.calls
        ]
        return self._message(say, content, say.stop_reason, say.output_tokens)

    def opening(self, say: Say) -> Iterator[bytes]:
        yield self._event("message_start", message=self._message(say, [], None, 1))
        if say.text:
            yield self._event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            yield self._event("ping")
        for piece in say.text_pieces():
            yield self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})

    def ending(self, say: Say) -> Iterator[bytes]:
        if say.text:
            yield self._event("content_block_stop", index=0)
        for index, call in enumerate(say.calls, start=1 if say.text else 0):
            block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            yield self._event("content_block_start", index=index, content_block=block)
            text = json.dumps(call.arguments)
            for part in (text[: len(text) // 2], text[len(text) // 2 :]):
                delta = {"type": "input_json_delta", "partial_json": part}
                yield self._event("content_block_delta", index=index, delta=delta)
            yield self._event("content_block_stop", index=index)
        delta = {"stop_reason": say.stop_reason, "stop_sequence": None}
        yield self._event("message_delta", delta=delta, usage={"output_tokens": say.output_tokens})
        yield self._event("message_stop")

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": message}}

    def error_event(self, kind: str) -> bytes:
        return self._event("error", error={"type": kind, "message": "stub failure"})

    def _event(self, kind: str, **fields: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()

    def _message(self, say: Say, content: list[Any], stop: str | None, output_tokens: int) -> dict[str, Any]:
        usage = {
            "input_tokens": say.input_tokens - say.cached_tokens,
            "cache_read_input_tokens": say.cached_tokens,
            "cache_creation_input_tokens": 0,
            "output_tokens": output_tokens,
        }
        return {
            "id": "msg_stub",
            "type": "message",
            "role": "assistant",
            "model": "stub",
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage,
        }


class OpenAI:
    """Chat completions."""

    def whole(self, say: Say) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": say.text or None}
        if say.calls:
            message["tool_calls"] = [self._call(call) for call in say.calls]
        choice = {"index": 0, "message": message, "finish_reason": _OPENAI_STOPS[say.stop_reason]}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage(say)}

    def opening(self, say: Say) -> Iterator[bytes]:
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in say.text_pieces():
            yield self._chunk({"content": piece})

    def ending(self, say: Say) -> Iterator[bytes]:
        for index, call in enumerate(say.calls):
            yield self._chunk({"tool_calls": [{"index": index, **self._call(call)}]})
        yield self._chunk({}, _OPENAI_STOPS[say.stop_reason])
        yield self._data({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(say)})
        yield b"data: [DONE]\n\n"

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"error": {"type": kind, "message": message, "code": kind, "param": None}}

    def error_event(self, kind: str) -> bytes:
        return self._data(self.error(kind, "stub failure"))

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return self._data({**self._head("chat.completion.chunk"), "choices": [choice]})

    def _data(self, content: dict[str, Any]) -> bytes:
        return f"data: {json.dumps(content)}\n\n".encode()

    def _call(self, call: Call) -> dict[str, Any]:
        function = {"name": call.name, "arguments": json.dumps(call.arguments)}
        return {"id": call.id, "type": "function", "function": function}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-stub", "object": kind, "created": 1_800_000_000, "model": "stub"}

    def _usage(self, say: Say) -> dict[str, Any]:
        return {
            "prompt_tokens": say.input_tokens,
            "completion_tokens": say.output_tokens,
            "total_tokens": say.input_tokens + say.output_tokens,
            "prompt_tokens_details": {"cached_tokens": say.cached_tokens},
        }
