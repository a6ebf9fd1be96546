"""A real HTTP server on loopback that speaks two providers' wire formats and misbehaves on demand.

It answers `/v1/messages` (Anthropic Messages API) and `/v1/chat/completions` (OpenAI) from one plan of
replies, plain or streamed as the request asks, and keeps every request. It runs in its own thread, so that
tests with or without an event loop, and servers in other processes, can talk to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from stub_formats import Anthropic, Call, Dialect, OpenAI, Say

__all__ = ["Call", "Drop", "Fail", "FailInStream", "Garbage", "Hang", "Say", "Stall", "StubProvider"]


@dataclass(frozen=True)
class Fail:
    """An error instead of an answer."""

    status: int
    kind: str = "api_error"
    message: str = "stub failure"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FailInStream:
    """A stream that begins, says something, and then reports an error in an event of its own."""

    said: str
    kind: str = "overloaded_error"


@dataclass(frozen=True)
class Drop:
    """The beginning of a streamed answer; then the connection is cut, or closed as if all were well."""

    said: str
    clean: bool = False


@dataclass(frozen=True)
class Hang:
    """Nothing, until the client goes away; after the beginning of a streamed answer if there is one."""

    said: str = ""


@dataclass(frozen=True)
class Stall:
    """A stream that is kept alive by pings and says nothing."""


@dataclass(frozen=True)
class Garbage:
    """A body that is not an answer."""

    body: bytes = b'{"type": "message", "content": ['
    content_type: str = "application/json"


Reply = Say | Fail | FailInStream | Drop | Hang | Stall | Garbage


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class _Streamed:
    """An answer sent in pieces; without its end the server cuts the connection."""

    def __init__(self, pieces: Iterable[bytes], *, then: Literal["end", "cut", "hang", "ping"]) -> None:
        self._pieces = list(pieces)
        self._then = then

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self._then == "hang":
            await _gone(scope, receive)
        elif self._then == "ping":
            await self._ping(receive, send)
        elif self._then == "end":
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _ping(self, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(receive())
        while not (await asyncio.wait([gone], timeout=0.05))[0]:
            await send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})


class _Silent:
    """No answer at all."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        await _gone(scope, receive)


async def _gone(scope: Scope, receive: Receive) -> None:
    """Until the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope["app"].state.hung_up.set()


class StubProvider:
    """The server; use it as a context manager.

    `plan` holds the replies to come, first first; when it is empty, `default` answers. `hung_up` is set when
    a client goes away while it is kept waiting.
    """

    def __init__(self, *plan: Reply, default: Reply | None = None) -> None:
        self.plan = deque(plan)
        self.default = default or Say("Yes.")
        self.received: list[Received] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._up = threading.Event()
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        """The address for Anthropic clients; OpenAI clients take it with `/v1`."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def then(self, *replies: Reply) -> None:
        """Add to the plan."""
        self.plan.extend(replies)

    def reset(self) -> None:
        """Forget the plan and what was received."""
        self.plan.clear()
        self.received.clear()
        self.hung_up.clear()
        self.default = Say("Yes.")

    def __enter__(self) -> Self:
        app = Starlette(
            routes=[
                Route("/v1/messages", self._endpoint(Anthropic()), methods=["POST"]),
                Route("/v1/chat/completions", self._endpoint(OpenAI()), methods=["POST"]),
            ]
        )
        app.state.hung_up = self.hung_up
        # A cut connection is what some replies are for: the server's complaint about it is not of interest.
        config = uvicorn.Config(app, log_config=None, log_level="critical", lifespan="off", access_log=False)
        self._server = _Announced(config, self._up)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._up.wait(10):
            raise RuntimeError("the stub provider did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def _endpoint(self, dialect: Dialect) -> Any:
        async def answer(request: Request) -> Any:
            body = await request.json()
            self.received.append(Received(request.url.path, dict(request.headers), body))
            reply = self.plan.popleft() if self.plan else self.default
            return _response(reply, dialect, streaming=bool(body.get("stream")))

        return answer


class _Announced(uvicorn.Server):
    """Says when it listens, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config, up: threading.Event) -> None:
        super().__init__(config)
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _response(reply: Reply, dialect: Dialect, *, streaming: bool) -> Any:
    match reply:
        case Say():
            ended = _Streamed([*dialect.opening(reply), *dialect.ending(reply)], then="end")
            return ended if streaming else _json(200, dialect.whole(reply))
        case Fail():
            return _json(reply.status, dialect.error(reply.kind, reply.message), reply.headers)
        case Garbage():
            return Response(reply.body, media_type=reply.content_type)
        case Stall():
            return _Streamed(dialect.opening(Say("")), then="ping")
        case _:
            return _unfinished(reply, dialect)


def _unfinished(reply: FailInStream | Drop | Hang, dialect: Dialect) -> Any:
    begun = list(dialect.opening(Say(reply.said)))
    match reply:
        case FailInStream():
            return _Streamed([*begun, dialect.error_event(reply.kind)], then="end")
        case Drop():
            return _Streamed(begun, then="end" if reply.clean else "cut")
        case Hang():
            return _Streamed(begun, then="hang") if reply.said else _Silent()


def _json(status: int, content: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, dict(headers or {}), media_type="application/json")
