"""JSON out, by orjson: floats that are not numbers become null, and times carry their zone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response. What a student is answered is never cached on the way."""
    content = orjson.dumps(body, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, status, all_headers, media_type="application/json")


Event = tuple[str, Any] | tuple[str, Any, str]
"""An event's name and data, and where a client may come back to, its position."""


def event_stream(events: AsyncIterator[Event]) -> StreamingResponse:
    """Server-sent events, sent as they come. A position is what a browser brings back as Last-Event-ID."""

    async def lines() -> AsyncIterator[bytes]:
        async for name, data, *position in events:
            where = b"id: " + position[0].encode() + b"\n" if position else b""
            yield where + b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)
