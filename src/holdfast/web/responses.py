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


def event_stream(events: AsyncIterator[tuple[str, Any]]) -> StreamingResponse:
    """Server-sent events: pairs of an event name and its data, sent as they come."""

    async def lines() -> AsyncIterator[bytes]:
        async for name, data in events:
            yield b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)
